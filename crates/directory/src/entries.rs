//! All entries of a directory.

use std::fmt;

use crate::model::{
    Account, Application, Center, Customer, Device, DidNumber, Extension, Numberlist, Profile, RatePlan,
    RingRule, Service, Trunk, User, Webhook,
};

/// All entries, as a file or the database gives them.
#[derive(Clone, Default, PartialEq)]
pub struct Entries {
    /// The realm of SIP digests.
    pub realm: String,
    /// All customers.
    pub customers: Vec<Customer>,
    /// All accounts.
    pub accounts: Vec<Account>,
    /// All centers.
    pub centers: Vec<Center>,
    /// All users.
    pub users: Vec<User>,
    /// All devices.
    pub devices: Vec<Device>,
    /// All extensions.
    pub extensions: Vec<Extension>,
    /// All outside numbers.
    pub numbers: Vec<DidNumber>,
    /// All applications.
    pub applications: Vec<Application>,
    /// All trunks.
    pub trunks: Vec<Trunk>,
    /// All rate plans.
    pub rateplans: Vec<RatePlan>,
    /// All profiles.
    pub profiles: Vec<Profile>,
    /// All lists of numbers.
    pub numberlists: Vec<Numberlist>,
    /// All services.
    pub services: Vec<Service>,
    /// All webhooks that the file registers.
    pub webhooks: Vec<Webhook>,
}

impl Entries {
    /// The same in the order that the directory keeps: by id, else by account, number and name.
    /// Lists whose order says nothing are sorted too.
    pub(crate) fn sorted(mut self) -> Self {
        self.customers.sort_by_key(|customer| customer.id);
        self.accounts.sort_by_key(|account| account.id);
        self.centers.sort_by_key(|center| center.id);
        self.users.sort_by_key(|user| user.id);
        self.devices.sort_by_key(|device| device.id);
        self.extensions.sort_by(|a, b| (a.account, &a.number).cmp(&(b.account, &b.number)));
        self.numbers.sort_by(|a, b| a.number.cmp(&b.number));
        self.applications.sort_by(|a, b| a.client_id.cmp(&b.client_id));
        self.trunks.sort_by_key(|trunk| trunk.id);
        self.rateplans.sort_by(|a, b| a.name.cmp(&b.name));
        self.profiles.sort_by_key(|profile| profile.id);
        self.numberlists.sort_by_key(|list| list.id);
        self.services.sort_by(|a, b| (a.account, &a.name).cmp(&(b.account, &b.name)));
        self.webhooks.sort_by_key(Webhook::key);
        self.webhooks.iter_mut().for_each(|webhook| webhook.types.sort_unstable());
        self.numberlists.iter_mut().for_each(|list| list.accounts.sort_unstable());
        self.accounts.iter_mut().for_each(sort_account);
        self.devices.iter_mut().for_each(sort_device);
        self.users.iter_mut().for_each(sort_user);
        self.applications.iter_mut().for_each(|application| application.redirect_uris.sort_unstable());
        self.trunks.iter_mut().for_each(sort_trunk);
        self.rateplans.iter_mut().for_each(sort_rateplan);
        self
    }
}

fn sort_account(account: &mut Account) {
    sort_rings(&mut account.rings);
    account.billing.routing_tags.sort_unstable();
    let rules = &mut account.calling;
    [&mut rules.countries, &mut rules.blocked_countries].into_iter().for_each(|codes| codes.sort_unstable());
    [&mut rules.prefixes, &mut rules.blocked_prefixes].into_iter().for_each(|list| list.sort_unstable());
}

/// The order of the rules says which goes first; that of what each names, nothing.
fn sort_rings(rules: &mut [RingRule]) {
    for rule in rules {
        rule.callers.sort_unstable();
        rule.dialed.sort_unstable();
    }
}

fn sort_device(device: &mut Device) {
    sort_rings(&mut device.rings);
    device.ways.networks.sort_unstable();
    device.ways.transports.sort_unstable_by_key(|transport| transport.number());
}

fn sort_user(user: &mut User) {
    user.accounts.sort_unstable();
    user.centers.sort_unstable();
    user.networks.sort_unstable();
}

fn sort_trunk(trunk: &mut Trunk) {
    trunk.sources.sort_unstable();
    trunk.accepted_transports.sort_unstable_by_key(|transport| transport.number());
    trunk.routes.sort_by(|a, b| a.prefix.cmp(&b.prefix));
    trunk.customers.sort_unstable();
}

fn sort_rateplan(plan: &mut RatePlan) {
    plan.rates.sort_by(|a, b| (&a.price.prefix, a.uuid).cmp(&(&b.price.prefix, b.uuid)));
    plan.rates.iter_mut().for_each(|rate| rate.routing_tags.sort_unstable());
}

impl fmt::Debug for Entries {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Entries")
            .field("customers", &self.customers.len())
            .field("accounts", &self.accounts.len())
            .field("users", &self.users.len())
            .field("devices", &self.devices.len())
            .field("applications", &self.applications.len())
            .field("trunks", &self.trunks.len())
            .field("rateplans", &self.rateplans.len())
            .finish_non_exhaustive()
    }
}

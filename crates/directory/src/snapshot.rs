//! The directory at one moment, with the look-ups that SIP and HTTP need. Never changes.

use std::{collections::HashMap, fmt, hash::Hash, net::IpAddr, sync::Arc};

use call::{AccountId, CenterId, CustomerId, DeviceId, Number, Timestamp, TrunkId, UserId, party::Transport};
use rust_decimal::Decimal;
use uuid::Uuid;

pub use crate::entries::Entries;
use crate::{
    model::{
        Account, Application, Center, Customer, Device, DidNumber, Extension, Invoice, NumberlistItem,
        Payment, PlanRate, PrefixRoute, Profile, ProfileId, RatePlan, RingRule, RingingCall, Service, Trunk,
        TrunkSource, User,
    },
    notices::LimitNotices,
    prefix::PrefixTable,
    screening::Items,
    sources::SourceTable,
    stopped::Stopped,
};

/// The directory at one moment.
#[derive(Default)]
pub struct Snapshot {
    entries: Entries,
    customers: HashMap<CustomerId, usize>,
    accounts: HashMap<AccountId, usize>,
    accounts_by_uuid: HashMap<Uuid, usize>,
    accounts_by_customer: HashMap<CustomerId, Vec<usize>>,
    centers: HashMap<CenterId, usize>,
    users: HashMap<UserId, usize>,
    users_by_login: HashMap<Arc<str>, usize>,
    devices: HashMap<DeviceId, usize>,
    devices_by_sip_user: HashMap<Arc<str>, usize>,
    devices_by_account: HashMap<AccountId, Vec<usize>>,
    extensions: HashMap<(AccountId, Number), usize>,
    extensions_by_device: HashMap<DeviceId, usize>,
    numbers: HashMap<String, usize>,
    applications: HashMap<Arc<str>, usize>,
    trunks: HashMap<TrunkId, usize>,
    trunks_by_source: SourceTable,
    /// Trunk and route in it.
    routes: PrefixTable<Vec<(usize, usize)>>,
    rateplans: HashMap<Uuid, usize>,
    /// Rates of each plan, those that go first first.
    rates: HashMap<Uuid, PrefixTable<Vec<usize>>>,
    profiles: HashMap<ProfileId, usize>,
    services_by_account: HashMap<AccountId, Vec<usize>>,
    usual_profile: Profile,
    pub(crate) items: Items,
    /// Oldest first.
    payments: Vec<Payment>,
    paid: HashMap<AccountId, Decimal>,
    /// Oldest first.
    invoices: Vec<Invoice>,
    pub(crate) stopped: Stopped,
    notices: LimitNotices,
}

impl Snapshot {
    /// Indexes the entries.
    pub fn new(entries: Entries) -> Self {
        Self {
            customers: index(&entries.customers, |customer| customer.id),
            accounts: index(&entries.accounts, |account| account.id),
            accounts_by_uuid: index(&entries.accounts, |account| account.uuid),
            accounts_by_customer: group(&entries.accounts, |account| account.customer),
            centers: index(&entries.centers, |center| center.id),
            users: index(&entries.users, |user| user.id),
            users_by_login: index(&entries.users, |user| user.login.clone()),
            devices: index(&entries.devices, |device| device.id),
            devices_by_sip_user: index(&entries.devices, |device| device.sip_user.clone()),
            devices_by_account: group(&entries.devices, |device| device.account),
            extensions: index(&entries.extensions, |ext| (ext.account, ext.number.clone())),
            extensions_by_device: index_devices(&entries.extensions),
            numbers: index(&entries.numbers, |did| digits(&did.number).to_owned()),
            applications: index(&entries.applications, |application| application.client_id.clone()),
            trunks: index(&entries.trunks, |trunk| trunk.id),
            trunks_by_source: SourceTable::of(sources(&entries.trunks)),
            routes: index_routes(&entries.trunks),
            rateplans: index(&entries.rateplans, |plan| plan.uuid),
            rates: entries.rateplans.iter().map(|plan| (plan.uuid, index_rates(&plan.rates))).collect(),
            profiles: index(&entries.profiles, |profile| profile.id),
            services_by_account: group(&entries.services, |service| service.account),
            usual_profile: Profile::usual(ProfileId::USUAL),
            items: Items::default(),
            payments: Vec::new(),
            paid: HashMap::new(),
            invoices: Vec::new(),
            stopped: Stopped::default(),
            notices: LimitNotices::default(),
            entries,
        }
    }

    /// The same, with these items of lists of numbers, in the order of their ids.
    pub(crate) fn with_numberlist_items(self, items: Vec<NumberlistItem>) -> Self {
        Self { items: Items::new(items), ..self }
    }

    /// The same, with these payments, oldest first.
    pub(crate) fn with_payments(self, payments: Vec<Payment>) -> Self {
        let mut paid: HashMap<_, Decimal> = HashMap::new();
        for payment in &payments {
            *paid.entry(payment.account).or_default() += payment.amount;
        }
        Self { payments, paid, ..self }
    }

    /// The same, with these accounts' calls not let through if they cost something.
    pub(crate) fn with_stopped(self, stopped: Stopped) -> Self {
        Self { stopped, ..self }
    }

    /// The same, with this place for word of limits that bite.
    pub(crate) fn with_notices(self, notices: LimitNotices) -> Self {
        Self { notices, ..self }
    }

    /// Where word of limits that bite is told. All snapshots of a directory share it.
    pub fn notices(&self) -> &LimitNotices {
        &self.notices
    }

    /// All payments, oldest first.
    pub fn payments(&self) -> &[Payment] {
        &self.payments
    }

    /// The same, with these invoices, oldest first.
    pub(crate) fn with_invoices(self, invoices: Vec<Invoice>) -> Self {
        Self { invoices, ..self }
    }

    /// All invoices, oldest first.
    pub fn invoices(&self) -> &[Invoice] {
        &self.invoices
    }

    /// How far payments have moved the balance of an account.
    pub fn paid(&self, account: AccountId) -> Decimal {
        self.paid.get(&account).copied().unwrap_or_default()
    }

    /// What an account has: what it began with, moved by payments, by what its services were charged until now and,
    /// as is given, by its calls.
    pub fn balance(&self, account: &Account, moved: Decimal, now: Timestamp) -> Decimal {
        let charged: Decimal = self.services_of(account.id).map(|service| service.charged(now)).sum();
        account.billing.starting_balance + self.paid(account.id) - charged + moved
    }

    /// An account's services, by name.
    pub fn services_of(&self, account: AccountId) -> impl Iterator<Item = &Service> {
        let places = self.services_by_account.get(&account).into_iter().flatten();
        places.filter_map(|at| self.entries.services.get(*at))
    }

    /// All entries.
    pub fn entries(&self) -> &Entries {
        &self.entries
    }

    /// The realm of SIP digests.
    pub fn realm(&self) -> &str {
        &self.entries.realm
    }

    /// A customer.
    pub fn customer(&self, id: CustomerId) -> Option<&Customer> {
        self.customers.get(&id).and_then(|at| self.entries.customers.get(*at))
    }

    /// An account.
    pub fn account(&self, id: AccountId) -> Option<&Account> {
        self.accounts.get(&id).and_then(|at| self.entries.accounts.get(*at))
    }

    /// An account by its other id.
    pub fn account_by_uuid(&self, uuid: Uuid) -> Option<&Account> {
        self.accounts_by_uuid.get(&uuid).and_then(|at| self.entries.accounts.get(*at))
    }

    /// A customer's accounts, by id.
    pub fn accounts_of(&self, customer: CustomerId) -> impl Iterator<Item = &Account> {
        let places = self.accounts_by_customer.get(&customer).into_iter().flatten();
        places.filter_map(|at| self.entries.accounts.get(*at))
    }

    /// A center.
    pub fn center(&self, id: CenterId) -> Option<&Center> {
        self.centers.get(&id).and_then(|at| self.entries.centers.get(*at))
    }

    /// A user.
    pub fn user(&self, id: UserId) -> Option<&User> {
        self.users.get(&id).and_then(|at| self.entries.users.get(*at))
    }

    /// A user by login.
    pub fn user_by_login(&self, login: &str) -> Option<&User> {
        self.users_by_login.get(login).and_then(|at| self.entries.users.get(*at))
    }

    /// A phone.
    pub fn device(&self, id: DeviceId) -> Option<&Device> {
        self.devices.get(&id).and_then(|at| self.entries.devices.get(*at))
    }

    /// How a phone rings for a call: by the first rule that fits, its own or else of its account.
    pub fn ring(&self, device: DeviceId, call: &RingingCall<'_>) -> Option<&RingRule> {
        let device = self.device(device)?;
        let of_account = || self.account(device.account).into_iter().flat_map(|account| &account.rings);
        let mut rules = device.rings.iter().chain(of_account());
        rules.find(|rule| rule.fits(call))
    }

    /// A phone by the user part of its address of record.
    pub fn device_by_sip_user(&self, sip_user: &str) -> Option<&Device> {
        self.devices_by_sip_user.get(sip_user).and_then(|at| self.entries.devices.get(*at))
    }

    /// An account's phones, by id.
    pub fn devices_of(&self, account: AccountId) -> impl Iterator<Item = &Device> {
        let places = self.devices_by_account.get(&account).into_iter().flatten();
        places.filter_map(|at| self.entries.devices.get(*at))
    }

    /// An extension of an account.
    pub fn extension(&self, account: AccountId, number: &Number) -> Option<&Extension> {
        let at = self.extensions.get(&(account, number.clone()))?;
        self.entries.extensions.get(*at)
    }

    /// The first extension that rings a phone.
    pub fn extension_of_device(&self, device: DeviceId) -> Option<&Extension> {
        self.extensions_by_device.get(&device).and_then(|at| self.entries.extensions.get(*at))
    }

    /// An outside number, with or without `+`.
    pub fn number(&self, number: &Number) -> Option<&DidNumber> {
        self.numbers.get(digits(number)).and_then(|at| self.entries.numbers.get(*at))
    }

    /// An application.
    pub fn application(&self, client_id: &str) -> Option<&Application> {
        self.applications.get(client_id).and_then(|at| self.entries.applications.get(*at))
    }

    /// A trunk.
    pub fn trunk(&self, id: TrunkId) -> Option<&Trunk> {
        self.trunks.get(&id).and_then(|at| self.entries.trunks.get(*at))
    }

    /// The trunk whose calls come from `ip` and `port`; one that names the port goes before one that
    /// does not, a smaller network before a larger one. None if it does not come by what carries that.
    pub fn trunk_by_source(&self, ip: IpAddr, port: u16, transport: Transport) -> Option<&Trunk> {
        let trunk = self.trunks_by_source.find(ip, port).and_then(|at| self.entries.trunks.get(at));
        trunk.filter(|trunk| trunk.accepts(transport))
    }

    /// The routes of all trunks that fit a number: longest prefix first, then by priority, then by trunk id.
    pub(crate) fn routes_for(&self, digits: &str) -> impl Iterator<Item = (&Trunk, &PrefixRoute)> {
        self.routes.fitting(digits).flatten().filter_map(|(trunk, route)| {
            let trunk = self.entries.trunks.get(*trunk)?;
            Some((trunk, trunk.routes.get(*route)?))
        })
    }

    /// A rate plan.
    pub fn rateplan(&self, uuid: Uuid) -> Option<&RatePlan> {
        self.rateplans.get(&uuid).and_then(|at| self.entries.rateplans.get(*at))
    }

    /// The rates of a plan whose prefix a number begins with: longest prefix first, then by rank.
    pub(crate) fn rates_fitting(&self, plan: Uuid, digits: &str) -> impl Iterator<Item = &PlanRate> {
        let rates = self.rateplan(plan).map(|plan| plan.rates.as_slice()).unwrap_or_default();
        let places = self.rates.get(&plan).into_iter().flat_map(move |table| table.fitting(digits));
        places.flatten().filter_map(|at| rates.get(*at))
    }

    /// A profile; the usual one is always there.
    pub fn profile(&self, id: ProfileId) -> Option<&Profile> {
        let found = self.profiles.get(&id).and_then(|at| self.entries.profiles.get(*at));
        found.or_else(|| (id == ProfileId::USUAL).then_some(&self.usual_profile))
    }
}

impl fmt::Debug for Snapshot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Snapshot").field(&self.entries).finish()
    }
}

fn index<T, K: Hash + Eq>(items: &[T], key: impl Fn(&T) -> K) -> HashMap<K, usize> {
    items.iter().enumerate().map(|(at, item)| (key(item), at)).collect()
}

fn group<T, K: Hash + Eq>(items: &[T], key: impl Fn(&T) -> K) -> HashMap<K, Vec<usize>> {
    let mut groups: HashMap<K, Vec<usize>> = HashMap::new();
    for (at, item) in items.iter().enumerate() {
        groups.entry(key(item)).or_default().push(at);
    }
    groups
}

/// The first extension of each phone.
fn index_devices(extensions: &[Extension]) -> HashMap<DeviceId, usize> {
    let mut first = HashMap::new();
    for (at, extension) in extensions.iter().enumerate() {
        extension.devices.iter().for_each(|device| {
            first.entry(*device).or_insert(at);
        });
    }
    first
}

fn sources(trunks: &[Trunk]) -> impl Iterator<Item = (usize, TrunkSource)> {
    let trunks = trunks.iter().enumerate();
    trunks.flat_map(|(at, trunk)| trunk.sources.iter().map(move |source| (at, *source)))
}

fn index_routes(trunks: &[Trunk]) -> PrefixTable<Vec<(usize, usize)>> {
    let mut routes: Vec<_> = (trunks.iter().enumerate())
        .flat_map(|(trunk, entry)| (0..entry.routes.len()).map(move |route| (trunk, route)))
        .collect();
    routes.sort_by_key(|(trunk, route)| (trunks[*trunk].routes[*route].priority, trunks[*trunk].id));
    let mut table = PrefixTable::<Vec<_>>::default();
    for (trunk, route) in routes {
        table.at(&trunks[trunk].routes[route].prefix).push((trunk, route));
    }
    table
}

fn index_rates(rates: &[PlanRate]) -> PrefixTable<Vec<usize>> {
    let mut places: Vec<usize> = (0..rates.len()).collect();
    places.sort_by(|a, b| rates[*b].rank().cmp(&rates[*a].rank()));
    let mut table = PrefixTable::<Vec<_>>::default();
    places.into_iter().for_each(|at| table.at(&rates[at].price.prefix).push(at));
    table
}

/// An outside number is the same with and without `+`.
fn digits(number: &Number) -> &str {
    number.digits().unwrap_or(number.as_str())
}

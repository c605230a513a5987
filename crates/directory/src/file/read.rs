//! Reading a directory file: each kind of entry after those that it refers to.

mod applications;
mod billing;
mod calling;
mod ha1;
mod limits;
mod numberlists;
mod parties;
mod phones;
mod profiles;
mod rateplans;
mod rings;
mod services;
mod trunks;
mod users;
mod webhooks;

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use call::{AccountId, CenterId, CustomerId, DeviceId, Number, TrunkId, UserId};
use toml::de::DeTable;

use super::{
    DirectoryFile,
    form::Form,
    forms,
    mistake::Mistake,
    table::{Report, Table},
    taken::Taken,
};
use crate::{
    model::{NumberlistId, ProfileId, TrunkSource},
    snapshot::Entries,
};

/// What has been read so far. A name is taken as soon as it is read, whatever else its entry has wrong:
/// a mistake shall be reported once, not again by each entry that refers to it.
#[derive(Default)]
struct Reading {
    entries: Entries,
    passwords: HashMap<UserId, Arc<str>>,
    customers: Taken<Arc<str>, CustomerId>,
    centers: Taken<(CustomerId, Arc<str>), CenterId>,
    /// With the customer, if that is right.
    accounts: Taken<AccountId, Option<CustomerId>>,
    uuids: Taken<uuid::Uuid, ()>,
    logins: Taken<Arc<str>, ()>,
    applications: Taken<Arc<str>, ()>,
    /// With the account, if that is right.
    devices: Taken<Arc<str>, (DeviceId, Option<AccountId>)>,
    macs: Taken<(AccountId, [u8; 6]), ()>,
    extensions: Taken<(AccountId, Number), ()>,
    numbers: Taken<Number, ()>,
    trunks: Taken<Arc<str>, TrunkId>,
    sources: HashSet<TrunkSource>,
    rateplans: Taken<Arc<str>, uuid::Uuid>,
    rateplan_uuids: Taken<uuid::Uuid, ()>,
    rate_uuids: Taken<uuid::Uuid, ()>,
    profiles: Taken<ProfileId, ()>,
    numberlists: Taken<NumberlistId, ()>,
    services: Taken<(AccountId, Arc<str>), ()>,
    service_uuids: Taken<uuid::Uuid, ()>,
    webhooks: Taken<(AccountId, Arc<str>), ()>,
}

/// Reads a whole file, or finds all its mistakes.
pub(super) fn directory(text: &str) -> Result<DirectoryFile, Vec<Mistake>> {
    let report = Report::new(text);
    let (document, errors) = DeTable::parse_recoverable(text);
    for error in &errors {
        let line = error.span().map_or(1, |span| report.line(span.start));
        report.add(Mistake::syntax(line, error.message()));
    }
    let mut reading = Reading::default();
    if errors.is_empty() {
        reading.everything(Table::root(document.get_ref(), &report));
    }
    match report.into_mistakes() {
        mistakes if mistakes.is_empty() => {
            Ok(DirectoryFile { entries: reading.entries, passwords: reading.passwords })
        }
        mistakes => Err(mistakes),
    }
}

impl Reading {
    fn everything(&mut self, root: Table<'_>) {
        self.entries.realm = root.needed("realm", forms::realm()).unwrap_or_default();
        self.customers(&root);
        self.centers(&root);
        self.rateplans(&root);
        self.accounts(&root);
        self.devices(&root);
        self.extensions(&root);
        self.numbers(&root);
        self.profiles(&root);
        self.users(&root);
        self.applications(&root);
        self.numberlists(&root);
        self.services(&root);
        self.trunks(&root);
        self.webhooks(&root);
        root.finish();
    }

    /// A reference to a customer.
    fn customer(&self) -> Form<'_, CustomerId> {
        Form::text("the name of a customer in this file", |name| self.customers.get(name))
    }

    /// A reference to a center of a customer.
    fn center(&self, customer: CustomerId) -> Form<'_, CenterId> {
        let accepted = "the name of a center of the same customer in this file";
        Form::text(accepted, move |name| self.centers.get(&(customer, Arc::from(name))))
    }

    /// A reference to an account.
    fn account(&self) -> Form<'_, AccountId> {
        forms::account_id().that("the id of an account in this file", |id| self.accounts.get(id).is_some())
    }

    /// A reference to an account of a customer; to any if one of the customers is not known.
    fn account_of(&self, customer: Option<CustomerId>) -> Form<'_, AccountId> {
        forms::account_id().that("the id of an account of the same customer in this file", move |id| {
            let owner = self.accounts.get(id);
            owner.is_some_and(|owner| owner.is_none() || customer.is_none() || owner == customer)
        })
    }

    /// A reference to a trunk.
    fn trunk(&self) -> Form<'_, TrunkId> {
        Form::text("the name of a trunk in this file", |name| self.trunks.get(name))
    }

    /// A reference to a rate plan.
    fn rateplan(&self) -> Form<'_, uuid::Uuid> {
        Form::text("the name of a rate plan in this file", |name| self.rateplans.get(name))
    }

    /// A reference to a profile.
    fn profile(&self) -> Form<'_, ProfileId> {
        forms::profile_id().that("1, or the id of a profile in this file", |id| {
            *id == ProfileId::USUAL || self.profiles.get(id).is_some()
        })
    }

    /// A reference to a device of an account; to any if one of the accounts is not known.
    fn device_of(&self, account: Option<AccountId>) -> Form<'_, DeviceId> {
        Form::text("the sip_user of a device of the same account in this file", move |sip_user| {
            let (id, owner) = self.devices.get(sip_user)?;
            (owner.is_none() || account.is_none() || owner == account).then_some(id)
        })
    }

    /// A reference to an extension of an account; to any if the account is not known.
    fn extension_of(&self, account: Option<AccountId>) -> Form<'_, Number> {
        let is_own = move |number: &Number| {
            account.is_none_or(|account| self.extensions.get(&(account, number.clone())).is_some())
        };
        forms::extension().that("the number of an extension of the same account in this file", is_own)
    }

    /// A source that no trunk has yet.
    fn new_source(&self) -> Form<'_, TrunkSource> {
        let form = forms::source();
        let accepted = form.accepted;
        form.that(accepted, |source| !self.sources.contains(source))
    }
}

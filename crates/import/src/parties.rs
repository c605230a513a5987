//! Whose a call is, by what a file calls its parties and by the directory.

use std::{collections::HashMap, sync::Arc};

use call::{
    AccountId, DeviceId, Number, TrunkId,
    party::{Endpoint, Owner},
};
use directory::Snapshot;
use uuid::Uuid;

use crate::{
    field::Mistake,
    foreign::{ForeignCall, ForeignParty},
    mapping::Mapping,
};

/// Knows whose calls are.
pub struct Parties {
    directory: Arc<Snapshot>,
    /// Our accounts by what a file calls them.
    named: HashMap<String, AccountId>,
    /// Accounts by their name in the directory, where no other has it.
    by_name: HashMap<String, Option<AccountId>>,
    /// Trunks by name.
    trunks: HashMap<String, (TrunkId, AccountId)>,
    /// A trunk of each account that has one.
    trunk_of: HashMap<AccountId, TrunkId>,
    outside: Option<AccountId>,
}

/// One side of a call, known.
pub(crate) struct Party {
    pub(crate) owner: Owner,
    pub(crate) endpoint: Endpoint,
}

impl Parties {
    /// By a directory and a mapping. An error if the mapping names an account that is not in the directory.
    pub fn new(directory: Arc<Snapshot>, mapping: &Mapping) -> Result<Self, Mistake> {
        let known = |field: &str, id: u32| {
            let account = directory.account(AccountId(id)).map(|account| account.id);
            account
                .ok_or_else(|| Mistake::new(field, &id.to_string(), "the id of an account in the directory"))
        };
        let named = mapping.accounts.iter().map(|(name, id)| Ok((name.clone(), known("accounts", *id)?)));
        let named = named.collect::<Result<_, _>>()?;
        let outside = mapping.outside.map(|id| known("outside", id)).transpose()?;
        let entries = directory.entries();
        let mut by_name: HashMap<String, Option<AccountId>> = HashMap::new();
        for account in &entries.accounts {
            let known = by_name.entry(account.name.to_string()).and_modify(|known| *known = None);
            known.or_insert(Some(account.id));
        }
        let trunks = entries.trunks.iter().map(|trunk| (trunk.name.to_string(), (trunk.id, trunk.account)));
        let trunk_of = entries.trunks.iter().rev().map(|trunk| (trunk.account, trunk.id)).collect();
        Ok(Self { trunks: trunks.collect(), named, by_name, trunk_of, outside, directory })
    }

    /// The caller's side, and the called one's. Who called must be known; who was called, if the call was answered.
    pub(crate) fn of(&self, call: &ForeignCall) -> Result<(Party, Option<Party>), Mistake> {
        let caller = self.account_of(&call.caller, "caller")?;
        let called = match self.account_of(&call.called, "called")? {
            // Phones of an account call one another by extension.
            None => caller.filter(|account| self.has_extension(*account, &call.called)),
            known => known,
        };
        let caller = match caller {
            None => called.filter(|account| self.has_extension(*account, &call.caller)),
            known => known,
        };
        let caller = caller.or(self.outside).ok_or_else(|| nobody("caller", &call.caller))?;
        let called = called.or(self.outside);
        if called.is_none() && call.answered_at.is_some() {
            return Err(nobody("called", &call.called));
        }
        let party = |account, party| self.party(account, party);
        let called = called.map(|account| party(account, &call.called)).transpose()?;
        Ok((party(caller, &call.caller)?, called))
    }

    /// By what the file calls the account, by its trunk or phone, by its number.
    fn account_of(&self, party: &ForeignParty, field: &str) -> Result<Option<AccountId>, Mistake> {
        if let Some(name) = &party.account {
            let accepted = "the name, id or UUID of an account, or what [accounts] of the mapping names";
            let found = self.account_named(name);
            return found.map(Some).ok_or_else(|| Mistake::new(&format!("{field} account"), name, accepted));
        }
        Ok(self.by_endpoint(party).or_else(|| self.by_number(party)))
    }

    fn account_named(&self, name: &str) -> Option<AccountId> {
        let by_id = || name.parse().ok().and_then(|id| self.directory.account(AccountId(id)));
        let by_uuid = || Uuid::try_parse(name).ok().and_then(|uuid| self.directory.account_by_uuid(uuid));
        let mapped = self.named.get(name).copied();
        let mapped = mapped.or_else(|| self.by_name.get(name).copied().flatten());
        mapped.or_else(|| by_id().or_else(by_uuid).map(|account| account.id))
    }

    fn by_endpoint(&self, party: &ForeignParty) -> Option<AccountId> {
        let name = party.endpoint.as_deref()?;
        let mapped = self.named.get(name).copied();
        let trunk = || self.trunks.get(name).map(|(_, account)| *account);
        let device = || self.directory.device_by_sip_user(name).map(|device| device.account);
        mapped.or_else(trunk).or_else(device)
    }

    fn by_number(&self, party: &ForeignParty) -> Option<AccountId> {
        let mapped = self.named.get(&*party.number).copied();
        let number = Number::from(&*party.number).without_separators();
        let owned = || {
            let number =
                if number.as_str().starts_with('+') { number.clone() } else { format!("+{number}").into() };
            self.directory.number(&number).map(|number| number.account)
        };
        mapped.or_else(owned)
    }

    fn has_extension(&self, account: AccountId, party: &ForeignParty) -> bool {
        self.directory.extension(account, &Number::from(&*party.number)).is_some()
    }

    fn party(&self, account: AccountId, party: &ForeignParty) -> Result<Party, Mistake> {
        let found = self.directory.account(account);
        let found = found
            .ok_or_else(|| Mistake::new("account", &account.0.to_string(), "an account in the directory"))?;
        Ok(Party { owner: found.owner(), endpoint: self.endpoint(account, party) })
    }

    /// The trunk or phone that is named; else a trunk of the account, else a phone that is known by its number alone.
    fn endpoint(&self, account: AccountId, party: &ForeignParty) -> Endpoint {
        let name = party.endpoint.as_deref().unwrap_or_default();
        if let Some((id, _)) = self.trunks.get(name) {
            return Endpoint::Trunk { id: *id, name: name.into() };
        }
        if let Some(device) = self.directory.device_by_sip_user(name) {
            let extension = self.directory.extension_of_device(device.id);
            let name = extension.and_then(|extension| extension.name.clone());
            return Endpoint::Device { id: device.id, name: name.unwrap_or_else(|| party.number.clone()) };
        }
        let trunk = self.trunk_of.get(&account).and_then(|id| self.directory.trunk(*id));
        match trunk {
            Some(trunk) => Endpoint::Trunk { id: trunk.id, name: trunk.name.clone() },
            None => Endpoint::Device { id: UNKNOWN, name: party.number.clone() },
        }
    }
}

/// No phone of the directory has it.
const UNKNOWN: DeviceId = DeviceId(0);

fn nobody(field: &str, party: &ForeignParty) -> Mistake {
    let accepted = "a number or phone of an account in the directory, or one that [accounts] or `outside` of the mapping gives one";
    let found = party.endpoint.as_deref().unwrap_or(&party.number);
    Mistake::new(field, found, accepted)
}

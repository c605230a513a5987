//! Parking slots: each account has its own.

use std::{collections::HashMap, sync::Arc};

use call::{AccountId, LegId};
use parking_lot::Mutex;
use switch::SwitchError;

use crate::{features::FeatureCodes, session::Mailbox};

/// The slots of all accounts.
#[derive(Clone, Default)]
pub(crate) struct Slots {
    taken: Arc<Mutex<HashMap<Key, Place>>>,
}

type Key = (AccountId, Arc<str>);

/// Who waits in a slot.
#[derive(Clone)]
pub(crate) struct Place {
    pub(crate) leg: LegId,
    pub(crate) mailbox: Mailbox,
}

/// A slot that is taken; free again when this is dropped.
pub(crate) struct Slot {
    slots: Slots,
    key: Key,
}

impl Slots {
    /// Takes the slot of that name, or the first free one.
    pub(crate) fn take(
        &self,
        codes: &FeatureCodes,
        account: AccountId,
        wanted: Option<&str>,
        place: Place,
    ) -> Result<Slot, SwitchError> {
        let mut taken = self.taken.lock();
        let is_free = |name: &Arc<str>| !taken.contains_key(&(account, name.clone()));
        let name: Arc<str> = match wanted {
            None => {
                codes.slots().find(is_free).ok_or(SwitchError::Conflict("every parking slot is taken"))?
            }
            Some(wanted) => {
                let name = codes.slots().find(|name| **name == *wanted);
                let name = name.ok_or(SwitchError::Conflict("there is no such parking slot"))?;
                Some(name).filter(is_free).ok_or(SwitchError::Conflict("the parking slot is taken"))?
            }
        };
        let key = (account, name);
        taken.insert(key.clone(), place);
        Ok(Slot { slots: self.clone(), key })
    }

    /// How many are taken.
    pub(crate) fn count(&self) -> usize {
        self.taken.lock().len()
    }

    /// Who waits in a slot of an account.
    pub(crate) fn find(&self, account: AccountId, name: &str) -> Option<Place> {
        self.taken.lock().get(&(account, Arc::from(name))).cloned()
    }
}

impl Slot {
    /// Whose it is.
    pub(crate) fn account(&self) -> AccountId {
        self.key.0
    }

    pub(crate) fn name(&self) -> &Arc<str> {
        &self.key.1
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        self.slots.taken.lock().remove(&self.key);
    }
}

//! Where parked parties wait: each account has slots of its own.

use std::{collections::HashSet, sync::Arc};

use b2bua::features::{Feature, FeatureCodes, Place};
use call::AccountId;
use parking_lot::Mutex;

use crate::SwitchError;

/// The slots of all accounts.
#[derive(Default)]
pub(super) struct Slots {
    codes: FeatureCodes,
    taken: Mutex<HashSet<(AccountId, Arc<str>)>>,
}

/// A slot that is taken; free again when this is dropped.
pub(super) struct Slot {
    slots: Arc<Slots>,
    account: AccountId,
    name: Arc<str>,
}

impl Slots {
    /// Whether a slot is called so.
    pub(super) fn has(&self, name: &str) -> bool {
        matches!(self.codes.read(name, Place::Transfer), Some(Feature::Slot(_)))
    }

    /// Takes the slot of that name, or the first free one.
    pub(super) fn take(
        self: &Arc<Self>,
        account: AccountId,
        wanted: Option<&str>,
    ) -> Result<Slot, SwitchError> {
        let mut taken = self.taken.lock();
        let mut names = self.codes.slot_range().map(|name| Arc::from(name.to_string()));
        let mut is_free = |name: &Arc<str>| !taken.contains(&(account, name.clone()));
        let name: Arc<str> = match wanted {
            None => names.find(is_free).ok_or(SwitchError::Conflict("every parking slot is taken"))?,
            Some(wanted) => {
                let name = names.find(|name| **name == *wanted);
                let name = name.ok_or(SwitchError::Conflict("there is no such parking slot"))?;
                Some(name).filter(&mut is_free).ok_or(SwitchError::Conflict("the parking slot is taken"))?
            }
        };
        taken.insert((account, name.clone()));
        Ok(Slot { slots: self.clone(), account, name })
    }

    /// How many are taken.
    pub(super) fn taken(&self) -> usize {
        self.taken.lock().len()
    }
}

impl Slot {
    pub(super) fn account(&self) -> AccountId {
        self.account
    }

    pub(super) fn name(&self) -> &Arc<str> {
        &self.name
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        self.slots.taken.lock().remove(&(self.account, self.name.clone()));
    }
}

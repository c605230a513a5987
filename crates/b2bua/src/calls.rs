//! The map of all calls: by id, by leg, and by when something is next due.

use std::{
    collections::{BTreeSet, HashMap},
    time::Duration,
};

use ::call::{AccountId, CallId, LegId, Number};

use crate::call::Call;

/// All calls.
#[derive(Debug, Default)]
pub(crate) struct Calls {
    by_id: HashMap<CallId, Box<Call>>,
    of_leg: HashMap<LegId, CallId>,
    due: BTreeSet<(Duration, CallId)>,
    /// How many of them are over.
    closing: usize,
    /// In how many somebody waits in a slot.
    parked: usize,
    /// How many can be taken at another phone than those that ring.
    ringing: usize,
}

impl Calls {
    /// How many are up.
    pub(crate) fn up(&self) -> usize {
        self.by_id.len() - self.closing
    }

    pub(crate) fn closing(&self) -> usize {
        self.closing
    }

    pub(crate) fn legs(&self) -> usize {
        self.of_leg.len()
    }

    pub(crate) fn parked(&self) -> usize {
        self.parked
    }

    pub(crate) fn ringing_count(&self) -> usize {
        self.ringing
    }

    pub(crate) fn ids(&self) -> Vec<CallId> {
        let mut ids: Vec<_> = self.by_id.keys().copied().collect();
        ids.sort();
        ids
    }

    pub(crate) fn contains(&self, id: CallId) -> bool {
        self.by_id.contains_key(&id)
    }

    pub(crate) fn of_leg(&self, leg: LegId) -> Option<CallId> {
        self.of_leg.get(&leg).copied()
    }

    pub(crate) fn get(&self, id: CallId) -> Option<&Call> {
        self.by_id.get(&id).map(|call| &**call)
    }

    /// Takes a call out, to change it or to make it part of another.
    pub(crate) fn take(&mut self, id: CallId) -> Option<Box<Call>> {
        let call = self.by_id.remove(&id)?;
        self.closing -= usize::from(call.is_over());
        self.parked -= usize::from(call.parked().is_some());
        self.ringing -= usize::from(call.rings());
        if let Some(due) = call.due {
            self.due.remove(&(due, id));
        }
        for leg in call.leg_ids() {
            self.of_leg.remove(&leg);
        }
        Some(call)
    }

    /// Puts a call back, unless nothing is left of it.
    pub(crate) fn put(&mut self, mut call: Box<Call>) {
        if call.is_gone() {
            return;
        }
        self.closing += usize::from(call.is_over());
        self.parked += usize::from(call.parked().is_some());
        self.ringing += usize::from(call.rings());
        call.due = call.deadline();
        if let Some(due) = call.due {
            self.due.insert((due, call.id));
        }
        self.of_leg.extend(call.leg_ids().map(|leg| (leg, call.id)));
        self.by_id.insert(call.id, call);
    }

    pub(crate) fn deadline(&self) -> Option<Duration> {
        self.due.first().map(|(due, _)| *due)
    }

    /// Those with something due at `now`.
    pub(crate) fn due(&self, now: Duration) -> Vec<CallId> {
        self.due.iter().take_while(|(due, _)| *due <= now).map(|(_, id)| *id).collect()
    }

    /// The leg that waits in a slot of an account, and its call.
    pub(crate) fn parked_in(&self, account: AccountId, slot: &str) -> Option<(CallId, LegId)> {
        self.by_id.values().find_map(|call| {
            let parked = call.parked().filter(|parked| parked.is_in(account, slot))?;
            Some((call.id, parked.leg))
        })
    }

    /// The call that an extension of the account rings for, that which began first; any extension if none is
    /// named.
    pub(crate) fn ringing(&self, account: AccountId, extension: Option<&Number>) -> Option<CallId> {
        let rings = self.by_id.values().filter(|call| call.rings_at(account, extension));
        rings.map(|call| call.id).min()
    }
}

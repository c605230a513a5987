//! The map of all calls: by id, by leg, by when something is next due, by slot, and by the extensions that ring.
//!
//! What one input costs does not grow with the number of calls: nothing here looks at all of them but
//! [`Calls::ids`], for when the server stops. `examples/input_cost.rs` shows it.

use std::{
    collections::{BTreeSet, HashMap},
    sync::Arc,
    time::Duration,
};

use ::call::{AccountId, CallId, LegId, Number, Timestamp};

use crate::call::Call;

/// All calls.
#[derive(Debug, Default)]
pub(crate) struct Calls {
    by_id: HashMap<CallId, Box<Call>>,
    of_leg: HashMap<LegId, CallId>,
    due: BTreeSet<(Duration, CallId)>,
    /// How many of them are over.
    closing: usize,
    in_slots: HashMap<(AccountId, Arc<str>), (CallId, LegId)>,
    /// Those that can be taken at another phone than those that ring, under each extension that rings, and under
    /// none for who names none.
    ringing: BTreeSet<(AccountId, Option<Number>, CallId)>,
    /// How many those are.
    ringing_count: usize,
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
        self.in_slots.len()
    }

    pub(crate) fn ringing_count(&self) -> usize {
        self.ringing_count
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
        if let Some(parked) = call.parked() {
            self.in_slots.remove(&parked.place());
        }
        self.ringing_count -= usize::from(call.rings());
        for place in ringing_places(&call) {
            self.ringing.remove(&place);
        }
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
        if let Some(parked) = call.parked() {
            self.in_slots.insert(parked.place(), (call.id, parked.leg));
        }
        self.ringing_count += usize::from(call.rings());
        self.ringing.extend(ringing_places(&call));
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
    pub(crate) fn parked_in(&self, account: AccountId, slot: &Arc<str>) -> Option<(CallId, LegId)> {
        self.in_slots.get(&(account, slot.clone())).copied()
    }

    /// The call that an extension of the account rings for, that which began first; any extension if none is
    /// named.
    pub(crate) fn ringing(&self, account: AccountId, extension: Option<&Number>) -> Option<CallId> {
        let first = (account, extension.cloned(), CallId::new(Timestamp::from_micros(0), [0; 10]));
        let (of, at, call) = self.ringing.range(first..).next()?;
        (*of == account && at.as_ref() == extension).then_some(*call)
    }
}

fn ringing_places(call: &Call) -> impl Iterator<Item = (AccountId, Option<Number>, CallId)> {
    let places = call.ringing_extensions().iter();
    places.flat_map(|(account, number)| [None, Some(number.clone())].map(|at| (*account, at, call.id)))
}

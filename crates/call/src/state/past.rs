//! A call's past: made again from its events, and joined with that of another call.

use std::{collections::BTreeMap, sync::Arc};

use super::Call;
use crate::{
    event::{CallEvent, EventKind},
    id::CallId,
    registry::Applied,
    time::Timestamp,
};

impl Call {
    /// The call as `events` made it. Events of other calls may be among them; those of calls that were
    /// merged into it must be.
    pub(crate) fn replay(id: CallId, events: &[Arc<CallEvent>]) -> Option<Self> {
        let mut calls = BTreeMap::new();
        for event in events {
            take_in(&mut calls, event);
        }
        calls.remove(&id)
    }

    /// This call after `merge` has joined `other` into it: the past of both is its past, the legs of both
    /// are its legs. No event is lost, also where the two pasts do not fit together, so that the same two
    /// pasts can always be joined again.
    ///
    /// `None` if `other` is this call.
    pub(crate) fn merged_with(&self, other: &Self, merge: &Arc<CallEvent>) -> Option<Self> {
        if self.id == other.id {
            return None;
        }
        let mut merged = Self::begin(self.events.iter().find(|event| self.is_begun_by(event))?)?;
        merged.events.clear();
        for event in by_time(&self.events, &other.events) {
            if merged.only_keeps(event) || merged.apply(event) != Applied::Changed {
                merged.events.push(event.clone());
            }
        }
        merged.events.push(merge.clone());
        merged.remember_parts(self, other);
        Some(merged)
    }

    /// What is known of the two calls that no event tells of this one.
    fn remember_parts(&mut self, one: &Self, other: &Self) {
        self.absorbed = [&*one.absorbed, &*other.absorbed, &[other.beginning()]].concat();
        for leg in &mut self.legs {
            let known = one.leg(leg.id).or_else(|| other.leg(leg.id));
            leg.routed = known.and_then(|leg| leg.routed.clone());
        }
    }

    fn is_begun_by(&self, event: &CallEvent) -> bool {
        event.call_id == self.id && matches!(event.kind, EventKind::CallStarted(_))
    }

    /// The absorbed call's route is part of the past, but it is not where this call goes.
    fn only_keeps(&self, event: &CallEvent) -> bool {
        event.call_id != self.id && matches!(event.kind, EventKind::CallRouted(_))
    }
}

fn take_in(calls: &mut BTreeMap<CallId, Call>, event: &Arc<CallEvent>) {
    let id = event.call_id;
    match event.kind {
        EventKind::CallStarted(_) if !calls.contains_key(&id) => {
            calls.extend(Call::begin(event).map(|call| (id, call)));
        }
        EventKind::CallMerged { absorbed } => merge(calls, event, absorbed),
        _ => {
            if let Some(call) = calls.get_mut(&id) {
                call.apply(event);
            }
        }
    }
}

fn merge(calls: &mut BTreeMap<CallId, Call>, event: &Arc<CallEvent>, absorbed: CallId) {
    let (Some(into), Some(other)) = (calls.get(&event.call_id), calls.get(&absorbed)) else { return };
    if let Some(merged) = into.merged_with(other, event) {
        calls.remove(&absorbed);
        calls.insert(event.call_id, merged);
    }
}

/// Both pasts in one, by time. Each keeps its order, also where its times run backwards.
fn by_time<'a>(
    own: &'a [Arc<CallEvent>],
    other: &'a [Arc<CallEvent>],
) -> impl Iterator<Item = &'a Arc<CallEvent>> {
    let mut events: Vec<_> = never_backwards(own).chain(never_backwards(other)).collect();
    events.sort_by_key(|(at, _)| *at);
    events.into_iter().map(|(_, event)| event)
}

fn never_backwards(events: &[Arc<CallEvent>]) -> impl Iterator<Item = (Timestamp, &Arc<CallEvent>)> {
    events.iter().scan(Timestamp::MIN, |latest, event| {
        *latest = event.at.max(*latest);
        Some((*latest, event))
    })
}

//! From events to a record. There is no other way to one.

use std::sync::Arc;

use super::{
    CallRecord, Interaction, LegFacts, LegRecord, Part, Recording, ReleasedBy, Times, Transfer, TransferredTo,
};
use crate::{
    event::{CallEvent, EndCause, EventKind, LegEnd, Releaser, Side},
    id::CallId,
    state::{Attempt, Call, Leg, Parts, Phase, Sides},
};

impl CallRecord {
    /// The record of the call `id`, from the events that changed it, oldest first. Those of calls that were
    /// merged into it must be among them, those of others may be. `None` if its start is not among them.
    pub fn project(id: CallId, events: &[Arc<CallEvent>]) -> Option<Self> {
        Call::replay(id, events).map(|call| Self::of(&call))
    }

    /// The record of a call that is over, with its parts.
    pub(crate) fn of(call: &Call) -> Self {
        let Parts { parts, has_origination, has_termination } = Parts::of(call);
        let mut record = Self::without_parts(call);
        let part = |(attempt, sides): (Attempt, Sides)| {
            let mut part = Self::without_parts(&call.part(&attempt));
            // The caller's leg of the call is what all its parts have in common.
            part.caller_leg.local_tag.clone_from(&record.caller_leg.local_tag);
            Part { sides, record: part }
        };
        record.parts = parts.into_iter().map(part).collect();
        record.is_taken_in_parts = has_termination;
        record.origination_rate.take_if(|_| has_origination);
        record.termination_rate.take_if(|_| has_termination);
        record
    }

    fn without_parts(call: &Call) -> Self {
        let (released_by, cause) = release(call);
        let (started, routed) = (call.started(), call.routed());
        Self {
            call_id: call.id(),
            absorbed: absorbed(call),
            origination: call.origination(),
            termination: call.termination(),
            started_at: call.started_at(),
            ringing_at: call.ringing_at(),
            answered_at: call.answered_at(),
            ended_at: call.timeline().until(),
            cause,
            released_by,
            times: Times::of(call),
            hold_count: call.hold_count(),
            caller_received: started.caller.clone(),
            caller_routed: call.caller().clone(),
            caller_name: started.caller_name.clone(),
            called_received: started.dialed.clone(),
            called_routed: routed.map_or(&started.dialed, |routed| &routed.called).clone(),
            caller_country: routed.and_then(|routed| routed.caller_country),
            called_country: routed.and_then(|routed| routed.called_country),
            caller_leg: call.caller_leg().map(LegFacts::of).unwrap_or_default(),
            called_leg: call.called_leg().map(LegFacts::of),
            answered_by: answered_by(call),
            transferred_to: transferred_to(call),
            screen_pop: routed.and_then(|routed| routed.screen_pop.clone()),
            origination_rate: routed.and_then(|routed| routed.origination_rate.clone()),
            termination_rate: routed.and_then(|routed| routed.termination_rate.clone()),
            interactions: Interaction::all(call),
            transfers: Transfer::all(call),
            recordings: Recording::all(call),
            legs: call.legs().iter().filter_map(LegRecord::of).collect(),
            is_taken_in_parts: false,
            parts: Vec::new(),
        }
    }
}

impl Times {
    fn of(call: &Call) -> Self {
        let spent = |phase| call.timeline().spent(phase);
        Self {
            pdd: spent(Phase::Dialing),
            ring: spent(Phase::Ringing),
            talk: spent(Phase::Talking),
            hold: spent(Phase::OnHold),
            transfer: spent(Phase::Transferring),
        }
    }
}

fn absorbed(call: &Call) -> Vec<CallId> {
    let merged = |event: &Arc<CallEvent>| match event.kind {
        EventKind::CallMerged { absorbed } => Some(absorbed),
        _ => None,
    };
    call.events().iter().filter_map(merged).collect()
}

fn answered_by(call: &Call) -> Option<Arc<str>> {
    let endpoint = &call.answering_leg()?.offer.endpoint;
    endpoint.device().map(|_| endpoint.name().into())
}

fn transferred_to(call: &Call) -> Option<TransferredTo> {
    let is_completed = |event: &Arc<CallEvent>| matches!(event.kind, EventKind::TransferCompleted { .. });
    let completed = call.events().iter().rposition(is_completed)?;
    call.events().iter().take(completed).rev().find_map(|event| match &event.kind {
        EventKind::TransferStarted { target, .. } => {
            Some(TransferredTo { number: target.number.clone(), name: target.name.clone() })
        }
        _ => None,
    })
}

/// Who ended the call and why. An answered call ends when its parties part; an unanswered one is the
/// caller's doing if the caller gave up, else it goes by the party that was tried longest.
pub(super) fn release(call: &Call) -> (ReleasedBy, EndCause) {
    if let Some(release) = call.release() {
        return (released_by(&release.end, release.side), release.end.cause);
    }
    if call.is_interrupted() {
        return (ReleasedBy::Switch, EndCause::Interrupted);
    }
    let end_of = |leg: Option<&Leg>| leg.and_then(|leg| leg.end.clone());
    match (end_of(call.caller_leg()), end_of(call.called_leg())) {
        (Some(end), _) if is_final(&end) => (released_by(&end, Side::Origination), end.cause),
        (_, Some(end)) if end.by != Releaser::Switch => (released_by(&end, Side::Termination), end.cause),
        (Some(end), _) | (None, Some(end)) => (ReleasedBy::Switch, end.cause),
        (None, None) => (ReleasedBy::Switch, EndCause::Failed),
    }
}

/// Whether the caller's leg ended of itself rather than because of what the called party did.
fn is_final(end: &LegEnd) -> bool {
    end.by != Releaser::Switch || end.cause == EndCause::Interrupted
}

fn released_by(end: &LegEnd, side: Side) -> ReleasedBy {
    match (end.by, side) {
        (Releaser::Switch, _) => ReleasedBy::Switch,
        (Releaser::Command, _) => ReleasedBy::Command,
        (Releaser::Party, Side::Origination) => ReleasedBy::Caller,
        (Releaser::Party, Side::Termination) => ReleasedBy::Callee,
    }
}

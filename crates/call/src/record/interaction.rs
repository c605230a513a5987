//! What the parties of a call did, as its record tells it.

use std::{fmt, sync::Arc};

use super::{ReleasedBy, projection::release};
use crate::{
    event::{CallEvent, EndCause, EventKind, LegEnd, Releaser, Side},
    id::LegId,
    number::Number,
    state::{Call, Leg, Phase},
    time::Timestamp,
};

/// Something a party did.
#[derive(Clone, PartialEq, Eq)]
pub struct Interaction {
    /// When.
    pub at: Timestamp,
    /// What.
    pub kind: InteractionKind,
    /// Who, by the name of their endpoint in the directory.
    pub by: Option<Arc<str>>,
    /// To whom, for transfers and parking: a number or a slot.
    pub target: Option<Number>,
}

/// What a party did.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum InteractionKind {
    /// Answered.
    Answered,
    /// Put the other side on hold.
    Held,
    /// Took the other side back from hold, or a parked party out of its slot.
    Retrieved,
    /// Asked for a transfer.
    TransferAttempted,
    /// The transfer came about.
    TransferCompleted,
    /// The transfer came to nothing.
    TransferStopped,
    /// Parked a party.
    Parked,
    /// Hung up, or gave the call up. The last of a call's interactions is its end, whoever ended it: a party,
    /// or nobody that has a name (a command, the switch).
    HungUp,
}

impl Interaction {
    /// Those that the call's events tell of, oldest first, and its end. What is told after that is no part of the
    /// call, and whoever hangs up at the same instant does not end it a second time.
    pub(super) fn all(call: &Call) -> Vec<Self> {
        let told = call.timed_events().filter_map(|(at, event)| Self::of(call, event, at));
        if call.phase() != Phase::Over {
            return told.collect();
        }
        let over = call.timeline().until();
        let is_within = |it: &Self| it.at < over || (it.at == over && it.kind != InteractionKind::HungUp);
        told.filter(is_within).chain([Self::end(call, over)]).collect()
    }

    fn end(call: &Call, at: Timestamp) -> Self {
        let by = releasing_leg(call).map(|leg| leg.offer.endpoint.name().into());
        Self { at, kind: InteractionKind::HungUp, by, target: None }
    }

    fn of(call: &Call, event: &CallEvent, at: Timestamp) -> Option<Self> {
        let (kind, target) = what(call, &event.kind)?;
        let by = match event.kind {
            EventKind::LegRetrieved { by, .. } => Some(by),
            EventKind::LegParked { leg, by, .. } => Some(by.unwrap_or(leg)),
            _ => event.kind.leg(),
        };
        let by = by.and_then(|leg| call.leg(leg)).map(|leg| leg.offer.endpoint.name().into());
        Some(Self { at, kind, by, target })
    }
}

fn what(call: &Call, event: &EventKind) -> Option<(InteractionKind, Option<Number>)> {
    Some(match event {
        EventKind::LegAnswered { leg, .. } if is_called_party(call, *leg) => {
            (InteractionKind::Answered, None)
        }
        EventKind::LegHeld { .. } => (InteractionKind::Held, None),
        EventKind::LegResumed { .. } | EventKind::LegRetrieved { .. } => (InteractionKind::Retrieved, None),
        EventKind::TransferStarted { target, .. } => {
            (InteractionKind::TransferAttempted, Some(target.number.clone()))
        }
        EventKind::TransferCompleted { .. } => (InteractionKind::TransferCompleted, None),
        EventKind::TransferFailed { .. } => (InteractionKind::TransferStopped, None),
        EventKind::LegParked { slot, .. } => (InteractionKind::Parked, Some(Number::from(&**slot))),
        EventKind::LegEnded { end, .. } if is_hang_up(end) => (InteractionKind::HungUp, None),
        EventKind::CallStarted(_)
        | EventKind::CallRouted(_)
        | EventKind::CallMerged { .. }
        | EventKind::CallInterrupted
        | EventKind::LegOffered { .. }
        | EventKind::LegRinging { .. }
        | EventKind::LegAnswered { .. }
        | EventKind::LegSecured { .. }
        | EventKind::LegsBridged { .. }
        | EventKind::LegEnded { .. }
        | EventKind::DigitReceived { .. }
        | EventKind::PlaybackStarted { .. }
        | EventKind::PlaybackEnded { .. }
        | EventKind::RecordingStarted { .. }
        | EventKind::RecordingEnded { .. }
        | EventKind::WorkEnded { .. } => return None,
    })
}

/// The leg whose party ended the call, if one did.
fn releasing_leg(call: &Call) -> Option<&Leg> {
    match release(call).0 {
        ReleasedBy::Caller | ReleasedBy::Callee if call.release().is_some() => call.leg(call.release()?.leg),
        ReleasedBy::Caller => call.caller_leg(),
        ReleasedBy::Callee => call.called_leg(),
        ReleasedBy::Switch | ReleasedBy::Command => None,
    }
}

fn is_hang_up(end: &LegEnd) -> bool {
    end.by == Releaser::Party && end.cause == EndCause::Normal
}

fn is_called_party(call: &Call, leg: LegId) -> bool {
    call.leg(leg).is_some_and(|leg| leg.offer.side == Side::Termination && leg.has_answered())
}

impl fmt::Debug for Interaction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Interaction").field("at", &self.at).field("kind", &self.kind).finish_non_exhaustive()
    }
}

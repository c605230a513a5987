//! What the parties of a call did, as its record tells it.

use std::{fmt, sync::Arc};

use crate::{
    event::{CallEvent, EndCause, EventKind, LegEnd, Releaser, Side},
    id::LegId,
    number::Number,
    state::Call,
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
    /// Hung up.
    HungUp,
}

impl Interaction {
    /// Those that the call's events tell of, oldest first.
    pub(super) fn all(call: &Call) -> Vec<Self> {
        call.timed_events().filter_map(|(at, event)| Self::of(call, event, at)).collect()
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
        _ => return None,
    })
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

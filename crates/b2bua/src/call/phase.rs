//! The phases of a call, and what each of them has.

use super::{
    Call,
    busy_tone::BusyTone,
    hunt::Hunt,
    join::Join,
    originate::Onward,
    parking::{Parked, Stay},
    transfer::{Progress, Transfer},
};

/// What goes on in a call.
#[derive(Debug)]
pub(super) enum Phase {
    /// A program places it: the first party rings.
    Placing { hunt: Box<Hunt>, onward: Onward },
    /// Parties ring for the caller.
    Hunting(Box<Hunt>),
    /// Two are being joined.
    Joining(Join),
    /// Nothing but talk.
    Talking,
    /// A party hands over the one that it talks to.
    Transferring(Box<Transfer>),
    /// A party waits in a slot.
    Parked(Box<Parked>),
    /// Nobody could be got, and who placed the call hears so.
    BusyTone(Box<BusyTone>),
    /// Everybody has left, and dialogs are being closed.
    Ending,
}

impl Call {
    /// Those who are being rung, whatever for.
    pub(super) fn hunt(&self) -> Option<&Hunt> {
        match &self.phase {
            Phase::Placing { hunt, .. } | Phase::Hunting(hunt) => Some(hunt),
            Phase::Transferring(transfer) => match &transfer.progress {
                Progress::Ringing(hunt) => Some(hunt),
                Progress::Joining(_) => None,
            },
            Phase::Parked(parked) => match &parked.stay {
                Stay::Ringing(hunt) => Some(hunt),
                Stay::Waiting | Stay::Joining(_) => None,
            },
            Phase::Joining(_) | Phase::Talking | Phase::BusyTone(_) | Phase::Ending => None,
        }
    }

    pub(super) fn hunt_mut(&mut self) -> Option<&mut Hunt> {
        match &mut self.phase {
            Phase::Placing { hunt, .. } | Phase::Hunting(hunt) => Some(hunt),
            Phase::Transferring(transfer) => match &mut transfer.progress {
                Progress::Ringing(hunt) => Some(hunt),
                Progress::Joining(_) => None,
            },
            Phase::Parked(parked) => match &mut parked.stay {
                Stay::Ringing(hunt) => Some(hunt),
                Stay::Waiting | Stay::Joining(_) => None,
            },
            Phase::Joining(_) | Phase::Talking | Phase::BusyTone(_) | Phase::Ending => None,
        }
    }

    /// The two that are being joined.
    pub(super) fn join(&self) -> Option<&Join> {
        match &self.phase {
            Phase::Joining(join) => Some(join),
            Phase::Transferring(transfer) => match &transfer.progress {
                Progress::Joining(join) => Some(join),
                Progress::Ringing(_) => None,
            },
            Phase::Parked(parked) => match &parked.stay {
                Stay::Joining(join) => Some(join),
                Stay::Waiting | Stay::Ringing(_) => None,
            },
            Phase::Placing { .. }
            | Phase::Hunting(_)
            | Phase::Talking
            | Phase::BusyTone(_)
            | Phase::Ending => None,
        }
    }

    /// Who waits in a slot.
    pub(crate) fn parked(&self) -> Option<&Parked> {
        match &self.phase {
            Phase::Parked(parked) => Some(parked),
            Phase::Placing { .. }
            | Phase::Hunting(_)
            | Phase::Joining(_)
            | Phase::Talking
            | Phase::Transferring(_)
            | Phase::BusyTone(_)
            | Phase::Ending => None,
        }
    }
}

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

/// Those who are being rung in a phase, to look at or to change.
macro_rules! rung_in {
    ($phase:expr, $($by:tt)+) => {
        match $($by)+ $phase {
            Phase::Placing { hunt, .. } | Phase::Hunting(hunt) => Some(hunt),
            Phase::Transferring(transfer) => match $($by)+ transfer.progress {
                Progress::Ringing(hunt) => Some(hunt),
                Progress::Joining(_) => None,
            },
            Phase::Parked(parked) => match $($by)+ parked.stay {
                Stay::Ringing(hunt) => Some(hunt),
                Stay::Waiting | Stay::Joining(_) => None,
            },
            Phase::Joining(_) | Phase::Talking | Phase::BusyTone(_) | Phase::Ending => None,
        }
    };
}

/// The two that are being joined in a phase, to look at or to change.
macro_rules! joined_in {
    ($phase:expr, $($by:tt)+) => {
        match $($by)+ $phase {
            Phase::Joining(join) => Some(join),
            Phase::Transferring(transfer) => match $($by)+ transfer.progress {
                Progress::Joining(join) => Some(join),
                Progress::Ringing(_) => None,
            },
            Phase::Parked(parked) => match $($by)+ parked.stay {
                Stay::Joining(join) => Some(join),
                Stay::Waiting | Stay::Ringing(_) => None,
            },
            Phase::Placing { .. }
            | Phase::Hunting(_)
            | Phase::Talking
            | Phase::BusyTone(_)
            | Phase::Ending => None,
        }
    };
}

impl Call {
    /// Those who are being rung, whatever for.
    pub(super) fn hunt(&self) -> Option<&Hunt> {
        rung_in!(self.phase, &).map(|hunt| &**hunt)
    }

    pub(super) fn hunt_mut(&mut self) -> Option<&mut Hunt> {
        rung_in!(self.phase, &mut).map(|hunt| &mut **hunt)
    }

    /// The two that are being joined.
    pub(super) fn join(&self) -> Option<&Join> {
        joined_in!(self.phase, &)
    }

    pub(super) fn join_mut(&mut self) -> Option<&mut Join> {
        joined_in!(self.phase, &mut)
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

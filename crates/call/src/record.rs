//! The call record (CDR): one per call, a projection of its events.

mod interaction;
mod leg;
mod own;
mod projection;
mod recording;
mod transfer;

use std::{fmt, sync::Arc, time::Duration};

pub use interaction::{Interaction, InteractionKind};
pub use leg::{LegFacts, LegRecord};
pub use own::Own;
pub use recording::Recording;
pub use transfer::Transfer;

use crate::{
    event::{EndCause, Side},
    id::{AccountId, CallId, LegId},
    number::Number,
    party::Owner,
    rating::{Charge, Rate},
    state::Sides,
    time::Timestamp,
};

/// A finished call. Refused, busy and unanswered calls have one too.
#[derive(Clone, PartialEq)]
pub struct CallRecord {
    /// The call.
    pub call_id: CallId,
    /// Calls that were merged into it.
    pub absorbed: Vec<CallId>,
    /// Whose equipment sent it.
    pub origination: Owner,
    /// To whom it was delivered last; `None` if it never had a route.
    pub termination: Option<Owner>,
    /// When it was accepted.
    pub started_at: Timestamp,
    /// When the called party first rang.
    pub ringing_at: Option<Timestamp>,
    /// When the called party answered.
    pub answered_at: Option<Timestamp>,
    /// When its parties parted; for an unanswered call, when it was given up.
    pub ended_at: Timestamp,
    /// Why it ended.
    pub cause: EndCause,
    /// Who ended it.
    pub released_by: ReleasedBy,
    /// How its time was spent.
    pub times: Times,
    /// How often its parties were put on hold, in slots too: the stretches that [`Times::hold`] is the sum of.
    pub hold_count: u32,
    /// The caller's number as received.
    pub caller_received: Number,
    /// The caller's number as used for routing.
    pub caller_routed: Number,
    /// The caller's name as received.
    pub caller_name: Option<Arc<str>>,
    /// The number as dialed.
    pub called_received: Number,
    /// The called number as used for routing.
    pub called_routed: Number,
    /// Country of the caller's number (ISO 3166-1 numeric).
    pub caller_country: Option<u16>,
    /// Country of the called number (ISO 3166-1 numeric).
    pub called_country: Option<u16>,
    /// SIP facts of the calling party's leg.
    pub caller_leg: LegFacts,
    /// SIP facts of the called party's leg, or of whom the call was transferred to last.
    pub called_leg: Option<LegFacts>,
    /// The person or phone that answered; `None` if a trunk did, or nobody.
    pub answered_by: Option<Arc<str>>,
    /// Whom the call was transferred to, the last time.
    pub transferred_to: Option<TransferredTo>,
    /// Text shown for the called number.
    pub screen_pop: Option<Arc<str>>,
    /// What the origination account pays.
    pub origination_rate: Option<Rate>,
    /// What the termination account is paid.
    pub termination_rate: Option<Rate>,
    /// What its parties did, oldest first; the last is its end.
    pub interactions: Vec<Interaction>,
    /// Who handed whom over to whom, oldest first.
    pub transfers: Vec<Transfer>,
    /// What was recorded, oldest first.
    pub recordings: Vec<Recording>,
    /// Every leg, in the order in which they were offered.
    pub legs: Vec<LegRecord>,
    /// Whoever took the call sees it in `parts` alone: it was tried at several trunks, or went on without the
    /// one that carried it.
    pub is_taken_in_parts: bool,
    /// What was sent on within it, by the start.
    pub parts: Vec<Part>,
}

/// What somebody has sent on within a call, or one of several trunks that were tried for it: a call between the
/// account that sends it (its origination) and the one that takes it (its termination).
#[derive(Clone, Debug, PartialEq)]
pub struct Part {
    /// Whose it is: of both accounts, or of the one alone that takes it, if what was tried next is what the
    /// other pays for.
    pub sides: Sides,
    /// What became of it. Its id is that of the call.
    pub record: CallRecord,
}

/// Who ended a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ReleasedBy {
    /// The calling party.
    Caller,
    /// The called party, or whom it was transferred to.
    Callee,
    /// The switch.
    Switch,
    /// A command of the API.
    Command,
}

/// The outcome of a call in one word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Disposition {
    /// The called party answered.
    Answered,
    /// It was busy.
    Busy,
    /// It did not answer in time.
    NoAnswer,
    /// The caller gave up first.
    Cancelled,
    /// It refused.
    Rejected,
    /// There is no such number.
    NoRoute,
    /// No phone was registered, or no trunk answered.
    Unavailable,
    /// A limit was reached.
    Limit,
    /// Something failed, or the server stopped.
    Failed,
}

/// How a call's time was spent. The parts add up to `ended_at - started_at`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Times {
    /// Post-dial delay: until the called party rang.
    pub pdd: Duration,
    /// Until it answered, after it rang.
    pub ring: Duration,
    /// Talking.
    pub talk: Duration,
    /// With a party on hold or parked.
    pub hold: Duration,
    /// With a party being handed over.
    pub transfer: Duration,
}

/// Whom a call was transferred to.
#[derive(Clone, PartialEq, Eq)]
pub struct TransferredTo {
    /// The number dialed for it.
    pub number: Number,
    /// Its name, where the directory knows one.
    pub name: Option<Arc<str>>,
}

impl CallRecord {
    /// The leg that was the last to end.
    pub fn last_leg(&self) -> Option<LegId> {
        self.legs.iter().max_by_key(|leg| leg.ended_at).map(|leg| leg.leg_id)
    }

    /// The sides that `account` has of the call; `None` if it is a stranger's.
    pub fn sides_of(&self, account: AccountId) -> Option<Sides> {
        Sides::of(account, self.origination, self.termination)
    }

    /// The outcome in one word.
    pub fn disposition(&self) -> Disposition {
        if self.answered_at.is_some() {
            return Disposition::Answered;
        }
        match self.cause {
            EndCause::Busy => Disposition::Busy,
            EndCause::NoAnswer | EndCause::AnsweredElsewhere => Disposition::NoAnswer,
            EndCause::Cancelled | EndCause::Normal | EndCause::Transferred => Disposition::Cancelled,
            EndCause::Rejected => Disposition::Rejected,
            EndCause::NoRoute => Disposition::NoRoute,
            EndCause::Unavailable => Disposition::Unavailable,
            EndCause::Limit => Disposition::Limit,
            EndCause::Failed | EndCause::Interrupted => Disposition::Failed,
        }
    }

    /// From the answer to the end, holds and transfers included; zero if unanswered.
    pub fn connected(&self) -> Duration {
        self.answered_at.map(|answered_at| self.ended_at.since(answered_at)).unwrap_or_default()
    }

    /// SIP facts of the leg on `side`.
    pub const fn leg(&self, side: Side) -> Option<&LegFacts> {
        match side {
            Side::Origination => Some(&self.caller_leg),
            Side::Termination => self.called_leg.as_ref(),
        }
    }

    /// The rate at which `side`'s account pays or is paid.
    pub const fn rate(&self, side: Side) -> Option<&Rate> {
        match side {
            Side::Origination => self.origination_rate.as_ref(),
            Side::Termination => self.termination_rate.as_ref(),
        }
    }

    /// What the origination account pays, or the termination account is paid; `None` without a rate, the
    /// attempt fee without an answer.
    pub fn charge(&self, side: Side) -> Option<Charge> {
        self.rate(side).map(|rate| match self.answered_at {
            Some(_) => rate.charge(self.connected()),
            None => rate.attempt_charge(),
        })
    }

    /// The time that `side`'s account pays for or is paid for; `None` without a rate or without an answer.
    pub fn billed(&self, side: Side) -> Option<Duration> {
        self.answered_at.and_then(|_| self.charge(side)).map(|charge| charge.duration)
    }
}

impl Times {
    /// All of it together.
    pub fn total(&self) -> Duration {
        self.pdd + self.ring + self.talk + self.hold + self.transfer
    }
}

impl fmt::Debug for CallRecord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CallRecord")
            .field("call_id", &self.call_id)
            .field("started_at", &self.started_at)
            .field("ended_at", &self.ended_at)
            .field("cause", &self.cause)
            .field("released_by", &self.released_by)
            .field("times", &self.times)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for TransferredTo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TransferredTo(…)")
    }
}

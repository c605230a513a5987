//! A leg, live or from a record, as the dialect shows it.

use ::call::{
    CallId, Leg, LegId, Number, Timestamp,
    event::{EndCause, Side},
    party::Owner,
    record::LegRecord,
    state::LegState,
};

use super::View;
use crate::wire::{Digits, DirectionWire, LegWire, StatusWire};

/// What both a live leg and a record tell.
pub struct LegSeen<'a> {
    /// Its id.
    pub id: LegId,
    /// When it came into being.
    pub started_at: Timestamp,
    /// Whose it is.
    pub owner: Owner,
    /// The calling or the called party's.
    pub side: Side,
    from: &'a Number,
    to: &'a Number,
    ended_at: Option<Timestamp>,
    status: StatusWire,
}

impl<'a> LegSeen<'a> {
    /// A leg of a live call; `None` if it was talked on and is over.
    pub fn of_live(leg: &'a Leg) -> Option<Self> {
        let status = match leg.state() {
            LegState::Offered | LegState::Ringing => StatusWire::Ringing,
            LegState::Answered => StatusWire::OnCall,
            LegState::Ended => outcome(leg.answered_at, leg.end.as_ref()?.cause)?,
        };
        Some(Self {
            id: leg.id,
            started_at: leg.offered_at,
            owner: leg.offer.owner,
            side: leg.offer.side,
            from: &leg.offer.from,
            to: &leg.offer.to,
            ended_at: leg.ended_at,
            status,
        })
    }

    /// A leg of a call that has ended; `None` if it was talked on.
    pub fn of_record(leg: &'a LegRecord) -> Option<Self> {
        Some(Self {
            id: leg.leg_id,
            started_at: leg.offered_at,
            owner: leg.owner,
            side: leg.side,
            from: &leg.from,
            to: &leg.to,
            ended_at: Some(leg.ended_at),
            status: outcome(leg.answered_at, leg.cause)?,
        })
    }
}

impl View {
    /// A leg of the call `call_id`. One that is another customer's affair shows the account that looks, and
    /// instead of its own numbers `(from, to)`, those of the call.
    pub fn leg(self, call_id: CallId, leg: &LegSeen<'_>, instead: Option<(&Number, &Number)>) -> LegWire {
        let account = if instead.is_some() { self.account } else { leg.owner.account };
        let (from, to) = instead.unwrap_or((leg.from, leg.to));
        LegWire {
            account_id: Digits::integer(self.wire, account.0),
            call_id,
            direction: self.direction(leg),
            end_time: leg.ended_at.map(|at| Digits::seconds(self.wire, at)),
            from: Digits::dialed(self.wire, from),
            leg_id: leg.id,
            start_time: Digits::seconds(self.wire, leg.started_at),
            status: leg.status,
            to: Digits::dialed(self.wire, to),
        }
    }

    /// Seen from the account: a party of its own calls (outbound) or is called (inbound); another's leg
    /// brings the call in (inbound) or takes it out (outbound).
    fn direction(self, leg: &LegSeen<'_>) -> DirectionWire {
        let is_own = leg.owner.account == self.account;
        let calls = leg.side == Side::Origination;
        if is_own == calls { DirectionWire::Outbound } else { DirectionWire::Inbound }
    }
}

/// How an ended leg is told. For one that was talked on the dialect has no word.
fn outcome(answered_at: Option<Timestamp>, cause: EndCause) -> Option<StatusWire> {
    match cause {
        _ if answered_at.is_some() => None,
        EndCause::Busy => Some(StatusWire::Busy),
        EndCause::NoAnswer
        | EndCause::Cancelled
        | EndCause::AnsweredElsewhere
        | EndCause::Normal
        | EndCause::Transferred => Some(StatusWire::Unanswered),
        EndCause::Rejected
        | EndCause::NoRoute
        | EndCause::Unavailable
        | EndCause::Limit
        | EndCause::Failed
        | EndCause::Interrupted => Some(StatusWire::Failed),
    }
}

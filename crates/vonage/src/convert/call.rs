//! A live call, or one that ended without a talk, as the dialect shows it.

use ::call::{
    Call, CallId, CallRecord, Number, Timestamp,
    record::Disposition,
    state::{Foreign, Sides},
};

use super::{View, leg::LegSeen};
use crate::wire::{CallWire, Digits, DirectionWire, StatusWire};

/// What both a live call and a record tell.
struct CallSeen<'a> {
    id: CallId,
    sides: Option<Sides>,
    from: &'a Number,
    to: &'a Number,
    started_at: Timestamp,
    ended_at: Option<Timestamp>,
    status: StatusWire,
    legs: Vec<LegSeen<'a>>,
    foreign: Foreign,
}

impl View {
    /// A live call, as the account sees it.
    pub fn live_call(self, call: &Call) -> CallWire {
        let seen = call.seen_by(self.account);
        let call = seen.as_deref().unwrap_or(call);
        self.call(CallSeen {
            id: call.id(),
            sides: call.sides_of(self.account),
            from: call.caller(),
            to: &call.started().dialed,
            started_at: call.started_at(),
            ended_at: None,
            status: if call.answered_at().is_some() { StatusWire::OnCall } else { StatusWire::Ringing },
            legs: call.legs().iter().filter_map(LegSeen::of_live).collect(),
            foreign: Foreign::of_call(self.customer, call),
        })
    }

    /// A call that has ended; `None` if it was talked on: the dialect has no word for how that ended.
    pub fn ended_call(self, record: &CallRecord) -> Option<CallWire> {
        Some(self.call(CallSeen {
            id: record.call_id,
            sides: record.sides_of(self.account),
            from: &record.caller_routed,
            to: &record.called_received,
            started_at: record.started_at,
            ended_at: Some(ended_at(record)),
            status: outcome(record.disposition())?,
            legs: record.legs.iter().filter_map(LegSeen::of_record).collect(),
            foreign: Foreign::of_record(self.customer, record),
        }))
    }

    fn call(self, mut seen: CallSeen<'_>) -> CallWire {
        // Legs of one instant stay as they were offered: the caller's first.
        seen.legs.sort_by_key(|leg| leg.started_at);
        let instead =
            |leg: &LegSeen<'_>| seen.foreign.hides(leg.owner, leg.side).then_some((seen.from, seen.to));
        let is_outbound = seen.sides.is_none_or(Sides::is_outbound);
        CallWire {
            account_id: Digits::integer(self.wire, self.account.0),
            call_id: seen.id,
            direction: if is_outbound { DirectionWire::Outbound } else { DirectionWire::Inbound },
            end_time: seen.ended_at.map(|at| Digits::seconds(self.wire, at)),
            from: Digits::dialed(self.wire, seen.from),
            legs: seen.legs.iter().map(|leg| self.leg(seen.id, leg, instead(leg))).collect(),
            start_time: Digits::seconds(self.wire, seen.started_at),
            status: seen.status,
            to: Digits::dialed(self.wire, seen.to),
        }
    }
}

/// When the last leg of a call ended.
pub fn ended_at(record: &CallRecord) -> Timestamp {
    record.legs.iter().map(|leg| leg.ended_at).max().unwrap_or(record.ended_at)
}

fn outcome(disposition: Disposition) -> Option<StatusWire> {
    match disposition {
        Disposition::Answered => None,
        Disposition::Busy => Some(StatusWire::Busy),
        Disposition::NoAnswer | Disposition::Cancelled => Some(StatusWire::Unanswered),
        Disposition::Rejected
        | Disposition::NoRoute
        | Disposition::Unavailable
        | Disposition::Limit
        | Disposition::Failed => Some(StatusWire::Failed),
    }
}

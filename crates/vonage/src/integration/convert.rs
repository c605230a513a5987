//! A call or its record as an event, and which events of the core's make one.

use std::time::Duration;

use ::call::{
    AccountId, Call, CallId, CallRecord, EventKind, LegId, Number, Timestamp,
    event::Side,
    party::{Endpoint, Owner},
    record::Disposition,
    state::Phase,
};
use http_core::time::in_zone;
use jiff::tz::TimeZone;

use super::wire::{CallEventWire, DirectionWire, KindWire, StateWire};
use crate::{
    convert::ended_at,
    wire::{Digits, VonageWire},
};

/// How instants are written.
const INSTANT: &str = "%Y-%m-%dT%H:%M:%S%.3f+0000";

/// What both a live call and a record tell.
pub struct CallSeen {
    account: AccountId,
    id: CallId,
    is_outbound: bool,
    number: Number,
    name: Option<String>,
    external_id: Option<String>,
    started_at: Timestamp,
    ringing_at: Option<Timestamp>,
    answered_at: Option<Timestamp>,
    legs: Vec<LegSeen>,
    /// How it stands, or how it ended.
    state: StateWire,
    /// Of one that is over.
    end: Option<End>,
}

struct LegSeen {
    id: LegId,
    owner: Owner,
    side: Side,
    endpoint: Endpoint,
}

/// How a call ended.
struct End {
    at: Timestamp,
    connected: Duration,
    /// The leg that was the last to end.
    last_leg: Option<LegId>,
}

impl CallSeen {
    /// A call that goes on.
    pub fn live(account: AccountId, call: &Call) -> Self {
        let seen = call.seen_by(account);
        let call = seen.as_deref().unwrap_or(call);
        let is_outbound = call.sides_of(account).is_none_or(|sides| sides.is_outbound());
        let own_leg = if is_outbound { call.caller_leg() } else { call.called_leg() };
        let sip = own_leg.and_then(|leg| leg.offer.sip.as_ref());
        let name = call.started().caller_name.as_deref().filter(|_| !is_outbound);
        let leg = |leg: &::call::Leg| LegSeen {
            id: leg.id,
            owner: leg.offer.owner,
            side: leg.offer.side,
            endpoint: leg.offer.endpoint.clone(),
        };
        Self {
            account,
            id: call.id(),
            is_outbound,
            number: if is_outbound { call.started().dialed.clone() } else { call.caller().clone() },
            name: name.map(str::to_owned),
            external_id: sip.map(|sip| sip.sip_call_id.to_string()),
            started_at: call.started_at(),
            ringing_at: call.ringing_at(),
            answered_at: call.answered_at(),
            legs: call.legs().iter().map(leg).collect(),
            state: standing(account, call),
            end: None,
        }
    }

    /// A call that is over.
    pub fn over(account: AccountId, record: &CallRecord) -> Self {
        let is_outbound = record.sides_of(account).is_none_or(|sides| sides.is_outbound());
        let facts = if is_outbound { Some(&record.caller_leg) } else { record.called_leg.as_ref() };
        let name = record.caller_name.as_deref().filter(|_| !is_outbound);
        let leg = |leg: &::call::record::LegRecord| LegSeen {
            id: leg.leg_id,
            owner: leg.owner,
            side: leg.side,
            endpoint: leg.endpoint.clone(),
        };
        Self {
            account,
            id: record.call_id,
            is_outbound,
            number: if is_outbound { record.called_received.clone() } else { record.caller_routed.clone() },
            name: name.map(str::to_owned),
            external_id: facts.and_then(|facts| facts.sip_call_id.as_deref()).map(str::to_owned),
            started_at: record.started_at,
            ringing_at: record.ringing_at,
            answered_at: record.answered_at,
            legs: record.legs.iter().map(leg).collect(),
            state: ended(record, is_outbound),
            end: Some(End {
                at: ended_at(record),
                connected: record.connected(),
                last_leg: record.last_leg(),
            }),
        }
    }

    /// The phones and trunks of its legs.
    pub fn endpoints(&self) -> impl Iterator<Item = &Endpoint> {
        self.legs.iter().map(|leg| &leg.endpoint)
    }

    /// When it began.
    pub fn started_at(&self) -> Timestamp {
        self.started_at
    }

    /// Whether the account sends it.
    pub fn is_outbound(&self) -> bool {
        self.is_outbound
    }

    /// As it stands, or as it ended.
    pub fn event(&self, wire: VonageWire) -> CallEventWire {
        self.in_state(wire, self.state)
    }

    /// The state that an event of its brought it to; `None` of one that changes nothing that is told. Each event is
    /// judged by itself, so that it is the same however late it is told.
    pub fn state_after(&self, kind: &EventKind, at: Timestamp) -> Option<StateWire> {
        match kind {
            EventKind::CallStarted(_) if self.is_outbound => Some(StateWire::Initializing),
            EventKind::CallRouted(_) if !self.is_outbound => Some(StateWire::Initializing),
            EventKind::LegRinging { .. } => (self.ringing_at == Some(at)).then_some(StateWire::Ringing),
            EventKind::LegAnswered { leg, .. } => {
                let is_called = self.leg(*leg).is_some_and(|leg| leg.side == Side::Termination);
                (is_called && self.answered_at == Some(at)).then_some(StateWire::Active)
            }
            EventKind::LegHeld { leg } => Some(self.held_by(self.leg(*leg)?.owner)),
            EventKind::LegResumed { .. } => Some(StateWire::Active),
            EventKind::LegEnded { leg, .. } => self.final_state().filter(|_| self.is_last(*leg)),
            EventKind::CallInterrupted => self.final_state(),
            EventKind::CallStarted(_)
            | EventKind::CallRouted(_)
            | EventKind::CallMerged { .. }
            | EventKind::LegOffered { .. }
            | EventKind::LegSecured { .. }
            | EventKind::LegsBridged { .. }
            | EventKind::TransferStarted { .. }
            | EventKind::TransferCompleted { .. }
            | EventKind::TransferFailed { .. }
            | EventKind::LegParked { .. }
            | EventKind::LegRetrieved { .. }
            | EventKind::DigitReceived { .. }
            | EventKind::PlaybackStarted { .. }
            | EventKind::PlaybackEnded { .. }
            | EventKind::RecordingStarted { .. }
            | EventKind::RecordingEnded { .. }
            | EventKind::WorkEnded { .. } => None,
        }
    }

    /// As it stood in a state: what came later is left out.
    pub fn in_state(&self, wire: VonageWire, state: StateWire) -> CallEventWire {
        let is_answered = !matches!(
            state,
            StateWire::Initializing
                | StateWire::Ringing
                | StateWire::Cancelled
                | StateWire::Missed
                | StateWire::Rejected
        );
        let end = self.end.as_ref().filter(|_| self.final_state() == Some(state));
        let talked = end.filter(|_| state == StateWire::Answered).map(|end| end.connected);
        CallEventWire {
            account_id: Digits::integer(wire, self.account.0),
            answer_time: self.answered_at.filter(|_| is_answered).map(instant),
            caller_id: self.name.clone(),
            direction: if self.is_outbound { DirectionWire::Outbound } else { DirectionWire::Inbound },
            duration: talked.map_or(0, |talked| u64::try_from(talked.as_millis()).unwrap_or(u64::MAX)),
            end_time: end.map(|end| instant(end.at)),
            external_id: self.external_id.clone(),
            id: self.id.to_string(),
            phone_number: self.number.to_string(),
            start_time: instant(self.started_at),
            state,
            kind: KindWire::Call,
        }
    }

    fn leg(&self, id: LegId) -> Option<&LegSeen> {
        self.legs.iter().find(|leg| leg.id == id)
    }

    fn held_by(&self, owner: Owner) -> StateWire {
        if owner.account == self.account { StateWire::Held } else { StateWire::RemoteHeld }
    }

    fn final_state(&self) -> Option<StateWire> {
        self.end.is_some().then_some(self.state)
    }

    fn is_last(&self, leg: LegId) -> bool {
        self.end.as_ref().is_some_and(|end| end.last_leg == Some(leg))
    }
}

fn standing(account: AccountId, call: &Call) -> StateWire {
    let holder = call.legs().iter().find(|leg| leg.is_held() && !leg.is_ended());
    match call.phase() {
        Phase::Dialing => StateWire::Initializing,
        Phase::Ringing => StateWire::Ringing,
        Phase::OnHold => match holder {
            Some(leg) if leg.offer.owner.account != account => StateWire::RemoteHeld,
            _ => StateWire::Held,
        },
        Phase::Talking | Phase::Transferring | Phase::Over => StateWire::Active,
    }
}

fn ended(record: &CallRecord, is_outbound: bool) -> StateWire {
    match record.disposition() {
        Disposition::Answered => StateWire::Answered,
        _ if is_outbound => StateWire::Cancelled,
        Disposition::Rejected | Disposition::Busy => StateWire::Rejected,
        Disposition::NoAnswer
        | Disposition::Cancelled
        | Disposition::NoRoute
        | Disposition::Unavailable
        | Disposition::Limit
        | Disposition::Failed => StateWire::Missed,
    }
}

/// An instant as the dialect's events have it.
pub fn instant(at: Timestamp) -> String {
    in_zone(at, &TimeZone::UTC).strftime(INSTANT).to_string()
}

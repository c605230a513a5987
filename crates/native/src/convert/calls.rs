//! Calls on their way to the wire: what of them the client's account may know.

use std::{collections::HashMap, time::Duration};

use call::{
    AccountId, Call, CallRecord, Leg, LegId, Number, Timestamp,
    encryption::MediaEncryption,
    event::{LegDirection, Side},
    party::Owner,
    quality::{LegQuality, Mos, StreamQuality},
    record::{LegRecord, ReleasedBy},
    state::{Foreign, LegState, Phase, Sides},
};
use events::cause;
use http_core::time::rfc3339;
use isocountry::CountryCode;
use questions::{GroupKey, LiveCall, Party, names::PHASES};

use crate::{
    auth::Client,
    wire::calls::{
        EncryptionWire, EndWire, FinishedCallWire, GroupWire, LegWire, LiveCallWire, OneCallWire, PartyWire,
        QualityWire, StreamWire,
    },
};

/// How well live legs are heard.
pub(crate) type Heard = HashMap<LegId, LegQuality>;

/// A call of the list.
pub fn live(call: &LiveCall) -> LiveCallWire {
    LiveCallWire {
        id: call.id.to_string(),
        account: call.account.0,
        state: phase(call.phase),
        direction: direction(call.is_outbound),
        from: party(&call.from),
        to: party(&call.to),
        extension: call.extension.as_ref().map(|extension| extension.as_str().to_owned()),
        country: call.country.and_then(country),
        trunk: call.trunk.as_deref().map(str::to_owned),
        started_at: rfc3339(call.started_at),
        answered_at: call.answered_at.map(rfc3339),
    }
}

/// A group of the list.
pub fn group((key, count): &(GroupKey, usize)) -> GroupWire {
    let group = match key {
        GroupKey::Account(account) => Some(account.to_string()),
        GroupKey::State(state) => Some(phase(*state).to_owned()),
        GroupKey::Trunk(trunk) => trunk.as_deref().map(str::to_owned),
        GroupKey::Extension(extension) => extension.as_ref().map(|extension| extension.as_str().to_owned()),
        GroupKey::Country(code) => code.and_then(country).map(str::to_owned),
        GroupKey::Outbound(is_outbound) => Some(direction(*is_outbound).to_owned()),
    };
    GroupWire { group, count: *count }
}

/// A call that goes on, with its legs and how well they are heard now; `None` if the account has nothing of it any more.
pub(crate) fn one_live(client: &Client, call: &Call, heard: &Heard) -> Option<OneCallWire> {
    let call = &*call.seen_by(client.account)?;
    let seen = Seen {
        client,
        foreign: Foreign::of_call(client.access.customer(), call),
        caller: call.caller(),
        called: &call.started().dialed,
    };
    let is_outbound = call.sides_of(client.account).is_none_or(Sides::is_outbound);
    Some(OneCallWire {
        state: phase(call.phase()),
        direction: direction(is_outbound),
        answered_at: call.answered_at().map(rfc3339),
        legs: call.legs().iter().map(|leg| seen.live_leg(leg, heard)).collect(),
        ..seen.call(call.id().to_string(), call.started_at())
    })
}

/// A call that is over; `None` if the account has nothing of it.
pub(crate) fn one_over(client: &Client, record: &CallRecord) -> Option<OneCallWire> {
    let record = &*record.seen_by(&[client.account])?;
    let seen = Seen {
        client,
        foreign: Foreign::of_record(client.access.customer(), record),
        caller: &record.caller_routed,
        called: &record.called_received,
    };
    Some(OneCallWire {
        state: "over",
        direction: direction(is_outbound(client.account, record)),
        answered_at: record.answered_at.map(rfc3339),
        end: Some(end(client.account, record)),
        legs: record.legs.iter().map(|leg| seen.leg_over(leg)).collect(),
        ..seen.call(record.call_id.to_string(), record.started_at)
    })
}

/// A call that was found, as an account has it.
pub fn finished(account: AccountId, record: &CallRecord) -> FinishedCallWire {
    FinishedCallWire {
        id: record.call_id.to_string(),
        direction: direction(is_outbound(account, record)),
        from: record.caller_routed.to_string(),
        to: record.called_received.to_string(),
        started_at: rfc3339(record.started_at),
        answered_at: record.answered_at.map(rfc3339),
        end: end(account, record),
        quality: record.leg(own_side(account, record)).and_then(|leg| leg.quality.as_deref()).map(quality),
    }
}

fn own_side(account: AccountId, record: &CallRecord) -> Side {
    if is_outbound(account, record) { Side::Origination } else { Side::Termination }
}

fn is_outbound(account: AccountId, record: &CallRecord) -> bool {
    record.sides_of(account).is_none_or(Sides::is_outbound)
}

fn end(account: AccountId, record: &CallRecord) -> EndWire {
    EndWire {
        at: rfc3339(record.ended_at),
        cause: cause(record.cause),
        released_by: released_by(record.released_by),
        connected_seconds: record.connected_in_all(account).as_secs_f64(),
        hold_seconds: record.times.hold.as_secs_f64(),
        price: record.price_in_all(account).map(|price| price.normalize().to_string()),
    }
}

/// What the client may see of a call.
struct Seen<'a> {
    client: &'a Client,
    foreign: Foreign,
    caller: &'a Number,
    called: &'a Number,
}

/// What both a live leg and a recorded one are known by.
struct Known<'a> {
    id: String,
    owner: Owner,
    side: Side,
    direction: LegDirection,
    name: &'a str,
    from: &'a Number,
    to: &'a Number,
}

impl Seen<'_> {
    fn call(&self, id: String, started_at: Timestamp) -> OneCallWire {
        OneCallWire {
            events: format!("/v1/events?call={id}"),
            id,
            state: "over",
            direction: direction(true),
            from: self.caller.to_string(),
            to: self.called.to_string(),
            started_at: rfc3339(started_at),
            answered_at: None,
            end: None,
            legs: Vec::new(),
        }
    }

    fn live_leg(&self, leg: &Leg, heard: &Heard) -> LegWire {
        let offer = &leg.offer;
        let known = Known {
            id: leg.id.to_string(),
            owner: offer.owner,
            side: offer.side,
            direction: offer.direction,
            name: offer.endpoint.name(),
            from: &offer.from,
            to: &offer.to,
        };
        let end = leg.end.as_ref();
        let was_heard = end.and_then(|end| end.quality.as_deref());
        LegWire {
            state: leg_state(leg.state()),
            ringing_at: leg.ringing_at.map(rfc3339),
            answered_at: leg.answered_at.map(rfc3339),
            ended_at: leg.ended_at.map(rfc3339),
            cause: end.map(|end| cause(end.cause)),
            sip_status: end.and_then(|end| end.sip.as_ref()).map(|sip| sip.code),
            encryption: leg.encryption.map(encryption),
            quality: self.own(known.owner, was_heard.or_else(|| heard.get(&leg.id))),
            ..self.leg(known, leg.offered_at)
        }
    }

    /// How well a leg of the customer's is heard.
    fn own(&self, owner: Owner, heard: Option<&LegQuality>) -> Option<QualityWire> {
        heard.filter(|_| owner.customer == self.client.access.customer()).map(quality)
    }

    fn leg_over(&self, leg: &LegRecord) -> LegWire {
        let known = Known {
            id: leg.leg_id.to_string(),
            owner: leg.owner,
            side: leg.side,
            direction: leg.direction,
            name: leg.endpoint.name(),
            from: &leg.from,
            to: &leg.to,
        };
        LegWire {
            ringing_at: leg.ringing_at.map(rfc3339),
            answered_at: leg.answered_at.map(rfc3339),
            ended_at: Some(rfc3339(leg.ended_at)),
            cause: Some(cause(leg.cause)),
            sip_status: leg.status.as_ref().map(|status| status.code),
            encryption: leg.encryption.map(encryption),
            quality: self.own(known.owner, leg.quality.as_deref()),
            ..self.leg(known, leg.offered_at)
        }
    }

    /// A leg that is over; what another customer's phones are called by stays there.
    fn leg(&self, known: Known<'_>, offered_at: Timestamp) -> LegWire {
        let (side, of_call) = match known.side {
            Side::Origination => ("caller", self.caller),
            Side::Termination => ("callee", self.called),
        };
        let own = if known.direction == LegDirection::Incoming { known.from } else { known.to };
        let number = if self.foreign.hides(known.owner, known.side) { of_call } else { own };
        let is_named = known.owner.customer == self.client.access.customer();
        LegWire {
            id: known.id,
            side,
            state: leg_state(LegState::Ended),
            number: number.to_string(),
            name: is_named.then(|| known.name.to_owned()),
            offered_at: rfc3339(offered_at),
            ringing_at: None,
            answered_at: None,
            ended_at: None,
            cause: None,
            sip_status: None,
            encryption: None,
            quality: None,
        }
    }
}

fn encryption(encryption: MediaEncryption) -> EncryptionWire {
    EncryptionWire { key_exchange: encryption.exchange.name(), crypto_suite: encryption.suite.name() }
}

fn quality(heard: &LegQuality) -> QualityWire {
    QualityWire {
        received: heard.received.map(stream),
        sent: heard.sent.map(stream),
        round_trip_ms: heard.round_trip.map(ms),
        mos: heard.mos().map(Mos::value),
    }
}

fn stream(heard: StreamQuality) -> StreamWire {
    StreamWire { packets: heard.packets, lost: heard.lost, jitter_ms: ms(heard.jitter) }
}

fn ms(length: Duration) -> f64 {
    length.as_secs_f64() * 1_000.0
}

fn party(party: &Party) -> PartyWire {
    PartyWire { number: party.number.to_string(), name: party.name.as_deref().map(str::to_owned) }
}

fn phase(phase: Phase) -> &'static str {
    PHASES.iter().find(|(_, known)| *known == phase).map_or("over", |(name, _)| name)
}

const fn direction(is_outbound: bool) -> &'static str {
    if is_outbound { "outbound" } else { "inbound" }
}

const fn leg_state(state: LegState) -> &'static str {
    match state {
        LegState::Offered => "offered",
        LegState::Ringing => "ringing",
        LegState::Answered => "answered",
        LegState::Ended => "ended",
    }
}

const fn released_by(by: ReleasedBy) -> &'static str {
    match by {
        ReleasedBy::Caller => "caller",
        ReleasedBy::Callee => "callee",
        ReleasedBy::Switch => "switch",
        ReleasedBy::Command => "command",
    }
}

fn country(code: u16) -> Option<&'static str> {
    CountryCode::for_id(code.into()).ok().map(|country| country.alpha2())
}

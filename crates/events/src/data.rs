//! What an event says: one shape for all kinds, with the members that the kind has.
//!
//! The accounts of another customer learn what happens to a call of theirs, but not the other's inner facts: its
//! phones and what they are called, what was dialed there, addresses, and what it pays (compare
//! [`Foreign`](call::state::Foreign) for records).

use std::time::Duration;

use call::{
    EventKind, Notice, NoticeKind,
    command::RecordingKind,
    event::{
        CallRouted, CallStarted, EndCause, LegDirection, LegEnd, LegOffer, Origin, Releaser, Side,
        TransferTarget,
    },
    notice::{ExportChange, RegistrationChange},
    party::{Endpoint, Transport},
    quality::{LegQuality, Mos, StreamQuality},
};
use directory::Access;
use history::{Happening, LogEntry};
use serde::Serialize;

/// What an event says.
#[derive(Clone, Debug, Default, Serialize)]
pub struct DataWire {
    /// Those of the reader's accounts that it concerns.
    accounts: Vec<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    call_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    leg_id: Option<String>,
    /// The leg that the first one is joined to, was transferred to or was picked up by.
    #[serde(skip_serializing_if = "Option::is_none")]
    other_leg_id: Option<String>,
    /// The call that was taken in, or worked on.
    #[serde(skip_serializing_if = "Option::is_none")]
    other_call_id: Option<String>,
    #[serde(flatten)]
    call: CallWire,
    #[serde(flatten)]
    leg: LegWire,
    #[serde(flatten)]
    end: EndWire,
    #[serde(flatten)]
    other: OtherWire,
}

/// How a call began and where it goes.
#[derive(Clone, Debug, Default, Serialize)]
struct CallWire {
    #[serde(skip_serializing_if = "Option::is_none")]
    origin: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    caller: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    caller_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    dialed: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    called: Option<String>,
    /// ISO 3166-1, numeric.
    #[serde(skip_serializing_if = "Option::is_none")]
    caller_country: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    called_country: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    screen_pop: Option<String>,
}

/// What a leg is, and what happens on it.
#[derive(Clone, Debug, Default, Serialize)]
struct LegWire {
    #[serde(skip_serializing_if = "Option::is_none")]
    side: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    direction: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    device_id: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    trunk_id: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    endpoint: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    from: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    to: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sip_call_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    address: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    transport: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    user_agent: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    target: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    target_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    slot: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    digit: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    recording: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    key_exchange: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    crypto_suite: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    work_seconds: Option<f64>,
}

/// How a leg ended.
#[derive(Clone, Debug, Default, Serialize)]
struct EndWire {
    #[serde(skip_serializing_if = "Option::is_none")]
    released_by: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cause: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sip_status: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    quality: Option<QualityWire>,
}

/// How well the sound of a leg has arrived.
#[derive(Clone, Debug, Serialize)]
struct QualityWire {
    #[serde(skip_serializing_if = "Option::is_none")]
    received: Option<StreamWire>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sent: Option<StreamWire>,
    #[serde(skip_serializing_if = "Option::is_none")]
    round_trip_ms: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    mos: Option<f64>,
}

/// How well one direction has arrived.
#[derive(Clone, Debug, Serialize)]
struct StreamWire {
    packets: u32,
    lost: u32,
    jitter_ms: f64,
}

/// What happens beside calls.
#[derive(Clone, Debug, Default, Serialize)]
struct OtherWire {
    #[serde(skip_serializing_if = "Option::is_none")]
    limit: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    export_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    rows: Option<u64>,
}

/// What an event says to a reader.
pub(crate) fn data(entry: &LogEntry, reader: &Access) -> DataWire {
    let concerned = &entry.concerned;
    let allowed = concerned.accounts.iter().filter(|account| reader.allows(**account));
    let data = DataWire {
        accounts: allowed.map(|account| account.0).collect(),
        call_id: entry.call().map(|call| call.to_string()),
        ..DataWire::default()
    };
    match &entry.what {
        Happening::Call(event) => {
            let is_own = concerned.customer == Some(reader.customer());
            of_call(data, &event.kind, is_own, reader)
        }
        Happening::Other(notice) => of_notice(data, notice),
    }
}

fn of_call(data: DataWire, kind: &EventKind, is_own: bool, reader: &Access) -> DataWire {
    let leg_id = kind.leg().map(|leg| leg.to_string());
    let data = DataWire { leg_id, ..data };
    let text = |text: &str| is_own.then(|| text.to_owned());
    match kind {
        EventKind::CallStarted(started) => DataWire { call: began(started, is_own), ..data },
        EventKind::CallRouted(routed) => DataWire { call: goes(routed, reader), ..data },
        EventKind::LegOffered { offer, .. } => DataWire { leg: offered(offer, is_own), ..data },
        EventKind::LegAnswered { user_agent, .. } => {
            let user_agent = user_agent.as_deref().and_then(text);
            DataWire { leg: LegWire { user_agent, ..LegWire::default() }, ..data }
        }
        EventKind::LegSecured { encryption, .. } => {
            let key_exchange = encryption.map(|encryption| encryption.exchange.name());
            let crypto_suite = encryption.map(|encryption| encryption.suite.name());
            DataWire { leg: LegWire { key_exchange, crypto_suite, ..LegWire::default() }, ..data }
        }
        EventKind::LegsBridged { b: other, .. }
        | EventKind::TransferCompleted { recipient: other, .. }
        | EventKind::LegRetrieved { by: other, .. } => {
            DataWire { other_leg_id: Some(other.to_string()), ..data }
        }
        EventKind::TransferStarted { target, .. } if is_own => DataWire { leg: goes_to(target), ..data },
        EventKind::CallMerged { absorbed } => DataWire { other_call_id: Some(absorbed.to_string()), ..data },
        EventKind::LegParked { slot, .. } => {
            DataWire { leg: LegWire { slot: text(slot), ..LegWire::default() }, ..data }
        }
        EventKind::DigitReceived { digit, .. } => {
            let digit = is_own.then(|| digit.0.to_string());
            DataWire { leg: LegWire { digit, ..LegWire::default() }, ..data }
        }
        EventKind::RecordingStarted { kind, .. } => {
            let recording = Some(match kind {
                RecordingKind::OnDemand => "on_demand",
                RecordingKind::Standing => "standing",
            });
            DataWire { leg: LegWire { recording, ..LegWire::default() }, ..data }
        }
        EventKind::WorkEnded { of, work, .. } => DataWire {
            other_call_id: Some(of.to_string()),
            leg: LegWire { work_seconds: Some(work.as_secs_f64()), ..LegWire::default() },
            ..data
        },
        EventKind::LegEnded { end, .. } => DataWire { end: ended(end, is_own), ..data },
        EventKind::CallInterrupted
        | EventKind::TransferStarted { .. }
        | EventKind::LegRinging { .. }
        | EventKind::LegHeld { .. }
        | EventKind::LegResumed { .. }
        | EventKind::TransferFailed { .. }
        | EventKind::PlaybackStarted { .. }
        | EventKind::PlaybackEnded { .. }
        | EventKind::RecordingEnded { .. } => data,
    }
}

fn began(started: &CallStarted, is_own: bool) -> CallWire {
    let origin = Some(match started.origin {
        Origin::Invite => "invite",
        Origin::Api => "api",
    });
    if !is_own {
        return CallWire { origin, ..CallWire::default() };
    }
    CallWire {
        origin,
        caller: Some(started.caller.to_string()),
        caller_name: started.caller_name.as_ref().map(ToString::to_string),
        dialed: Some(started.dialed.to_string()),
        ..CallWire::default()
    }
}

fn goes(routed: &CallRouted, reader: &Access) -> CallWire {
    let is_taken = routed.termination.is_some_and(|owner| owner.customer == reader.customer());
    CallWire {
        caller: Some(routed.caller.to_string()),
        called: Some(routed.called.to_string()),
        caller_country: routed.caller_country,
        called_country: routed.called_country,
        screen_pop: routed.screen_pop.as_ref().filter(|_| is_taken).map(ToString::to_string),
        ..CallWire::default()
    }
}

fn offered(offer: &LegOffer, is_own: bool) -> LegWire {
    let side = Some(match offer.side {
        Side::Origination => "origination",
        Side::Termination => "termination",
    });
    let direction = Some(match offer.direction {
        LegDirection::Incoming => "incoming",
        LegDirection::Outgoing => "outgoing",
    });
    if !is_own {
        return LegWire { side, direction, ..LegWire::default() };
    }
    let (device_id, trunk_id) = match &offer.endpoint {
        Endpoint::Device { id, .. } => (Some(id.0), None),
        Endpoint::Trunk { id, .. } => (None, Some(id.0)),
    };
    let sip = offer.sip.as_ref();
    LegWire {
        side,
        direction,
        device_id,
        trunk_id,
        endpoint: Some(offer.endpoint.name().to_owned()),
        from: Some(offer.from.to_string()),
        to: Some(offer.to.to_string()),
        sip_call_id: sip.map(|sip| sip.sip_call_id.to_string()),
        address: sip.map(|sip| sip.address.to_string()),
        transport: sip.map(|sip| transport(sip.transport)),
        user_agent: sip.and_then(|sip| sip.user_agent.as_ref()).map(ToString::to_string),
        ..LegWire::default()
    }
}

fn transport(transport: Transport) -> &'static str {
    match transport {
        Transport::Udp => "udp",
        Transport::Tcp => "tcp",
        Transport::Tls => "tls",
        Transport::Ws => "ws",
    }
}

fn goes_to(target: &TransferTarget) -> LegWire {
    LegWire {
        target: Some(target.number.to_string()),
        target_name: target.name.as_ref().map(ToString::to_string),
        ..LegWire::default()
    }
}

fn ended(end: &LegEnd, is_own: bool) -> EndWire {
    EndWire {
        released_by: Some(match end.by {
            Releaser::Party => "party",
            Releaser::Switch => "switch",
            Releaser::Command => "command",
        }),
        cause: Some(cause(end.cause)),
        sip_status: end.sip.as_ref().map(|sip| sip.code),
        reason: end.reason.as_ref().filter(|_| is_own).map(ToString::to_string),
        quality: end.quality.as_deref().filter(|_| is_own).map(quality),
    }
}

fn quality(heard: &LegQuality) -> QualityWire {
    let ms = |length: Duration| length.as_secs_f64() * 1_000.0;
    let stream =
        |StreamQuality { packets, lost, jitter }| StreamWire { packets, lost, jitter_ms: ms(jitter) };
    QualityWire {
        received: heard.received.map(stream),
        sent: heard.sent.map(stream),
        round_trip_ms: heard.round_trip.map(ms),
        mos: heard.mos().map(Mos::value),
    }
}

/// The name of why a leg or a call ended.
pub fn cause(cause: EndCause) -> &'static str {
    match cause {
        EndCause::Normal => "normal",
        EndCause::Busy => "busy",
        EndCause::NoAnswer => "no_answer",
        EndCause::Cancelled => "cancelled",
        EndCause::Rejected => "rejected",
        EndCause::NoRoute => "no_route",
        EndCause::Unavailable => "unavailable",
        EndCause::AnsweredElsewhere => "answered_elsewhere",
        EndCause::Transferred => "transferred",
        EndCause::Limit => "limit",
        EndCause::Failed => "failed",
        EndCause::Interrupted => "interrupted",
    }
}

fn of_notice(data: DataWire, notice: &Notice) -> DataWire {
    let kind = &notice.kind;
    let leg = LegWire {
        device_id: kind.device().map(|device| device.0),
        trunk_id: kind.trunk().map(|trunk| trunk.0),
        ..LegWire::default()
    };
    let data = DataWire { leg, ..data };
    match kind {
        NoticeKind::Registration { change: RegistrationChange::Refused(status), .. } => {
            DataWire { end: EndWire { sip_status: Some(*status), ..EndWire::default() }, ..data }
        }
        NoticeKind::LimitReached { limit, .. } => {
            DataWire { other: OtherWire { limit: Some(limit.to_string()), ..OtherWire::default() }, ..data }
        }
        NoticeKind::Export { export, change } => {
            let rows = match change {
                ExportChange::Completed { rows } => Some(*rows),
                ExportChange::Created | ExportChange::Failed | ExportChange::Deleted => None,
            };
            let other = OtherWire { export_id: Some(export.to_string()), rows, ..OtherWire::default() };
            DataWire { other, ..data }
        }
        NoticeKind::Registration { .. } | NoticeKind::Trunk { .. } | NoticeKind::CallAnnotated { .. } => data,
    }
}

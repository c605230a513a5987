//! Events.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use call::{
    CallEvent, CallId, EventKind, LegId, Number, Timestamp,
    command::RecordingKind,
    encryption::MediaEncryption,
    event::{
        CallRouted, CallStarted, Digit, EndCause, LegDirection, LegEnd, LegOffer, LegRoute, Origin, Releaser,
        Side, SipStatus, TransferMode, TransferTarget,
    },
    party::{CallerIdentity, Endpoint, Owner, SipFacts, Transport},
    quality::LegQuality,
    rating::Rate,
};
use serde::{Deserialize, Serialize};

use super::frozen;

/// A [`CallEvent`] as stored.
#[derive(Serialize, Deserialize)]
#[serde(remote = "CallEvent")]
pub struct StoredEventV1 {
    #[serde(rename = "c", with = "frozen")]
    call_id: CallId,
    #[serde(rename = "t", with = "frozen")]
    at: Timestamp,
    #[serde(rename = "k", with = "frozen")]
    kind: EventKind,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "EventKind", rename_all = "snake_case")]
pub(super) enum EventKindV1 {
    CallStarted(#[serde(with = "frozen")] Arc<CallStarted>),
    CallRouted(#[serde(with = "frozen")] Arc<CallRouted>),
    LegOffered {
        #[serde(with = "frozen")]
        leg: LegId,
        #[serde(with = "frozen")]
        offer: Arc<LegOffer>,
    },
    LegRinging {
        #[serde(with = "frozen")]
        leg: LegId,
    },
    LegAnswered {
        #[serde(with = "frozen")]
        leg: LegId,
        #[serde(with = "frozen", default, skip_serializing_if = "Option::is_none")]
        user_agent: Option<Arc<str>>,
    },
    LegSecured {
        #[serde(with = "frozen")]
        leg: LegId,
        #[serde(with = "frozen", default, skip_serializing_if = "Option::is_none")]
        encryption: Option<MediaEncryption>,
    },
    LegsBridged {
        #[serde(with = "frozen")]
        a: LegId,
        #[serde(with = "frozen")]
        b: LegId,
    },
    LegHeld {
        #[serde(with = "frozen")]
        leg: LegId,
    },
    LegResumed {
        #[serde(with = "frozen")]
        leg: LegId,
    },
    TransferStarted {
        #[serde(with = "frozen")]
        initiator: LegId,
        #[serde(with = "frozen")]
        target: Arc<TransferTarget>,
        #[serde(with = "frozen")]
        mode: TransferMode,
    },
    TransferCompleted {
        #[serde(with = "frozen")]
        initiator: LegId,
        #[serde(with = "frozen")]
        recipient: LegId,
    },
    TransferFailed {
        #[serde(with = "frozen")]
        initiator: LegId,
    },
    CallMerged {
        #[serde(with = "frozen")]
        absorbed: CallId,
    },
    LegParked {
        #[serde(with = "frozen")]
        leg: LegId,
        #[serde(with = "frozen")]
        slot: Arc<str>,
        #[serde(with = "frozen", default, skip_serializing_if = "Option::is_none")]
        by: Option<LegId>,
    },
    LegRetrieved {
        #[serde(with = "frozen")]
        leg: LegId,
        #[serde(with = "frozen")]
        by: LegId,
    },
    CallInterrupted,
    DigitReceived {
        #[serde(with = "frozen")]
        leg: LegId,
        #[serde(with = "frozen")]
        digit: Digit,
    },
    PlaybackStarted {
        #[serde(with = "frozen")]
        leg: LegId,
    },
    PlaybackEnded {
        #[serde(with = "frozen")]
        leg: LegId,
    },
    RecordingStarted {
        #[serde(with = "frozen")]
        leg: LegId,
        #[serde(with = "frozen")]
        kind: RecordingKind,
        #[serde(with = "frozen")]
        file: Arc<str>,
    },
    RecordingEnded {
        #[serde(with = "frozen")]
        leg: LegId,
    },
    WorkEnded {
        #[serde(with = "frozen")]
        leg: LegId,
        #[serde(with = "frozen")]
        of: CallId,
        #[serde(with = "frozen")]
        work: Duration,
    },
    LegEnded {
        #[serde(with = "frozen")]
        leg: LegId,
        #[serde(with = "frozen")]
        end: LegEnd,
    },
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "CallStarted")]
pub(super) struct CallStartedV1 {
    #[serde(rename = "o", with = "frozen")]
    origination: Owner,
    #[serde(rename = "by", with = "frozen")]
    origin: Origin,
    #[serde(rename = "cr", with = "frozen")]
    caller: Number,
    #[serde(rename = "cn", with = "frozen", default, skip_serializing_if = "Option::is_none")]
    caller_name: Option<Arc<str>>,
    #[serde(rename = "dr", with = "frozen")]
    dialed: Number,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "Origin", rename_all = "snake_case")]
pub(super) enum OriginV1 {
    Invite,
    Api,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "CallRouted")]
pub(super) struct CallRoutedV1 {
    #[serde(rename = "t", with = "frozen", default, skip_serializing_if = "Option::is_none")]
    termination: Option<Owner>,
    #[serde(rename = "cr", with = "frozen")]
    caller: Number,
    #[serde(rename = "dr", with = "frozen")]
    called: Number,
    #[serde(rename = "cc", default, skip_serializing_if = "Option::is_none")]
    caller_country: Option<u16>,
    #[serde(rename = "dc", default, skip_serializing_if = "Option::is_none")]
    called_country: Option<u16>,
    #[serde(rename = "or", with = "frozen", default, skip_serializing_if = "Option::is_none")]
    origination_rate: Option<Rate>,
    #[serde(rename = "tr", with = "frozen", default, skip_serializing_if = "Option::is_none")]
    termination_rate: Option<Rate>,
    #[serde(rename = "sp", with = "frozen", default, skip_serializing_if = "Option::is_none")]
    screen_pop: Option<Arc<str>>,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "LegOffer")]
pub(super) struct LegOfferV1 {
    #[serde(rename = "s", with = "frozen")]
    side: Side,
    #[serde(rename = "d", with = "frozen")]
    direction: LegDirection,
    #[serde(rename = "o", with = "frozen")]
    owner: Owner,
    #[serde(rename = "e", with = "frozen")]
    endpoint: Endpoint,
    #[serde(rename = "f", with = "frozen")]
    from: Number,
    #[serde(rename = "t", with = "frozen")]
    to: Number,
    #[serde(rename = "sip", with = "frozen", default, skip_serializing_if = "Option::is_none")]
    sip: Option<SipFacts>,
    #[serde(rename = "r", with = "frozen", default, skip_serializing_if = "Option::is_none")]
    route: Option<Arc<LegRoute>>,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "LegRoute")]
pub(super) struct LegRouteV1 {
    #[serde(rename = "o", with = "frozen")]
    sent_by: Owner,
    #[serde(rename = "l", with = "frozen", default, skip_serializing_if = "Option::is_none")]
    sender: Option<LegId>,
    #[serde(rename = "h")]
    hunt: u32,
    #[serde(rename = "a")]
    attempt: u32,
    #[serde(rename = "r", with = "frozen")]
    routed: Arc<CallRouted>,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "SipFacts")]
pub(super) struct SipFactsV1 {
    #[serde(rename = "id", with = "frozen")]
    sip_call_id: Arc<str>,
    #[serde(rename = "lt", with = "frozen")]
    local_tag: Arc<str>,
    #[serde(rename = "a")]
    address: SocketAddr,
    #[serde(rename = "tp", with = "frozen")]
    transport: Transport,
    #[serde(rename = "ua", with = "frozen", default, skip_serializing_if = "Option::is_none")]
    user_agent: Option<Arc<str>>,
    #[serde(rename = "fd", with = "frozen")]
    from_domain: Arc<str>,
    #[serde(rename = "td", with = "frozen")]
    to_domain: Arc<str>,
    #[serde(rename = "rd", with = "frozen")]
    ruri_domain: Arc<str>,
    #[serde(rename = "dv", with = "frozen", default, skip_serializing_if = "Option::is_none")]
    diversion: Option<Arc<str>>,
    #[serde(rename = "pi", with = "frozen", default, skip_serializing_if = "Option::is_none")]
    identity: Option<Arc<CallerIdentity>>,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "TransferTarget")]
pub(super) struct TransferTargetV1 {
    #[serde(with = "frozen")]
    number: Number,
    #[serde(with = "frozen", default, skip_serializing_if = "Option::is_none")]
    name: Option<Arc<str>>,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "TransferMode", rename_all = "snake_case")]
pub(super) enum TransferModeV1 {
    Blind,
    Attended,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "LegEnd")]
pub(super) struct LegEndV1 {
    #[serde(with = "frozen")]
    by: Releaser,
    #[serde(with = "frozen")]
    cause: EndCause,
    #[serde(with = "frozen", default, skip_serializing_if = "Option::is_none")]
    sip: Option<SipStatus>,
    #[serde(with = "frozen", default, skip_serializing_if = "Option::is_none")]
    reason: Option<Arc<str>>,
    #[serde(with = "frozen", default, skip_serializing_if = "Option::is_none")]
    quality: Option<Arc<LegQuality>>,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "Releaser", rename_all = "snake_case")]
pub(super) enum ReleaserV1 {
    Party,
    Switch,
    Command,
}

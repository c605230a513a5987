//! Records.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use call::{
    CallId, CallRecord, LegId, Number, Timestamp,
    event::{EndCause, LegDirection, Side, SipStatus},
    party::{Endpoint, Owner, Transport},
    rating::Rate,
    record::{Interaction, InteractionKind, LegFacts, LegRecord, ReleasedBy, Times, TransferredTo},
};
use serde::{Deserialize, Serialize};

use super::frozen;

/// A [`CallRecord`] as stored.
#[derive(Serialize, Deserialize)]
#[serde(remote = "CallRecord")]
pub struct StoredRecordV1 {
    #[serde(with = "frozen")]
    call_id: CallId,
    #[serde(with = "frozen", default, skip_serializing_if = "Vec::is_empty")]
    absorbed: Vec<CallId>,
    #[serde(with = "frozen")]
    origination: Owner,
    #[serde(with = "frozen", default, skip_serializing_if = "Option::is_none")]
    termination: Option<Owner>,
    #[serde(with = "frozen")]
    started_at: Timestamp,
    #[serde(with = "frozen", default, skip_serializing_if = "Option::is_none")]
    ringing_at: Option<Timestamp>,
    #[serde(with = "frozen", default, skip_serializing_if = "Option::is_none")]
    answered_at: Option<Timestamp>,
    #[serde(with = "frozen")]
    ended_at: Timestamp,
    #[serde(with = "frozen")]
    cause: EndCause,
    #[serde(with = "frozen")]
    released_by: ReleasedBy,
    #[serde(with = "frozen")]
    times: Times,
    #[serde(default, skip_serializing_if = "is_zero")]
    hold_count: u32,
    #[serde(with = "frozen")]
    caller_received: Number,
    #[serde(with = "frozen")]
    caller_routed: Number,
    #[serde(with = "frozen", default, skip_serializing_if = "Option::is_none")]
    caller_name: Option<Arc<str>>,
    #[serde(with = "frozen")]
    called_received: Number,
    #[serde(with = "frozen")]
    called_routed: Number,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    caller_country: Option<u16>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    called_country: Option<u16>,
    #[serde(with = "frozen")]
    caller_leg: LegFacts,
    #[serde(with = "frozen", default, skip_serializing_if = "Option::is_none")]
    called_leg: Option<LegFacts>,
    #[serde(with = "frozen", default, skip_serializing_if = "Option::is_none")]
    answered_by: Option<Arc<str>>,
    #[serde(with = "frozen", default, skip_serializing_if = "Option::is_none")]
    transferred_to: Option<TransferredTo>,
    #[serde(with = "frozen", default, skip_serializing_if = "Option::is_none")]
    screen_pop: Option<Arc<str>>,
    #[serde(with = "frozen", default, skip_serializing_if = "Option::is_none")]
    origination_rate: Option<Rate>,
    #[serde(with = "frozen", default, skip_serializing_if = "Option::is_none")]
    termination_rate: Option<Rate>,
    #[serde(with = "frozen", default, skip_serializing_if = "Vec::is_empty")]
    interactions: Vec<Interaction>,
    #[serde(with = "frozen")]
    legs: Vec<LegRecord>,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "ReleasedBy", rename_all = "snake_case")]
pub(super) enum ReleasedByV1 {
    Caller,
    Callee,
    Switch,
    Command,
}

/// In microseconds; those that are zero are left out.
#[derive(Serialize, Deserialize)]
#[serde(remote = "Times")]
pub(super) struct TimesV1 {
    #[serde(with = "frozen", default, skip_serializing_if = "Duration::is_zero")]
    pdd: Duration,
    #[serde(with = "frozen", default, skip_serializing_if = "Duration::is_zero")]
    ring: Duration,
    #[serde(with = "frozen", default, skip_serializing_if = "Duration::is_zero")]
    talk: Duration,
    #[serde(with = "frozen", default, skip_serializing_if = "Duration::is_zero")]
    hold: Duration,
    #[serde(with = "frozen", default, skip_serializing_if = "Duration::is_zero")]
    transfer: Duration,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "LegFacts")]
pub(super) struct LegFactsV1 {
    #[serde(with = "frozen", default, skip_serializing_if = "Option::is_none")]
    status: Option<SipStatus>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    address: Option<SocketAddr>,
    #[serde(with = "frozen", default, skip_serializing_if = "Option::is_none")]
    transport: Option<Transport>,
    #[serde(with = "frozen", default, skip_serializing_if = "Option::is_none")]
    user_agent: Option<Arc<str>>,
    #[serde(with = "frozen", default, skip_serializing_if = "Option::is_none")]
    sip_call_id: Option<Arc<str>>,
    #[serde(with = "frozen", default, skip_serializing_if = "Option::is_none")]
    local_tag: Option<Arc<str>>,
    #[serde(with = "frozen", default, skip_serializing_if = "Option::is_none")]
    from_domain: Option<Arc<str>>,
    #[serde(with = "frozen", default, skip_serializing_if = "Option::is_none")]
    to_domain: Option<Arc<str>>,
    #[serde(with = "frozen", default, skip_serializing_if = "Option::is_none")]
    ruri_domain: Option<Arc<str>>,
    #[serde(with = "frozen", default, skip_serializing_if = "Option::is_none")]
    diversion: Option<Arc<str>>,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "TransferredTo")]
pub(super) struct TransferredToV1 {
    #[serde(with = "frozen")]
    number: Number,
    #[serde(with = "frozen", default, skip_serializing_if = "Option::is_none")]
    name: Option<Arc<str>>,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "Interaction")]
pub(super) struct InteractionV1 {
    #[serde(with = "frozen")]
    at: Timestamp,
    #[serde(with = "frozen")]
    kind: InteractionKind,
    #[serde(with = "frozen", default, skip_serializing_if = "Option::is_none")]
    by: Option<Arc<str>>,
    #[serde(with = "frozen", default, skip_serializing_if = "Option::is_none")]
    target: Option<Number>,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "InteractionKind", rename_all = "snake_case")]
pub(super) enum InteractionKindV1 {
    Answered,
    Held,
    Retrieved,
    TransferAttempted,
    TransferCompleted,
    TransferStopped,
    Parked,
    HungUp,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "LegRecord")]
pub(super) struct LegRecordV1 {
    #[serde(with = "frozen")]
    leg_id: LegId,
    #[serde(with = "frozen")]
    owner: Owner,
    #[serde(with = "frozen")]
    side: Side,
    #[serde(with = "frozen")]
    direction: LegDirection,
    #[serde(with = "frozen")]
    endpoint: Endpoint,
    #[serde(with = "frozen")]
    from: Number,
    #[serde(with = "frozen")]
    to: Number,
    #[serde(with = "frozen")]
    offered_at: Timestamp,
    #[serde(with = "frozen", default, skip_serializing_if = "Option::is_none")]
    ringing_at: Option<Timestamp>,
    #[serde(with = "frozen", default, skip_serializing_if = "Option::is_none")]
    answered_at: Option<Timestamp>,
    #[serde(with = "frozen")]
    ended_at: Timestamp,
    #[serde(with = "frozen")]
    cause: EndCause,
    #[serde(with = "frozen", default, skip_serializing_if = "Option::is_none")]
    status: Option<SipStatus>,
}

fn is_zero(count: &u32) -> bool {
    *count == 0
}

//! Records.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use call::{
    CallId, CallRecord, LegId, Number, Timestamp,
    command::RecordingKind,
    encryption::MediaEncryption,
    event::{EndCause, LegDirection, Side, SipStatus, TransferMode},
    party::{CallerIdentity, Endpoint, Owner, Transport},
    quality::LegQuality,
    rating::Rate,
    record::{
        Interaction, InteractionKind, LegFacts, LegRecord, Part, Recording, ReleasedBy, Times, Transfer,
        TransferredTo,
    },
    state::Sides,
};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::frozen::{self, Frozen};

/// A [`CallRecord`] as stored.
#[derive(Serialize, Deserialize)]
#[serde(remote = "CallRecord")]
pub struct StoredRecordV1 {
    #[serde(rename = "id", with = "frozen")]
    call_id: CallId,
    #[serde(rename = "ab", with = "frozen", default, skip_serializing_if = "Vec::is_empty")]
    absorbed: Vec<CallId>,
    #[serde(rename = "o", with = "frozen")]
    origination: Owner,
    #[serde(rename = "t", with = "frozen", default, skip_serializing_if = "Option::is_none")]
    termination: Option<Owner>,
    #[serde(rename = "ts", with = "frozen")]
    started_at: Timestamp,
    #[serde(rename = "tr", with = "frozen", default, skip_serializing_if = "Option::is_none")]
    ringing_at: Option<Timestamp>,
    #[serde(rename = "ta", with = "frozen", default, skip_serializing_if = "Option::is_none")]
    answered_at: Option<Timestamp>,
    #[serde(rename = "te", with = "frozen")]
    ended_at: Timestamp,
    #[serde(rename = "c", with = "frozen")]
    cause: EndCause,
    #[serde(rename = "rb", with = "frozen")]
    released_by: ReleasedBy,
    #[serde(rename = "tm", with = "frozen")]
    times: Times,
    #[serde(rename = "hc", default, skip_serializing_if = "is_zero")]
    hold_count: u32,
    #[serde(rename = "cr", with = "frozen")]
    caller_received: Number,
    #[serde(rename = "cf", with = "frozen")]
    caller_routed: Number,
    #[serde(rename = "cn", with = "frozen", default, skip_serializing_if = "Option::is_none")]
    caller_name: Option<Arc<str>>,
    #[serde(rename = "dr", with = "frozen")]
    called_received: Number,
    #[serde(rename = "df", with = "frozen")]
    called_routed: Number,
    #[serde(rename = "cc", default, skip_serializing_if = "Option::is_none")]
    caller_country: Option<u16>,
    #[serde(rename = "dc", default, skip_serializing_if = "Option::is_none")]
    called_country: Option<u16>,
    #[serde(rename = "cl", with = "frozen")]
    caller_leg: LegFacts,
    #[serde(rename = "dl", with = "frozen", default, skip_serializing_if = "Option::is_none")]
    called_leg: Option<LegFacts>,
    #[serde(rename = "by", with = "frozen", default, skip_serializing_if = "Option::is_none")]
    answered_by: Option<Arc<str>>,
    #[serde(rename = "x", with = "frozen", default, skip_serializing_if = "Option::is_none")]
    transferred_to: Option<TransferredTo>,
    #[serde(rename = "sp", with = "frozen", default, skip_serializing_if = "Option::is_none")]
    screen_pop: Option<Arc<str>>,
    #[serde(rename = "or", with = "frozen", default, skip_serializing_if = "Option::is_none")]
    origination_rate: Option<Rate>,
    #[serde(rename = "tt", with = "frozen", default, skip_serializing_if = "Option::is_none")]
    termination_rate: Option<Rate>,
    #[serde(rename = "i", with = "frozen", default, skip_serializing_if = "Vec::is_empty")]
    interactions: Vec<Interaction>,
    #[serde(rename = "tf", with = "frozen", default, skip_serializing_if = "Vec::is_empty")]
    transfers: Vec<Transfer>,
    #[serde(rename = "rc", with = "frozen", default, skip_serializing_if = "Vec::is_empty")]
    recordings: Vec<Recording>,
    #[serde(rename = "l", with = "frozen")]
    legs: Vec<LegRecord>,
    #[serde(rename = "tp", default, skip_serializing_if = "is_false")]
    is_taken_in_parts: bool,
    #[serde(rename = "p", with = "frozen", default, skip_serializing_if = "Vec::is_empty")]
    parts: Vec<Part>,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "Part")]
pub(super) struct PartV1 {
    #[serde(rename = "s", with = "frozen")]
    sides: Sides,
    #[serde(rename = "r", with = "frozen")]
    record: CallRecord,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "Sides")]
pub(super) enum SidesV1 {
    #[serde(rename = "o")]
    Originated,
    #[serde(rename = "t")]
    Terminated,
    #[serde(rename = "b")]
    Both,
}

/// What SIP said on the legs of a stored record.
#[derive(Deserialize)]
pub(crate) struct StoredLegsV1 {
    /// See [`CallRecord::caller_leg`].
    #[serde(rename = "cl", with = "frozen")]
    pub(crate) caller_leg: LegFacts,
    /// See [`CallRecord::called_leg`].
    #[serde(rename = "dl", with = "frozen", default)]
    pub(crate) called_leg: Option<LegFacts>,
}

/// The parts of a stored record, as far as their legs go.
#[derive(Deserialize)]
pub(crate) struct StoredPartsV1 {
    #[serde(rename = "p", default)]
    parts: Vec<StoredPartLegsV1>,
}

#[derive(Deserialize)]
struct StoredPartLegsV1 {
    #[serde(rename = "r")]
    record: StoredLegsV1,
}

impl StoredPartsV1 {
    /// What SIP said on the legs of the part in this place.
    pub(crate) fn legs_of(mut self, place: usize) -> Option<StoredLegsV1> {
        (place < self.parts.len()).then(|| self.parts.swap_remove(place).record)
    }
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "ReleasedBy", rename_all = "snake_case")]
pub(super) enum ReleasedByV1 {
    Caller,
    Callee,
    Switch,
    Command,
}

/// `[pdd, ring, talk, hold, transfer]` in microseconds.
impl Frozen for Times {
    fn write<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        [self.pdd, self.ring, self.talk, self.hold, self.transfer]
            .map(|length| length.as_micros() as u64)
            .serialize(serializer)
    }

    fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let [pdd, ring, talk, hold, transfer] =
            <[u64; 5]>::deserialize(deserializer)?.map(Duration::from_micros);
        Ok(Self { pdd, ring, talk, hold, transfer })
    }
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "LegFacts")]
pub(super) struct LegFactsV1 {
    #[serde(rename = "s", with = "frozen", default, skip_serializing_if = "Option::is_none")]
    status: Option<SipStatus>,
    #[serde(rename = "a", default, skip_serializing_if = "Option::is_none")]
    address: Option<SocketAddr>,
    #[serde(rename = "tp", with = "frozen", default, skip_serializing_if = "Option::is_none")]
    transport: Option<Transport>,
    #[serde(rename = "ua", with = "frozen", default, skip_serializing_if = "Option::is_none")]
    user_agent: Option<Arc<str>>,
    #[serde(rename = "id", with = "frozen", default, skip_serializing_if = "Option::is_none")]
    sip_call_id: Option<Arc<str>>,
    #[serde(rename = "lt", with = "frozen", default, skip_serializing_if = "Option::is_none")]
    local_tag: Option<Arc<str>>,
    #[serde(rename = "fd", with = "frozen", default, skip_serializing_if = "Option::is_none")]
    from_domain: Option<Arc<str>>,
    #[serde(rename = "td", with = "frozen", default, skip_serializing_if = "Option::is_none")]
    to_domain: Option<Arc<str>>,
    #[serde(rename = "rd", with = "frozen", default, skip_serializing_if = "Option::is_none")]
    ruri_domain: Option<Arc<str>>,
    #[serde(rename = "dv", with = "frozen", default, skip_serializing_if = "Option::is_none")]
    diversion: Option<Arc<str>>,
    #[serde(rename = "pi", with = "frozen", default, skip_serializing_if = "Option::is_none")]
    identity: Option<Arc<CallerIdentity>>,
    #[serde(rename = "q", with = "frozen", default, skip_serializing_if = "Option::is_none")]
    quality: Option<Arc<LegQuality>>,
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
    #[serde(rename = "t", with = "frozen")]
    at: Timestamp,
    #[serde(rename = "k", with = "frozen")]
    kind: InteractionKind,
    #[serde(rename = "by", with = "frozen", default, skip_serializing_if = "Option::is_none")]
    by: Option<Arc<str>>,
    #[serde(rename = "to", with = "frozen", default, skip_serializing_if = "Option::is_none")]
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
#[serde(remote = "Transfer")]
pub(super) struct TransferV1 {
    #[serde(rename = "m", with = "frozen")]
    mode: TransferMode,
    #[serde(rename = "i", with = "frozen")]
    initiator: LegId,
    #[serde(rename = "t", with = "frozen", default, skip_serializing_if = "Option::is_none")]
    transferred: Option<LegId>,
    #[serde(rename = "r", with = "frozen", default, skip_serializing_if = "Option::is_none")]
    recipient: Option<LegId>,
    #[serde(rename = "ts", with = "frozen")]
    started_at: Timestamp,
    #[serde(rename = "te", with = "frozen")]
    ended_at: Timestamp,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "Recording")]
pub(super) struct RecordingV1 {
    #[serde(rename = "l", with = "frozen")]
    leg: LegId,
    #[serde(rename = "k", with = "frozen")]
    kind: RecordingKind,
    #[serde(rename = "f", with = "frozen")]
    file: Arc<str>,
    #[serde(rename = "ts", with = "frozen")]
    started_at: Timestamp,
    #[serde(rename = "te", with = "frozen")]
    ended_at: Timestamp,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "LegRecord")]
pub(super) struct LegRecordV1 {
    #[serde(rename = "id", with = "frozen")]
    leg_id: LegId,
    #[serde(rename = "o", with = "frozen")]
    owner: Owner,
    #[serde(rename = "s", with = "frozen")]
    side: Side,
    #[serde(rename = "d", with = "frozen")]
    direction: LegDirection,
    #[serde(rename = "e", with = "frozen")]
    endpoint: Endpoint,
    #[serde(rename = "f", with = "frozen")]
    from: Number,
    #[serde(rename = "t", with = "frozen")]
    to: Number,
    #[serde(rename = "ts", with = "frozen")]
    offered_at: Timestamp,
    #[serde(rename = "tr", with = "frozen", default, skip_serializing_if = "Option::is_none")]
    ringing_at: Option<Timestamp>,
    #[serde(rename = "ta", with = "frozen", default, skip_serializing_if = "Option::is_none")]
    answered_at: Option<Timestamp>,
    #[serde(rename = "te", with = "frozen")]
    ended_at: Timestamp,
    #[serde(rename = "c", with = "frozen")]
    cause: EndCause,
    #[serde(rename = "st", with = "frozen", default, skip_serializing_if = "Option::is_none")]
    status: Option<SipStatus>,
    #[serde(rename = "rs", with = "frozen", default, skip_serializing_if = "Option::is_none")]
    reason: Option<Arc<str>>,
    #[serde(rename = "en", with = "frozen", default, skip_serializing_if = "Option::is_none")]
    encryption: Option<MediaEncryption>,
    #[serde(rename = "q", with = "frozen", default, skip_serializing_if = "Option::is_none")]
    quality: Option<Arc<LegQuality>>,
}

fn is_zero(count: &u32) -> bool {
    *count == 0
}

fn is_false(flag: &bool) -> bool {
    !flag
}

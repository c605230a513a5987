//! The shapes of call events and webhooks. Members of an event are in the order of their names: a signature is made of
//! that text.

use serde::Serialize;

use crate::wire::Digits;

/// A call, as it stands or stood.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CallEventWire {
    /// Whose it is.
    pub account_id: Digits,
    /// When it was answered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub answer_time: Option<String>,
    /// The name of the other party.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub caller_id: Option<String>,
    /// Which way it goes.
    pub direction: DirectionWire,
    /// From the answer to the end, in milliseconds; 0 before the end.
    pub duration: u64,
    /// When it ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub end_time: Option<String>,
    /// The SIP Call-ID of the account's leg.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub external_id: Option<String>,
    /// The call's id.
    pub id: String,
    /// The number of the other party.
    pub phone_number: String,
    /// When it began.
    pub start_time: String,
    /// How it stands.
    pub state: StateWire,
    /// What kind of event it is.
    #[serde(rename = "type")]
    pub kind: KindWire,
}

/// The one kind of event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum KindWire {
    /// Of a call.
    Call,
}

/// Which way a call goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum DirectionWire {
    /// To the account.
    Inbound,
    /// From the account.
    Outbound,
}

/// How a call stands ("Event States").
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum StateWire {
    /// Nobody is alerted yet.
    Initializing,
    /// The called party is alerted.
    Ringing,
    /// The parties talk.
    Active,
    /// The account's party holds the other one.
    Held,
    /// The other party holds the account's.
    RemoteHeld,
    /// It is over, and was answered.
    Answered,
    /// It is over: a call of the account's that nobody answered.
    Cancelled,
    /// It is over: a call to the account that nobody answered.
    Missed,
    /// It is over: a call to the account that was refused.
    Rejected,
}

/// A registration.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct WebhookWire {
    /// Its id.
    pub id: String,
    /// Whose it is.
    pub account_id: Digits,
    /// Where to.
    pub url: String,
    /// `ACTIVE`, `FAILED`, `PAUSED` or `EXPIRED`.
    pub status: Vec<&'static str>,
    /// What it is told of.
    pub events: [KindWire; 1],
    /// How requests are signed.
    pub signing_algo: SigningWire,
    /// Where a request says what it is.
    pub metadata_policy: MetadataPolicy,
    /// When it ends, unless it is renewed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expire_at: Option<String>,
    /// When it is forgotten then.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub purge_at: Option<String>,
    /// When it was registered.
    pub created_at: String,
    /// When it was renewed last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub renewed_at: Option<String>,
    /// How deliveries go.
    pub statistics: StatisticsWire,
}

/// How deliveries go.
#[derive(Clone, Copy, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct StatisticsWire {
    /// Whether nothing is sent any more, as the receiver took nothing for days.
    pub failed: bool,
}

/// How requests are signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum SigningWire {
    /// Not at all.
    #[serde(rename = "NONE")]
    None,
    /// HMAC-SHA256 of the event.
    #[serde(rename = "HMAC_SHA256")]
    HmacSha256,
}

/// Where a request says which delivery of which webhook it is, and what it is signed with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum MetadataPolicy {
    /// Nowhere.
    None,
    /// In header fields, `X-VON-…`.
    #[default]
    Header,
    /// In the body.
    Body,
}

/// A request's body.
#[derive(Clone, Debug, Serialize)]
pub struct NotificationWire<'a> {
    /// The event, as it was signed.
    pub event: &'a serde_json::value::RawValue,
    /// What the request is, if the body says it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub metadata: Option<MetadataWire>,
}

/// What a request is.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct MetadataWire {
    /// HMAC-SHA256 of the event, in hex, where there is a key.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub signature: Option<String>,
    /// The registration.
    pub webhook_id: String,
    /// The delivery: the same at each try.
    pub delivery_id: String,
    /// Which try it is, from 1 on.
    pub attempt: u32,
}

impl MetadataPolicy {
    /// Its name on the wire, and in what is kept.
    pub const ALL: [(Self, &'static str); 3] =
        [(Self::None, "NONE"), (Self::Header, "HEADER"), (Self::Body, "BODY")];

    /// The policy of a name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|(_, own)| *own == name).map(|(policy, _)| policy)
    }

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::None => "NONE",
            Self::Header => "HEADER",
            Self::Body => "BODY",
        }
    }
}

//! Webhooks.

use schemars::JsonSchema;
use serde::Serialize;
use webhooks::{DeadLetter, Pause};

/// The account's hooks.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct WebhooksWire {
    /// By id.
    pub webhooks: Vec<WebhookWire>,
}

/// A hook.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct WebhookWire {
    /// Its id.
    pub id: String,
    /// Its name in the directory file, which registers it; `null` of one that a client has registered.
    pub name: Option<String>,
    /// `client` or `directory`: who has registered it.
    pub source: String,
    /// Where to.
    pub url: String,
    /// How it is told: `cloudevents`, `vonage` or `yeti`.
    pub format: String,
    /// Types of events, whole or what stands before the point; none = all.
    pub types: Vec<String>,
    /// Those of a call only.
    pub call: Option<String>,
    /// Those of legs of these phones only.
    pub device_ids: Option<Vec<u32>>,
    /// Those of legs of a trunk only.
    pub trunk: Option<u32>,
    /// What requests are verified with, when it is new.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub secret: Option<String>,
    /// RFC 3339, UTC.
    pub created_at: String,
    /// When it ends, unless it is renewed; `null` = never.
    pub expires_at: Option<String>,
    /// The number of the last event that is delivered, put aside, or not for it.
    pub delivered_through: String,
    /// How it goes.
    #[serde(flatten)]
    pub state: StateWire,
    /// Events that were put aside.
    pub dead_letters: usize,
}

/// How it goes.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum StateWire {
    /// The last request was taken, or there was none.
    Well,
    /// The last request was not taken.
    Failing {
        /// Tries of this event.
        tries: u32,
        /// When the first was made.
        failing_since: String,
        /// When the next is made.
        next_try_at: String,
    },
    /// Nothing is sent until it is resumed.
    Paused {
        /// Since when.
        paused_at: String,
        /// `failing`, `gone` or `asked`.
        #[schemars(with = "String")]
        why: Pause,
    },
}

/// Events that a receiver has refused.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct DeadLettersWire {
    /// Oldest first.
    pub dead_letters: Vec<DeadLetterWire>,
}

/// One of them.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct DeadLetterWire {
    /// The event's number.
    pub id: String,
    /// When it was put aside.
    pub at: String,
    /// What the receiver answered last.
    pub status: u16,
    /// What was sent, as text.
    pub body: String,
}

/// What became of a replay.
#[derive(Clone, Copy, Debug, Serialize, JsonSchema)]
pub struct ReplayedWire {
    /// Whether it was taken, and is gone from the list.
    pub taken: bool,
    /// The status of the answer; `null` if there was none.
    pub status: Option<u16>,
}

impl From<DeadLetter> for DeadLetterWire {
    fn from(letter: DeadLetter) -> Self {
        Self {
            id: letter.number.to_string(),
            at: http_core::time::rfc3339(call::Timestamp::from_micros(letter.at)),
            status: letter.status,
            body: letter.body,
        }
    }
}

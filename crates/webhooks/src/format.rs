//! In which shape a receiver is told what happens. CloudEvents are told here; what a vendor's receivers understand is
//! for that vendor's dialect to say.

mod cloud_events;

use std::{collections::HashMap, fmt, ops::Range, sync::Arc};

use async_trait::async_trait;
use bytes::Bytes;
use call::{CallRecord, EventKind, Timestamp};
use directory::{Access, Snapshot, model::WebhookFormat};
use history::{Happening, HistoryError, LogEntry};
use live::Live;

use self::cloud_events::CloudEvents;
use crate::{Hook, signature::signatures};

/// A shape.
#[async_trait]
pub trait Format: Send + Sync + 'static {
    /// What is sent for an event; `None` where there is nothing to say. The same event gives the same words, however
    /// often it is asked for and however late.
    async fn body(&self, occasion: Occasion<'_>) -> Result<Option<Vec<u8>>, HistoryError>;

    /// What is sent for events that cannot be had; `None` where there are no words for that.
    fn gap(&self, _: &Range<u64>) -> Option<Vec<u8>> {
        None
    }

    /// The request that a body is sent with.
    fn letter(&self, hook: &Hook, attempt: &Attempt<'_>) -> Letter {
        Letter::signed(hook, attempt, "application/json")
    }
}

/// Something has happened that a hook may be told of.
#[derive(Clone, Copy)]
pub struct Occasion<'a> {
    /// What.
    pub event: &'a LogEntry,
    /// Who may be told.
    pub hook: &'a Hook,
    /// What its account may know.
    pub access: &'a Access,
    /// Who is who.
    pub directory: &'a Snapshot,
    /// The calls.
    pub live: &'a Live,
}

impl Occasion<'_> {
    /// The record of the call that has ended with this event; `None` of any other event. A call is in the history
    /// before it leaves the live calls, and ends with the end of its last leg.
    pub async fn finished(&self) -> Result<Option<Arc<CallRecord>>, HistoryError> {
        let Happening::Call(event) = &self.event.what else { return Ok(None) };
        let ended = match event.kind {
            EventKind::LegEnded { leg, .. } => Some(leg),
            EventKind::CallInterrupted => None,
            _ => return Ok(None),
        };
        if self.live.snapshot().call(self.hook.account, event.call_id).is_some() {
            return Ok(None);
        }
        let record = self.live.history().record(vec![self.hook.account], event.call_id).await?;
        Ok(record.filter(|record| ended.is_none() || record.last_leg() == ended))
    }
}

/// A try to deliver a message.
#[derive(Clone, Copy, Debug)]
pub struct Attempt<'a> {
    /// The message's id: the same at each try.
    pub id: &'a str,
    /// What is sent.
    pub body: &'a Bytes,
    /// Which try it is, from 1 on.
    pub number: u32,
    /// When.
    pub at: Timestamp,
}

/// A request to a receiver.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Letter {
    /// Its header fields, beside those of the connection.
    pub headers: Vec<(&'static str, String)>,
    /// Its body.
    pub body: Bytes,
}

/// The shapes that there are.
#[derive(Clone)]
pub struct Formats(HashMap<WebhookFormat, Arc<dyn Format>>);

impl Letter {
    /// One that is signed as the Standard Webhooks specification says.
    pub fn signed(hook: &Hook, attempt: &Attempt<'_>, content_type: &str) -> Self {
        let timestamp = attempt.at.as_micros() / 1_000_000;
        let signature = signatures(hook.counting(attempt.at), (attempt.id, timestamp, attempt.body));
        let headers = vec![
            ("content-type", content_type.to_owned()),
            ("webhook-id", attempt.id.to_owned()),
            ("webhook-timestamp", timestamp.to_string()),
            ("webhook-signature", signature),
        ];
        Self { headers, body: attempt.body.clone() }
    }
}

impl Formats {
    /// The same and another.
    #[must_use]
    pub fn with(mut self, name: WebhookFormat, format: impl Format) -> Self {
        self.0.insert(name, Arc::new(format));
        self
    }

    pub(crate) fn of(&self, hook: &Hook) -> Option<&dyn Format> {
        self.0.get(&hook.format).map(|format| &**format)
    }
}

impl Default for Formats {
    /// CloudEvents alone.
    fn default() -> Self {
        Self(HashMap::new()).with(WebhookFormat::CloudEvents, CloudEvents)
    }
}

impl fmt::Debug for Formats {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

//! What is sent for an event.

use bytes::Bytes;
use call::Timestamp;
use directory::Access;
use events::{envelope, gap};
use live::FeedItem;
use serde::Serialize;

use crate::{DeadLetter, Hook, post::Letter, signature::signatures};

/// CloudEvents in JSON.
const CONTENT_TYPE: &str = "application/cloudevents+json";

/// What is sent for an event, or for a gap.
pub(crate) struct Message {
    /// The number of the event; of a gap, the last one in it.
    pub(crate) number: u64,
    name: String,
    body: Bytes,
}

impl Message {
    /// As the account may know it; `None` of what is not for the hook.
    pub(crate) fn of(item: &FeedItem, hook: &Hook, access: &Access) -> Option<Self> {
        match item {
            FeedItem::Event(entry) if !hook.wanted.kinds.wants(entry) => None,
            FeedItem::Event(entry) => {
                Some(Self::new(entry.number, entry.number.to_string(), &envelope(entry, access)))
            }
            // Its name is not that of the last event in it, which the receiver may have.
            FeedItem::Gap(numbers) => {
                let through = numbers.end.saturating_sub(1);
                Some(Self::new(through, format!("gap-{}-{through}", numbers.start), &gap(numbers)))
            }
        }
    }

    fn new(number: u64, name: String, body: &impl Serialize) -> Self {
        Self { number, name, body: serde_json::to_vec(body).unwrap_or_default().into() }
    }

    /// What goes to the receiver. The same event has the same id, however often it is sent.
    pub(crate) fn letter(&self, hook: &Hook, now: Timestamp) -> Letter {
        let id = format!("msg_{}_{}", hook.id.0.simple(), self.name);
        let timestamp = now.as_micros() / 1_000_000;
        let signature = signatures(hook.counting(now), (&id, timestamp, &self.body));
        Letter { id, timestamp, signature, content_type: CONTENT_TYPE, body: self.body.clone() }
    }

    /// What is put aside of it.
    pub(crate) fn refused(&self, status: Option<u16>, now: Timestamp) -> DeadLetter {
        DeadLetter {
            number: self.number,
            name: Some(self.name.clone()),
            at: now.as_micros(),
            status: status.unwrap_or(0),
            body: String::from_utf8_lossy(&self.body).into_owned(),
        }
    }
}

impl From<DeadLetter> for Message {
    fn from(letter: DeadLetter) -> Self {
        let name = letter.name.unwrap_or_else(|| letter.number.to_string());
        Self { number: letter.number, name, body: letter.body.into() }
    }
}

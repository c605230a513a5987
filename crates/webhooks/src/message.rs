//! What is sent for an event.

use bytes::Bytes;
use call::Timestamp;
use directory::{Access, Snapshot};
use history::HistoryError;
use live::{FeedItem, Live};

use crate::{
    DeadLetter, Hook,
    delivery::State,
    format::{Attempt, Format, Letter, Occasion},
};

/// What is sent for an event, or for a gap.
pub(crate) struct Message {
    /// The number of the event; of a gap, the last one in it.
    pub(crate) number: u64,
    name: String,
    body: Bytes,
}

/// For whom messages are made.
pub(crate) struct Reader<'a> {
    pub(crate) hook: &'a Hook,
    pub(crate) format: &'a dyn Format,
    pub(crate) access: &'a Access,
    pub(crate) directory: &'a Snapshot,
    pub(crate) live: &'a Live,
}

impl Reader<'_> {
    /// As the account may know it; `None` of what is not for the hook.
    pub(crate) async fn message(&self, item: &FeedItem) -> Result<Option<Message>, HistoryError> {
        match item {
            FeedItem::Event(event) => {
                let Self { hook, access, directory, live, .. } = *self;
                let body = self.format.body(Occasion { event, hook, access, directory, live }).await?;
                Ok(body.map(|body| Message::new(event.number, event.number.to_string(), body)))
            }
            // Its name is not that of the last event in it, which the receiver may have.
            FeedItem::Gap(numbers) => {
                let through = numbers.end.saturating_sub(1);
                let name = format!("gap-{}-{through}", numbers.start);
                Ok(self.format.gap(numbers).map(|body| Message::new(through, name, body)))
            }
        }
    }
}

impl Message {
    fn new(number: u64, name: String, body: Vec<u8>) -> Self {
        Self { number, name, body: body.into() }
    }

    /// What goes to the receiver. The same event has the same id, however often it is sent.
    pub(crate) fn letter(&self, hook: &Hook, format: &dyn Format, at: Timestamp) -> Letter {
        let id = format!("msg_{}_{}", hook.id.0.simple(), self.name);
        let tries = match hook.delivery.state {
            State::Failing { tries, .. } => tries,
            State::Well | State::Paused { .. } => 0,
        };
        format.letter(hook, &Attempt { id: &id, body: &self.body, number: tries.saturating_add(1), at })
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

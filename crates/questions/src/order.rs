//! In what order live calls are listed, and where in it a reader is.

use std::cmp::Ordering;

use call::{CallId, Timestamp};

use crate::live_call::Seen;

/// In what order calls are listed; those that are alike, the newest first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Order {
    /// The newest first.
    #[default]
    Newest,
    /// The oldest first.
    Oldest,
    /// By the caller's number.
    From,
    /// By the number that was dialed.
    To,
    /// By what they do.
    State,
    /// By the trunk.
    Trunk,
}

/// The last call that a reader has seen. What is listed after it does not shift when others come or go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cursor {
    started_at: Timestamp,
    id: CallId,
    key: String,
}

impl Order {
    /// Where a call is in this order.
    pub(crate) fn cursor(self, call: &Seen<'_>) -> Cursor {
        Cursor { started_at: call.started_at(), id: call.id(), key: self.key(call) }
    }

    /// What comes first.
    pub fn compare(self, a: &Cursor, b: &Cursor) -> Ordering {
        let newest = || (b.started_at, b.id).cmp(&(a.started_at, a.id));
        match self {
            Self::Oldest => newest().reverse(),
            _ => a.key.cmp(&b.key).then_with(newest),
        }
    }

    fn key(self, call: &Seen<'_>) -> String {
        match self {
            Self::Newest | Self::Oldest => String::new(),
            Self::From => call.from().as_str().to_owned(),
            Self::To => call.to().as_str().to_owned(),
            Self::State => (call.phase() as usize).to_string(),
            Self::Trunk => call.trunk().map(ToString::to_string).unwrap_or_default(),
        }
    }
}

impl Cursor {
    /// When the call began that it is at, and which that is.
    pub(crate) fn place(&self) -> (Timestamp, CallId) {
        (self.started_at, self.id)
    }

    /// As it is given to a reader.
    pub fn text(&self) -> String {
        format!("{}.{}.{}", self.started_at.as_micros(), self.id, self.key)
    }

    /// What [`Self::text`] has written; `None` for anything else.
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.splitn(3, '.');
        let started_at = Timestamp::from_micros(parts.next()?.parse().ok()?);
        let id = parts.next()?.parse().ok()?;
        Some(Self { started_at, id, key: parts.next()?.to_owned() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_is_read_as_it_was_written() {
        let id = "01a1fea7-4a76-7924-a341-b23680187a80".parse().unwrap();
        let cursor = Cursor { started_at: Timestamp::from_micros(5), id, key: "+1.2".to_owned() };
        assert_eq!(Cursor::parse(&cursor.text()), Some(cursor));
        for wrong in ["", "5", "5.x.", "x.01a1fea7-4a76-7924-a341-b23680187a80.", "5."] {
            assert_eq!(Cursor::parse(wrong), None, "{wrong}");
        }
    }
}

//! Tags, branches and Call-IDs: unguessable and unique.

use std::sync::Arc;

use call::{LegId, Timestamp};

/// A tag of ours. One per dialog, so that it alone finds the dialog.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct LocalTag(u64);

impl LocalTag {
    pub(crate) fn new() -> Self {
        Self(rand::random())
    }

    /// One that is made from something, the same each time.
    pub(crate) fn of(hash: u64) -> Self {
        Self(hash)
    }

    /// The tag that `text` is, if it can be ours.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        if text.len() != 16 {
            return None;
        }
        u64::from_str_radix(text, 16).ok().map(Self)
    }
}

impl std::fmt::Display for LocalTag {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

/// A Call-ID for a dialog that we begin.
pub(crate) fn call_id() -> Arc<str> {
    format!("{:032x}", rand::random::<u128>()).into()
}

/// A Via branch for a request of ours (RFC 3261 section 8.1.1.7).
pub(crate) fn branch() -> String {
    format!("z9hG4bK{:016x}", rand::random::<u64>())
}

pub(crate) fn leg_id(at: Timestamp) -> LegId {
    LegId::new(at, rand::random())
}

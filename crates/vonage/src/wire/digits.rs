//! Values that are JSON numbers in the vendor's samples and strings in its schema.

use call::{Number, Timestamp};
use serde::Serialize;

/// How the dialect prints numbers, ids and times.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum VonageWire {
    /// As JSON numbers, as the vendor's samples do.
    #[default]
    Numbers,
    /// As JSON strings, as the vendor's schema says.
    Strings,
}

/// Most digits that every reader of JSON keeps exactly (an IEEE double).
const EXACT_DIGITS: usize = 15;

/// A number or time, as the configuration wants it printed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Digits {
    /// As a JSON number.
    Number(u64),
    /// As a JSON string.
    Text(String),
}

impl Digits {
    /// An id or count.
    pub fn integer(wire: VonageWire, value: impl Into<u64>) -> Self {
        let value = value.into();
        match wire {
            VonageWire::Numbers => Self::Number(value),
            VonageWire::Strings => Self::Text(value.to_string()),
        }
    }

    /// An instant in whole seconds since 1970, rounded down.
    pub fn seconds(wire: VonageWire, at: Timestamp) -> Self {
        Self::integer(wire, u64::try_from(at.as_seconds()).unwrap_or(0))
    }

    /// A phone number or extension. It is a JSON number only where that loses nothing: a `+`, a leading zero,
    /// a name, or more digits than a double holds make it a string.
    pub fn dialed(wire: VonageWire, number: &Number) -> Self {
        let text = number.as_str();
        let is_exact = text.len() <= EXACT_DIGITS
            && text.bytes().all(|byte| byte.is_ascii_digit())
            && !text.starts_with('0');
        match (wire, text.parse()) {
            (VonageWire::Numbers, Ok(value)) if is_exact => Self::Number(value),
            _ => Self::Text(text.to_owned()),
        }
    }
}

//! The value of an attribute.

use std::{fmt, net::IpAddr};

use call::Timestamp;
use rust_decimal::Decimal;
use serde::Serialize;
use serde_json::value::{RawValue, to_raw_value};
use uuid::Uuid;

/// The value of an attribute. Two of one attribute are in order; none comes after any, as in PostgreSQL.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Value {
    /// Yes or no.
    Bool(bool),
    /// A whole number.
    Integer(i64),
    /// A number with decimals.
    Decimal(Decimal),
    /// An instant.
    Time(Timestamp),
    /// A text.
    Text(String),
    /// An id.
    Uuid(Uuid),
    /// An IP address.
    Address(IpAddr),
    /// Anything else, as it is sent.
    Json(Json),
    /// None.
    Null,
}

/// A JSON text.
#[derive(Clone, Debug)]
pub struct Json(pub Box<RawValue>);

impl Value {
    /// The JSON text of wire types.
    pub fn json(content: &impl Serialize) -> Self {
        let text = to_raw_value(content).expect("wire types have text keys and no failing parts");
        Self::Json(Json(text))
    }
}

/// As in an id, or to be compared as text.
impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => Ok(()),
            Self::Bool(yes) => yes.fmt(f),
            Self::Integer(number) => number.fmt(f),
            Self::Decimal(number) => number.normalize().fmt(f),
            Self::Time(at) => at.as_micros().fmt(f),
            Self::Text(text) => text.fmt(f),
            Self::Uuid(id) => id.fmt(f),
            Self::Address(ip) => ip.fmt(f),
            Self::Json(json) => json.0.get().fmt(f),
        }
    }
}

impl PartialEq for Json {
    fn eq(&self, other: &Self) -> bool {
        self.0.get() == other.0.get()
    }
}

impl Eq for Json {}

impl PartialOrd for Json {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Json {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.0.get().cmp(other.0.get())
    }
}

impl<T: Into<Value>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

macro_rules! from {
    ($($from:ty => $variant:ident($value:ident) $into:expr),* $(,)?) => {$(
        impl From<$from> for Value {
            fn from($value: $from) -> Self {
                Self::$variant($into)
            }
        }
    )*};
}

from! {
    bool => Bool(yes) yes,
    i64 => Integer(number) number,
    u32 => Integer(number) number.into(),
    i8 => Integer(number) number.into(),
    u16 => Integer(number) number.into(),
    u64 => Integer(number) i64::try_from(number).unwrap_or(i64::MAX),
    Decimal => Decimal(number) number,
    Timestamp => Time(at) at,
    &str => Text(text) text.to_owned(),
    String => Text(text) text,
    Uuid => Uuid(id) id,
    IpAddr => Address(ip) ip,
}

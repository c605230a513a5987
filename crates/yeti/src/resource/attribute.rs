//! One attribute of a resource: its name, what it holds, and what clients may do with it.

use call::filter::TextKind;
use history::RecordField;
use jiff::tz::TimeZone;
use rust_decimal::Decimal;

use super::value::Value;
use crate::convert;

/// An attribute of resources of type `T`.
pub struct Attribute<T> {
    /// Its name, with dashes.
    pub name: &'static str,
    /// What it holds.
    pub kind: Kind,
    /// How it can be filtered by.
    pub filtered: Filtered,
    /// Whether it can be sorted by.
    pub is_sortable: bool,
    sent: Sent<T>,
    source: Source<T>,
}

/// What an attribute holds: how a filter's value is read, and which operators there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Text. A whole number counts as its digits.
    Text,
    /// A telephone number: text that is the same with and without `+`.
    Phone,
    /// One of these words.
    Word(&'static [&'static str]),
    /// Whole numbers.
    Integer,
    /// Numbers with decimals.
    Decimal,
    /// Instants, which are compared as they are shown: in whole milliseconds.
    Time,
    /// Yes or no.
    Bool,
    /// Ids.
    Uuid,
    /// IP addresses.
    Address,
    /// What is neither filtered nor sorted by.
    Json,
}

/// How an attribute can be filtered by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Filtered {
    /// Not at all.
    No,
    /// By its bare name: equal to one of some values.
    Plain,
    /// By its name and one of its kind's operators.
    Operators,
}

/// When an attribute is sent.
enum Sent<T> {
    Always,
    /// Only if this holds, or the request's `fields` names it.
    If(fn(&T) -> bool),
    Never,
}

/// Where the value of an attribute comes from.
enum Source<T> {
    /// This reads it from the resource.
    Own(fn(&T) -> Value),
    /// It is this field of a record in the history, and this reads the field of a record that was found.
    Stored(RecordField, fn(&T, RecordField) -> Value),
}

macro_rules! attributes_of_kind {
    ($($(#[$doc:meta])* $name:ident: $kind:ident),* $(,)?) => {$(
        $(#[$doc])*
        pub const fn $name(name: &'static str, value: fn(&T) -> Value) -> Self {
            Self::new(name, Kind::$kind, value)
        }
    )*};
}

impl<T> Attribute<T> {
    /// An attribute that is always sent, can be sorted by, and filtered by with the operators of its kind.
    pub const fn new(name: &'static str, kind: Kind, value: fn(&T) -> Value) -> Self {
        Self::of(name, kind, Source::Own(value))
    }

    const fn of(name: &'static str, kind: Kind, source: Source<T>) -> Self {
        let (filtered, is_sortable) = match kind {
            Kind::Json => (Filtered::No, false),
            _ => (Filtered::Operators, true),
        };
        Self { name, kind, filtered, is_sortable, sent: Sent::Always, source }
    }

    /// A field of a record that is searched for in the history, and how it is read of a record that was found.
    pub const fn stored(
        name: &'static str,
        kind: Kind,
        field: RecordField,
        read: fn(&T, RecordField) -> Value,
    ) -> Self {
        Self::of(name, kind, Source::Stored(field, read))
    }

    attributes_of_kind! {
        /// Text.
        text: Text,
        /// A telephone number.
        phone: Phone,
        /// A whole number.
        integer: Integer,
        /// A number with decimals.
        decimal: Decimal,
        /// An instant.
        time: Time,
        /// Yes or no.
        boolean: Bool,
        /// An id.
        uuid: Uuid,
        /// An IP address.
        address: Address,
        /// A list or an object.
        json: Json,
    }

    /// It can be filtered by under its bare name alone.
    pub const fn plain(mut self) -> Self {
        self.filtered = Filtered::Plain;
        self
    }

    /// It cannot be filtered by.
    pub const fn unfiltered(mut self) -> Self {
        self.filtered = Filtered::No;
        self
    }

    /// It can be filtered by, but is not sent.
    pub const fn filter_only(mut self) -> Self {
        self.sent = Sent::Never;
        self.is_sortable = false;
        self
    }

    /// It can be filtered and sorted by, but is not sent.
    pub const fn unsent(mut self) -> Self {
        self.sent = Sent::Never;
        self
    }

    /// It cannot be sorted by.
    pub const fn unsorted(mut self) -> Self {
        self.is_sortable = false;
        self
    }

    /// It is sent, but neither filtered nor sorted by.
    pub const fn sent_only(mut self) -> Self {
        self.filtered = Filtered::No;
        self.is_sortable = false;
        self
    }

    /// It is sent only if this holds, or the request's `fields` names it.
    pub const fn sent_if(mut self, holds: fn(&T) -> bool) -> Self {
        self.sent = Sent::If(holds);
        self
    }

    /// Its value.
    pub fn value(&self, of: &T) -> Value {
        match self.source {
            Source::Own(read) => read(of),
            Source::Stored(field, read) => read(of, field),
        }
    }

    /// Where the history has it. Of a resource that is searched there, an attribute that is in no field has no
    /// value: it passes no filter.
    pub const fn field(&self) -> Option<RecordField> {
        match self.source {
            Source::Own(_) => None,
            Source::Stored(field, _) => Some(field),
        }
    }

    /// Whether it is sent at all.
    pub fn is_sent(&self) -> bool {
        !matches!(self.sent, Sent::Never)
    }

    /// Whether it is sent for this resource to a request that does not choose among its fields.
    pub fn is_sent_of(&self, of: &T) -> bool {
        match self.sent {
            Sent::Always => true,
            Sent::If(holds) => holds(of),
            Sent::Never => false,
        }
    }
}

impl Kind {
    /// What its texts say, if it is one of texts.
    pub fn text_kind(self) -> Option<TextKind> {
        match self {
            Self::Text | Self::Word(_) => Some(TextKind::Plain),
            Self::Phone => Some(TextKind::Number),
            Self::Address => Some(TextKind::Address),
            Self::Integer | Self::Decimal | Self::Time | Self::Bool | Self::Uuid | Self::Json => None,
        }
    }

    /// The value that a filter's text means; `None` if it is not one of this kind. A time without an offset is
    /// one of the zone.
    pub fn read(self, text: &str, zone: &TimeZone) -> Option<Value> {
        match self {
            Self::Text | Self::Phone => Some(text.into()),
            Self::Word(words) => words.contains(&text).then(|| text.into()),
            Self::Integer => text.parse::<i64>().ok().map(Into::into),
            Self::Decimal => text.parse::<Decimal>().ok().map(Into::into),
            Self::Time => convert::time_in(text, zone).map(|at| convert::shown_instant(at).into()),
            Self::Bool => convert::boolean(text).map(Into::into),
            Self::Uuid => convert::uuid(text).map(Into::into),
            Self::Address => convert::address(text).map(Value::Address),
            Self::Json => None,
        }
    }
}

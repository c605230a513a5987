//! Answers as trees of values: what every format is printed from.

use std::collections::BTreeMap;

use super::{Described, Dto, IList, Kind, Member, Shape};

/// A value. It knows its type, so that a format needs nothing else. It may hold names and numbers, so this has
/// no `Debug`.
#[derive(Clone)]
pub enum Value {
    /// Nothing.
    Null,
    /// Text.
    Text(String),
    /// A whole number.
    Int(i64),
    /// A number.
    Double(f64),
    /// Yes or no.
    Bool(bool),
    /// Values in a row, and what each of them is.
    List(&'static Kind, Vec<Value>),
    /// Texts by name.
    Dictionary(Vec<(String, String)>),
    /// A type and the values of all its members, in their order.
    Object(&'static Dto, Vec<Value>),
}

/// What can be shown.
pub trait Show {
    /// As a value.
    fn show(self) -> Value;
}

impl Value {
    /// The members of an object with their values; none of anything else.
    pub fn members(&self) -> impl Iterator<Item = (&'static Member, &Self)> {
        let object = match self {
            Self::Object(dto, values) => Some((*dto, values)),
            _ => None,
        };
        object.into_iter().flat_map(|(dto, values)| dto.all_members().zip(values))
    }

    /// The rows of a table: a list's items, else those of the first list among an object's members, else the
    /// value alone.
    pub fn rows(&self) -> &[Self] {
        let list = |value: &'_ Self| matches!(value, Self::List(..));
        match self {
            Self::List(_, items) => items,
            Self::Object(_, values) => match values.iter().find(|value| list(value)) {
                Some(Self::List(_, items)) => items,
                _ => std::slice::from_ref(self),
            },
            _ => std::slice::from_ref(self),
        }
    }

    /// What each of the [`rows`](Self::rows) is, if it has members.
    pub fn row_type(&self) -> Option<&'static Dto> {
        let of_list = |value: &Self| match value {
            Self::List(Kind::Object(dto), _) => Some(*dto),
            _ => None,
        };
        match self {
            Self::Object(dto, values) => {
                let is_list = |value: &&Self| matches!(value, Self::List(..));
                values.iter().find(is_list).map_or(Some(*dto), of_list)
            }
            _ => of_list(self),
        }
    }

    /// Whether it is what a member of its kind has if nobody says anything.
    pub fn is_default(&self) -> bool {
        match self {
            Self::Null | Self::Int(0) | Self::Bool(false) => true,
            Self::Double(number) => *number == 0.0,
            _ => false,
        }
    }
}

/// A number as every format writes it: whole ones without a fraction, as long as a double holds them exactly.
pub fn double(number: f64) -> String {
    if number.fract() == 0.0 && number.abs() < 9e15 { format!("{number:.0}") } else { number.to_string() }
}

impl Show for String {
    fn show(self) -> Value {
        Value::Text(self)
    }
}

impl<T: Show + Described> Show for Option<T> {
    fn show(self) -> Value {
        self.map_or(Value::Null, Show::show)
    }
}

impl Show for Option<String> {
    fn show(self) -> Value {
        self.map_or(Value::Null, Value::Text)
    }
}

impl Show for bool {
    fn show(self) -> Value {
        Value::Bool(self)
    }
}

impl Show for i32 {
    fn show(self) -> Value {
        Value::Int(self.into())
    }
}

impl Show for i64 {
    fn show(self) -> Value {
        Value::Int(self)
    }
}

impl Show for f64 {
    fn show(self) -> Value {
        Value::Double(self)
    }
}

impl<T: Show + Shape> Show for Vec<T> {
    fn show(self) -> Value {
        Value::List(&T::KIND, self.into_iter().map(Show::show).collect())
    }
}

impl<T: Show + Shape> Show for Option<Vec<T>> {
    fn show(self) -> Value {
        self.map_or(Value::Null, Show::show)
    }
}

impl<T: Show + Shape> Show for Option<IList<T>> {
    fn show(self) -> Value {
        self.map_or(Value::Null, |list| list.0.show())
    }
}

impl Show for Option<BTreeMap<String, String>> {
    fn show(self) -> Value {
        self.map_or(Value::Null, |texts| Value::Dictionary(texts.into_iter().collect()))
    }
}

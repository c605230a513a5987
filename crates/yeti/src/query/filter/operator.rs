//! How an attribute is compared with values.

use call::filter::TextOperator;

use crate::resource::{attribute::Kind, value::Value};

/// How an attribute is compared. Attributes without a value pass none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operator {
    /// Equal to one of the values.
    In,
    /// Equal to none of the values.
    NotIn,
    /// Greater than the value.
    Above,
    /// Greater than the value, or equal.
    AtLeast,
    /// Less than the value.
    Below,
    /// Less than the value, or equal.
    AtMost,
    /// A text with one of the values in it, in either case.
    Contains,
    /// A text that begins with the value, in either case.
    StartsWith,
    /// A text that ends with the value, in either case.
    EndsWith,
}

/// Operators by name; those that take several values say so.
const NAMES: [(&str, Operator, bool); 12] = [
    ("eq", Operator::In, false),
    ("not_eq", Operator::NotIn, false),
    ("in", Operator::In, true),
    ("not_in", Operator::NotIn, true),
    ("gt", Operator::Above, false),
    ("gteq", Operator::AtLeast, false),
    ("lt", Operator::Below, false),
    ("lteq", Operator::AtMost, false),
    ("cont", Operator::Contains, false),
    ("cont_any", Operator::Contains, true),
    ("start", Operator::StartsWith, false),
    ("end", Operator::EndsWith, false),
];

impl Operator {
    /// The operator of a name, and whether it takes several values; `None` if the kind has none of this name.
    pub fn named(name: &str, kind: Kind) -> Option<(Self, bool)> {
        let found = NAMES.iter().find(|(known, ..)| *known == name);
        let (_, operator, several) = found?;
        let is_fit = operator.fits(kind) && !(*several && kind == Kind::Bool);
        is_fit.then_some((*operator, *several))
    }

    fn fits(self, kind: Kind) -> bool {
        match self {
            Self::In | Self::NotIn => true,
            Self::Above | Self::AtLeast | Self::Below | Self::AtMost => {
                matches!(kind, Kind::Integer | Kind::Decimal | Kind::Time)
            }
            Self::Contains | Self::StartsWith | Self::EndsWith => matches!(kind, Kind::Text | Kind::Phone),
        }
    }

    /// How it compares texts; `None` if it does not.
    pub fn of_texts(self) -> Option<TextOperator> {
        match self {
            Self::In => Some(TextOperator::Is),
            Self::NotIn => Some(TextOperator::IsNot),
            Self::Contains => Some(TextOperator::Contains),
            Self::StartsWith => Some(TextOperator::StartsWith),
            Self::EndsWith => Some(TextOperator::EndsWith),
            Self::Above | Self::AtLeast | Self::Below | Self::AtMost => None,
        }
    }

    /// Whether a value passes that is there and is no text.
    pub fn accepts(self, actual: &Value, values: &[Value]) -> bool {
        let Some(first) = values.first() else { return false };
        match self {
            Self::In => values.contains(actual),
            Self::NotIn => !values.contains(actual),
            Self::Above => actual > first,
            Self::AtLeast => actual >= first,
            Self::Below => actual < first,
            Self::AtMost => actual <= first,
            Self::Contains | Self::StartsWith | Self::EndsWith => false,
        }
    }
}

//! Which calls of an account count in a series or in statistics.

mod text;

use std::{fmt, net::IpAddr};

use rust_decimal::Decimal;

pub use self::text::{TextKind, TextOperator, TextTest, folded};

/// Tests of calls on one side of an account. All must hold.
#[derive(Clone, Default, PartialEq)]
pub struct CallFilter {
    /// Tests of the caller's number as routed.
    pub caller: Vec<TextTest>,
    /// Tests of the called number as routed.
    pub called: Vec<TextTest>,
    /// Country of the caller's number (ISO 3166-1 numeric).
    pub caller_country: Option<u16>,
    /// Country of the called number (ISO 3166-1 numeric).
    pub called_country: Option<u16>,
    /// Address that the call came from; one of version 4 in its own notation.
    pub source: Option<IpAddr>,
    /// Tests of the call's length in seconds. What that is depends on what is counted.
    pub seconds: Vec<Bound<i64>>,
    /// Tests of the price for the side that is counted. A call without a rate has no price and passes none.
    pub price: Vec<Bound<Decimal>>,
}

/// A test of a quantity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bound<T> {
    /// Exactly this.
    Is(T),
    /// More than this.
    Above(T),
    /// Less than this.
    Below(T),
}

impl CallFilter {
    /// Whether it tests what grows while a call goes on.
    pub fn tests_growth(&self) -> bool {
        !self.seconds.is_empty() || !self.price.is_empty()
    }
}

impl<T: PartialOrd> Bound<T> {
    /// Whether `value` passes.
    pub fn accepts(&self, value: &T) -> bool {
        match self {
            Self::Is(exact) => value == exact,
            Self::Above(limit) => value > limit,
            Self::Below(limit) => value < limit,
        }
    }
}

impl fmt::Debug for CallFilter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CallFilter")
            .field("caller", &self.caller)
            .field("called", &self.called)
            .field("seconds", &self.seconds)
            .field("price", &self.price)
            .finish_non_exhaustive()
    }
}

//! Quantities as whole numbers: instants and lengths in microseconds, money in millionths.

use std::time::Duration;

use rust_decimal::{Decimal, prelude::ToPrimitive};

/// A quantity to compare a stored whole number with: the greatest whole number that is not above it, and
/// whether that is the quantity itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Scaled {
    pub(crate) floor: i64,
    pub(crate) is_exact: bool,
}

impl Scaled {
    /// A whole number.
    pub(crate) fn whole(number: i64) -> Self {
        Self { floor: number, is_exact: true }
    }

    /// A length; one that no stored length reaches becomes the greatest number.
    pub(crate) fn length(length: Duration) -> Self {
        match i64::try_from(length.as_micros()) {
            Ok(floor) => Self { floor, is_exact: length.subsec_nanos().is_multiple_of(1_000) },
            Err(_) => Self { floor: i64::MAX, is_exact: false },
        }
    }

    /// An amount of money; one out of reach becomes the greatest or smallest number.
    pub(crate) fn money(amount: Decimal) -> Self {
        let millionths = amount.checked_mul(Decimal::from(1_000_000));
        let floor = millionths.and_then(|millionths| millionths.floor().to_i64());
        match (millionths, floor) {
            (Some(millionths), Some(floor)) => Self { floor, is_exact: Decimal::from(floor) == millionths },
            _ if amount.is_sign_negative() => Self { floor: i64::MIN, is_exact: false },
            _ => Self { floor: i64::MAX, is_exact: false },
        }
    }
}

/// A length in whole microseconds.
pub(crate) fn stored_length(length: Duration) -> i64 {
    Scaled::length(length).floor
}

/// A price in whole millionths; prices have six places.
pub(crate) fn stored_price(price: Decimal) -> i64 {
    Scaled::money(price).floor
}

/// The price that [`stored_price`] stored.
pub(crate) fn read_price(millionths: i64) -> Decimal {
    Decimal::new(millionths, 6)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn money_between_two_millionths_is_represented_by_the_lower() {
        let money = |text: &str| Scaled::money(text.parse().unwrap());
        assert_eq!(money("1.5"), Scaled { floor: 1_500_000, is_exact: true });
        assert_eq!(money("0.0000015"), Scaled { floor: 1, is_exact: false });
        assert_eq!(money("-0.0000015"), Scaled { floor: -2, is_exact: false });
        assert_eq!(money("9999999999999999"), Scaled { floor: i64::MAX, is_exact: false });
        assert_eq!(money("-9999999999999999"), Scaled { floor: i64::MIN, is_exact: false });
    }

    #[test]
    fn a_length_between_two_microseconds_is_represented_by_the_lower() {
        assert_eq!(Scaled::length(Duration::from_nanos(1_999)), Scaled { floor: 1, is_exact: false });
        assert_eq!(Scaled::length(Duration::from_micros(7)), Scaled { floor: 7, is_exact: true });
        assert_eq!(Scaled::length(Duration::MAX), Scaled { floor: i64::MAX, is_exact: false });
    }
}

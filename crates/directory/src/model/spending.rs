//! What the calls that an account or one of its phones sends may cost.

use rust_decimal::Decimal;

/// Bounds of what calls cost that an account, or one of its phones, sends. What is absent has no bound. Calls that
/// cost nothing are not concerned.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SpendingLimits {
    /// In the last sixty minutes.
    pub hourly: SpendingLimit,
    /// In the last twenty-four hours.
    pub daily: SpendingLimit,
}

/// A bound of what calls cost that began within a stretch of time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SpendingLimit {
    /// With VAT, in the account's currency.
    pub price: Option<Decimal>,
    /// Minutes from the answers to the ends.
    pub minutes: Option<u32>,
}

/// What calls have cost so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Spent {
    /// With VAT.
    pub price: Decimal,
    /// From the answers to the ends.
    pub seconds: u64,
}

impl SpendingLimits {
    /// Whether there are none.
    pub fn is_none(&self) -> bool {
        *self == Self::default()
    }
}

impl SpendingLimit {
    /// Whether there is none.
    pub fn is_none(&self) -> bool {
        *self == Self::default()
    }

    /// Whether so much is all that may be.
    pub fn is_reached(&self, spent: Spent) -> bool {
        self.price.is_some_and(|most| spent.price >= most)
            || self.minutes.is_some_and(|most| spent.seconds >= u64::from(most) * 60)
    }
}

impl std::ops::Add for Spent {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            price: self.price.saturating_add(other.price),
            seconds: self.seconds.saturating_add(other.seconds),
        }
    }
}

impl std::ops::AddAssign for Spent {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

//! What a call costs: the price rule of contract yeti.md, section 8.

use std::time::Duration;

use rust_decimal::{Decimal, RoundingStrategy};

/// A price per minute with billing steps, as it was when the call was routed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rate {
    /// The number prefix that matched.
    pub prefix: String,
    /// Length of the first billing step.
    pub initial_interval: Duration,
    /// Price per minute in the first step.
    pub initial_rate: Decimal,
    /// Length of each later step.
    pub next_interval: Duration,
    /// Price per minute later.
    pub next_rate: Decimal,
    /// Price of an answered call as such.
    pub fee: Decimal,
    /// Percent added to everything.
    pub vat: Decimal,
}

/// What was billed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Charge {
    /// Price with VAT, in the account's currency, rounded to six places.
    pub price: Decimal,
    /// Whole billing steps.
    pub duration: Duration,
}

/// Places that a price is rounded to, half up.
const PRICE_SCALE: u32 = 6;

impl Rate {
    /// What an answered call of the given length costs.
    pub fn charge(&self, talk: Duration) -> Charge {
        let steps = self.steps(talk);
        Charge {
            price: self.price(steps),
            duration: self.initial_interval + self.next_interval.saturating_mul(steps),
        }
    }

    /// The shortest time after the answer at which the price is more than `limit`, or at least `limit`
    /// if `inclusive`; `None` if it never is.
    pub fn reaches(&self, limit: Decimal, inclusive: bool) -> Option<Duration> {
        let enough = |price: Decimal| price > limit || (inclusive && price == limit);
        if enough(self.price(0)) {
            return Some(Duration::ZERO);
        }
        let most = self.steps(Duration::from_secs(u64::from(u32::MAX)));
        if !enough(self.price(most)) {
            return None;
        }
        let (mut low, mut high) = (0, most);
        while high - low > 1 {
            let middle = low + (high - low) / 2;
            if enough(self.price(middle)) { high = middle } else { low = middle }
        }
        let begun = self.initial_interval + self.next_interval.saturating_mul(high - 1);
        Some(begun + Duration::from_micros(1))
    }

    /// Later steps begun within `talk`.
    fn steps(&self, talk: Duration) -> u32 {
        let later = talk.saturating_sub(self.initial_interval).as_micros();
        let step = self.next_interval.as_micros().max(1);
        u32::try_from(later.div_ceil(step)).unwrap_or(u32::MAX)
    }

    fn price(&self, steps: u32) -> Decimal {
        let minutes = |length: Duration| Decimal::from(length.as_secs()) / Decimal::from(60);
        let first = minutes(self.initial_interval) * self.initial_rate;
        let later = minutes(self.next_interval) * self.next_rate * Decimal::from(steps);
        let net = self.fee + first + later;
        let gross = net * (Decimal::ONE + self.vat / Decimal::ONE_HUNDRED);
        gross.round_dp_with_strategy(PRICE_SCALE, RoundingStrategy::MidpointAwayFromZero)
    }
}

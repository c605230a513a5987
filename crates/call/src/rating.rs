//! What a call costs: the price rule of contract yeti.md, section 8.

use std::time::Duration;

use rust_decimal::{Decimal, RoundingStrategy};

use crate::time::whole_seconds;

/// A price per minute with billing steps, as it was when the call was routed. No amount is negative.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rate {
    /// The number prefix that matched.
    pub prefix: String,
    /// Length of the first billing step.
    pub initial_interval: Duration,
    /// Price per minute in the first step.
    pub initial_rate: Decimal,
    /// Length of each later step; zero if the first is all that is billed.
    pub next_interval: Duration,
    /// Price per minute later.
    pub next_rate: Decimal,
    /// Price of an answered call as such.
    pub fee: Decimal,
    /// Price of a call that is not answered.
    pub attempt_fee: Decimal,
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

/// Lengths are rounded to whole seconds before they are billed, so this much begins a second.
const HALF_SECOND: Duration = Duration::from_millis(500);

impl Rate {
    /// What an answered call of the given length costs.
    ///
    /// The length counts as it is shown, in [whole seconds](whole_seconds), so that anybody can work out
    /// the price from a record. Prices beyond what a [`Decimal`] holds are the greatest one.
    pub fn charge(&self, talk: Duration) -> Charge {
        let steps = self.steps(talk);
        Charge { price: self.price(steps), duration: self.billed(steps) }
    }

    /// Whether a call costs nothing, however long it is and whether it is answered or not.
    pub fn is_free(&self) -> bool {
        [self.initial_rate, self.next_rate, self.fee, self.attempt_fee].iter().all(Decimal::is_zero)
    }

    /// What a call costs that nobody answers.
    pub fn attempt_charge(&self) -> Charge {
        let price = self.gross(self.attempt_fee, 1).unwrap_or(Decimal::MAX);
        Charge { price, duration: Duration::ZERO }
    }

    /// The shortest time after the answer at which the price is more than `limit`, or at least `limit`
    /// if `inclusive`; `None` if it never is.
    pub fn reaches(&self, limit: Decimal, inclusive: bool) -> Option<Duration> {
        let is_enough = |steps| {
            let price = self.price(steps);
            price > limit || (inclusive && price == limit)
        };
        if is_enough(0) {
            return Some(Duration::ZERO);
        }
        if !is_enough(u32::MAX) {
            return None;
        }
        let (mut low, mut high) = (0, u32::MAX);
        while high - low > 1 {
            let middle = low + (high - low) / 2;
            if is_enough(middle) { high = middle } else { low = middle }
        }
        self.begin_of(high)
    }

    /// The shortest length with which the later step `step`, counted from 1, is billed; `None` if no length
    /// is long enough.
    fn begin_of(&self, step: u32) -> Option<Duration> {
        let before = self.initial_interval.checked_add(self.next_interval.checked_mul(step - 1)?)?;
        before.as_secs().checked_add(1).map(|seconds| Duration::from_secs(seconds) - HALF_SECOND)
    }

    /// Later steps begun within `talk`.
    fn steps(&self, talk: Duration) -> u32 {
        if self.next_interval.is_zero() {
            return 0;
        }
        let later = Duration::from_secs(whole_seconds(talk)).saturating_sub(self.initial_interval);
        let steps = later.as_nanos().div_ceil(self.next_interval.as_nanos());
        u32::try_from(steps).unwrap_or(u32::MAX)
    }

    /// Length of the first step and `steps` later ones.
    fn billed(&self, steps: u32) -> Duration {
        self.initial_interval.saturating_add(self.next_interval.saturating_mul(steps))
    }

    fn price(&self, steps: u32) -> Decimal {
        self.exact_price(steps).unwrap_or(Decimal::MAX)
    }

    /// Divides once, at the end, so that no sixtieth is rounded before it is multiplied.
    fn exact_price(&self, steps: u32) -> Option<Decimal> {
        let fee = self.fee.checked_mul(Decimal::from(SECONDS_PER_MINUTE))?;
        let first = seconds(self.initial_interval)?.checked_mul(self.initial_rate)?;
        let later = seconds(self.next_interval)?.checked_mul(Decimal::from(steps))?;
        let net = fee.checked_add(first)?.checked_add(later.checked_mul(self.next_rate)?)?;
        self.gross(net, SECONDS_PER_MINUTE)
    }

    /// The price of `net / parts` with VAT.
    fn gross(&self, net: Decimal, parts: u32) -> Option<Decimal> {
        let gross = net.checked_mul(Decimal::ONE_HUNDRED.checked_add(self.vat)?)?;
        let price = gross / Decimal::from(parts * 100);
        Some(price.round_dp_with_strategy(PRICE_SCALE, RoundingStrategy::MidpointAwayFromZero))
    }
}

const SECONDS_PER_MINUTE: u32 = 60;

fn seconds(length: Duration) -> Option<Decimal> {
    let micros = i128::try_from(length.as_micros()).ok()?;
    Decimal::try_from_i128_with_scale(micros, 6).ok()
}

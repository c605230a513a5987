//! Prices against the rule that they follow.

use std::time::Duration;

use call::rating::Rate;
use proptest::prelude::*;
use rust_decimal::Decimal;

const MICRO: Duration = Duration::from_micros(1);

/// Amounts with up to six decimal places, most often of everyday size.
fn amount() -> impl Strategy<Value = Decimal> {
    prop_oneof![
        4 => (0..3_000_i64, 0..=6_u32).prop_map(|(digits, scale)| Decimal::new(digits, scale)),
        1 => Just(Decimal::ZERO),
    ]
}

/// Amounts of any size that a number can have.
fn any_amount() -> impl Strategy<Value = Decimal> {
    prop_oneof![
        3 => amount(),
        1 => (any::<i64>(), 0..=28_u32).prop_map(|(digits, scale)| Decimal::new(digits, scale).abs()),
        1 => Just(Decimal::MAX),
    ]
}

fn whole_seconds() -> impl Strategy<Value = Duration> {
    prop_oneof![Just(0), Just(1), Just(6), Just(60), 0..200_u64].prop_map(Duration::from_secs)
}

fn any_length() -> impl Strategy<Value = Duration> {
    prop_oneof![
        whole_seconds(),
        (0..10_000_000_u64).prop_map(Duration::from_micros),
        any::<u64>().prop_map(Duration::from_micros),
        Just(Duration::MAX),
    ]
}

fn rate(
    length: impl Strategy<Value = Duration> + Clone,
    amount: impl Strategy<Value = Decimal> + Clone,
) -> impl Strategy<Value = Rate> {
    let amounts = (amount.clone(), amount.clone(), amount.clone(), amount.clone(), amount);
    (length.clone(), length, amounts).prop_map(|(initial_interval, next_interval, amounts)| {
        let (initial_rate, next_rate, fee, attempt_fee, vat) = amounts;
        let prefix = String::new();
        Rate { prefix, initial_interval, initial_rate, next_interval, next_rate, fee, attempt_fee, vat }
    })
}

fn everyday() -> impl Strategy<Value = Rate> {
    rate(whole_seconds().boxed(), amount().boxed())
}

fn extreme() -> impl Strategy<Value = Rate> {
    rate(any_length().boxed(), any_amount().boxed())
}

fn talk() -> impl Strategy<Value = Duration> {
    prop_oneof![4 => (0..600_000_u64).prop_map(Duration::from_millis), 1 => any_length()]
}

/// The rule of the contract, step by step: the price before it is rounded, and the billed seconds.
fn by_the_rule(rate: &Rate, seconds: u64) -> (Decimal, u64) {
    let (initial, next) = (rate.initial_interval.as_secs(), rate.next_interval.as_secs());
    let mut billed = initial;
    let mut sixtieths = rate.fee * Decimal::from(60) + Decimal::from(initial) * rate.initial_rate;
    while billed < seconds && next > 0 {
        billed += next;
        sixtieths += Decimal::from(next) * rate.next_rate;
    }
    (sixtieths * (Decimal::ONE_HUNDRED + rate.vat) / Decimal::from(6_000), billed)
}

proptest! {
    #[test]
    fn a_price_follows_the_rule(rate in everyday(), seconds in 0..2_000_u64) {
        let (price, billed) = by_the_rule(&rate, seconds);
        let charge = rate.charge(Duration::from_secs(seconds));
        prop_assert!((charge.price - price).abs() <= Decimal::new(5, 7), "{} is not {price}", charge.price);
        prop_assert!(charge.price.scale() <= 6);
        prop_assert_eq!(charge.duration, Duration::from_secs(billed));
    }

    #[test]
    fn a_length_is_billed_as_it_is_shown(rate in everyday(), seconds in 0..2_000_u64, micros in 0..500_000_u64) {
        let (just_after, just_before) = (Duration::from_micros(micros), Duration::from_micros(500_000 - micros));
        let (shown, next) = (Duration::from_secs(seconds), Duration::from_secs(seconds + 1));
        prop_assert_eq!(rate.charge(shown + just_after), rate.charge(shown));
        prop_assert_eq!(rate.charge(next - just_before), rate.charge(next));
    }

    #[test]
    fn nothing_costs_less_than_nothing_and_longer_calls_never_cost_less(
        rate in extreme(),
        a in talk(),
        b in talk(),
    ) {
        let (short, long) = (rate.charge(a.min(b)), rate.charge(a.max(b)));
        prop_assert!(short.price >= Decimal::ZERO);
        prop_assert!(short.price <= long.price);
        prop_assert!(short.duration <= long.duration);
    }

    #[test]
    fn only_the_begin_of_a_step_changes_the_price(rate in everyday(), seconds in 0..2_000_u64) {
        let (_, billed) = by_the_rule(&rate, seconds);
        let now = rate.charge(Duration::from_secs(seconds));
        prop_assert_eq!(rate.charge(Duration::from_secs(billed.max(seconds))), now);
        let next = rate.charge(Duration::from_secs(billed + 1));
        let grows = !rate.next_interval.is_zero() && billed >= seconds;
        prop_assert_eq!(next.duration > now.duration, grows);
    }

    #[test]
    fn an_attempt_costs_its_fee_with_vat(rate in everyday()) {
        let exact = rate.attempt_fee * (Decimal::ONE_HUNDRED + rate.vat) / Decimal::ONE_HUNDRED;
        prop_assert!((rate.attempt_charge().price - exact).abs() <= Decimal::new(5, 7));
    }

    #[test]
    fn an_attempt_never_costs_less_than_nothing(rate in extreme()) {
        prop_assert!(rate.attempt_charge().price >= Decimal::ZERO);
    }

    #[test]
    fn a_limit_is_reached_when_it_is_said_to_be_and_not_before(
        rate in prop_oneof![everyday().boxed(), extreme().boxed()],
        talk in talk(),
        limit in any_amount(),
        at_a_price in any::<bool>(),
        inclusive in any::<bool>(),
    ) {
        let limit = if at_a_price { rate.charge(talk).price } else { limit };
        let is_reached = |talk| {
            let price = rate.charge(talk).price;
            price > limit || (inclusive && price == limit)
        };
        match rate.reaches(limit, inclusive) {
            None => prop_assert!(!is_reached(Duration::MAX)),
            Some(Duration::ZERO) => prop_assert!(is_reached(Duration::ZERO)),
            Some(reached) => {
                prop_assert!(is_reached(reached));
                prop_assert!(!is_reached(reached - MICRO));
            }
        }
    }
}

//! Prices worked out by hand.

use std::time::Duration;

use call::rating::Rate;
use rust_decimal::Decimal;

/// Initial interval and rate, next interval and rate, fee, VAT; then seconds, price and billed seconds.
type Example = ((u64, &'static str, u64, &'static str, &'static str, &'static str), f64, &'static str, u64);

const EXAMPLES: &[Example] = &[
    // A minute each: the first is due at once, the second as soon as the first is over.
    ((60, "0.06", 60, "0.06", "0", "0"), 0.0, "0.06", 60),
    ((60, "0.06", 60, "0.06", "0", "0"), 1.0, "0.06", 60),
    ((60, "0.06", 60, "0.06", "0", "0"), 60.0, "0.06", 60),
    ((60, "0.06", 60, "0.06", "0", "0"), 61.0, "0.12", 120),
    ((60, "0.06", 60, "0.06", "0", "0"), 121.0, "0.18", 180),
    // By the second, at 6 cents a minute: a tenth of a cent each.
    ((1, "0.06", 1, "0.06", "0", "0"), 1.0, "0.001", 1),
    ((1, "0.06", 1, "0.06", "0", "0"), 59.0, "0.059", 59),
    ((1, "0.06", 1, "0.06", "0", "0"), 60.0, "0.06", 60),
    // Rounded to whole seconds, as the duration is shown.
    ((1, "0.06", 1, "0.06", "0", "0"), 60.499_999, "0.06", 60),
    ((1, "0.06", 1, "0.06", "0", "0"), 60.5, "0.061", 61),
    ((0, "0", 1, "0.06", "0", "0"), 0.4, "0", 0),
    // 30 seconds at 12 cents, then 6-second steps at 6 cents: 0.06 + 2 × 0.006.
    ((30, "0.12", 6, "0.06", "0", "0"), 41.0, "0.072", 42),
    // With a fee of 1 cent and 19 % VAT: (0.01 + 0.06 + 0.06) × 1.19.
    ((60, "0.06", 60, "0.06", "0.01", "19"), 90.0, "0.1547", 120),
    // A fee alone: answered, nothing else.
    ((0, "0", 60, "0", "0.05", "0"), 0.0, "0.05", 0),
    // A third of a cent a second has no end: 20 / 6,000, rounded in the seventh place.
    ((1, "0.2", 1, "0.2", "0", "0"), 1.0, "0.003333", 1),
    ((1, "0.2", 1, "0.2", "0", "0"), 2.0, "0.006667", 2),
    // Three of them are exactly a cent, however often a third was rounded.
    ((1, "0.2", 1, "0.2", "0", "0"), 3.0, "0.01", 3),
    // Exactly half of the last place goes up: 0.00003 / 60 = 0.0000005.
    ((1, "0.00003", 1, "0", "0", "0"), 1.0, "0.000001", 1),
    // Nothing is billed after the first step if there is no next one.
    ((60, "0.06", 0, "0.06", "0", "0"), 600.0, "0.06", 60),
];

fn decimal(text: &str) -> Decimal {
    text.parse().expect("a decimal number")
}

fn rate(initial: u64, initial_rate: &str, next: u64, next_rate: &str, fee: &str, vat: &str) -> Rate {
    Rate {
        prefix: "44".into(),
        initial_interval: Duration::from_secs(initial),
        initial_rate: decimal(initial_rate),
        next_interval: Duration::from_secs(next),
        next_rate: decimal(next_rate),
        fee: decimal(fee),
        attempt_fee: Decimal::ZERO,
        vat: decimal(vat),
    }
}

#[test]
fn prices_are_those_worked_out_by_hand() {
    for (terms, seconds, price, billed) in EXAMPLES {
        let (initial, initial_rate, next, next_rate, fee, vat) = *terms;
        let charge =
            rate(initial, initial_rate, next, next_rate, fee, vat).charge(Duration::from_secs_f64(*seconds));
        assert_eq!(charge.price, decimal(price), "{terms:?} for {seconds} s");
        assert_eq!(charge.duration, Duration::from_secs(*billed), "{terms:?} for {seconds} s");
    }
}

/// Attempt fee and VAT; then the price of a call that nobody answers.
const ATTEMPTS: &[(&str, &str, &str)] = &[
    ("0", "0", "0"),
    ("0", "19", "0"),
    ("0.01", "0", "0.01"),
    ("0.01", "19", "0.0119"),
    // 0.00005 × 1.19 = 0.0000595, rounded in the seventh place.
    ("0.00005", "19", "0.00006"),
    // Exactly half of the last place goes up.
    ("0.0000005", "0", "0.000001"),
];

#[test]
fn a_call_that_nobody_answers_costs_the_attempt_fee_with_vat_and_nothing_else() {
    for (fee, vat, price) in ATTEMPTS {
        let rate = Rate { attempt_fee: decimal(fee), ..rate(60, "0.06", 60, "0.06", "0.05", vat) };
        assert_eq!(rate.attempt_charge().price, decimal(price), "{fee} with {vat} %");
        assert_eq!(rate.attempt_charge().duration, Duration::ZERO);
    }
}

#[test]
fn an_answered_call_costs_no_attempt_fee() {
    let free = rate(60, "0.06", 60, "0.06", "0.05", "0");
    let dear = Rate { attempt_fee: decimal("9"), ..free.clone() };
    for seconds in [0, 1, 60, 61] {
        let talk = Duration::from_secs(seconds);
        assert_eq!(dear.charge(talk), free.charge(talk));
    }
}

#[test]
fn a_limit_is_reached_as_the_step_that_exceeds_it_begins() {
    let by_minute = rate(60, "0.06", 60, "0.06", "0", "0");
    let reaches = |limit, inclusive| by_minute.reaches(decimal(limit), inclusive);
    assert_eq!(reaches("0.05", false), Some(Duration::ZERO));
    assert_eq!(reaches("0.06", true), Some(Duration::ZERO));
    // The second minute begins with the first length that is shown as 61 seconds.
    assert_eq!(reaches("0.06", false), Some(Duration::from_millis(60_500)));
    assert_eq!(reaches("0.12", true), Some(Duration::from_millis(60_500)));
    assert_eq!(reaches("0.12", false), Some(Duration::from_millis(120_500)));
}

#[test]
fn a_free_call_never_reaches_a_price() {
    let free = rate(60, "0", 60, "0", "0", "0");
    assert_eq!(free.reaches(Decimal::ZERO, false), None);
    assert_eq!(free.reaches(Decimal::ZERO, true), Some(Duration::ZERO));
}

#[test]
fn prices_beyond_all_numbers_are_the_greatest_number() {
    let dear = Rate { next_rate: Decimal::MAX, ..rate(1, "0", u64::MAX, "0", "0", "0") };
    assert_eq!(dear.charge(Duration::MAX).price, Decimal::MAX);
    assert_eq!(dear.charge(Duration::ZERO).price, Decimal::ZERO);
}

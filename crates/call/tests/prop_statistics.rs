//! Statistics against a calendar and a look at every call.

use std::time::Duration;

use call::{
    Timestamp,
    filter::{Bound, CallFilter},
    statistics::{FinishedCall, Sampling, Statistics, Tally},
};
use jiff::{SignedDuration, ToSpan, civil::DateTime};
use proptest::{collection::vec, option, prelude::*, sample::select};
use rust_decimal::Decimal;

const EPOCH: DateTime = DateTime::constant(1970, 1, 1, 0, 0, 0, 0);

fn civil(at: Timestamp) -> DateTime {
    EPOCH.saturating_add(SignedDuration::from_micros(at.as_micros()))
}

fn at(text: &str) -> Timestamp {
    let since = text.parse::<DateTime>().expect("a date").duration_since(EPOCH);
    Timestamp::from_seconds(since.as_secs())
}

/// The first instant of a stretch, by a calendar.
fn start_by_calendar(sampling: Sampling, at: DateTime) -> DateTime {
    let round = |minutes: i8| {
        let minute = at.minute() - at.minute() % minutes;
        at.with().minute(minute).second(0).subsec_nanosecond(0).build().expect("a time")
    };
    match sampling {
        Sampling::Minute => round(1),
        Sampling::FiveMinutes => round(5),
        Sampling::FifteenMinutes => round(15),
        Sampling::Hour => round(60),
        Sampling::Day => at.start_of_day(),
        Sampling::Week => {
            let days = at.weekday().to_sunday_zero_offset();
            at.start_of_day().checked_sub(i64::from(days).days()).expect("a date")
        }
        Sampling::Month => at.first_of_month().start_of_day(),
    }
}

fn sampling() -> impl Strategy<Value = Sampling> {
    select(vec![
        Sampling::Minute,
        Sampling::FiveMinutes,
        Sampling::FifteenMinutes,
        Sampling::Hour,
        Sampling::Day,
        Sampling::Week,
        Sampling::Month,
    ])
}

/// From the year -9900 to 9900, most of it close to today.
fn instant() -> impl Strategy<Value = Timestamp> {
    let seconds = prop_oneof![1 => -374_500_000_000..250_000_000_000_i64, 3 => 0..4_000_000_000_i64];
    (seconds, 0..1_000_000_i64).prop_map(|(second, micro)| Timestamp::from_micros(second * 1_000_000 + micro))
}

fn call() -> impl Strategy<Value = FinishedCall> {
    let started_at = (0..40 * 86_400_000_000_i64).prop_map(|micros| at("2026-01-20") + length(micros));
    let connected = option::of((0..200_000_000_i64).prop_map(length));
    let price = option::of((0..1_000_000_i64).prop_map(|millionths| Decimal::new(millionths, 6)));
    let is_counted = prop::bool::weighted(0.8);
    (started_at, connected, price, is_counted).prop_map(|(started_at, connected, price, is_counted)| {
        FinishedCall { started_at, connected, price, is_counted }
    })
}

fn length(micros: i64) -> Duration {
    Duration::from_micros(micros.unsigned_abs())
}

proptest! {
    #[test]
    fn stretches_begin_where_those_of_the_calendar_do(sampling in sampling(), at in instant()) {
        let start = sampling.start_of(at);
        prop_assert_eq!(civil(start), start_by_calendar(sampling, civil(at)));
        prop_assert_eq!(sampling.start_of(start), start);
    }

    #[test]
    fn every_stretch_tells_what_a_look_at_its_calls_tells(calls in vec(call(), 0..60), sampling in sampling()) {
        let mut statistics = Statistics::new(sampling);
        calls.iter().for_each(|call| statistics.add(call));
        let mut starts: Vec<_> = calls.iter().map(|call| start_by_calendar(sampling, civil(call.started_at))).collect();
        starts.sort_unstable();
        starts.dedup();
        let found: Vec<_> = statistics.stretches().map(|(start, _)| civil(start)).collect();
        prop_assert_eq!(found, starts);
        for (start, tally) in statistics.stretches() {
            let inside = |call: &&FinishedCall| start_by_calendar(sampling, civil(call.started_at)) == civil(start);
            prop_assert_eq!(*tally, look(calls.iter().filter(inside)));
        }
        prop_assert_eq!(statistics.total(), look(calls.iter()));
    }

    #[test]
    fn filled_in_there_is_no_gap(
        calls in vec(call(), 0..9),
        sampling in sampling().prop_filter("months differ", |sampling| sampling.length().is_some()),
        from in 0..40 * 86_400_i64,
        span in 0..86_400_i64,
    ) {
        let from = at("2026-01-20") + Duration::from_secs(from.unsigned_abs());
        let until = from + Duration::from_secs(span.unsigned_abs());
        let mut statistics = Statistics::new(sampling);
        let within = calls.iter().filter(|call| from <= call.started_at && call.started_at < until);
        within.for_each(|call| statistics.add(call));
        let total = statistics.total();
        statistics.fill(from, until);
        prop_assert_eq!(statistics.total(), total);
        let starts: Vec<_> = statistics.stretches().map(|(start, _)| start).collect();
        prop_assert_eq!(starts.first().copied(), (from < until).then(|| sampling.start_of(from)));
        prop_assert!(starts.iter().all(|start| *start < until));
        prop_assert!(starts.last().is_none_or(|last| *last + sampling.length().unwrap() >= until));
        prop_assert!(starts.windows(2).all(|pair| pair[1].since(pair[0]) == sampling.length().unwrap()));
    }
}

/// Adds up calls one by one.
fn look<'a>(calls: impl Iterator<Item = &'a FinishedCall> + Clone) -> Tally {
    let rounded = |length: Duration| (length.as_micros() as u64 + 500_000) / 1_000_000;
    let counted = calls.clone().filter(|call| call.is_counted);
    Tally {
        calls: counted.clone().count() as u64,
        answered: counted.clone().filter(|call| call.connected.is_some()).count() as u64,
        seconds: counted.filter_map(|call| call.connected).map(rounded).sum(),
        price: calls.filter_map(|call| call.price).sum(),
    }
}

fn talked(micros: i64, price: Option<i64>) -> FinishedCall {
    FinishedCall {
        started_at: at("2026-01-02T12:00"),
        connected: Some(length(micros)),
        price: price.map(|cents| Decimal::new(cents, 2)),
        is_counted: true,
    }
}

#[test]
fn lengths_are_tested_as_they_are_shown() {
    let passes = |call: FinishedCall, bound| {
        call.passes(&CallFilter { seconds: vec![bound], ..CallFilter::default() })
    };
    let call = talked(60_500_000, None);
    assert!(passes(call, Bound::Is(61)) && passes(call, Bound::Above(60)) && !passes(call, Bound::Above(61)));
    let unanswered = FinishedCall { connected: None, ..call };
    assert!(passes(unanswered, Bound::Is(0)) && passes(unanswered, Bound::Below(1)));
}

#[test]
fn a_call_without_a_price_passes_no_test_of_it() {
    let filter = |bound| CallFilter { price: vec![bound], ..CallFilter::default() };
    assert!(talked(1, Some(5)).passes(&filter(Bound::Is(Decimal::new(50, 3)))));
    assert!(!talked(1, Some(5)).passes(&filter(Bound::Above(Decimal::new(5, 2)))));
    assert!(!talked(1, None).passes(&filter(Bound::Below(Decimal::MAX))));
}

#[test]
fn what_has_no_calls_has_neither_average() {
    let mut tally = Tally::default();
    assert_eq!((tally.answered_ratio(), tally.average_seconds()), (None, None));
    tally.add(&FinishedCall { connected: None, ..talked(0, None) });
    assert_eq!((tally.answered_ratio(), tally.average_seconds()), (Some(Decimal::ZERO), None));
    tally.add(&talked(7_000_000, Some(1)));
    assert_eq!(
        (tally.answered_ratio(), tally.average_seconds()),
        (Some(Decimal::new(5, 1)), Some(Decimal::from(7)))
    );
    assert_eq!((tally.calls, tally.failed()), (2, 1));
}

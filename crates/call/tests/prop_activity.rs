//! When a call counts under a filter, against asking the filter at one instant after the other.

use std::{net::IpAddr, time::Duration};

use call::{
    Number, Timestamp,
    activity::ActiveCall,
    filter::{Bound, CallFilter, TextKind, TextOperator, TextTest},
    rating::Rate,
};
use proptest::{collection::vec, option, prelude::*, sample::select};
use rust_decimal::Decimal;
use testkit::event_table::{START, call_id};

/// Half seconds with a microsecond more or less: where seconds begin and where they are rounded.
fn length() -> impl Strategy<Value = Duration> {
    (0..40_u64, 0..3_u64)
        .prop_map(|(halves, off)| Duration::from_micros((halves * 500_000 + off).saturating_sub(1)))
}

fn rate() -> impl Strategy<Value = Rate> {
    let seconds = || select(vec![0, 1, 2, 5]).prop_map(Duration::from_secs);
    let price =
        || select(vec!["0", "0.6", "6", "0.07"]).prop_map(|text| text.parse::<Decimal>().expect("a number"));
    (seconds(), price(), seconds(), price(), price()).prop_map(
        |(initial_interval, initial_rate, next_interval, next_rate, fee)| Rate {
            prefix: String::new(),
            initial_interval,
            initial_rate,
            next_interval,
            next_rate,
            fee,
            attempt_fee: Decimal::ZERO,
            vat: Decimal::from(19),
        },
    )
}

fn number() -> impl Strategy<Value = Number> {
    select(vec!["+14155550199", "+442071838750", "1001", "Anonymous"]).prop_map(Number::from)
}

fn address() -> impl Strategy<Value = IpAddr> {
    select(vec!["192.0.2.1", "2001:db8::1"]).prop_map(|text| text.parse().expect("an address"))
}

prop_compose! {
    fn active_call()(
        answered_after in option::of(length()),
        ended_after in option::of(length()),
        numbers in (number(), number()),
        countries in (option::of(1..3_u16), option::of(1..3_u16)),
        source in option::of(address()),
        rate in option::weighted(0.8, rate()),
    ) -> ActiveCall {
        ActiveCall {
            call_id: call_id("1"),
            started_at: START,
            answered_at: answered_after.map(|after| START + after),
            ended_at: ended_after.map(|after| START + after),
            caller: numbers.0,
            called: numbers.1,
            caller_country: countries.0,
            called_country: countries.1,
            source,
            rate,
        }
    }
}

const OPERATORS: [TextOperator; 4] =
    [TextOperator::Is, TextOperator::StartsWith, TextOperator::EndsWith, TextOperator::Contains];

fn text_test() -> impl Strategy<Value = TextTest> {
    let text = select(vec!["14155550199", "1001", "1", "+1", "99", "ANON", "", "415"]);
    (text, select(&OPERATORS)).prop_map(|(text, operator)| TextTest::new(TextKind::Number, operator, [text]))
}

fn bound<T: std::fmt::Debug + Copy>(value: impl Strategy<Value = T>) -> impl Strategy<Value = Bound<T>> {
    (value, 0..3).prop_map(|(value, kind)| match kind {
        0 => Bound::Is(value),
        1 => Bound::Above(value),
        _ => Bound::Below(value),
    })
}

fn elapsed() -> impl Strategy<Value = Bound<i64>> {
    bound(prop_oneof![8 => -2..22_i64, 1 => Just(i64::MAX), 1 => Just(i64::MIN)])
}

fn price() -> impl Strategy<Value = Bound<Decimal>> {
    let found = (rate(), length()).prop_map(|(rate, talk)| rate.charge(talk).price);
    bound(
        prop_oneof![4 => found, 1 => Just(Decimal::ZERO), 1 => Just(Decimal::NEGATIVE_ONE), 1 => Just(Decimal::MAX)],
    )
}

fn filter() -> impl Strategy<Value = CallFilter> {
    let of_kind = |kind: u8, filter: CallFilter| match kind {
        0 => CallFilter { caller: filter.caller, called: filter.called, ..CallFilter::default() },
        1 => CallFilter {
            caller_country: filter.caller_country,
            called_country: filter.called_country,
            ..CallFilter::default()
        },
        2 => CallFilter { source: filter.source, ..CallFilter::default() },
        3 => CallFilter { seconds: filter.seconds, ..CallFilter::default() },
        4 => CallFilter { price: filter.price, ..CallFilter::default() },
        5 => CallFilter { seconds: filter.seconds, price: filter.price, ..CallFilter::default() },
        _ => filter,
    };
    (0..7_u8, whole_filter()).prop_map(move |(kind, filter)| of_kind(kind, filter))
}

prop_compose! {
    fn whole_filter()(
        caller in vec(text_test(), 0..2),
        called in vec(text_test(), 0..2),
        caller_country in option::of(1..3_u16),
        called_country in option::of(1..3_u16),
        source in option::of(address()),
        seconds in vec(elapsed(), 0..3),
        price in vec(price(), 0..3),
    ) -> CallFilter {
        CallFilter { caller, called, caller_country, called_country, source, seconds, price }
    }
}

/// Whether the call counts at one instant, as the filter's description says.
fn counts_at(call: &ActiveCall, filter: &CallFilter, at: Timestamp) -> bool {
    let is_active = call.started_at <= at && call.ended_at.is_none_or(|ended_at| at < ended_at);
    let is = |wanted: Option<u16>, actual| wanted.is_none_or(|wanted| actual == Some(wanted));
    is_active
        && filter.caller.iter().all(|test| passes(test, &call.caller))
        && filter.called.iter().all(|test| passes(test, &call.called))
        && is(filter.caller_country, call.caller_country)
        && is(filter.called_country, call.called_country)
        && filter.source.is_none_or(|wanted| call.source == Some(wanted))
        && filter.seconds.iter().all(|bound| elapsed_passes(*bound, at.since(call.started_at)))
        && filter.price.iter().all(|bound| price_at(call, at).is_some_and(|price| holds(*bound, price)))
}

fn passes(test: &TextTest, number: &Number) -> bool {
    let values: Vec<_> = test.values().map(str::to_owned).collect();
    testkit::texts::passes(test.kind(), test.operator(), &values, number.as_str())
}

fn elapsed_passes(bound: Bound<i64>, elapsed: Duration) -> bool {
    let micros = i128::try_from(elapsed.as_micros()).expect("short");
    match bound {
        Bound::Is(seconds) => micros / 1_000_000 == i128::from(seconds),
        Bound::Above(seconds) => micros > i128::from(seconds) * 1_000_000,
        Bound::Below(seconds) => micros < i128::from(seconds) * 1_000_000,
    }
}

fn price_at(call: &ActiveCall, at: Timestamp) -> Option<Decimal> {
    let rate = call.rate.as_ref()?;
    let talk = call.answered_at.filter(|answered_at| *answered_at <= at);
    Some(talk.map_or(Decimal::ZERO, |answered_at| rate.charge(at.since(answered_at)).price))
}

fn holds(bound: Bound<Decimal>, price: Decimal) -> bool {
    match bound {
        Bound::Is(value) => price == value,
        Bound::Above(value) => price > value,
        Bound::Below(value) => price < value,
    }
}

/// Instants around every half second after the start and after the answer, where anything can change.
fn instants(call: &ActiveCall) -> impl Iterator<Item = Timestamp> {
    let from = [Some(call.started_at), call.answered_at].into_iter().flatten();
    from.flat_map(|from| {
        (-2..60_i64).flat_map(move |halves| {
            (-2..=2_i64).map(move |off| Timestamp::from_micros(from.as_micros() + halves * 500_000 + off))
        })
    })
}

proptest! {
    #[test]
    fn a_call_counts_exactly_when_the_filter_accepts_it(call in active_call(), filter in filter()) {
        let counted = call.counted(&filter);
        for at in instants(&call) {
            let counts = counted.is_some_and(|interval| interval.contains(at));
            prop_assert_eq!(counts, counts_at(&call, &filter, at), "at {:?}", at);
        }
    }

    #[test]
    fn no_time_is_too_early_or_too_late(
        started_at in any::<i64>(),
        answered_at in option::of(any::<i64>()),
        ended_at in option::of(any::<i64>()),
        call in active_call(),
        filter in filter(),
    ) {
        let call = ActiveCall {
            started_at: Timestamp::from_micros(started_at),
            answered_at: answered_at.map(Timestamp::from_micros),
            ended_at: ended_at.map(Timestamp::from_micros),
            ..call
        };
        if let Some(interval) = call.counted(&filter) {
            prop_assert!(call.started_at <= interval.start && interval.start < interval.end);
        }
    }
}

fn call_that_goes_on() -> ActiveCall {
    ActiveCall {
        call_id: call_id("1"),
        started_at: START,
        answered_at: None,
        ended_at: None,
        caller: "1001".into(),
        called: "1002".into(),
        caller_country: None,
        called_country: None,
        source: None,
        rate: None,
    }
}

#[test]
fn more_than_a_minute_into_it_begins_just_after_the_minute() {
    let filter = CallFilter { seconds: vec![Bound::Above(60)], ..CallFilter::default() };
    let counted = call_that_goes_on().counted(&filter).unwrap();
    assert!(!counted.contains(START + Duration::from_secs(60)));
    assert!(counted.contains(START + Duration::from_micros(60_000_001)));
}

#[test]
fn a_call_without_a_rate_passes_no_test_of_its_price() {
    let filter = CallFilter { price: vec![Bound::Below(Decimal::MAX)], ..CallFilter::default() };
    assert_eq!(call_that_goes_on().counted(&filter), None);
}

#[test]
fn bounds_that_exclude_each_other_leave_nothing() {
    let filter = CallFilter { seconds: vec![Bound::Above(5), Bound::Below(5)], ..CallFilter::default() };
    assert_eq!(call_that_goes_on().counted(&filter), None);
}

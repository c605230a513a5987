//! What the filters of the reports mean.

use std::cmp::Ordering;

use rust_decimal::Decimal;

use super::calls::Told;

/// Whether a filter keeps a call at an instant.
type Meaning = Box<dyn Fn(&Told, i64) -> bool>;

/// A report's filter, and what it means.
pub struct Filter {
    pub query: String,
    pub means: Meaning,
}

fn filter(query: impl Into<String>, means: impl Fn(&Told, i64) -> bool + 'static) -> Filter {
    Filter { query: query.into(), means: Box::new(means) }
}

fn country(number: &str) -> Option<u16> {
    match number {
        number if number.starts_with("1415") => Some(840),
        number if number.starts_with("49") => Some(276),
        _ => None,
    }
}

/// Filters that both sides have; those of the length are around `seconds`.
pub fn shared(seconds: i64) -> Vec<Filter> {
    let elapsed = |call: &Told, at: i64| at - call.began;
    let second = move |count: i64| count * 1_000_000;
    vec![
        filter("", |_, _| true),
        filter("src-country-id=840", |call, _| country(call.caller().1) == Some(840)),
        filter("dst-country-id=276", |call, _| country(call.called().1) == Some(276)),
        filter("src-prefix-routing-eq=102", |call, _| call.caller().1 == "102"),
        filter("src-prefix-routing-starts-with=1", |call, _| call.caller().1.starts_with('1')),
        filter("src-prefix-routing-ends-with=01", |call, _| call.caller().1.ends_with("01")),
        filter("src-prefix-routing-contains=0", |call, _| call.caller().1.contains('0')),
        filter("dst-prefix-routing-eq=%2B14155550123", |call, _| call.called().1 == "14155550123"),
        filter("dst-prefix-routing-starts-with=1415", |call, _| call.called().1.starts_with("1415")),
        filter("dst-prefix-routing-ends-with=199", |call, _| call.called().1.ends_with("199")),
        filter("dst-prefix-routing-contains=5550", |call, _| call.called().1.contains("5550")),
        filter(format!("duration-eq={seconds}"), move |call, at| {
            elapsed(call, at).div_euclid(second(1)) == seconds
        }),
        filter(format!("duration-gt={seconds}"), move |call, at| elapsed(call, at) > second(seconds)),
        filter(format!("duration-lt={seconds}"), move |call, at| elapsed(call, at) < second(seconds)),
        filter(format!("duration-gt={seconds}&dst-country-id=840"), move |call, at| {
            elapsed(call, at) > second(seconds) && country(call.called().1) == Some(840)
        }),
    ]
}

/// Filters of the calls that the office sends.
pub fn of_office(price: &str) -> Vec<Filter> {
    let source = filter("auth-orig-ip=198.51.100.1", |call, _| call.source() == "198.51.100.1");
    prices("customer", price, Told::office_price).chain([source]).collect()
}

/// Filters of the calls that the carrier takes.
pub fn of_carrier(price: &str) -> Vec<Filter> {
    prices("vendor", price, |call, at| Some(call.carrier_price(at))).collect()
}

fn prices(
    side: &str,
    price: &str,
    price_at: fn(&Told, i64) -> Option<Decimal>,
) -> impl Iterator<Item = Filter> {
    let limit: Decimal = price.parse().unwrap();
    let tests = [("eq", Ordering::Equal), ("gt", Ordering::Greater), ("lt", Ordering::Less)];
    tests.into_iter().map(move |(name, passes)| {
        filter(format!("{side}-price-{name}={price}"), move |call, at| {
            price_at(call, at).is_some_and(|price| price.cmp(&limit) == passes)
        })
    })
}

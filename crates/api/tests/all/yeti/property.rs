//! Charts and reports against a look at every call at every minute.

use std::{cmp::Ordering, time::Duration};

use call::{Timestamp, event::Side};
use rand::{RngExt, SeedableRng, rngs::StdRng};
use rust_decimal::Decimal;
use serde_json::{Value, json};
use switch::simulated::{Party, SimulatedCall};

use super::{CARRIER, OFFICE, SHOP};
use crate::harness::{NOW, Server};

const CALLS: usize = 300;
const MINUTE: i64 = 60_000_000;
/// Calls begin on both sides of midnight, and shortly before the present.
const BEGINNINGS: [(i64, i64); 2] = [(-13 * 60, -11 * 60), (-30, 0)];
const FIRST_MINUTE: i64 = -14 * 60;

/// What was played, by the test's own account.
struct Played {
    caller: (&'static str, &'static str),
    called: (&'static str, &'static str),
    source: &'static str,
    began: i64,
    answered: Option<i64>,
    /// `None` while it goes on.
    ended: Option<i64>,
}

/// Phones and outside numbers: the account, the number, and the phone's SIP user if it is one.
const PARTIES: [(&str, &str, Option<&str>); 6] = [
    (OFFICE, "101", Some("acme-101")),
    (OFFICE, "102", Some("acme-102")),
    (SHOP, "301", Some("shop-301")),
    (CARRIER, "+14155550199", None),
    (CARRIER, "14155550123", None),
    (CARRIER, "+493012345678", None),
];

fn party(server: &Server, index: usize) -> Party {
    match PARTIES[index] {
        (_, _, Some(sip_user)) => server.phone(sip_user),
        (_, number, None) => server.outside("acme-trunk", number),
    }
}

/// A moment in micros before or after [`NOW`]; one in four is a whole minute.
fn moment(rng: &mut StdRng, (least, most): (i64, i64)) -> i64 {
    let moment = rng.random_range(least * MINUTE..=most * MINUTE);
    if rng.random_ratio(1, 4) { moment.div_euclid(MINUTE) * MINUTE } else { moment }
}

/// Lengths from nothing over seconds to hours; some are whole seconds.
fn length(rng: &mut StdRng) -> i64 {
    match rng.random_range(0..5) {
        0 => 0,
        1 => rng.random_range(0..90) * 1_000_000,
        2 => rng.random_range(0..90_000_000),
        3 => rng.random_range(0..20 * MINUTE),
        _ => rng.random_range(0..300 * MINUTE),
    }
}

fn play(server: &Server, rng: &mut StdRng) -> (SimulatedCall, Played) {
    let (from, to) = (rng.random_range(0..PARTIES.len()), rng.random_range(0..PARTIES.len()));
    let bounds = BEGINNINGS[usize::from(rng.random_ratio(1, 3))];
    let began = moment(rng, bounds);
    let answered = rng.random_ratio(3, 4).then(|| began + length(rng));
    let ended = answered.unwrap_or(began) + length(rng);
    let (answered, ended) = (answered.filter(|at| *at <= 0), Some(ended).filter(|at| *at <= 0));
    let spec = server.call(party(server, from), party(server, to), instant(began));
    let call = server.switch.place(spec).unwrap();
    let wait = |micros: i64| Duration::from_micros(micros.unsigned_abs());
    if let Some(answered) = answered {
        call.after(wait(answered - began)).ring().answer();
    }
    if let Some(ended) = ended {
        call.after(wait(ended - answered.unwrap_or(began)));
        if rng.random_ratio(1, 2) {
            call.end(Side::Origination)
        } else {
            call.cut(call::event::EndCause::Limit)
        };
    }
    let source = if PARTIES[from].2.is_some() { "198.51.100.1" } else { "192.0.2.1" };
    let side = |index: usize| (PARTIES[index].0, PARTIES[index].1.trim_start_matches('+'));
    (call, Played { caller: side(from), called: side(to), source, began, answered, ended })
}

fn instant(micros: i64) -> Timestamp {
    Timestamp::from_micros(NOW.as_micros() + micros)
}

async fn play_all(server: &Server) -> Vec<Played> {
    let mut rng = StdRng::seed_from_u64(20_260_102);
    let (calls, played): (Vec<_>, Vec<_>) = (0..CALLS).map(|_| play(server, &mut rng)).unzip();
    server
        .until(|registry| {
            calls.iter().zip(&played).all(|(call, played)| match (played.ended, registry.get(call.id())) {
                (Some(_), _) => registry.has_ended(call.id()),
                (None, found) => found.is_some_and(|found| {
                    played.answered.is_none() || found.legs().iter().all(|leg| leg.answered_at.is_some())
                }),
            })
        })
        .await;
    assert!(played.iter().filter(|played| played.ended.is_none()).count() > 10);
    assert!(played.iter().filter(|played| played.ended == Some(played.began)).count() > 5);
    played
}

impl Played {
    fn is_active(&self, at: i64) -> bool {
        self.began <= at && self.ended.is_none_or(|ended| at < ended)
    }

    /// Whole seconds of talk that are billed at an instant; `None` before the answer.
    fn billed_seconds(&self, at: i64) -> Option<i64> {
        let answered = self.answered.filter(|answered| *answered <= at)?;
        Some((at - answered + 500_000).div_euclid(1_000_000))
    }

    /// What the office pays so far: a minute at 0.06, steps of 6 s at 0.03 a minute, fee 0.01, VAT 20 %.
    /// Calls inside have no price.
    fn office_price(&self, at: i64) -> Option<Decimal> {
        let price = |seconds: i64| Decimal::new(840 + 36 * ((seconds - 60).max(0) + 5).div_euclid(6), 4);
        (self.called.0 != OFFICE).then(|| self.billed_seconds(at).map(price).unwrap_or_default())
    }

    /// What the carrier is paid so far: 0.006 a minute, by the second, at least one.
    fn carrier_price(&self, at: i64) -> Decimal {
        self.billed_seconds(at).map(|seconds| Decimal::new(seconds.max(1), 4)).unwrap_or_default()
    }
}

type Test = Box<dyn Fn(&Played, i64) -> bool>;

/// A report's filter, and what it means.
fn filter(query: impl Into<String>, means: impl Fn(&Played, i64) -> bool + 'static) -> (String, Test) {
    (query.into(), Box::new(means))
}

fn country(number: &str) -> Option<u16> {
    match number {
        number if number.starts_with("1415") => Some(840),
        number if number.starts_with("49") => Some(276),
        _ => None,
    }
}

fn filters(seconds: i64, price: &str) -> Vec<(String, Test)> {
    let limit: Decimal = price.parse().unwrap();
    let elapsed = |played: &Played, at: i64| at - played.began;
    let second = move |count: i64| count * 1_000_000;
    vec![
        filter("", |_, _| true),
        filter("src-country-id=840", |played, _| country(played.caller.1) == Some(840)),
        filter("dst-country-id=276", |played, _| country(played.called.1) == Some(276)),
        filter("src-prefix-routing-eq=102", |played, _| played.caller.1 == "102"),
        filter("src-prefix-routing-starts-with=1", |played, _| played.caller.1.starts_with('1')),
        filter("src-prefix-routing-ends-with=01", |played, _| played.caller.1.ends_with("01")),
        filter("src-prefix-routing-contains=0", |played, _| played.caller.1.contains('0')),
        filter("dst-prefix-routing-eq=%2B14155550123", |played, _| played.called.1 == "14155550123"),
        filter("dst-prefix-routing-starts-with=1415", |played, _| played.called.1.starts_with("1415")),
        filter("dst-prefix-routing-ends-with=199", |played, _| played.called.1.ends_with("199")),
        filter("dst-prefix-routing-contains=5550", |played, _| played.called.1.contains("5550")),
        filter(format!("duration-eq={seconds}"), move |played, at| {
            elapsed(played, at).div_euclid(second(1)) == seconds
        }),
        filter(format!("duration-gt={seconds}"), move |played, at| elapsed(played, at) > second(seconds)),
        filter(format!("duration-lt={seconds}"), move |played, at| elapsed(played, at) < second(seconds)),
        filter("auth-orig-ip=198.51.100.1", |played, _| played.source == "198.51.100.1"),
        filter(format!("customer-price-eq={price}"), move |played, at| {
            played.office_price(at).is_some_and(|price| price == limit)
        }),
        filter(format!("customer-price-gt={price}"), move |played, at| {
            played.office_price(at).is_some_and(|price| price > limit)
        }),
        filter(format!("customer-price-lt={price}"), move |played, at| {
            played.office_price(at).is_some_and(|price| price < limit)
        }),
        filter(format!("duration-gt={seconds}&dst-country-id=840"), move |played, at| {
            elapsed(played, at) > second(seconds) && country(played.called.1) == Some(840)
        }),
    ]
}

/// Checks a report of the whole time against the calls that `counts` at each minute.
async fn check(
    server: &Server,
    kind: &str,
    account: &str,
    query: &str,
    counts: impl Fn(i64) -> usize,
) -> usize {
    let from = api::yeti::convert::utc(instant(FIRST_MINUTE * MINUTE));
    let path = format!("/{kind}-active-calls?account-id={account}&from-time={from}Z&{query}");
    let answer = server.yeti_get("ann", &path).send().await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let minutes: Vec<_> = (FIRST_MINUTE..=0).collect();
    let times: Vec<_> = minutes.iter().map(|minute| instant(minute * MINUTE).as_seconds()).collect();
    let calls: Vec<_> = minutes.iter().map(|minute| counts(minute * MINUTE)).collect();
    let body = answer.json();
    assert_eq!(body, json!({ "data": { "t": times, "calls": calls }, "rows": times.len() }), "{path}");
    calls.iter().sum()
}

#[tokio::test]
async fn reports_count_what_a_look_at_every_call_counts() {
    let server = Server::start().await;
    let played = play_all(&server).await;
    for (seconds, price) in [(0, "0"), (30, "0.084"), (60, "0.0876"), (600, "0.2")] {
        for (query, means) in filters(seconds, price) {
            let counted = |at| {
                let of_office =
                    played.iter().filter(|played| played.caller.0 == OFFICE && played.is_active(at));
                of_office.filter(|played| means(played, at)).count()
            };
            check(&server, "origination", OFFICE, &query, counted).await;
        }
    }
}

#[tokio::test]
async fn reports_of_the_taking_side_count_what_a_look_at_every_call_counts() {
    let server = Server::start().await;
    let played = play_all(&server).await;
    let of_carrier =
        |at: i64| played.iter().filter(move |call| call.called.0 == CARRIER && call.is_active(at));
    let all = check(&server, "termination", CARRIER, "", |at| of_carrier(at).count()).await;
    assert!(all > 1_000, "{all}");
    for price in ["0", "0.0001", "0.05"] {
        let limit: Decimal = price.parse().unwrap();
        for (name, passes) in [("eq", Ordering::Equal), ("gt", Ordering::Greater), ("lt", Ordering::Less)] {
            let counted =
                |at| of_carrier(at).filter(|call| call.carrier_price(at).cmp(&limit) == passes).count();
            check(&server, "termination", CARRIER, &format!("vendor-price-{name}={price}"), counted).await;
        }
    }
}

#[tokio::test]
async fn charts_count_what_a_look_at_every_call_counts() {
    let server = Server::start().await;
    let played = play_all(&server).await;
    server.clock.advance(Duration::from_secs(10));
    for account in [OFFICE, SHOP, CARRIER] {
        let counts = |at: i64| {
            let active = |side: fn(&Played) -> &'static str| {
                played.iter().filter(|call| side(call) == account && call.is_active(at)).count()
            };
            (active(|call| call.called.0), active(|call| call.caller.0))
        };
        let is_busy = |minute: i64| minute <= 0 && counts(minute * MINUTE) != (0, 0);
        let shown = (FIRST_MINUTE..=0).filter(|minute| (minute - 1..=minute + 1).any(is_busy));
        let instants = shown.map(|minute| minute * MINUTE).chain([10_000_000]);
        let points: Vec<_> = instants.map(|at| (at, counts(at))).collect();
        assert!(points.len() > 50);
        let column = |pick: fn(&(usize, usize)) -> usize| -> Vec<Value> {
            let time = |at| format!("{:.3}Z", api::yeti::convert::utc(instant(at)));
            points.iter().map(|(at, counts)| json!({ "y": pick(counts), "x": time(*at) })).collect()
        };
        let expected = (column(|counts| counts.0), column(|counts| counts.1));
        let link = json!({ "data": { "type": "accounts", "id": account } });
        let from = api::yeti::convert::utc(instant(FIRST_MINUTE * MINUTE)).to_string();
        let data = json!({ "type": "chart-active-calls", "attributes": { "from-time": from },
                           "relationships": { "account": link } });
        let answer = server.yeti_post("ann", "/chart-active-calls", json!({ "data": data })).await;
        let attributes = answer.json()["data"]["attributes"].clone();
        let shown = |name: &str| attributes[name].as_array().unwrap().clone();
        assert_eq!((shown("terminated-calls"), shown("originated-calls")), expected);
    }
}

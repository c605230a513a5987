//! Charts and reports against a look at every call at every minute.

mod calls;
mod filters;
mod world;

use std::{collections::BTreeMap, time::Duration};

use rust_decimal::{Decimal, RoundingStrategy};
use serde_json::{Value, json};

use self::{
    calls::{MINUTE, Told, instant},
    filters::Filter,
    world::World,
};
use super::{CARRIER, OFFICE, SHOP};

/// Checks a report of active calls, of the whole time, under each filter.
async fn check_reports(world: &World, kind: &str, account: &str, filters: Vec<Filter>) {
    let from = yeti::convert::utc(instant(world.first_minute * MINUTE));
    let times: Vec<_> =
        (world.first_minute..=0).map(|minute| instant(minute * MINUTE).as_seconds()).collect();
    let is_theirs =
        |call: &Told| account == if kind == "origination" { call.caller().0 } else { call.called().0 };
    for Filter { query, means } in filters {
        let path = format!("/{kind}-active-calls?account-id={account}&from-time={from}Z&{query}");
        let answer = world.server.yeti_get("ann", &path).send().await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        let calls = world.counts(|call, at| is_theirs(call) && means(call, at));
        let expected = json!({ "data": { "t": times, "calls": calls }, "rows": times.len() });
        assert!(answer.json() == expected, "{path}");
    }
}

/// Checks the chart of active calls.
async fn check_chart(world: &World, account: &str) {
    let terminated = world.counts(|call, _| call.called().0 == account);
    let originated = world.counts(|call, _| call.caller().0 == account);
    let live = |is_theirs: fn(&Told) -> &'static str| {
        world.calls.iter().filter(|call| call.ended.is_none() && is_theirs(call) == account).count()
    };
    let is_busy = |place: usize| terminated.get(place) > Some(&0) || originated.get(place) > Some(&0);
    let shown = |place: &usize| (place.saturating_sub(1)..=place + 1).any(is_busy);
    let column = |counts: &[u32], live: usize| -> Vec<Value> {
        let point = |y: u64, at| json!({ "y": y, "x": format!("{:.3}Z", yeti::convert::utc(instant(at))) });
        let minutes = (0..counts.len()).filter(shown);
        let minutes =
            minutes.map(|place| point(counts[place].into(), (world.first_minute + place as i64) * MINUTE));
        minutes.chain([point(live as u64, 10_000_000)]).collect()
    };
    let expected = (
        column(&terminated, live(|call| call.called().0)),
        column(&originated, live(|call| call.caller().0)),
    );
    let attributes = chart(world, "chart-active-calls", account).await;
    let found = |name: &str| attributes[name].as_array().unwrap().clone();
    assert!((found("terminated-calls"), found("originated-calls")) == expected, "{account}");
}

/// The attributes of a chart that spans all calls.
async fn chart(world: &World, kind: &str, account: &str) -> Value {
    let link = json!({ "data": { "type": "accounts", "id": account } });
    let from = yeti::convert::utc(instant(world.first_minute * MINUTE)).to_string();
    let data = json!({ "type": kind, "attributes": { "from-time": from },
                       "relationships": { "account": link } });
    let answer = world.server.yeti_post("ann", &format!("/{kind}"), json!({ "data": data })).await;
    assert_eq!(answer.status, 201, "{}", answer.text());
    answer.json()["data"]["attributes"].clone()
}

/// Checks the chart of calls per second.
async fn check_cps(world: &World, account: &str) {
    let mut minutes = BTreeMap::new();
    for call in world.calls.iter().filter(|call| call.ended.is_some() && call.caller().0 == account) {
        *minutes.entry(call.began.div_euclid(MINUTE)).or_insert(0) += 1;
    }
    let point = |(minute, calls): (i64, i64)| {
        let at = instant(minute * MINUTE);
        json!({ "y": shown(Decimal::from(calls) / Decimal::from(60), 3), "x": format!("{:.3}Z", yeti::convert::utc(at)) })
    };
    let expected: Vec<_> = minutes.into_iter().map(point).collect();
    assert!(expected.len() > 50);
    assert!(chart(world, "chart-originated-cps", account).await["cps"] == json!(expected), "{account}");
}

/// A fraction as the dialect writes it.
fn shown(number: Decimal, places: u32) -> String {
    let number = number.round_dp_with_strategy(places, RoundingStrategy::MidpointAwayFromZero).normalize();
    if number.scale() == 0 { format!("{number}.0") } else { number.to_string() }
}

/// Checks statistics of calls that were answered, hour by hour.
async fn check_statistics(world: &World, kind: &str, account: &str, price: fn(&Told) -> Decimal) {
    let is_theirs = |call: &&Told| {
        let is_long = call.ended.is_some_and(|ended| call.seconds(ended) > Some(20));
        is_long && account == if kind == "origination" { call.caller().0 } else { call.called().0 }
    };
    let hour = |call: &Told| instant(call.began).as_seconds() / 3_600 * 3_600;
    let mut hours: BTreeMap<i64, (i64, i64, Decimal)> = BTreeMap::new();
    for call in world.calls.iter().filter(is_theirs) {
        let (calls, seconds, money) = hours.entry(hour(call)).or_default();
        *calls += 1;
        *seconds += call.seconds(call.ended.unwrap()).unwrap();
        *money += price(call);
    }
    let from = yeti::convert::utc(instant(world.first_minute * MINUTE));
    let path =
        format!("/{kind}-statistics?account-id={account}&from-time={from}Z&sampling=hour&duration-gt=20");
    let found = world.server.yeti_get("ann", &path).send().await.json();
    assert_eq!(found["data"]["t"], json!(hours.keys().collect::<Vec<_>>()));
    let column =
        |value: fn(&(i64, i64, Decimal)) -> Value| json!(hours.values().map(value).collect::<Vec<_>>());
    let data = &found["data"];
    assert_eq!(data["total_calls"], column(|hour| json!(hour.0)));
    assert_eq!(data["successful_calls"], column(|hour| json!(hour.0)));
    assert_eq!(
        data["total_duration"],
        column(|hour| json!(shown(Decimal::from(hour.1) / Decimal::from(60), 2)))
    );
    assert_eq!(data["acd"], column(|hour| json!(shown(Decimal::from(hour.1) / Decimal::from(hour.0), 2))));
    assert_eq!(data["total_price"], column(|hour| json!(shown(hour.2, 2))));
    assert_eq!(found["totals"]["total_calls"], hours.values().map(|hour| hour.0).sum::<i64>());
}

/// Filters of the reports of the office's and the carrier's calls.
fn all_filters(seconds: i64, price: &str) -> [Vec<Filter>; 2] {
    let with_shared = |own: Vec<Filter>| filters::shared(seconds).into_iter().chain(own).collect();
    [with_shared(filters::of_office(price)), with_shared(filters::of_carrier(price))]
}

fn final_office_price(call: &Told) -> Decimal {
    call.ended.and_then(|ended| call.office_price(ended)).unwrap_or_default()
}

fn final_carrier_price(call: &Told) -> Decimal {
    call.ended.map(|ended| call.carrier_price(ended)).unwrap_or_default()
}

#[tokio::test]
async fn what_the_switch_tells_is_counted_as_a_look_at_every_call_counts() {
    let world = World::played().await;
    assert!(world.calls.iter().filter(|call| call.ended.is_none()).count() > 10);
    assert!(world.calls.iter().filter(|call| call.ended == Some(call.began)).count() > 5);
    for (seconds, price) in [(0, "0"), (30, "0.084"), (60, "0.0876"), (600, "0.0001")] {
        let [of_office, of_carrier] = all_filters(seconds, price);
        check_reports(&world, "origination", OFFICE, of_office).await;
        check_reports(&world, "termination", CARRIER, of_carrier).await;
    }
    check_statistics(&world, "origination", OFFICE, final_office_price).await;
    check_statistics(&world, "termination", CARRIER, final_carrier_price).await;
    world.server.clock.advance(Duration::from_secs(10));
    for account in [OFFICE, SHOP, CARRIER] {
        check_chart(&world, account).await;
        check_cps(&world, account).await;
    }
}

#[tokio::test]
async fn a_hundred_thousand_calls_are_counted_as_a_look_at_every_call_counts() {
    let world = World::stored().await;
    assert!(world.calls.iter().filter(|call| call.ended.is_none()).count() > 100);
    let [of_office, _] = all_filters(30, "0.0876");
    tokio::join!(
        check_reports(&world, "origination", OFFICE, of_office),
        check_reports(&world, "termination", CARRIER, filters::of_carrier("0.05")),
    );
    check_statistics(&world, "origination", OFFICE, final_office_price).await;
    check_statistics(&world, "termination", CARRIER, final_carrier_price).await;
    world.server.clock.advance(Duration::from_secs(10));
    for account in [OFFICE, SHOP, CARRIER] {
        check_chart(&world, account).await;
        check_cps(&world, account).await;
    }
}

//! `GET /origination-active-calls` and `GET /termination-active-calls`.

use std::time::Duration;

use call::Timestamp;
use serde_json::{Value, json};

use super::{BASE, CARRIER, FOREIGN, OFFICE, SHOP, UNKNOWN};
use crate::harness::{Answer, NOW, Server, Talk};

const ORIGINATION: &str = "/origination-active-calls";
const TERMINATION: &str = "/termination-active-calls";

async fn report(server: &Server, kind: &str, query: &str) -> Answer {
    server.yeti_get("ann", &format!("{kind}?{query}")).send().await
}

#[track_caller]
fn refused(answer: &Answer, message: &str) {
    assert_eq!((answer.status.as_u16(), answer.json()), (400, json!({ "error": message })));
    assert_eq!(answer.header("content-type"), "application/json; charset=utf-8");
    assert_eq!((answer.header("etag"), answer.header("cache-control")), ("", "no-cache"));
}

fn at(clock: &str) -> Timestamp {
    api::yeti::convert::time(&format!("2026-01-02 {clock}")).unwrap()
}

/// A call from the office to the network that begins at a time of day, is answered after ten seconds and
/// talked on for `seconds`.
async fn office_calls(server: &Server, number: &str, clock: &str, seconds: u64) {
    let talk = Talk {
        began_at: at(clock),
        answered_after: Duration::from_secs(10),
        talked: Duration::from_secs(seconds),
    };
    server.talked_call(server.phone("acme-101"), server.outside("acme-trunk", number), talk).await;
}

/// The counts of the office's report from 11:00 to 11:05 under a filter.
async fn counts(server: &Server, kind: &str, account: &str, filter: &str) -> Vec<u64> {
    let query =
        format!("account-id={account}&from-time=2026-01-02T11:00:00Z&to-time=2026-01-02T11:05:00Z&{filter}");
    let answer = report(server, kind, &query).await;
    assert_eq!(answer.status, 200, "{filter}: {}", answer.text());
    let calls = answer.json()["data"]["calls"].clone();
    calls.as_array().unwrap().iter().map(|count| count.as_u64().unwrap()).collect()
}

#[tokio::test]
async fn a_point_is_given_for_each_whole_minute_with_zeros() {
    let server = Server::start().await;
    office_calls(&server, "+14155550199", "11:01:30", 80).await;
    let query = format!("account-id={OFFICE}&from-time=2026-01-02T11%3A00%3A15Z&to-time=2026-01-02 11:04:59");
    let query = query.replace(' ', "+");
    let body = report(&server, ORIGINATION, &query).await;
    let first = at("11:01:00").as_seconds();
    let t = [first, first + 60, first + 120, first + 180];
    let expected =
        format!(r#"{{"data":{{"t":[{},{},{},{}],"calls":[0,1,0,0]}},"rows":4}}"#, t[0], t[1], t[2], t[3]);
    assert_eq!((body.status.as_u16(), body.text()), (200, expected.as_str()));
}

#[tokio::test]
async fn a_report_ends_at_the_present() {
    let server = Server::start().await;
    server.clock.advance(Duration::from_secs(30));
    for to in ["", "&to-time=2026-01-03", "&to-time=9999-12-31T23:59:59Z"] {
        let query = format!("account-id={OFFICE}&from-time=2026-01-02T11:58:00Z{to}");
        let answer = report(&server, ORIGINATION, &query).await.json();
        assert_eq!(answer["data"]["t"][2], NOW.as_seconds());
        assert_eq!((&answer["rows"], &answer["data"]["calls"]), (&json!(3), &json!([0, 0, 0])));
    }
}

#[tokio::test]
async fn live_calls_are_counted() {
    let server = Server::start().await;
    let talk = Talk {
        began_at: NOW - Duration::from_secs(90),
        answered_after: Duration::from_secs(10),
        talked: Duration::ZERO,
    };
    server.live_call(server.phone("acme-101"), server.outside("acme-trunk", "1"), talk).await;
    let query = |account: &str| format!("account-id={account}&from-time=2026-01-02T11:58:00Z");
    let originated = report(&server, ORIGINATION, &query(OFFICE)).await;
    assert_eq!(originated.json()["data"]["calls"], json!([0, 1, 1]));
    let terminated = report(&server, TERMINATION, &query(CARRIER)).await;
    assert_eq!(terminated.json()["data"]["calls"], json!([0, 1, 1]));
    for (kind, account) in [(ORIGINATION, CARRIER), (TERMINATION, OFFICE), (ORIGINATION, SHOP)] {
        assert_eq!(report(&server, kind, &query(account)).await.json()["data"]["calls"], json!([0, 0, 0]));
    }
}

#[tokio::test]
async fn a_report_that_ends_before_it_begins_is_empty() {
    let server = Server::start().await;
    let query = format!("account-id={OFFICE}&from-time=2026-01-02&to-time=2026-01-01");
    let answer = report(&server, ORIGINATION, &query).await;
    assert_eq!((answer.status.as_u16(), answer.text()), (200, r#"{"data":{"t":[],"calls":[]},"rows":0}"#));
}

#[tokio::test]
async fn each_filter_keeps_the_calls_that_it_describes() {
    let server = Server::start().await;
    // From extension 101 to the United States (1), to Germany (2), and to the United States again (4).
    office_calls(&server, "+14155550199", "11:00:40", 25).await;
    office_calls(&server, "+493012345678", "11:01:30", 60).await;
    office_calls(&server, "14155550123", "11:03:30", 60).await;
    let cases = [
        ("", [0, 1, 1, 0, 1, 0]),
        ("src-country-id=276", [0, 0, 0, 0, 0, 0]),
        ("dst-country-id=840", [0, 1, 0, 0, 1, 0]),
        ("dst-country-id=276", [0, 0, 1, 0, 0, 0]),
        ("dst-country-id=70000", [0, 0, 0, 0, 0, 0]),
        ("src-prefix-routing-eq=101", [0, 1, 1, 0, 1, 0]),
        ("src-prefix-routing-eq=10", [0, 0, 0, 0, 0, 0]),
        ("src-prefix-routing-starts-with=10", [0, 1, 1, 0, 1, 0]),
        ("src-prefix-routing-ends-with=01", [0, 1, 1, 0, 1, 0]),
        ("src-prefix-routing-contains=0", [0, 1, 1, 0, 1, 0]),
        ("src-prefix-routing-contains=2", [0, 0, 0, 0, 0, 0]),
        ("dst-prefix-routing-eq=14155550199", [0, 1, 0, 0, 0, 0]),
        ("dst-prefix-routing-eq=%2B14155550123", [0, 0, 0, 0, 1, 0]),
        ("dst-prefix-routing-starts-with=1415", [0, 1, 0, 0, 1, 0]),
        ("dst-prefix-routing-ends-with=678", [0, 0, 1, 0, 0, 0]),
        ("dst-prefix-routing-contains=555", [0, 1, 0, 0, 1, 0]),
        ("dst-prefix-routing-contains=55%25", [0, 0, 0, 0, 0, 0]),
        ("duration-eq=30", [0, 0, 1, 0, 1, 0]),
        ("duration-gt=29", [0, 0, 1, 0, 1, 0]),
        ("duration-gt=30", [0, 0, 0, 0, 0, 0]),
        ("duration-lt=31", [0, 1, 1, 0, 1, 0]),
        ("duration-lt=-1", [0, 0, 0, 0, 0, 0]),
        ("auth-orig-ip=198.51.100.1", [0, 1, 1, 0, 1, 0]),
        ("auth-orig-ip=192.0.2.1", [0, 0, 0, 0, 0, 0]),
        ("customer-price-eq=0.084", [0, 1, 1, 0, 1, 0]),
        ("customer-price-gt=0.0839", [0, 1, 1, 0, 1, 0]),
        ("customer-price-gt=0.084", [0, 0, 0, 0, 0, 0]),
        ("customer-price-lt=8.41e-2", [0, 1, 1, 0, 1, 0]),
        ("customer-price-lt=0.05", [0, 0, 0, 0, 0, 0]),
        ("dst-prefix-routing-starts-with=1&duration-gt=19&dst-country-id=840", [0, 1, 0, 0, 1, 0]),
        ("dst-country-id=840&dst-country-id=276", [0, 0, 1, 0, 0, 0]),
        ("vendor-price-gt=abc&unknown[]=1&fields=x", [0, 1, 1, 0, 1, 0]),
    ];
    for (filter, expected) in cases {
        let found = counts(&server, ORIGINATION, OFFICE, filter).await;
        assert_eq!(found, expected, "{filter}");
    }
}

#[tokio::test]
async fn the_price_of_a_termination_is_what_the_taking_account_is_paid() {
    let server = Server::start().await;
    // Answered at 11:00:40: 0.002 at 11:01, 0.008 at 11:02.
    office_calls(&server, "+14155550199", "11:00:30", 110).await;
    let cases = [
        ("", [0, 1, 1, 0, 0, 0]),
        ("vendor-price-eq=0.002", [0, 1, 0, 0, 0, 0]),
        ("vendor-price-gt=0.002", [0, 0, 1, 0, 0, 0]),
        ("vendor-price-lt=0.008", [0, 1, 0, 0, 0, 0]),
        ("customer-price-gt=abc&auth-orig-ip=x", [0, 1, 1, 0, 0, 0]),
    ];
    for (filter, expected) in cases {
        assert_eq!(counts(&server, TERMINATION, CARRIER, filter).await, expected, "{filter}");
    }
}

#[tokio::test]
async fn absent_parameters_are_reported_together_and_first() {
    let server = Server::start().await;
    refused(&report(&server, ORIGINATION, "").await, "missing required param(s) account-id, from-time");
    let only_account = format!("account-id={OFFICE}&to-time=never");
    refused(&report(&server, ORIGINATION, &only_account).await, "missing required param(s) from-time");
    let only_time = "from-time=2026-01-01&account_id=1";
    refused(&report(&server, ORIGINATION, only_time).await, "missing required param(s) account-id");
}

#[tokio::test]
async fn wrong_values_are_reported_by_name_in_the_order_of_the_query() {
    let server = Server::start().await;
    let times = ["from-time", "to-time"];
    let numbers = ["src-country-id", "duration-eq", "duration-gt", "duration-lt", "customer-price-eq"];
    let wrong_times =
        ["", "soon", "1767355200", "2026-01-02T25:00:00Z", "10000-01-01", "%ff"].map(String::from);
    let wrong_numbers = ["", "abc", "1x", "NaN", "99999999999999999999999999999999"].map(String::from);
    let valid = format!("account-id={OFFICE}&from-time=2026-01-02");
    for (names, values) in [(&times[..], &wrong_times[..]), (&numbers[..], &wrong_numbers[..])] {
        for (name, value) in names.iter().flat_map(|name| values.iter().map(move |value| (name, value))) {
            let answer = report(&server, ORIGINATION, &format!("{valid}&{name}={value}")).await;
            refused(&answer, &format!("invalid value {name}"));
        }
    }
    refused(
        &report(&server, ORIGINATION, &format!("{valid}&auth-orig-ip=x")).await,
        "invalid value auth-orig-ip",
    );
    let order = format!("duration-gt=x&from-time=x&account-id={OFFICE}");
    refused(&report(&server, ORIGINATION, &order).await, "invalid value duration-gt");
    let order = format!("from-time=x&duration-gt=x&account-id={UNKNOWN}");
    refused(&report(&server, ORIGINATION, &order).await, "invalid value from-time");
}

#[tokio::test]
async fn accounts_that_the_client_may_not_see_are_wrong_values() {
    let server = Server::start().await;
    for account in [UNKNOWN, FOREIGN, "", "7", &OFFICE.replace('-', "")] {
        let answer =
            report(&server, ORIGINATION, &format!("account-id={account}&from-time=2026-01-01")).await;
        refused(&answer, "invalid value account-id");
    }
    let path = format!("{ORIGINATION}?account-id={SHOP}&from-time=2026-01-02T11:59:00Z");
    assert_eq!(server.yeti_get("ann", &path).send().await.status, 200);
    refused(&server.yeti_get("sue", &path).send().await, "invalid value account-id");
}

#[tokio::test]
async fn lists_and_objects_are_no_values() {
    let server = Server::start().await;
    for name in ["account-id", "from-time", "to-time", "duration-gt", "dst-prefix-routing-contains"] {
        let valid = format!("account-id={OFFICE}&from-time=2026-01-02");
        let answer = report(&server, ORIGINATION, &format!("{valid}&{name}[]=1")).await;
        refused(&answer, &format!("param {name} can't be an array"));
        let answer = report(&server, ORIGINATION, &format!("{valid}&{name}%5Ba%5D=1")).await;
        refused(&answer, &format!("invalid value {name}"));
    }
}

#[tokio::test]
async fn a_report_from_the_future_is_an_empty_list_if_nothing_is_wrong() {
    let server = Server::start().await;
    let future = "from-time=2026-01-02T12:00:01Z";
    let answer = report(&server, ORIGINATION, &format!("{future}&account-id={OFFICE}&duration-gt=1")).await;
    assert_eq!((answer.status.as_u16(), answer.text()), (200, "[]"));
    let answer = report(&server, ORIGINATION, &format!("{future}&account-id={OFFICE}&duration-gt=x")).await;
    refused(&answer, "invalid value duration-gt");
}

#[tokio::test]
async fn absurdly_long_reports_are_refused() {
    let server = Server::start().await;
    for from in ["0001-01-01", "1970-01-01T00:00:00Z", "2025-01-01"] {
        let answer = report(&server, ORIGINATION, &format!("account-id={OFFICE}&from-time={from}")).await;
        refused(&answer, "invalid value from-time");
    }
    let query = format!("account-id={OFFICE}&from-time=0001-01-01&to-time=0001-01-01T00:01:00Z");
    assert_eq!(report(&server, ORIGINATION, &query).await.json()["rows"], 2);
    let query = format!("account-id={OFFICE}&from-time=2025-01-02");
    assert_eq!(report(&server, ORIGINATION, &query).await.json()["rows"], 365 * 1_440 + 721);
}

#[tokio::test]
async fn without_credentials_there_is_no_body() {
    let server = Server::start().await;
    for token in ["", "wrong"] {
        let asking = server.get(&format!("{BASE}{ORIGINATION}")).header("authorization", token);
        let answer = asking.header("accept", "*/*").send().await;
        assert_eq!((answer.status.as_u16(), answer.text()), (401, ""));
        assert_eq!([answer.header("content-type"), answer.header("vary")], ["", ""]);
    }
}

#[tokio::test]
async fn the_sample_of_the_documentation_is_answered() {
    let server = Server::start().await;
    let query = format!("account-id={OFFICE}&from-time=2026-01-01T12%3A46%3A15Z");
    let answer = report(&server, ORIGINATION, &query).await.json();
    let rows = answer["rows"].as_u64().unwrap();
    assert_eq!(rows, 23 * 60 + 14);
    let column = |name: &str| answer["data"][name].as_array().map_or(0, Vec::len) as u64;
    assert_eq!([column("t"), column("calls")], [rows, rows]);
    assert_eq!(answer["data"]["t"][0], Value::from(1_767_271_620));
}

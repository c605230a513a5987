//! `GET /origination-active-calls`.

use std::time::Duration;

use serde_json::{Value, json};

use super::{ORIGINATION, TERMINATION, at, minute_counts, office_calls, refused, report};
use crate::{
    harness::{NOW, Server, Talk},
    yeti::{CARRIER, OFFICE, SHOP},
};

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
        let found = minute_counts(&server, ORIGINATION, OFFICE, filter).await;
        assert_eq!(found, expected, "{filter}");
    }
}

#[tokio::test]
async fn absurdly_long_reports_are_refused() {
    let server = Server::start().await;
    for from in ["0001-01-01", "1970-01-01T00:00:00Z", "2025-01-01"] {
        let answer = report(&server, ORIGINATION, &format!("account-id={OFFICE}&from-time={from}")).await;
        refused(&answer, "invalid value from-time: at most 366 days before to-time and the present");
    }
    let query = format!("account-id={OFFICE}&from-time=0001-01-01&to-time=0001-01-01T00:01:00Z");
    assert_eq!(report(&server, ORIGINATION, &query).await.json()["rows"], 2);
    let query = format!("account-id={OFFICE}&from-time=2025-01-02");
    assert_eq!(report(&server, ORIGINATION, &query).await.json()["rows"], 365 * 1_440 + 721);
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

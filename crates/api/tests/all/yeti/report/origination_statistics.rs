//! `GET /origination-statistics`.

use serde_json::{Value, json};

use super::{at, office_calls, refused, report, unanswered_call};
use crate::{
    harness::Server,
    yeti::{CARRIER, OFFICE, SHOP},
};

const KIND: &str = "/origination-statistics";

/// The office calls the United States (1, 4), Germany (3), and somebody who does not answer (2, 5).
async fn server_with_calls() -> Server {
    let server = Server::start().await;
    office_calls(&server, "+14155550199", "11:00:40", 25).await;
    unanswered_call(&server, "+14155550199", "11:01:05").await;
    office_calls(&server, "+493012345678", "11:01:30", 60).await;
    office_calls(&server, "14155550123", "11:03:30", 60).await;
    unanswered_call(&server, "+493012345678", "11:10:00").await;
    server
}

async fn statistics(server: &Server, account: &str, query: &str) -> Value {
    let answer = report(server, KIND, &format!("account-id={account}&{query}")).await;
    assert_eq!(answer.status, 200, "{query}: {}", answer.text());
    answer.json()
}

#[tokio::test]
async fn each_stretch_with_calls_is_told_and_all_together() {
    let server = server_with_calls().await;
    let found = statistics(&server, OFFICE, "from-time=2026-01-02&sampling=minute").await;
    let minutes = ["11:00", "11:01", "11:03", "11:10"].map(|clock| at(clock).as_seconds());
    let data = json!({
        "t": minutes,
        "total_calls": [1, 2, 1, 1],
        "successful_calls": [1, 1, 1, 0],
        "failed_calls": [0, 1, 0, 1],
        "total_duration": ["0.42", "1.0", "1.0", "0.0"],
        "acd": ["25.0", "60.0", "60.0", null],
        "asr": ["100.0", "50.0", "100.0", "0.0"],
        "total_price": ["0.08", "0.08", "0.08", "0.0"],
    });
    let totals = json!({
        "t": 0,
        "total_calls": 5,
        "successful_calls": 3,
        "failed_calls": 2,
        "total_duration": "2.42",
        "acd": "48.33",
        "asr": "60.0",
        "total_price": "0.25",
    });
    assert_eq!(found, json!({ "data": data, "rows": 4, "totals": totals }));
}

#[tokio::test]
async fn stretches_are_those_of_the_calendar() {
    let server = server_with_calls().await;
    let stretches = [
        ("minute", vec!["2026-01-02T11:00", "2026-01-02T11:01", "2026-01-02T11:03", "2026-01-02T11:10"]),
        ("5minutes", vec!["2026-01-02T11:00", "2026-01-02T11:10"]),
        ("hour", vec!["2026-01-02T11:00"]),
        ("day", vec!["2026-01-02"]),
        ("week", vec!["2025-12-28"]),
        ("month", vec!["2026-01-01"]),
    ];
    for (sampling, starts) in stretches {
        let found = statistics(&server, OFFICE, &format!("from-time=2026-01-02&sampling={sampling}")).await;
        let starts = starts.iter().map(|start| yeti::convert::time(start).unwrap().as_seconds());
        assert_eq!(found["data"]["t"], json!(starts.collect::<Vec<_>>()), "{sampling}");
        assert_eq!(found["totals"]["total_calls"], 5);
    }
    for sampling in ["", "15minutes", "Minute", "year"] {
        let query = format!("account-id={OFFICE}&from-time=2026-01-02&sampling={sampling}");
        refused(&report(&server, KIND, &query).await, "invalid sampling");
    }
}

#[tokio::test]
async fn both_ends_belong_to_the_time() {
    let server = server_with_calls().await;
    let ends = [
        ("11:00:40", "11:10:00", 5),
        ("11:00:40.000001", "11:10:00", 4),
        ("11:00:40", "11:09:59.999999", 4),
        ("11:01:05", "11:01:05", 1),
        ("11:02:00", "11:01:00", 0),
    ];
    for (from, to, calls) in ends {
        let query = format!("from-time=2026-01-02T{from}Z&to-time=2026-01-02T{to}Z&sampling=day");
        let found = statistics(&server, OFFICE, &query).await;
        assert_eq!(found["totals"]["total_calls"], calls, "{from} {to}");
        assert_eq!(found["rows"], i32::from(calls > 0), "{from} {to}");
    }
}

#[tokio::test]
async fn without_calls_there_are_totals_of_nothing() {
    let server = server_with_calls().await;
    for account in [SHOP, CARRIER] {
        let found = statistics(&server, account, "from-time=2026-01-02&sampling=hour").await;
        let body = json!({
            "data": { "t": [], "total_calls": [], "successful_calls": [], "failed_calls": [],
                      "total_duration": [], "acd": [], "asr": [], "total_price": [] },
            "rows": 0,
            "totals": { "t": 0, "total_calls": 0, "successful_calls": 0, "failed_calls": 0,
                        "total_duration": "0.0", "acd": null, "asr": null, "total_price": "0.0" },
        });
        assert_eq!(found, body);
    }
}

#[tokio::test]
async fn each_filter_keeps_the_calls_that_it_describes() {
    let server = server_with_calls().await;
    let cases = [
        ("", 5),
        ("src-country-id=276", 0),
        ("dst-country-id=276", 2),
        ("src-prefix-routing-eq=101", 5),
        ("src-prefix-routing-starts-with=2", 0),
        ("src-prefix-routing-ends-with=01", 5),
        ("src-prefix-routing-contains=2", 0),
        ("dst-prefix-routing-eq=%2B14155550123", 1),
        ("dst-prefix-routing-starts-with=1415", 3),
        ("dst-prefix-routing-ends-with=678", 2),
        ("dst-prefix-routing-contains=0199", 2),
        ("duration-eq=60", 2),
        ("duration-gt=24", 3),
        ("duration-lt=25", 2),
        ("auth-orig-ip=198.51.100.1", 5),
        ("auth-orig-ip=198.51.100.2", 0),
        ("customer-price-eq=0.084", 3),
        ("customer-price-gt=0.084", 0),
        ("customer-price-lt=0.084", 2),
        ("dst-country-id=840&duration-gt=0&customer-price-lt=1", 2),
    ];
    for (filter, calls) in cases {
        let found = statistics(&server, OFFICE, &format!("from-time=2026-01-02&sampling=day&{filter}")).await;
        assert_eq!(found["totals"]["total_calls"], calls, "{filter}");
    }
}

#[tokio::test]
async fn statistics_may_span_many_years() {
    let server = server_with_calls().await;
    let found = statistics(&server, OFFICE, "from-time=0001-01-01&to-time=9999-12-31&sampling=month").await;
    assert_eq!(found["totals"]["total_calls"], 5);
}

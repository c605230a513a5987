//! `GET /origination-statistics-quality`.

use std::time::Duration;

use serde_json::json;

use super::{at, office_calls, refused, report, unanswered_call};
use crate::{
    harness::{NOW, Server},
    yeti::OFFICE,
};

const KIND: &str = "/origination-statistics-quality";

#[tokio::test]
async fn every_stretch_is_told_with_calls_or_not() {
    let server = Server::start().await;
    office_calls(&server, "+14155550199", "11:00:40", 25).await;
    unanswered_call(&server, "+14155550199", "11:01:05").await;
    office_calls(&server, "+493012345678", "11:01:30", 60).await;
    office_calls(&server, "14155550123", "11:03:30", 60).await;
    unanswered_call(&server, "+14155550199", "11:04:00").await;
    let query = format!(
        "account-id={OFFICE}&from-time=2026-01-02T11:00:30Z&to-time=2026-01-02T11:03:59Z&sampling=minute"
    );
    let found = report(&server, KIND, &query).await;
    let times = ["11:00", "11:01", "11:02", "11:03"].map(|clock| at(clock).as_seconds());
    let data = json!({
        "t": times,
        "total_calls": [1, 2, 0, 1],
        "acd": ["25.0", "60.0", null, "60.0"],
        "asr": ["100.0", "50.0", null, "100.0"],
        "cps": ["0.016667", "0.033333", "0.0", "0.016667"],
    });
    let totals = json!({ "t": 0, "total_calls": 4, "acd": "48.33", "asr": "75.0", "cps": "0.066667" });
    assert_eq!(found.json(), json!({ "data": data, "rows": 4, "totals": totals }));
}

#[tokio::test]
async fn stretches_go_on_to_the_present() {
    let server = Server::start().await;
    server.clock.advance(Duration::from_secs(1));
    let now = NOW.as_seconds();
    let samplings = [
        ("minute", vec![now - 180, now - 120, now - 60, now]),
        ("5minutes", vec![now - 300, now]),
        ("15minutes", vec![now - 900, now]),
    ];
    for (sampling, starts) in samplings {
        for to in ["", "&to-time=2026-01-03", "&to-time=2026-01-02T12:00:00Z"] {
            let query = format!("account-id={OFFICE}&from-time=2026-01-02T11:57:10Z&sampling={sampling}{to}");
            let found = report(&server, KIND, &query).await.json();
            assert_eq!(found["data"]["t"], json!(starts), "{sampling} {to}");
            assert_eq!(found["rows"], starts.len());
        }
    }
    for sampling in ["hour", "day", "1"] {
        let query = format!("account-id={OFFICE}&from-time=2026-01-02&sampling={sampling}");
        refused(&report(&server, KIND, &query).await, "invalid sampling");
    }
}

#[tokio::test]
async fn a_stretch_that_begins_at_the_present_is_not_told() {
    let server = Server::start().await;
    let query = format!("account-id={OFFICE}&from-time=2026-01-02T11:58:00Z&sampling=minute");
    let found = report(&server, KIND, &query).await.json();
    assert_eq!(found["data"]["t"], json!([NOW.as_seconds() - 120, NOW.as_seconds() - 60]));
}

#[tokio::test]
async fn without_calls_the_totals_are_null() {
    let server = Server::start().await;
    let query = format!("account-id={OFFICE}&from-time=2026-01-02T11:45:00Z&sampling=15minutes");
    let found = report(&server, KIND, &query).await.json();
    let data = json!({ "t": [at("11:45").as_seconds()], "total_calls": [0], "acd": [null], "asr": [null],
                       "cps": ["0.0"] });
    let totals = json!({ "t": 0, "total_calls": 0, "acd": null, "asr": null, "cps": "0.0" });
    assert_eq!(found, json!({ "data": data, "rows": 1, "totals": totals }));
}

#[tokio::test]
async fn each_filter_keeps_the_calls_that_it_describes() {
    let server = Server::start().await;
    office_calls(&server, "+14155550199", "11:00:40", 25).await;
    office_calls(&server, "+493012345678", "11:01:30", 60).await;
    let cases = [
        ("", [1, 1]),
        ("dst-country-id=276", [0, 1]),
        ("dst-prefix-routing-ends-with=199", [1, 0]),
        ("duration-gt=25", [0, 1]),
        ("customer-price-gt=0.084", [0, 0]),
        ("auth-orig-ip=198.51.100.1&duration-lt=26", [1, 0]),
    ];
    for (filter, calls) in cases {
        let times = "from-time=2026-01-02T11:00:00Z&to-time=2026-01-02T11:01:59Z";
        let query = format!("account-id={OFFICE}&{times}&sampling=minute&{filter}");
        assert_eq!(
            report(&server, KIND, &query).await.json()["data"]["total_calls"],
            json!(calls),
            "{filter}"
        );
    }
}

#[tokio::test]
async fn absurdly_many_stretches_are_refused() {
    let server = Server::start().await;
    for from in ["0001-01-01", "2025-01-01"] {
        let query = format!("account-id={OFFICE}&from-time={from}&sampling=15minutes");
        let why = "invalid value from-time: at most 366 days before to-time and the present";
        refused(&report(&server, KIND, &query).await, why);
    }
    let query = format!("account-id={OFFICE}&from-time=2025-01-02&sampling=15minutes");
    assert_eq!(report(&server, KIND, &query).await.json()["rows"], 365 * 96 + 48);
}

//! `GET /termination-statistics`.

use serde_json::json;

use super::{at, office_calls, refused, report, unanswered_call};
use crate::{
    harness::Server,
    yeti::{CARRIER, OFFICE},
};

const KIND: &str = "/termination-statistics";

async fn server_with_calls() -> Server {
    let server = Server::start().await;
    office_calls(&server, "+14155550199", "11:00:40", 25).await;
    unanswered_call(&server, "+493012345678", "11:00:50").await;
    office_calls(&server, "+493012345678", "11:01:30", 100).await;
    server
}

#[tokio::test]
async fn the_taking_account_is_told_what_it_is_paid() {
    let server = server_with_calls().await;
    let query = format!("account-id={CARRIER}&from-time=2026-01-02&sampling=minute");
    let answer = report(&server, KIND, &query).await;
    let minutes = ["11:00", "11:01"].map(|clock| at(clock).as_seconds());
    let data = json!({
        "t": minutes,
        "total_calls": [2, 1],
        "successful_calls": [1, 1],
        "failed_calls": [1, 0],
        "total_duration": ["0.42", "1.67"],
        "acd": ["25.0", "100.0"],
        "asr": ["50.0", "100.0"],
        "total_price": ["0.0", "0.01"],
    });
    let totals = json!({
        "t": 0,
        "total_calls": 3,
        "successful_calls": 2,
        "failed_calls": 1,
        "total_duration": "2.08",
        "acd": "62.5",
        "asr": "66.7",
        "total_price": "0.01",
    });
    assert_eq!(answer.json(), json!({ "data": data, "rows": 2, "totals": totals }));
}

#[tokio::test]
async fn each_filter_keeps_the_calls_that_it_describes() {
    let server = server_with_calls().await;
    let cases = [
        ("", 3),
        ("dst-country-id=276", 2),
        ("src-prefix-routing-ends-with=1", 3),
        ("dst-prefix-routing-starts-with=1415", 1),
        ("duration-gt=25", 1),
        ("vendor-price-eq=0.0025", 1),
        ("vendor-price-gt=0.0025", 1),
        ("vendor-price-lt=0.0025", 1),
        ("vendor-price-gt=0&dst-country-id=276", 1),
    ];
    for (filter, calls) in cases {
        for (account, calls) in [(CARRIER, calls), (OFFICE, 0)] {
            let query = format!("account-id={account}&from-time=2026-01-02&sampling=month&{filter}");
            let found = report(&server, KIND, &query).await.json();
            assert_eq!(found["totals"]["total_calls"], calls, "{filter}");
        }
    }
}

#[tokio::test]
async fn other_samplings_are_refused() {
    let server = Server::start().await;
    let query = format!("account-id={CARRIER}&from-time=2026-01-02&sampling=15minutes");
    refused(&report(&server, KIND, &query).await, "invalid sampling");
}

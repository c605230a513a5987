//! `GET /termination-statistics-quality`.

use serde_json::json;

use super::{at, office_calls, refused, report, unanswered_call};
use crate::{
    harness::Server,
    yeti::{CARRIER, OFFICE},
};

const KIND: &str = "/termination-statistics-quality";
const TIMES: &str = "from-time=2026-01-02T11:00:00Z&to-time=2026-01-02T11:14:59Z&sampling=5minutes";

#[tokio::test]
async fn every_stretch_is_told_of_the_taking_account() {
    let server = Server::start().await;
    office_calls(&server, "+14155550199", "11:00:40", 25).await;
    unanswered_call(&server, "+493012345678", "11:04:59").await;
    office_calls(&server, "+493012345678", "11:10:00", 100).await;
    let found = report(&server, KIND, &format!("account-id={CARRIER}&{TIMES}")).await;
    let times = ["11:00", "11:05", "11:10"].map(|clock| at(clock).as_seconds());
    let data = json!({
        "t": times,
        "total_calls": [2, 0, 1],
        "acd": ["25.0", null, "100.0"],
        "asr": ["50.0", null, "100.0"],
        "cps": ["0.006667", "0.0", "0.003333"],
    });
    let totals = json!({ "t": 0, "total_calls": 3, "acd": "62.5", "asr": "66.7", "cps": "0.01" });
    assert_eq!(found.json(), json!({ "data": data, "rows": 3, "totals": totals }));
    let office = report(&server, KIND, &format!("account-id={OFFICE}&{TIMES}")).await;
    assert_eq!(office.json()["data"]["total_calls"], json!([0, 0, 0]));
    let dear = report(&server, KIND, &format!("account-id={CARRIER}&{TIMES}&vendor-price-gt=0.0025")).await;
    assert_eq!(dear.json()["data"]["total_calls"], json!([0, 0, 1]));
}

#[tokio::test]
async fn other_samplings_are_refused() {
    let server = Server::start().await;
    let query = format!("account-id={CARRIER}&from-time=2026-01-02&sampling=hour");
    refused(&report(&server, KIND, &query).await, "invalid sampling");
}

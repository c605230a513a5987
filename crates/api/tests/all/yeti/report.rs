//! The reports.

mod origination_active_calls;
mod origination_statistics;
mod origination_statistics_quality;
mod outgoing_active_calls;
mod parameters;
mod termination_active_calls;
mod termination_statistics;
mod termination_statistics_quality;

use std::time::Duration;

use call::{Timestamp, event::EndCause};
use serde_json::json;

use crate::harness::{Answer, Server, Talk};

const ORIGINATION: &str = "/origination-active-calls";
const TERMINATION: &str = "/termination-active-calls";
const OUTGOING: &str = "/outgoing-active-calls";

/// Every report.
const KINDS: [&str; 7] = [
    ORIGINATION,
    TERMINATION,
    OUTGOING,
    "/origination-statistics",
    "/termination-statistics",
    "/origination-statistics-quality",
    "/termination-statistics-quality",
];

/// The parameters that a report must have, in the order in which it reports them.
fn required(kind: &str) -> Vec<&'static str> {
    let names = match kind {
        OUTGOING => &["account-id"][..],
        ORIGINATION | TERMINATION => &["account-id", "from-time"],
        _ => &["account-id", "from-time", "sampling"],
    };
    names.to_vec()
}

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
    yeti::convert::time(&format!("2026-01-02 {clock}")).unwrap()
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
async fn minute_counts(server: &Server, kind: &str, account: &str, filter: &str) -> Vec<u64> {
    let query =
        format!("account-id={account}&from-time=2026-01-02T11:00:00Z&to-time=2026-01-02T11:05:00Z&{filter}");
    let answer = report(server, kind, &query).await;
    assert_eq!(answer.status, 200, "{filter}: {}", answer.text());
    let calls = answer.json()["data"]["calls"].clone();
    calls.as_array().unwrap().iter().map(|count| count.as_u64().unwrap()).collect()
}

/// A call from the office to the network that is given up after ten seconds.
async fn unanswered_call(server: &Server, number: &str, clock: &str) {
    let spec = server.call(server.phone("acme-101"), server.outside("acme-trunk", number), at(clock));
    let call = server.switch.place(spec).unwrap();
    call.after(Duration::from_secs(1)).ring().after(Duration::from_secs(9)).cut(EndCause::NoAnswer);
    server.until(|registry| registry.has_ended(call.id())).await;
}

//! `GET …/call-logs`: finished calls.

use std::time::Duration;

use axum::http::StatusCode;
use serde_json::{Value, json};
use switch::simulated::SimulatedCall;

use super::{finish, get, ok, refused, ringing, start, texts};
use crate::harness::{NOW, Server, Talk};

const LOGS: &str = "/t/vbc.prod/reports/v1/accounts/1001/call-logs";
const ALL: &str = "start:gte=2026-01-02%2000:00:00&start:lte=2026-01-02%2023:59:59";

async fn logs(server: &Server, more: &str) -> Value {
    ok(&get(server, &format!("{LOGS}?{ALL}{more}")).await)
}

/// A talk of a minute with the network, `minutes` ago.
async fn talked(server: &Server, minutes: u64, is_incoming: bool) -> SimulatedCall {
    let (phone, outside) = (server.phone("acme-101"), server.outside("acme-trunk", "+442079460123"));
    let talk = Talk {
        began_at: NOW - Duration::from_secs(60 * minutes),
        answered_after: Duration::from_secs(5),
        talked: Duration::from_secs(60),
    };
    let (caller, called) = if is_incoming { (outside, phone) } else { (phone, outside) };
    server.talked_call(caller, called, talk).await
}

#[tokio::test]
async fn a_finished_call_is_told_with_all_that_is_known_of_it() {
    let server = start().await;
    let call = talked(&server, 60, false).await;
    let page = logs(&server, "").await;
    let expected = json!({
        "id": call.id().to_string(),
        "in_network": false,
        "international": false,
        "from": "101",
        "to": "+442079460123",
        "direction": "Outbound",
        "length": 60,
        "start": "2026-01-02 11:00:00",
        "end": "2026-01-02 11:01:05",
        "charge": "0.084",
        "rate": "0.03",
        "source_device_name": "38-99-62-00-01-01",
        "source_user_full_name": "Ann Lee",
        "source_user": "ann",
        "source_sip_id": "acme-101",
        "source_extension": "101",
        "result": "Answered",
        "recorded": false,
    });
    assert_eq!(page["_embedded"]["call_logs"], json!([expected]));
    let totals = ["page_size", "page", "total_pages", "total_items"].map(|name| page[name].clone());
    assert_eq!(totals, [10, 1, 1, 1].map(|number| json!(number)));
}

#[tokio::test]
async fn pages_are_linked_newest_first() {
    let server = start().await;
    let mut ids = Vec::new();
    for minutes in 1..=5 {
        ids.push(talked(&server, minutes * 10, false).await.id().to_string());
    }
    let (mut href, mut found) = (format!("{LOGS}?{ALL}&page_size=2"), Vec::new());
    let mut pages = 0;
    loop {
        let page = ok(&get(&server, &href).await);
        found.extend(texts(&page["_embedded"]["call_logs"], "id"));
        pages += 1;
        assert_eq!((&page["total_pages"], &page["total_items"]), (&json!(3), &json!(5)));
        assert_eq!(page["_links"].get("prev").is_some(), pages > 1);
        let Some(next) = page["_links"].get("next") else { break };
        href = next["href"].as_str().unwrap().to_owned();
    }
    assert_eq!((pages, &found), (3, &ids));
    ids.reverse();
    assert_eq!(texts(&logs(&server, "&order=asc").await["_embedded"]["call_logs"], "id"), ids);
    let beyond = logs(&server, "&page_size=2&page=9").await;
    assert!(beyond["_links"]["prev"]["href"].as_str().unwrap().ends_with("page=3"));
    assert_eq!(beyond["_embedded"]["call_logs"], json!([]));
}

#[tokio::test]
async fn calls_are_found_by_time_number_and_direction() {
    let server = start().await;
    let (out, incoming) = (talked(&server, 60, false).await, talked(&server, 30, true).await);
    let (out, incoming) = (out.id().to_string(), incoming.id().to_string());
    for (more, expected) in [
        ("&direction=Outbound", vec![&out]),
        ("&direction=Inbound", vec![&incoming]),
        ("&from=101", vec![&out]),
        ("&to=101", vec![&incoming]),
        ("&to=102", vec![]),
        ("&end:lte=2026-01-02%2011:01:05", vec![&out]),
        ("&end:lte=2026-01-02%2011:01:04", vec![]),
        ("&end:gte=2026-01-02T11:01:06", vec![&incoming]),
    ] {
        let found = texts(&logs(&server, more).await["_embedded"]["call_logs"], "id");
        assert_eq!(found.iter().collect::<Vec<_>>(), expected, "{more}");
    }
    let shown = logs(&server, "&direction=Inbound").await["_embedded"]["call_logs"][0].clone();
    assert_eq!((&shown["destination_user"], shown.get("source_user")), (&json!("ann"), None));
}

#[tokio::test]
async fn what_came_of_a_call_is_told_in_a_word() {
    let server = start().await;
    let (busy, missed) = (ringing(&server, Duration::ZERO).await, ringing(&server, Duration::ZERO).await);
    finish(&server, &busy, |call| _ = call.busy()).await;
    finish(&server, &missed, |call| _ = call.no_answer()).await;
    let page = logs(&server, "").await;
    let mut results = texts(&page["_embedded"]["call_logs"], "result");
    results.sort();
    assert_eq!(results, ["Busy", "Unanswered"]);
}

#[tokio::test]
async fn the_other_customers_phone_is_not_told() {
    let server = start().await;
    let talk = Talk {
        began_at: NOW - Duration::from_secs(600),
        answered_after: Duration::from_secs(5),
        talked: Duration::ZERO,
    };
    server.talked_call(server.phone("acme-101"), server.phone("globex-201"), talk).await;
    let text = logs(&server, "").await.to_string();
    assert!(text.contains("Ann Lee") && !text.contains("lobex"), "{text}");
}

#[tokio::test]
async fn every_wrong_parameter_is_named() {
    let server = start().await;
    let path = "/t/vbc.prod/reports/accounts/1001/call-logs";
    let query = "start:gte=yesterday&end:lte=2026-02-30%2000:00:00&direction=up&order=x&page=0&page_size=-1&source_user=ann";
    let answer = get(&server, &format!("{path}?{query}")).await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
    let body = answer.json();
    assert_eq!((&body["status"], &body["instance"]), (&json!(400), &json!(path)));
    let mut names = texts(&body["invalid_parameters"], "name");
    names.sort();
    let expected =
        ["direction", "end:lte", "order", "page", "page_size", "source_user", "start:gte", "start:lte"];
    assert_eq!(names, expected);
}

#[tokio::test]
async fn call_logs_are_for_the_account_alone() {
    let server = start().await;
    refused(&server.get(&format!("{LOGS}?{ALL}")).send().await, 401);
    refused(&get(&server, &format!("/t/vbc.prod/reports/accounts/2001/call-logs?{ALL}")).await, 401);
    refused(&get(&server, "/t/vbc.prod/reports/elsewhere").await, 404);
}

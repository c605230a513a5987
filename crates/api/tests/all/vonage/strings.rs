//! Numbers, ids and times as strings, where the configuration wants them so.

use std::time::Duration;

use axum::http::Method;
use serde_json::{Value, json};
use vonage::VonageWire;

use super::{
    CALLS, DEVICES, ask, call_path, delete, devices_list::register, get, ok, ringing, start, start_with,
    until_ringing,
};
use crate::harness::{NOW, Server};

async fn with_strings() -> Server {
    start_with(|config| config.vonage.wire = VonageWire::Strings).await
}

#[tokio::test]
async fn every_id_number_and_time_is_a_string() {
    let server = with_strings().await;
    let call = ringing(&server, Duration::from_secs(5)).await;
    register(&server, "acme-101", "192.0.2.10:5060", NOW);
    let at = NOW.as_seconds() - 5;
    let page = ok(&get(&server, &format!("{CALLS}?page_size=1")).await);
    assert_eq!(
        (&page["current_page"], &page["page_size"], &page["pages"]),
        (&json!("0"), &json!("1"), &json!("1"))
    );
    let shown = &page["calls"][0];
    assert_eq!(
        (&shown["account_id"], &shown["from"], &shown["to"]),
        (&json!("1001"), &json!("101"), &json!("+14155550199"))
    );
    assert_eq!(
        (&shown["start_time"], &shown["legs"][1]["start_time"]),
        (&json!(at.to_string()), &json!(at.to_string()))
    );
    let devices = ok(&get(&server, DEVICES).await);
    assert_eq!(devices["devices"][0]["registration"]["last_success"], NOW.as_seconds().to_string());
    for value in [&page, &devices] {
        assert!(!has_number(value), "{value}");
    }
    assert!(!has_number(&ok(&delete(&server, &call_path(call.id())).await)));
}

fn has_number(value: &Value) -> bool {
    match value {
        Value::Number(_) => true,
        Value::Array(items) => items.iter().any(has_number),
        Value::Object(members) => members.values().any(has_number),
        Value::Null | Value::Bool(_) | Value::String(_) => false,
    }
}

#[tokio::test]
async fn the_code_of_a_refusal_is_a_string_but_for_401() {
    let server = with_strings().await;
    assert_eq!(get(&server, "/cc/nothing").await.json()["code"], "404");
    assert_eq!(get(&server, &format!("{CALLS}?page=x")).await.json()["code"], "400");
    assert_eq!(ask(&server, Method::PATCH, CALLS).send().await.json()["code"], "405");
    assert_eq!(server.get(CALLS).send().await.json()["code"], 401);
}

#[tokio::test]
async fn a_number_is_a_json_number_only_where_that_loses_nothing() {
    let server = start().await;
    let cases = [
        ("101", json!(101)),
        ("123456789012345", json!(123_456_789_012_345_u64)),
        ("1234567890123456", json!("1234567890123456")),
        ("0044123", json!("0044123")),
        ("0", json!("0")),
        ("+12025550100", json!("+12025550100")),
        ("*97", json!("*97")),
        ("anonymous", json!("anonymous")),
        ("sip:x@example.org", json!("sip:x@example.org")),
        ("", json!("")),
    ];
    for (number, printed) in cases {
        let outside = server.outside("acme-trunk", number);
        let call = server.switch.ringing_call(outside, server.phone("acme-101")).unwrap();
        until_ringing(&server, &call).await;
        let shown = ok(&get(&server, &call_path(call.id())).await);
        assert_eq!((&shown["from"], &shown["legs"][0]["from"]), (&printed, &printed));
    }
}

//! `GET /outgoing-active-calls`.

use std::{sync::Arc, time::Duration};

use call::{event::Side, state::Call};
use serde_json::{Value, json};
use switch::simulated::{Party, SimulatedCall};

use super::{OUTGOING, at, refused, report};
use crate::{
    harness::Server,
    yeti::{CARRIER, OFFICE, SHOP},
};

/// A call that rings a second after it began.
async fn ringing(server: &Server, [caller, called]: [Party; 2], name: &str, clock: &str) -> SimulatedCall {
    let spec = server.call(caller, called, at(clock)).caller_name(name);
    let call = server.switch.place(spec).unwrap();
    call.after(Duration::from_secs(1)).ring();
    server.until(|registry| registry.get(call.id()).is_some_and(|call| call.ringing_at().is_some())).await;
    call
}

/// The same, answered after ten seconds.
async fn answered(server: &Server, parties: [Party; 2], name: &str, clock: &str) -> SimulatedCall {
    let call = ringing(server, parties, name, clock).await;
    call.after(Duration::from_secs(9)).answer();
    let is_answered = |call: &Arc<Call>| call.legs().iter().all(|leg| leg.answered_at.is_some());
    server.until(|registry| registry.get(call.id()).is_some_and(is_answered)).await;
    call
}

/// The office's phone 101 to America, answered at 11:00:10; its phone 102 to Germany, ringing since 11:30:00.
async fn server_with_calls() -> Server {
    let server = Server::start().await;
    let outside = |number| server.outside("acme-trunk", number);
    answered(&server, [server.phone("acme-101"), outside("+14155550199")], "Ann Lee", "11:00:00").await;
    ringing(&server, [server.phone("acme-102"), outside("+493012345678")], "Ben Roe", "11:30:00").await;
    server
}

async fn calls(server: &Server, account: &str, filter: &str) -> Vec<Value> {
    let answer = report(server, OUTGOING, &format!("account-id={account}&{filter}")).await;
    assert_eq!(answer.status, 200, "{filter}: {}", answer.text());
    let data = answer.json()["data"].as_array().unwrap().clone();
    assert_eq!(answer.json()["rows"], data.len());
    data
}

#[tokio::test]
async fn a_call_is_told_in_full() {
    let server = server_with_calls().await;
    server.clock.advance(Duration::from_millis(1_900));
    let answer = report(&server, OUTGOING, &format!("account-id={OFFICE}&connect-time-null=false")).await;
    let body = concat!(
        r#"{"data":[{"snapshot_timestamp":"2026-01-02 12:00:01","start_time":"2026-01-02 11:00:00","#,
        r#""connect_time":"2026-01-02 11:00:10","destination_prefix":"","destination_initial_interval":60,"#,
        r#""destination_initial_rate":"0.06","destination_next_interval":6,"destination_next_rate":"0.03","#,
        r#""destination_fee":"0.01","src_name_in":"Ann Lee","src_prefix_in":"101","#,
        r#""dst_prefix_in":"+14155550199","src_prefix_routing":"101","dst_prefix_routing":"+14155550199","#,
        r#""from_domain":"acme-101.example","to_domain":"acme-101.example","ruri_domain":"acme-101.example","#,
        r#""diversion_in":null,"pai_in":null,"ppi_in":null,"privacy_in":null,"rpid_in":null,"#,
        r#""rpid_privacy_in":null,"auth_orig_transport_protocol_id":1,"auth_orig_ip":"198.51.100.1","#,
        r#""auth_orig_port":5062}],"rows":1}"#,
    );
    assert_eq!((answer.status.as_u16(), answer.text()), (200, body));
    assert_eq!(answer.header("content-type"), "application/json; charset=utf-8");
}

#[tokio::test]
async fn the_newest_call_comes_first_and_an_unanswered_one_has_no_connect_time() {
    let server = server_with_calls().await;
    let found = calls(&server, OFFICE, "").await;
    let times: Vec<_> = found.iter().map(|call| (&call["start_time"], &call["connect_time"])).collect();
    let [first, second] = [json!("2026-01-02 11:30:00"), json!("2026-01-02 11:00:00")];
    assert_eq!(times, [(&first, &Value::Null), (&second, &json!("2026-01-02 11:00:10"))]);
}

#[tokio::test]
async fn calls_that_the_account_takes_or_that_are_over_are_not_told() {
    let server = server_with_calls().await;
    assert_eq!(calls(&server, CARRIER, "").await.len(), 0);
    assert_eq!(calls(&server, SHOP, "").await.len(), 0);
    let outside = server.outside("acme-trunk", "+14155550199");
    answered(&server, [outside.clone(), server.phone("acme-101")], "", "11:40:00").await;
    answered(&server, [server.phone("acme-101"), server.phone("acme-102")], "", "11:50:00").await;
    let over = answered(&server, [server.phone("acme-101"), outside], "", "11:55:00").await;
    over.end(Side::Origination);
    server.until(|registry| registry.has_ended(over.id())).await;
    assert_eq!(calls(&server, OFFICE, "").await.len(), 3);
    let inside = calls(&server, OFFICE, "dst-prefix-in-eq=102").await;
    assert_eq!(inside[0]["destination_prefix"], Value::Null);
    assert_eq!(calls(&server, CARRIER, "").await[0]["dst_prefix_routing"], "101");
}

#[tokio::test]
async fn each_filter_keeps_the_calls_that_it_describes() {
    let server = server_with_calls().await;
    // By phone: 101 is answered and calls America, 102 rings and calls Germany.
    let cases = [
        ("", "102 101"),
        ("auth-orig-ip=198.51.100.1", "102 101"),
        ("auth-orig-ip=%3A%3Affff%3A198.51.100.1", "102 101"),
        ("auth-orig-ip=198.51.100.2", ""),
        ("auth-orig-port=5062", "102 101"),
        ("auth-orig-port=-1", ""),
        ("auth-orig-transport-protocol-id=1", "102 101"),
        ("auth-orig-transport-protocol-id=2", ""),
        ("connect-time-null=true", "102"),
        ("connect-time-null=0", "101"),
        ("src-name-in-eq=Ann+Lee", "101"),
        ("src-name-in-eq=ann+lee", ""),
        ("src-name-in-starts-with=Ben", "102"),
        ("src-name-in-ends-with=Lee", "101"),
        ("src-name-in-contains=LEE", "101"),
        ("src-prefix-in-eq=102", "102"),
        ("src-prefix-in-starts-with=10", "102 101"),
        ("src-prefix-in-ends-with=1", "101"),
        ("src-prefix-in-contains=02", "102"),
        ("dst-prefix-in-eq=%2B14155550199", "101"),
        ("dst-prefix-in-starts-with=%2B49", "102"),
        ("dst-prefix-in-ends-with=678", "102"),
        ("dst-prefix-in-contains=555", "101"),
        ("src-prefix-routing-eq=101", "101"),
        ("src-prefix-routing-starts-with=2", ""),
        ("src-prefix-routing-ends-with=2", "102"),
        ("src-prefix-routing-contains=1", "102 101"),
        ("dst-prefix-routing-eq=14155550199", "101"),
        ("dst-prefix-routing-starts-with=49", "102"),
        ("dst-prefix-routing-ends-with=199", "101"),
        ("dst-prefix-routing-contains=1234", "102"),
        ("dst-prefix-routing-starts-with=1&connect-time-null=false&src-name-in-contains=a", "101"),
        ("dst-prefix-routing-starts-with=1&connect-time-null=true", ""),
        ("from-time=never&duration-gt[]=1", "102 101"),
    ];
    for (filter, expected) in cases {
        let found = calls(&server, OFFICE, filter).await;
        let phones: Vec<_> = found.iter().map(|call| call["src_prefix_in"].as_str().unwrap()).collect();
        assert_eq!(phones.join(" "), expected, "{filter}");
    }
}

#[tokio::test]
async fn wrong_values_are_reported_by_name_in_the_order_of_the_query() {
    let server = Server::start().await;
    let wrong = [
        ("auth-orig-ip", "x"),
        ("auth-orig-port", "x"),
        ("auth-orig-port", ""),
        ("auth-orig-transport-protocol-id", "1.5"),
        ("auth-orig-transport-protocol-id", "300"),
        ("connect-time-null", "yes"),
        ("connect-time-null", ""),
    ];
    for (name, value) in wrong {
        let query = format!("{name}={value}&account-id=x");
        refused(&report(&server, OUTGOING, &query).await, &format!("invalid value {name}"));
    }
    let query = format!("account-id={OFFICE}&src-name-in-contains[]=x");
    refused(&report(&server, OUTGOING, &query).await, "param src-name-in-contains can't be an array");
}

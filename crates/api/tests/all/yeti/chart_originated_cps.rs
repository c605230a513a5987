//! `POST /chart-originated-cps`.

use std::time::Duration;

use serde_json::{Value, json};

use super::{CARRIER, FOREIGN, OFFICE, SHOP, UNKNOWN, invalid, refused};
use crate::harness::{Answer, NOW, Server, Talk};

const PATH: &str = "/chart-originated-cps";

/// The chart of an account between two times.
async fn chart(server: &Server, login: &str, account: &str, attributes: Value) -> Answer {
    let account = json!({ "data": { "type": "accounts", "id": account } });
    let data = json!({ "type": "chart-originated-cps", "attributes": attributes,
                       "relationships": { "account": account } });
    server.yeti_post(login, PATH, json!({ "data": data, "meta": {} })).await
}

async fn cps(server: &Server, account: &str, from: &str, to: &str) -> Value {
    let attributes =
        json!({ "from-time": format!("2026-01-02 {from}"), "to-time": format!("2026-01-02 {to}") });
    let answer = chart(server, "ann", account, attributes).await;
    assert_eq!(answer.status, 201, "{}", answer.text());
    answer.json()["data"]["attributes"]["cps"].clone()
}

/// Short calls from the office to the network that begin at these times of day.
async fn office_calls(server: &Server, clocks: &[&str]) {
    for clock in clocks {
        let began_at = yeti::convert::time(&format!("2026-01-02 {clock}")).unwrap();
        let second = Duration::from_secs(1);
        let talk = Talk { began_at, answered_after: second, talked: second };
        server
            .talked_call(server.phone("acme-101"), server.outside("acme-trunk", "+14155550199"), talk)
            .await;
    }
}

#[tokio::test]
async fn a_chart_without_calls_is_answered_in_full() {
    let server = Server::start().await;
    let times = json!({ "from-time": "2019-01-01 00:00:00", "to-time": "2019-01-02 00:00:00" });
    let answer = chart(&server, "ann", OFFICE, times).await;
    let id = answer.json()["data"]["id"].as_str().unwrap().to_owned();
    let place = format!("http://example.org/api/rest/customer/v1/chart-originated-cps/{id}");
    let body = format!(
        r#"{{"data":{{"id":"{id}","type":"chart-originated-cps","links":{{"self":"{place}"}},"attributes":{{"from-time":"2019-01-01T00:00:00.000Z","to-time":"2019-01-02T00:00:00.000Z","cps":[]}},"relationships":{{"account":{{"links":{{"self":"{place}/relationships/account","related":"{place}/account"}}}}}}}}}}"#
    );
    assert_eq!((answer.status.as_u16(), answer.text()), (201, body.as_str()));
    assert_eq!(answer.header("location"), place);
}

#[tokio::test]
async fn a_minute_tells_the_calls_that_began_in_it_by_the_second() {
    let server = Server::start().await;
    office_calls(&server, &["11:00:00", "11:00:01", "11:00:02", "11:00:59.999999", "11:00:30", "11:00:40"])
        .await;
    office_calls(&server, &["11:02:00", "11:59:59"]).await;
    let expected = json!([
        { "y": "0.1", "x": "2026-01-02T11:00:00.000Z" },
        { "y": "0.017", "x": "2026-01-02T11:02:00.000Z" },
        { "y": "0.017", "x": "2026-01-02T11:59:00.000Z" },
    ]);
    assert_eq!(cps(&server, OFFICE, "00:00:00", "23:59:59").await, expected);
    for account in [SHOP, CARRIER] {
        assert_eq!(cps(&server, account, "00:00:00", "23:59:59").await, json!([]));
    }
}

#[tokio::test]
async fn both_ends_belong_to_the_chart_and_cut_the_minutes_that_they_lie_in() {
    let server = Server::start().await;
    office_calls(&server, &["11:00:10", "11:00:20", "11:00:30", "11:01:00", "11:01:30"]).await;
    let minute = |clock: &str, y: &str| json!({ "y": y, "x": format!("2026-01-02T{clock}:00.000Z") });
    let found = cps(&server, OFFICE, "11:00:20", "11:01:00").await;
    assert_eq!(found, json!([minute("11:00", "0.033"), minute("11:01", "0.017")]));
    assert_eq!(cps(&server, OFFICE, "11:00:20", "11:00:20").await, json!([minute("11:00", "0.017")]));
    assert_eq!(cps(&server, OFFICE, "11:00:21", "11:00:29").await, json!([]));
}

#[tokio::test]
async fn calls_that_go_on_are_counted_when_they_are_over() {
    let server = Server::start().await;
    let second = Duration::from_secs(1);
    let talk = Talk { began_at: NOW - second * 90, answered_after: second, talked: Duration::ZERO };
    let (phone, number) = (server.phone("acme-101"), server.outside("acme-trunk", "+14155550199"));
    let call = server.live_call(phone, number, talk).await;
    assert_eq!(cps(&server, OFFICE, "11:00:00", "12:00:00").await, json!([]));
    call.end(call::event::Side::Origination);
    server.until(|registry| registry.has_ended(call.id())).await;
    let expected = json!([{ "y": "0.017", "x": "2026-01-02T11:58:00.000Z" }]);
    assert_eq!(cps(&server, OFFICE, "11:00:00", "12:00:00").await, expected);
}

#[tokio::test]
async fn without_times_a_chart_spans_the_last_day() {
    let server = Server::start().await;
    server.clock.advance(Duration::from_micros(1_234_567));
    let attributes = chart(&server, "ann", OFFICE, json!({})).await.json()["data"]["attributes"].clone();
    let expected =
        json!({ "from-time": "2026-01-01T12:00:01.234Z", "to-time": "2026-01-02T12:00:01.234Z", "cps": [] });
    assert_eq!(attributes, expected);
}

#[tokio::test]
async fn accounts_that_the_client_may_not_see_are_no_accounts() {
    let server = Server::start().await;
    for (login, account) in [("ann", UNKNOWN), ("ann", FOREIGN), ("sue", SHOP), ("gil", OFFICE)] {
        let answer = chart(&server, login, account, json!({})).await;
        invalid(&answer, "can't be blank", "account - can't be blank", "/data/relationships/account");
    }
    assert_eq!(chart(&server, "sue", OFFICE, json!({})).await.status, 201);
}

#[tokio::test]
async fn wrong_times_are_refused() {
    let server = Server::start().await;
    let reversed = json!({ "from-time": "2026-01-02 00:00:01", "to-time": "2026-01-02 00:00:00" });
    let text = "from_time must be greater than to_time";
    invalid(&chart(&server, "ann", OFFICE, reversed).await, text, text, "/data");
    for value in [json!(null), json!("soon"), json!(7), json!([])] {
        let answer = chart(&server, "ann", OFFICE, json!({ "to-time": value })).await;
        invalid(&answer, "is invalid", "to-time - is invalid", "/data/attributes/to-time");
    }
}

#[tokio::test]
async fn what_the_chart_tells_cannot_be_sent() {
    let server = Server::start().await;
    for name in ["cps", "terminated-calls", "from_time"] {
        let answer = chart(&server, "ann", OFFICE, json!({ name: [] })).await;
        refused(&answer, 400, 105, "Param not allowed", &format!("{name} is not allowed."));
    }
}

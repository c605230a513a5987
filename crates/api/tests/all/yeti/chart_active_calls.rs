//! `POST /chart-active-calls`.

use std::time::Duration;

use call::Timestamp;
use serde_json::{Value, json};

use super::{CARRIER, FOREIGN, OFFICE, SHOP, UNKNOWN, errors, invalid, refused};
use crate::harness::{Answer, NOW, Server, Talk};

/// The chart of an account between two times.
async fn chart(server: &Server, login: &str, account: &str, attributes: Value) -> Answer {
    let account = json!({ "data": { "type": "accounts", "id": account } });
    let data = json!({ "type": "chart-active-calls", "attributes": attributes,
                       "relationships": { "account": account } });
    server.yeti_post(login, "/chart-active-calls", json!({ "data": data, "meta": {} })).await
}

/// The points of a chart: time of day, terminated calls, originated calls.
#[track_caller]
fn points(answer: &Answer) -> Vec<(String, u64, u64)> {
    assert_eq!(answer.status, 201, "{}", answer.text());
    let attributes = answer.json()["data"]["attributes"].clone();
    let column = |name: &str| attributes[name].as_array().unwrap().clone();
    let (terminated, originated) = (column("terminated-calls"), column("originated-calls"));
    assert_eq!(terminated.len(), originated.len());
    let point = |(terminated, originated): (&Value, &Value)| {
        assert_eq!(terminated["x"], originated["x"]);
        let time = terminated["x"].as_str().unwrap();
        let time = time.strip_prefix("2026-01-02T").unwrap_or(time).trim_end_matches('Z');
        (time.to_owned(), terminated["y"].as_u64().unwrap(), originated["y"].as_u64().unwrap())
    };
    terminated.iter().zip(&originated).map(point).collect()
}

/// What [`points`] gives, from times without fractions.
fn expected(points: &[(&str, u64, u64)]) -> Vec<(String, u64, u64)> {
    points
        .iter()
        .map(|(time, terminated, originated)| (format!("{time}.000"), *terminated, *originated))
        .collect()
}

fn minutes_ago(minutes: u64) -> Timestamp {
    NOW - Duration::from_secs(60 * minutes)
}

/// A call that is answered after ten seconds, and over after `seconds`.
fn lasting(began_at: Timestamp, seconds: u64) -> Talk {
    Talk { began_at, answered_after: Duration::from_secs(10), talked: Duration::from_secs(seconds - 10) }
}

async fn from_office(server: &Server, talk: Talk) {
    let (phone, number) = (server.phone("acme-101"), server.outside("acme-trunk", "+14155550199"));
    server.talked_call(phone, number, talk).await;
}

fn between(from: &str, to: &str) -> Value {
    json!({ "from-time": from, "to-time": to })
}

#[tokio::test]
async fn a_chart_without_calls_is_answered_in_full() {
    let server = Server::start().await;
    let answer = chart(&server, "ann", OFFICE, between("2019-01-01 00:00:00", "2019-01-02 00:00:00")).await;
    let id = answer.json()["data"]["id"].as_str().unwrap().to_owned();
    let place = format!("http://example.org/api/rest/customer/v1/chart-active-calls/{id}");
    let body = format!(
        r#"{{"data":{{"id":"{id}","type":"chart-active-calls","links":{{"self":"{place}"}},"attributes":{{"from-time":"2019-01-01T00:00:00.000Z","to-time":"2019-01-02T00:00:00.000Z","terminated-calls":[],"originated-calls":[]}},"relationships":{{"account":{{"links":{{"self":"{place}/relationships/account","related":"{place}/account"}}}}}}}}}}"#
    );
    assert_eq!((answer.status.as_u16(), answer.text()), (201, body.as_str()));
    assert_eq!(answer.header("location"), place);
}

#[tokio::test]
async fn a_call_counts_at_the_whole_minutes_that_it_spans_and_falls_to_zero_beside_them() {
    let server = Server::start().await;
    from_office(&server, lasting(minutes_ago(30) + Duration::from_secs(20), 130)).await;
    let wanted = between("2026-01-02 11:00:00", "2026-01-02 11:59:00");
    let answer = chart(&server, "ann", OFFICE, wanted.clone()).await;
    let call = [("11:30:00", 0, 0), ("11:31:00", 0, 1), ("11:32:00", 0, 1), ("11:33:00", 0, 0)];
    assert_eq!(points(&answer), expected(&call));
    let answer = chart(&server, "ann", CARRIER, wanted).await;
    let call = [("11:30:00", 0, 0), ("11:31:00", 1, 0), ("11:32:00", 1, 0), ("11:33:00", 0, 0)];
    assert_eq!(points(&answer), expected(&call));
}

#[tokio::test]
async fn an_account_that_calls_itself_counts_on_both_sides() {
    let server = Server::start().await;
    let talk = lasting(minutes_ago(10), 30);
    server.talked_call(server.phone("acme-101"), server.phone("acme-102"), talk).await;
    let answer = chart(&server, "ann", OFFICE, between("2026-01-02T11:49:30Z", "2026-01-02T11:50:59Z")).await;
    assert_eq!(points(&answer), expected(&[("11:50:00", 1, 1)]));
}

#[tokio::test]
async fn a_call_counts_from_its_beginning_to_just_before_its_end() {
    let server = Server::start().await;
    from_office(&server, lasting(minutes_ago(10), 60)).await;
    let answer = chart(&server, "ann", OFFICE, between("2026-01-02 11:00:00", "2026-01-02 11:58:00")).await;
    assert_eq!(points(&answer), expected(&[("11:49:00", 0, 0), ("11:50:00", 0, 1), ("11:51:00", 0, 0)]));
}

#[tokio::test]
async fn both_ends_belong_to_the_chart_and_border_on_what_lies_outside() {
    let server = Server::start().await;
    from_office(&server, lasting(minutes_ago(10), 30)).await;
    let ends = |from: &str, to: &str| between(&format!("2026-01-02 {from}"), &format!("2026-01-02 {to}"));
    let answer = chart(&server, "ann", OFFICE, ends("11:50:00", "11:50:00")).await;
    assert_eq!(points(&answer), expected(&[("11:50:00", 0, 1)]));
    let answer = chart(&server, "ann", OFFICE, ends("11:51:00", "11:55:00")).await;
    assert_eq!(points(&answer), expected(&[("11:51:00", 0, 0)]));
    let answer = chart(&server, "ann", OFFICE, ends("11:40:00", "11:49:00")).await;
    assert_eq!(points(&answer), expected(&[("11:49:00", 0, 0)]));
    let answer = chart(&server, "ann", OFFICE, ends("11:50:01", "11:50:59")).await;
    assert_eq!(points(&answer), []);
}

#[tokio::test]
async fn without_times_a_chart_spans_the_last_day_and_ends_at_the_present() {
    let server = Server::start().await;
    server.clock.advance(Duration::from_micros(1_234_567));
    let answer = chart(&server, "ann", OFFICE, json!({})).await;
    let attributes = answer.json()["data"]["attributes"].clone();
    assert_eq!(attributes["from-time"], "2026-01-01T12:00:01.234Z");
    assert_eq!(attributes["to-time"], "2026-01-02T12:00:01.234Z");
    assert_eq!(points(&answer), [("12:00:01.234".to_owned(), 0, 0)]);
}

#[tokio::test]
async fn live_calls_count_up_to_the_present_which_is_the_last_point() {
    let server = Server::start().await;
    let number = || server.outside("acme-trunk", "+14155550199");
    server.live_call(server.phone("acme-101"), number(), lasting(minutes_ago(1), 60)).await;
    server.clock.advance(Duration::from_secs(30));
    server.live_call(number(), server.phone("acme-102"), lasting(NOW + Duration::from_secs(5), 60)).await;
    let answer = chart(&server, "ann", OFFICE, json!({ "to-time": "2026-01-03" })).await;
    let live = [("11:58:00", 0, 0), ("11:59:00", 0, 1), ("12:00:00", 0, 1), ("12:00:30", 1, 1)];
    assert_eq!(points(&answer), expected(&live));
    let past = chart(&server, "ann", OFFICE, json!({ "to-time": "2026-01-02 12:00:29" })).await;
    assert_eq!(points(&past), expected(&live[..3]));
}

#[tokio::test]
async fn a_present_on_the_minute_is_one_point() {
    let server = Server::start().await;
    let number = server.outside("acme-trunk", "+14155550199");
    server.live_call(server.phone("acme-101"), number, lasting(minutes_ago(1), 60)).await;
    let answer = chart(&server, "ann", OFFICE, json!({})).await;
    assert_eq!(points(&answer), expected(&[("11:58:00", 0, 0), ("11:59:00", 0, 1), ("12:00:00", 0, 1)]));
}

#[tokio::test]
async fn the_last_point_returns_to_zero() {
    let server = Server::start().await;
    from_office(&server, lasting(NOW - Duration::from_secs(50), 40)).await;
    let answer = chart(&server, "ann", OFFICE, json!({})).await;
    assert_eq!(points(&answer), expected(&[("12:00:00", 0, 0)]));
}

#[tokio::test]
async fn a_chart_of_the_future_is_empty() {
    let server = Server::start().await;
    let answer = chart(&server, "ann", OFFICE, between("2026-01-02 12:00:01", "2300-01-01")).await;
    assert_eq!(points(&answer), []);
}

#[tokio::test]
async fn minutes_without_a_server_are_left_out() {
    let server = Server::start().await;
    let number = server.outside("acme-trunk", "+14155550199");
    server.live_call(server.phone("acme-101"), number, lasting(minutes_ago(2), 60)).await;
    let server = server.restart_after(Duration::from_secs(600)).await;
    server.clock.advance(Duration::from_secs(300));
    from_office(&server, lasting(minutes_ago(0) + Duration::from_secs(690), 60)).await;
    let answer = chart(&server, "ann", OFFICE, json!({ "to-time": "2026-01-02 12:14:00" })).await;
    let before = [("11:57:00", 0, 0), ("11:58:00", 0, 1), ("11:59:00", 0, 1)];
    let after = [("12:11:00", 0, 0), ("12:12:00", 0, 1), ("12:13:00", 0, 0)];
    assert_eq!(points(&answer), expected(&[before, after].concat()));
}

#[tokio::test]
async fn accounts_that_the_client_may_not_see_are_no_accounts() {
    let server = Server::start().await;
    let check = |answer: &Answer| {
        invalid(answer, "can't be blank", "account - can't be blank", "/data/relationships/account");
    };
    for (login, account) in [("ann", UNKNOWN), ("ann", FOREIGN), ("sue", SHOP), ("gil", OFFICE)] {
        check(&chart(&server, login, account, json!({})).await);
    }
    for relationships in
        [json!({}), json!({ "account": { "data": null } }), json!({ "account": {} }), json!(null)]
    {
        let data = json!({ "type": "chart-active-calls", "relationships": relationships });
        check(&server.yeti_post("ann", "/chart-active-calls", json!({ "data": data })).await);
    }
    assert_eq!(chart(&server, "sue", OFFICE, json!({})).await.status, 201);
}

#[tokio::test]
async fn a_beginning_after_the_end_is_refused() {
    let server = Server::start().await;
    let answer = chart(&server, "ann", OFFICE, between("2026-01-02 00:00:01", "2026-01-02 00:00:00")).await;
    let text = "from_time must be greater than to_time";
    invalid(&answer, text, text, "/data");
}

#[tokio::test]
async fn what_is_no_time_is_refused_by_name() {
    let server = Server::start().await;
    for value in [json!(null), json!("soon"), json!(""), json!(7), json!([]), json!({}), json!("99999-01-01")]
    {
        for name in ["from-time", "to-time"] {
            let answer = chart(&server, "ann", OFFICE, json!({ name: value })).await;
            let (detail, pointer) = (format!("{name} - is invalid"), format!("/data/attributes/{name}"));
            invalid(&answer, "is invalid", &detail, &pointer);
        }
    }
}

#[tokio::test]
async fn all_that_is_wrong_is_reported_at_once() {
    let server = Server::start().await;
    let answer = chart(&server, "ann", UNKNOWN, between("x", "y")).await;
    let pointers: Vec<_> = errors(&answer, 422).into_iter().map(|[.., pointer]| pointer).collect();
    let all = ["/data/attributes/from-time", "/data/attributes/to-time", "/data/relationships/account"];
    assert_eq!(pointers, all);
}

#[tokio::test]
async fn absurdly_long_charts_are_refused() {
    let server = Server::start().await;
    let detail = "must be at most 366 days before to-time and the present";
    for (from, to) in
        [("0001-01-01", "9999-12-31"), ("-009999-01-01", "2026-01-01"), ("2024-01-01", "2025-06-01")]
    {
        let answer = chart(&server, "ann", OFFICE, between(from, to)).await;
        invalid(&answer, detail, &format!("from-time - {detail}"), "/data/attributes/from-time");
    }
    let year = chart(&server, "ann", OFFICE, between("2025-01-02", "9999-12-31")).await;
    assert_eq!(points(&year), expected(&[("12:00:00", 0, 0)]));
}

#[tokio::test]
async fn the_account_is_included_on_request() {
    let server = Server::start().await;
    let account = json!({ "data": { "type": "accounts", "id": OFFICE } });
    let body = json!({ "data": { "type": "chart-active-calls", "relationships": { "account": account } } });
    let path = "/chart-active-calls?include=account&fields[accounts]=name";
    let answer = server.yeti_post("ann", path, &body).await.json();
    assert_eq!(answer["data"]["relationships"]["account"]["data"], account["data"]);
    let included = json!([{ "id": OFFICE, "type": "accounts",
        "links": { "self": format!("http://example.org/api/rest/customer/v1/accounts/{OFFICE}") },
        "attributes": { "name": "Acme office" } }]);
    assert_eq!(answer["included"], included);
    let path = "/chart-active-calls?fields[chart-active-calls]=to-time";
    let data = server.yeti_post("ann", path, &body).await.json()["data"].clone();
    assert_eq!(data["attributes"], json!({ "to-time": "2026-01-02T12:00:00.000Z" }));
    assert_eq!(data.get("relationships"), None);
}

#[tokio::test]
async fn unknown_includes_and_fields_are_refused() {
    let server = Server::start().await;
    let cases = [
        ("include=owner", 112, "Invalid field", "owner is not a valid relationship of chart-active-calls"),
        ("fields=x", 119, "Invalid field format", "Fields must specify a type."),
        ("fields[cars]=x", 101, "Invalid resource", "cars is not a valid resource."),
        ("fields[accounts]=x", 104, "Invalid field", "x is not a valid field for accounts."),
        ("fields[accounts]=", 104, "Invalid field", "nil is not a valid field for accounts."),
    ];
    for (query, code, title, detail) in cases {
        let answer = server.yeti_post("ann", &format!("/chart-active-calls?{query}"), "{}").await;
        refused(&answer, 400, code, title, detail);
    }
}

//! `/v1/calls`, `/v1/devices` and `/v1/trunks`.

use std::time::Duration;

use axum::http::{Method, StatusCode};
use call::AccountId;
use http_core::config::StaticToken;
use serde_json::{Value, json};
use switch::simulated::SimulatedCall;

use crate::harness::{Answer, NOW, Server, Talk};

const TOKENS: [(u32, &str); 3] = [(1001, "acme-office"), (1002, "acme-shop"), (2001, "globex-office")];
const OFFICE: &str = "acme-office";

async fn start() -> Server {
    let token = |(account, token): (u32, &str)| StaticToken::of(token, AccountId(account));
    Server::start_with(|config| config.http.tokens = TOKENS.map(token).to_vec().into()).await
}

async fn ask(server: &Server, method: Method, path: &str, token: &str, body: Option<Value>) -> Answer {
    let asking = server.request(method, path).header("authorization", &format!("Bearer {token}"));
    match body {
        Some(body) => asking.header("content-type", "application/json").body(body.to_string()).await,
        None => asking.send().await,
    }
}

async fn get(server: &Server, path: &str) -> Value {
    let answer = ask(server, Method::GET, path, OFFICE, None).await;
    assert_eq!(answer.status, StatusCode::OK, "{path}: {}", answer.text());
    answer.json()
}

/// A call that began so many seconds ago, from one phone to another, or out by the trunk.
async fn live(server: &Server, from: &str, to: &str, ago: u64) -> SimulatedCall {
    let to = if to.starts_with('+') { server.outside("acme-trunk", to) } else { server.phone(to) };
    let talk = Talk {
        began_at: NOW - Duration::from_secs(ago),
        answered_after: Duration::from_secs(5),
        talked: Duration::ZERO,
    };
    server.live_call(server.phone(from), to, talk).await
}

fn ids(list: &Value) -> Vec<&str> {
    list["calls"].as_array().unwrap().iter().map(|call| call["id"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn the_calls_that_go_on_are_listed_filtered_counted_and_grouped() {
    let server = start().await;
    let inside = live(&server, "acme-101", "acme-102", 30).await;
    let outside = live(&server, "acme-101", "+14155550199", 20).await;
    let to_britain = live(&server, "acme-102", "+442079460123", 10).await;
    live(&server, "globex-201", "globex-201", 5).await;
    let list = get(&server, "/v1/calls").await;
    let [inside, outside, to_britain] = [inside, outside, to_britain].map(|call| call.id().to_string());
    assert_eq!(ids(&list), [&to_britain, &outside, &inside]);
    assert_eq!((&list["count"], &list["all"], &list["next"]), (&json!(3), &json!(3), &Value::Null));
    let call = &list["calls"][1];
    assert_eq!(call["state"], "talking");
    assert_eq!(call["to"], json!({"number": "+14155550199", "name": null}));
    assert_eq!((&call["extension"], &call["country"]), (&json!("101"), &json!("US")));
    for (query, expected) in [
        ("order=oldest", vec![&inside, &outside, &to_britain]),
        ("extension=102&order=to", vec![&to_britain]),
        ("text=4420", vec![&to_britain]),
        ("state=ringing", vec![]),
    ] {
        assert_eq!(ids(&get(&server, &format!("/v1/calls?{query}")).await), expected, "{query}");
    }
    let by_country = get(&server, "/v1/calls?group_by=country&limit=1").await;
    let groups =
        json!([{"group": null, "count": 1}, {"group": "GB", "count": 1}, {"group": "US", "count": 1}]);
    assert_eq!((&by_country["groups"], &by_country["count"]), (&groups, &json!(3)));
    let by_extension = get(&server, "/v1/calls?group_by=extension").await;
    assert_eq!(by_extension["groups"], json!([{"group": "101", "count": 2}, {"group": "102", "count": 1}]));
}

#[tokio::test]
async fn parts_of_a_list_join_without_gap_or_repeat_while_calls_come_and_go() {
    let server = start().await;
    let mut calls = Vec::new();
    for ago in 1..=7 {
        calls.push(live(&server, "acme-101", &format!("+1415555010{}", ago % 3), ago * 10).await);
    }
    for order in ["newest", "oldest", "from", "to", "state", "trunk"] {
        let all = get(&server, &format!("/v1/calls?order={order}")).await;
        let (mut seen, mut after) = (Vec::new(), String::new());
        loop {
            let part = get(&server, &format!("/v1/calls?order={order}&limit=3{after}")).await;
            seen.extend(ids(&part).into_iter().map(str::to_owned));
            let Some(next) = part["next"].as_str() else { break };
            after =
                format!("&after={}", form_urlencoded::byte_serialize(next.as_bytes()).collect::<String>());
        }
        assert_eq!(seen, ids(&all), "{order}");
    }
    let first = get(&server, "/v1/calls?limit=2").await;
    calls[0].end(call::event::Side::Origination);
    server.until(|registry| registry.has_ended(calls[0].id())).await;
    let newer = live(&server, "acme-101", "+14155550107", 0).await;
    let next = get(&server, &format!("/v1/calls?limit=10&after={}", first["next"].as_str().unwrap())).await;
    let rest: Vec<_> = calls[2..].iter().map(|call| call.id().to_string()).collect();
    assert_eq!(ids(&next), rest);
    assert!(!ids(&next).contains(&&*newer.id().to_string()));
}

#[tokio::test]
async fn one_call_is_told_with_its_legs_while_it_goes_on_and_when_it_is_over() {
    let server = start().await;
    let call = live(&server, "acme-101", "+14155550199", 20).await;
    let path = format!("/v1/calls/{}", call.id());
    let shown = get(&server, &path).await;
    assert_eq!((&shown["state"], &shown["end"]), (&json!("talking"), &Value::Null));
    assert_eq!(shown["legs"].as_array().unwrap().len(), 2);
    assert_eq!(shown["legs"][0]["state"], "answered");
    assert_eq!(shown["events"], format!("/v1/events?call={}", call.id()));
    let ended = ask(&server, Method::DELETE, &path, OFFICE, None).await;
    assert_eq!((ended.status, ended.json()), (StatusCode::OK, json!({"outcome": "done"})));
    let over = get(&server, &path).await;
    assert_eq!((&over["state"], &over["end"]["released_by"]), (&json!("over"), &json!("command")));
    assert_eq!(over["legs"][1]["state"], "ended");
    for token in ["globex-office", "acme-shop"] {
        assert_eq!(ask(&server, Method::GET, &path, token, None).await.status, StatusCode::NOT_FOUND);
    }
}

#[tokio::test]
async fn a_call_is_placed_and_its_legs_are_commanded() {
    let server = start().await;
    let body = json!({"from": "101", "to": "+14155550199"});
    let placed = ask(&server, Method::POST, "/v1/calls", OFFICE, Some(body)).await;
    assert_eq!(placed.status, StatusCode::CREATED, "{}", placed.text());
    let id = placed.json()["id"].as_str().unwrap().to_owned();
    assert_eq!(placed.header("location"), format!("/v1/calls/{id}"));
    server
        .until(|registry| {
            let call = id.parse().ok().and_then(|id| registry.get(id));
            call.is_some_and(|call| call.legs().len() == 2 && call.answered_at().is_some())
        })
        .await;
    let leg = get(&server, &format!("/v1/calls/{id}")).await["legs"][0]["id"].as_str().unwrap().to_owned();
    let verb = |verb: &str| format!("/v1/calls/{id}/legs/{leg}/{verb}");
    for (name, body) in [
        ("hold", None),
        ("resume", None),
        ("digits", Some(json!({"digits": "12#"}))),
        ("record", None),
        ("stop-recording", None),
        ("hang-up", None),
    ] {
        let answer = ask(&server, Method::POST, &verb(name), OFFICE, body).await;
        assert!(answer.status.is_success(), "{name}: {}", answer.text());
        assert_eq!(answer.json()["outcome"], "done", "{name}");
    }
    for (name, body, part) in [
        ("dance", json!({}), "A leg knows answer"),
        ("transfer", json!({}), "to is missing"),
        ("transfer", json!({"to": "x"}), "an extension of the account"),
        ("digits", json!({"digits": "1 2"}), "1 to 64 of 0-9"),
        ("hold", json!({"to": "102"}), "to is not known"),
    ] {
        let refused = ask(&server, Method::POST, &verb(name), OFFICE, Some(body)).await;
        assert!(
            refused.status.is_client_error() && refused.text().contains(part),
            "{name}: {}",
            refused.text()
        );
    }
}

#[tokio::test]
async fn many_calls_are_ended_only_as_far_as_was_expected() {
    let server = start().await;
    for ago in [10, 20] {
        live(&server, "acme-101", "+14155550199", ago).await;
    }
    let kept = live(&server, "acme-102", "+442079460123", 30).await;
    let others = live(&server, "globex-201", "globex-201", 5).await;
    let end = async |body: Value| ask(&server, Method::POST, "/v1/calls/hang-up", OFFICE, Some(body)).await;
    let filter = json!({"extension": "101"});
    let tried = end(json!({"filter": filter, "dry_run": true})).await;
    assert_eq!(tried.json(), json!({"found": 2, "ended": 0}));
    let refused = end(json!({"filter": filter, "at_most": 1})).await;
    assert_eq!(refused.status, StatusCode::CONFLICT, "{}", refused.text());
    for (body, field) in [
        (json!({"filter": filter}), "at_most"),
        (json!({"filter": {"shoe": "1"}, "dry_run": true}), "filter.shoe"),
        (json!({"filter": {"state": "asleep"}, "dry_run": true}), "state"),
        (json!({"at_most": 0}), "at_most"),
    ] {
        let refused = end(body).await;
        assert_eq!(refused.status, StatusCode::BAD_REQUEST);
        assert!(refused.text().contains(&format!("\"field\":\"{field}\"")), "{}", refused.text());
    }
    assert_eq!(end(json!({"filter": filter, "at_most": 2})).await.json(), json!({"found": 2, "ended": 2}));
    let left: Vec<_> = server.app.live.snapshot().calls().map(|call| call.id()).collect();
    assert_eq!(left.len(), 2);
    assert!(left.contains(&kept.id()) && left.contains(&others.id()));
}

#[tokio::test]
async fn phones_and_trunks_are_the_accounts_own() {
    let server = start().await;
    let users = |list: &Value| -> Vec<String> {
        let devices = list["devices"].as_array().unwrap().iter();
        devices.map(|device| device["sip_user"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(users(&get(&server, "/v1/devices").await), ["acme-101", "acme-102"]);
    let others = ask(&server, Method::GET, "/v1/devices", "globex-office", None).await.json();
    assert_eq!(users(&others), ["globex-201"]);
    let trunks = ask(&server, Method::GET, "/v1/trunks", "globex-office", None).await.json();
    assert!(!trunks.to_string().contains("acme"), "{trunks}");
}

/// A call out by the trunk that is over, of so many seconds of talk.
async fn over(server: &Server, to: &str, (ago, talked): (u64, u64)) -> String {
    let talk = Talk {
        began_at: NOW - Duration::from_secs(ago),
        answered_after: Duration::from_secs(5),
        talked: Duration::from_secs(talked),
    };
    let (phone, outside) = (server.phone("acme-101"), server.outside("acme-trunk", to));
    server.talked_call(phone, outside, talk).await.id().to_string()
}

#[tokio::test]
async fn finished_calls_are_searched_in_parts_that_join() {
    let server = start().await;
    let mut expected = Vec::new();
    for ago in [900, 800, 700, 700, 600] {
        expected.insert(0, over(&server, "+14155550199", (ago, 30)).await);
    }
    let other = over(&server, "+442079460123", (500, 60)).await;
    let found = get(&server, "/v1/history?called=1415&count=true").await;
    assert_eq!((&found["count"], &found["next"]), (&json!(5), &Value::Null));
    let all: Vec<_> = ids(&found).into_iter().map(str::to_owned).collect();
    assert_eq!(all.len(), 5);
    assert!(all.iter().all(|id| expected.contains(id)));
    let (mut seen, mut after) = (Vec::new(), String::new());
    loop {
        let part = get(&server, &format!("/v1/history?called=1415&limit=2{after}")).await;
        seen.extend(ids(&part).into_iter().map(str::to_owned));
        let Some(next) = part["next"].as_str() else { break };
        after = format!("&after={next}");
    }
    assert_eq!(seen, all);
    let long = get(&server, "/v1/history?least_seconds=60&outcome=answered&direction=outbound").await;
    assert_eq!(ids(&long), [other]);
    assert_eq!(long["calls"][0]["end"]["connected_seconds"], 60.0);
    assert_eq!(get(&server, "/v1/history?until=2026-01-01T00:00:00Z").await["calls"], json!([]));
    for (query, field) in
        [("from=today", "from"), ("limit=0", "limit"), ("shoe=1", "shoe"), ("after=x", "after")]
    {
        let refused = ask(&server, Method::GET, &format!("/v1/history?{query}"), OFFICE, None).await;
        assert_eq!(refused.status, StatusCode::BAD_REQUEST);
        assert!(refused.text().contains(&format!("\"field\":\"{field}\"")), "{}", refused.text());
    }
    assert_eq!(ask(&server, Method::GET, "/v1/history", "acme-shop", None).await.json()["calls"], json!([]));
}

#[tokio::test]
async fn active_calls_are_counted_at_any_step_and_the_balance_follows() {
    let server = start().await;
    let before = get(&server, "/v1/balance").await;
    over(&server, "+14155550199", (100, 60)).await;
    live(&server, "acme-101", "+14155550199", 30).await;
    let series = get(&server, "/v1/series?step=10").await;
    let calls: Vec<_> = series["calls"].as_array().unwrap().iter().rev().take(12).rev().cloned().collect();
    let at = |ago: i64| NOW.as_seconds() - ago;
    assert_eq!(series["at"].as_array().unwrap().last(), Some(&json!(at(0))));
    let expected: Vec<_> =
        (0..12).rev().map(|tens| u32::from((40..=100).contains(&(tens * 10)) || tens <= 3)).collect();
    assert_eq!(calls, expected.into_iter().map(|count| json!(count)).collect::<Vec<_>>(), "{series}");
    let hour = get(&server, "/v1/series?step=3600&from=2026-01-02T11:00:00Z").await;
    assert_eq!(
        (&hour["calls"], &hour["peaks"]),
        (&json!([0, 1]), &json!([1, 1])),
        "the most within each step"
    );
    let elsewhere = get(&server, "/v1/series?step=3600&from=2026-01-02T11:00:00Z&country=DE&prefix=49").await;
    assert_eq!(elsewhere["peaks"], json!([0, 0]));
    let began = get(&server, "/v1/series?measure=started&step=3600&from=2026-01-02T11:00:00Z").await;
    assert_eq!((&began["calls"], &began["peaks"]), (&json!([2, 0]), &json!([1, 0])), "and what began");
    for query in [
        "country=Mars",
        "prefix=four",
        "measure=heard",
        "measure=started&step=86400&from=2020-01-01T00:00:00Z",
    ] {
        let refused = ask(&server, Method::GET, &format!("/v1/series?{query}"), OFFICE, None).await;
        let field = if query.contains("from") { "from" } else { query.split_once('=').unwrap().0 };
        assert!(refused.text().contains(&format!("\"field\":\"{field}\"")), "{}", refused.text());
    }
    let refused =
        ask(&server, Method::GET, "/v1/series?step=1&from=2020-01-01T00:00:00Z", OFFICE, None).await;
    assert!(refused.text().contains("\"field\":\"step\""), "{}", refused.text());
    let after = get(&server, "/v1/balance").await;
    let number = |balance: &Value| balance["balance"].as_str().unwrap().parse::<f64>().unwrap();
    assert!(number(&after) < number(&before), "{before} {after}");
}

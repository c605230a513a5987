//! `GET …/calls`.

use std::{collections::HashSet, time::Duration};

use axum::http::StatusCode;
use call::event::Side;
use serde_json::{Value, json};
use switch::{Clock, simulated::SimulatedCall};

use super::{
    CALLS, answered, ask, finish, get, ok, refused, ringing, start, texts, until_ringing, until_settled,
};
use crate::harness::{NOW, Server};

async fn listed(server: &Server, query: &str) -> Vec<String> {
    texts(&ok(&get(server, &format!("{CALLS}{query}")).await)["calls"], "call_id")
}

fn ids(calls: &[&SimulatedCall]) -> Vec<String> {
    calls.iter().map(|call| call.id().to_string()).collect()
}

/// Many calls, some of which began in the same instant.
async fn many(server: &Server, count: u64) {
    let (phone, outside) = (server.phone("acme-101"), server.outside("acme-trunk", "+14155550199"));
    for at in 0..count {
        let began_at = NOW - Duration::from_secs(at / 3);
        server.switch.place(server.call(phone.clone(), outside.clone(), began_at)).unwrap();
    }
    let account = phone.owner.account;
    server
        .until(|calls| calls.calls_of(account).filter(|call| call.legs().len() == 2).count() as u64 == count)
        .await;
}

#[tokio::test]
async fn without_calls_the_only_page_is_empty() {
    let server = start().await;
    let answer = get(&server, CALLS).await;
    assert_eq!(
        answer.text(),
        concat!(
            r#"{"calls":[],"current_page":0,"#,
            r#""first_page_uri":"/cc/accounts/1001/calls?page_size=100&order=desc","#,
            r#""order":"desc","page_size":100,"pages":1}"#
        )
    );
}

#[tokio::test]
async fn a_call_is_listed_from_its_first_leg_to_the_end_of_its_last() {
    let server = start().await;
    let call = ringing(&server, Duration::from_secs(5)).await;
    assert_eq!(listed(&server, "").await, ids(&[&call]));
    call.answer();
    until_settled(&server, &call).await;
    assert_eq!(listed(&server, "").await, ids(&[&call]));
    finish(&server, &call, |call| _ = call.end(Side::Origination)).await;
    assert_eq!(listed(&server, "").await, ids(&[]));
}

#[tokio::test]
async fn a_call_that_was_not_talked_on_leaves_the_list_at_once_too() {
    let server = start().await;
    let call = ringing(&server, Duration::ZERO).await;
    finish(&server, &call, |call| _ = call.busy()).await;
    assert_eq!(listed(&server, "").await, ids(&[]));
}

#[tokio::test]
async fn a_live_call_has_no_end_and_all_its_legs() {
    let server = start().await;
    let call = ringing(&server, Duration::from_secs(5)).await;
    let (caller, called) = (call.caller_leg().unwrap(), call.called_leg().unwrap());
    let start = NOW.as_seconds() - 5;
    let leg = |account: u32, leg: call::LegId| {
        json!({
            "account_id": account, "call_id": call.id().to_string(), "direction": "outbound", "from": 101,
            "leg_id": leg.to_string(), "start_time": start, "status": "ringing", "to": "+14155550199",
        })
    };
    let page = ok(&get(&server, CALLS).await);
    let expected = json!([{
        "account_id": 1001, "call_id": call.id().to_string(), "direction": "outbound", "from": 101,
        "legs": [leg(1001, caller), leg(1009, called)],
        "start_time": start, "status": "ringing", "to": "+14155550199",
    }]);
    assert_eq!(page["calls"], expected);
}

#[tokio::test]
async fn the_direction_is_that_of_the_account() {
    let server = start().await;
    let (ann, ben) = (server.phone("acme-101"), server.phone("acme-102"));
    let (sue, outside) = (server.phone("shop-301"), server.outside("acme-trunk", "+14155550199"));
    let direction = async |caller, called| {
        let call = server.switch.ringing_call(caller, called).unwrap();
        until_ringing(&server, &call).await;
        let shown = ok(&get(&server, &super::call_path(call.id())).await);
        let legs = texts(&shown["legs"], "direction");
        (shown["direction"].as_str().unwrap().to_owned(), legs.join(" "))
    };
    let pair = |call: &str, legs: &str| (call.to_owned(), legs.to_owned());
    assert_eq!(direction(ann.clone(), outside.clone()).await, pair("outbound", "outbound outbound"));
    assert_eq!(direction(outside, ann.clone()).await, pair("inbound", "inbound inbound"));
    assert_eq!(direction(sue.clone(), ann.clone()).await, pair("inbound", "inbound inbound"));
    assert_eq!(direction(ann.clone(), sue).await, pair("outbound", "outbound outbound"));
    assert_eq!(direction(ann, ben).await, pair("outbound", "outbound inbound"));
}

#[tokio::test]
async fn calls_of_other_accounts_are_not_listed() {
    let server = start().await;
    let globex = server
        .switch
        .ringing_call(server.phone("globex-201"), server.outside("globex-trunk", "+1999"))
        .unwrap();
    until_ringing(&server, &globex).await;
    assert_eq!(listed(&server, "").await, ids(&[]));
    let own =
        server.get("/cc/accounts/2001/calls").header("authorization", "Bearer globex-office").send().await;
    assert_eq!(texts(&ok(&own)["calls"], "call_id"), ids(&[&globex]));
}

#[tokio::test]
async fn the_newest_comes_first_unless_ascending_order_is_asked_for() {
    let server = start().await;
    let old = ringing(&server, Duration::from_secs(20)).await;
    let new = ringing(&server, Duration::from_secs(10)).await;
    assert_eq!(listed(&server, "").await, ids(&[&new, &old]));
    for (order, calls) in
        [("desc", [&new, &old]), ("DESC", [&new, &old]), ("asc", [&old, &new]), ("ASC", [&old, &new])]
    {
        assert_eq!(listed(&server, &format!("?order={order}")).await, ids(&calls), "{order}");
    }
    assert_eq!(ok(&get(&server, &format!("{CALLS}?order=ASC")).await)["order"], "asc");
}

#[tokio::test]
async fn the_start_is_inclusive_and_the_end_exclusive_in_seconds_millis_and_micros() {
    let server = start().await;
    let call = ringing(&server, Duration::from_secs(10)).await;
    let start = NOW.as_seconds() - 10;
    let is_listed = async |query: String| listed(&server, &query).await == ids(&[&call]);
    for unit in ["", "000", "000000"] {
        assert!(is_listed(format!("?start_time={start}{unit}")).await);
        assert!(!is_listed(format!("?start_time={}{unit}", start + 1)).await);
        assert!(is_listed(format!("?end_time={}{unit}", start + 1)).await);
        assert!(!is_listed(format!("?end_time={start}{unit}")).await);
        assert!(is_listed(format!("?start_time={start}{unit}&end_time={}{unit}", start + 1)).await);
    }
    assert!(!is_listed(format!("?start_time={}&end_time={start}", start + 1)).await);
}

#[tokio::test]
async fn the_extension_may_be_any_number_of_the_call_or_of_a_leg() {
    let server = start().await;
    let out = ringing(&server, Duration::from_secs(20)).await;
    let inside = server.switch.ringing_call(server.phone("acme-102"), server.phone("acme-101")).unwrap();
    until_ringing(&server, &inside).await;
    assert_eq!(listed(&server, "?extension=101").await, ids(&[&inside, &out]));
    assert_eq!(listed(&server, "?extension=102").await, ids(&[&inside]));
    assert_eq!(listed(&server, "?extension=%2B14155550199").await, ids(&[&out]));
    assert_eq!(listed(&server, "?extension=14155550199").await, ids(&[&out]));
    assert_eq!(listed(&server, "?extension=10").await, ids(&[]));
}

#[tokio::test]
async fn the_page_size_has_a_default_and_a_limit_and_is_echoed() {
    let server = start().await;
    let cases = [("", 100), ("?page_size=0", 100), ("?page_size=1", 1), ("?page_size=1000", 1000)];
    let clamped = [("?page_size=1001", 1000), ("?page_size=99999999999999999999", 1000)];
    for (query, size) in cases.into_iter().chain(clamped) {
        let page = ok(&get(&server, &format!("{CALLS}{query}")).await);
        assert_eq!(page["page_size"], size, "{query}");
        assert_eq!(page["first_page_uri"], format!("{CALLS}?page_size={size}&order=desc"));
    }
}

#[tokio::test]
async fn a_value_that_is_not_accepted_is_named_with_what_is() {
    let server = start().await;
    let cases = [
        ("page_size", "-1"),
        ("page_size", "ten"),
        ("page_size", ""),
        ("page_size", "1.5"),
        ("page_size", "%2B5"),
        ("order", "up"),
        ("order", ""),
        ("page", "-1"),
        ("page", "one"),
        ("start_time", "yesterday"),
        ("start_time", "-5"),
        ("start_time", "1595955770.5"),
        ("start_time", ""),
        ("end_time", "99999999999999999999"),
        ("end_time", "2020-07-28"),
        ("extension", ""),
    ];
    for (name, value) in cases {
        let message = refused(&get(&server, &format!("{CALLS}?{name}={value}")).await, 400);
        let (found, accepted) = message.split_once("; accepted is ").unwrap();
        assert!(found.starts_with(&format!("{name} is `{}`", value.replace("%2B", "+"))), "{message}");
        assert!(!accepted.is_empty());
    }
    refused(&get(&server, &format!("{CALLS}?extension={}", "1".repeat(129))).await, 400);
    refused(&get(&server, &format!("{CALLS}?page=1&page=2")).await, 400);
}

#[tokio::test]
async fn parameters_of_other_names_are_not_looked_at() {
    let server = start().await;
    assert_eq!(listed(&server, "?limit=x&_=1").await, ids(&[]));
}

#[tokio::test]
async fn pages_are_counted_from_zero_and_linked() {
    let server = start().await;
    many(&server, 5).await;
    let start = NOW.as_seconds() - 100;
    let first =
        ok(&get(&server, &format!("{CALLS}?extension=101&start_time={start}&page_size=2&order=asc")).await);
    let link = format!("{CALLS}?page_size=2&order=asc&extension=101&start_time={start}");
    assert_eq!(links(&first), json!([0, link, 1, format!("{link}&page=1"), 3, null]));
    let second = ok(&get(&server, first["next_page_uri"].as_str().unwrap()).await);
    assert_eq!(links(&second), json!([1, link, 2, format!("{link}&page=2"), 3, format!("{link}&page=0")]));
    let last = ok(&get(&server, second["next_page_uri"].as_str().unwrap()).await);
    assert_eq!(links(&last), json!([2, link, null, null, 3, format!("{link}&page=1")]));
    assert_eq!(last["calls"].as_array().unwrap().len(), 1);
    let all = ["current_page", "calls", "first_page_uri", "order", "page_size", "pages", "previous_page_uri"];
    assert_eq!(
        last.as_object().unwrap().keys().map(String::as_str).collect::<HashSet<_>>(),
        HashSet::from(all)
    );
}

fn links(page: &Value) -> Value {
    let names =
        ["current_page", "first_page_uri", "next_page", "next_page_uri", "pages", "previous_page_uri"];
    names.map(|name| page[name].clone()).to_vec().into()
}

#[tokio::test]
async fn values_in_links_are_percent_encoded() {
    let server = start().await;
    let page = ok(&get(&server, &format!("{CALLS}?extension=%2B1%20%262")).await);
    assert_eq!(page["first_page_uri"], format!("{CALLS}?page_size=100&order=desc&extension=%2B1%20%262"));
}

#[tokio::test]
async fn past_the_end_there_is_an_empty_page_that_leads_back_to_the_last() {
    let server = start().await;
    many(&server, 3).await;
    for page in ["2", "7", "2147483647"] {
        let past = ok(&get(&server, &format!("{CALLS}?page_size=2&page={page}")).await);
        assert_eq!(past["calls"], json!([]), "{page}");
        assert_eq!(past["previous_page_uri"], format!("{CALLS}?page_size=2&order=desc&page=1"));
        assert_eq!((&past["next_page"], &past["pages"]), (&Value::Null, &json!(2)));
    }
}

#[tokio::test]
async fn a_walk_over_the_pages_meets_every_call_once_and_in_order() {
    let server = start().await;
    many(&server, 250).await;
    for (order, size) in [("asc", 7), ("desc", 7), ("asc", 100), ("desc", 250)] {
        let met = walk(&server, &format!("{CALLS}?page_size={size}&order={order}")).await;
        let ids: HashSet<_> = met.iter().map(|(_, id)| id).collect();
        assert_eq!((met.len(), ids.len()), (250, 250), "{order} {size}");
        let mut sorted = met.clone();
        sorted.sort();
        if order == "desc" {
            sorted.reverse();
        }
        assert_eq!(met, sorted, "{order} {size}");
    }
}

/// Start and id of every call that following the links meets.
async fn walk(server: &Server, from: &str) -> Vec<(u64, String)> {
    let (mut met, mut next) = (Vec::new(), Some(from.to_owned()));
    while let Some(path) = next {
        let page = ok(&get(server, &path).await);
        let calls = page["calls"].as_array().unwrap();
        let key = |call: &Value| {
            (call["start_time"].as_u64().unwrap(), call["call_id"].as_str().unwrap().to_owned())
        };
        met.extend(calls.iter().map(key));
        next = page["next_page_uri"].as_str().map(str::to_owned);
    }
    met
}

#[tokio::test]
async fn an_answered_call_is_on_call_and_so_are_its_legs() {
    let server = start().await;
    answered(&server).await;
    let page = ok(&get(&server, CALLS).await);
    assert_eq!(page["calls"][0]["status"], "on-call");
    assert_eq!(texts(&page["calls"][0]["legs"], "status"), ["on-call", "on-call"]);
}

#[tokio::test]
async fn head_is_answered_without_a_body() {
    let server = start().await;
    let answer = ask(&server, axum::http::Method::HEAD, CALLS).send().await;
    assert_eq!((answer.status, answer.text()), (StatusCode::OK, ""));
}

/// A call of phone 101 that says to be 103's.
async fn claiming(server: &Server) -> SimulatedCall {
    let mut spec = server.call(
        server.phone("acme-101"),
        server.outside("acme-trunk", "+14155550199"),
        server.clock.now(),
    );
    spec.started.caller = "103".into();
    let call = server.switch.place(spec).unwrap();
    call.ring();
    until_ringing(server, &call).await;
    call
}

#[tokio::test]
async fn the_caller_is_the_phone_and_not_what_it_says() {
    let server = start().await;
    let call = claiming(&server).await;
    let shown = ok(&get(&server, &super::call_path(call.id())).await);
    assert_eq!((&shown["from"], &shown["legs"][0]["from"]), (&json!(101), &json!(101)));
    assert_eq!(listed(&server, "?extension=103").await, ids(&[]));
    assert_eq!(listed(&server, "?extension=101").await, ids(&[&call]));
    finish(&server, &call, |call| _ = call.busy()).await;
    assert_eq!(ok(&get(&server, &super::call_path(call.id())).await)["from"], 101);
    let logs = async |query: &str| {
        let span = "start:gte=2026-01-01 00:00:00&start:lte=2026-01-03 00:00:00".replace(' ', "%20");
        let path = format!("/t/vbc.prod/reports/accounts/1001/call-logs?{span}&{query}");
        ok(&get(&server, &path).await)["_embedded"]["call_logs"].clone()
    };
    assert_eq!(logs("from=103").await, json!([]));
    assert_eq!(logs("from=101").await[0]["from"], "101");
}

#[tokio::test]
async fn a_page_beyond_all_bounds_is_refused() {
    let server = start().await;
    for page in ["2147483648", "18446744073709551615", "99999999999999999999999"] {
        for list in [CALLS, super::DEVICES] {
            let told = refused(&get(&server, &format!("{list}?page={page}")).await, 400);
            assert!(told.ends_with("to 2147483647"), "{told}");
        }
        let path = format!("/t/vbc.prod/reports/accounts/1001/call-logs?page={page}");
        assert_eq!(get(&server, &path).await.status, StatusCode::BAD_REQUEST);
    }
    assert_eq!(listed(&server, "?page=2147483647").await, ids(&[]));
}

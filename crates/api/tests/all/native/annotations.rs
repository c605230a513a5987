//! `/v1/calls/{call}/annotations`.

use std::time::Duration;

use axum::http::StatusCode;
use call::{AccountId, CallId, event::Side};
use http_core::config::StaticToken;
use serde_json::{Value, json};
use switch::simulated::SimulatedCall;

use crate::harness::{Answer, NOW, PASSWORD, Server, Talk};

/// Acme's office and shop, an account of another customer, and the token of each.
const TOKENS: [(u32, &str); 3] = [(1001, "acme-office"), (1002, "acme-shop"), (2001, "globex-office")];
const OFFICE: &str = "acme-office";
const APPLICATION: &str = r#"
[[applications]]
client_id = "desk"
name = "Agent's desk"
account = 1001
secret = "a secret of the desk"
"#;

async fn start() -> Server {
    let token = |(account, token): (u32, &str)| StaticToken::of(token, AccountId(account));
    let server = Server::start_with(|config| config.http.tokens = TOKENS.map(token).to_vec().into()).await;
    server.change_directory(|text| format!("{text}\n{APPLICATION}"));
    server
}

fn talk() -> Talk {
    Talk {
        began_at: NOW - Duration::from_secs(600),
        answered_after: Duration::from_secs(5),
        talked: Duration::from_secs(60),
    }
}

/// A finished call of Acme's office.
async fn finished(server: &Server) -> CallId {
    let (phone, outside) = (server.phone("acme-101"), server.outside("acme-trunk", "+14155550199"));
    server.talked_call(phone, outside, talk()).await.id()
}

/// A call of Acme's office that goes on.
async fn going_on(server: &Server) -> SimulatedCall {
    let (phone, outside) = (server.phone("acme-101"), server.outside("acme-trunk", "+14155550199"));
    server.live_call(phone, outside, talk()).await
}

/// The token that a person gets for Acme's office.
async fn signed_in(server: &Server, login: &str) -> String {
    let username = format!("{login}@vbc.prod");
    let fields = [
        ("grant_type", "password"),
        ("username", username.as_str()),
        ("password", PASSWORD),
        ("client_id", "desk"),
        ("client_secret", "a secret of the desk"),
    ];
    let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
    let form = "application/x-www-form-urlencoded";
    let answer = server.post("/token").header("content-type", form).body(body).await;
    answer.json()["access_token"].as_str().unwrap().to_owned()
}

fn path(call: impl std::fmt::Display) -> String {
    format!("/v1/calls/{call}/annotations")
}

async fn show(server: &Server, token: &str, call: CallId) -> Answer {
    server.get(&path(call)).header("authorization", &format!("Bearer {token}")).send().await
}

async fn send(server: &Server, token: &str, call: CallId, body: &str) -> Answer {
    let asking = server.post(&path(call)).header("authorization", &format!("Bearer {token}"));
    asking.header("content-type", "application/json").body(body.to_owned()).await
}

async fn change(server: &Server, token: &str, call: CallId, body: Value) -> Answer {
    send(server, token, call, &body.to_string()).await
}

#[track_caller]
fn ok(answer: &Answer) -> Value {
    assert_eq!(
        (answer.status, answer.header("content-type")),
        (StatusCode::OK, "application/json"),
        "{}",
        answer.text()
    );
    answer.json()
}

/// Checks that it is a refusal in the one shape; gives what it says.
#[track_caller]
fn refused(answer: &Answer, status: u16, code: &str) -> Value {
    assert_eq!((answer.status.as_u16(), answer.header("content-type")), (status, "application/problem+json"));
    let body = answer.json();
    assert_eq!((&body["code"], &body["status"]), (&json!(code), &json!(status)));
    assert_eq!(body["type"], "about:blank");
    assert!(!body["title"].as_str().unwrap().is_empty() && !body["detail"].as_str().unwrap().is_empty());
    body
}

#[tokio::test]
async fn where_nothing_was_noted_there_is_nothing() {
    let server = start().await;
    let call = finished(&server).await;
    let nothing = json!({
        "call_id": call.to_string(),
        "notes": null,
        "flagged": false,
        "flag_notes": null,
        "completed_form_ids": [],
        "work_time_in_seconds": 0.0,
        "changes": [],
    });
    assert_eq!(ok(&show(&server, OFFICE, call).await), nothing);
}

#[tokio::test]
async fn what_is_noted_is_shown_with_who_changed_what_when() {
    let server = start().await;
    let call = finished(&server).await;
    let first = json!({
        "notes": "asked for Zoë",
        "flagged": true,
        "flag_notes": "call back",
        "completed_form_ids": ["f1", "f2"],
        "work_time_in_seconds": 45.5,
    });
    ok(&change(&server, OFFICE, call, first.clone()).await);
    server.clock.advance(Duration::from_millis(1_500));
    let ann = signed_in(&server, "ann").await;
    let second = json!({ "notes": null, "completed_form_ids": ["f3"], "removed_form_ids": ["f1"] });
    let answer = ok(&change(&server, &ann, call, second).await);
    let id = server.directory().user_by_login("ann").unwrap().id.0;
    let mut set = first;
    set["at"] = json!("2026-01-02T12:00:00.000000Z");
    set["by"] = json!({ "type": "token" });
    let expected = json!({
        "call_id": call.to_string(),
        "notes": null,
        "flagged": true,
        "flag_notes": "call back",
        "completed_form_ids": ["f2", "f3"],
        "work_time_in_seconds": 45.5,
        "changes": [
            {
                "at": "2026-01-02T12:00:01.500000Z",
                "by": { "type": "user", "id": id, "login": "ann" },
                "notes": "",
                "completed_form_ids": ["f3"],
                "removed_form_ids": ["f1"],
            },
            set,
        ],
    });
    assert_eq!(answer, expected);
    assert_eq!(ok(&show(&server, OFFICE, call).await), expected);
}

#[tokio::test]
async fn the_same_once_more_changes_nothing() {
    let server = start().await;
    let call = finished(&server).await;
    let body = json!({ "notes": "a", "completed_form_ids": ["f1"], "work_time_in_seconds": 3 });
    let first = ok(&change(&server, OFFICE, call, body.clone()).await);
    server.clock.advance(Duration::from_secs(1));
    assert_eq!(ok(&change(&server, OFFICE, call, body).await), first);
    assert_eq!(ok(&change(&server, OFFICE, call, json!({})).await), first);
}

#[tokio::test]
async fn what_is_noted_about_a_call_that_goes_on_is_there_when_it_is_over() {
    let server = start().await;
    let call = going_on(&server).await;
    let noted = ok(&change(&server, OFFICE, call.id(), json!({ "notes": "angry" })).await);
    assert_eq!(noted["notes"], "angry");
    call.end(Side::Origination);
    server.until(|registry| registry.has_ended(call.id())).await;
    assert_eq!(ok(&show(&server, OFFICE, call.id()).await), noted);
    let server = server.restart_after(Duration::from_secs(5)).await;
    assert_eq!(ok(&show(&server, OFFICE, call.id()).await), noted);
}

#[tokio::test]
async fn each_account_that_has_a_side_of_the_call_notes_for_itself() {
    let server = start().await;
    let (office, shop) = (server.phone("acme-101"), server.phone("shop-301"));
    let call = server.talked_call(office, shop, talk()).await.id();
    ok(&change(&server, OFFICE, call, json!({ "notes": "the office's" })).await);
    assert_eq!(ok(&show(&server, "acme-shop", call).await)["notes"], Value::Null);
    ok(&change(&server, "acme-shop", call, json!({ "notes": "the shop's" })).await);
    assert_eq!(ok(&show(&server, OFFICE, call).await)["notes"], "the office's");
    assert_eq!(ok(&show(&server, OFFICE, call).await)["changes"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_call_of_others_is_refused_as_one_that_is_not_there() {
    let server = start().await;
    let (theirs, going) = (finished(&server).await, going_on(&server).await.id());
    let nobodys = CallId::from_uuid(*going.as_uuid());
    let bytes = nobodys.as_uuid().as_u128() ^ 1;
    let unknown: CallId = format!("{:032x}", bytes).parse().unwrap();
    for token in ["acme-shop", "globex-office"] {
        let missing = refused(&show(&server, token, unknown).await, 404, "not_found");
        for call in [theirs, going] {
            assert_eq!(refused(&show(&server, token, call).await, 404, "not_found"), missing);
            let body = json!({ "notes": "mine" });
            assert_eq!(refused(&change(&server, token, call, body).await, 404, "not_found"), missing);
        }
        let nonsense = server.get(&path("%FF")).header("authorization", &format!("Bearer {token}"));
        assert_eq!(refused(&nonsense.send().await, 404, "not_found"), missing);
    }
    assert_eq!(ok(&show(&server, OFFICE, theirs).await)["changes"], json!([]));
}

#[tokio::test]
async fn a_token_is_asked_for_before_anything_else() {
    let server = start().await;
    let call = finished(&server).await;
    let nothing = server.post(&path(call)).body("no json").await;
    refused(&nothing, 401, "unauthenticated");
    assert_eq!(nothing.header("www-authenticate"), "Bearer");
    let wrong = send(&server, "acme-offic", call, "no json").await;
    refused(&wrong, 401, "unauthenticated");
    assert_eq!(wrong.header("www-authenticate"), r#"Bearer error="invalid_token""#);
}

#[tokio::test]
async fn who_may_only_look_cannot_write() {
    let server = start().await;
    let call = finished(&server).await;
    let sue = signed_in(&server, "sue").await;
    ok(&show(&server, &sue, call).await);
    let answer = change(&server, &sue, call, json!({ "notes": "x" })).await;
    refused(&answer, 403, "forbidden");
    assert_eq!(answer.header("www-authenticate"), r#"Bearer error="insufficient_scope""#);
    assert_eq!(ok(&show(&server, OFFICE, call).await)["changes"], json!([]));
}

#[tokio::test]
async fn a_member_that_is_not_accepted_is_named_with_what_was_found_and_what_is_accepted() {
    let server = start().await;
    let call = finished(&server).await;
    let all = "notes, flagged, flag_notes, completed_form_ids, removed_form_ids or work_time_in_seconds";
    let cases = [
        (json!({ "notes": 3 }), "notes", "a number", "a string or null"),
        (json!({ "notes": "x".repeat(10_001) }), "notes", "10001 characters", "at most 10000 characters"),
        (json!({ "flag_notes": [] }), "flag_notes", "an array", "a string or null"),
        (json!({ "flagged": "yes" }), "flagged", "a string", "true or false"),
        (json!({ "flagged": null }), "flagged", "null", "true or false"),
        (json!({ "completed_form_ids": "f" }), "completed_form_ids", "a string", "an array of strings"),
        (json!({ "completed_form_ids": [1] }), "completed_form_ids", "a number", "an array of strings"),
        (
            json!({ "completed_form_ids": [""] }),
            "completed_form_ids",
            "an id of 0 characters",
            "ids of 1 to 200 characters",
        ),
        (json!({ "removed_form_ids": vec!["f"; 101] }), "removed_form_ids", "101 forms", "at most 100 forms"),
        (json!({ "work_time_in_seconds": "5" }), "work_time_in_seconds", "a string", "a number of seconds"),
        (json!({ "work_time_in_seconds": -0.5 }), "work_time_in_seconds", "-0.5", "seconds, 0 or more"),
        (
            json!({ "work_time_in_seconds": 3_600_001 }),
            "work_time_in_seconds",
            "3600001 seconds",
            "0 to 3600000 seconds",
        ),
        (json!({ "work_time_in_seconds": 1e300 }), "work_time_in_seconds", "1e+300", "seconds, 0 or more"),
        (json!({ "Notes": "x" }), "Notes", "unknown", all),
        (json!([]), "The body", "an array", "a JSON object"),
    ];
    for (body, field, found, accepted) in cases {
        let error = refused(&change(&server, OFFICE, call, body.clone()).await, 400, "invalid_input");
        let named = (&error["field"], &error["found"], &error["accepted"]);
        assert_eq!(named, (&json!(field), &json!(found), &json!(accepted)), "{body}");
        let message = format!("{field} is {found}; accepted is {accepted}");
        assert_eq!(error["detail"], message, "{body}");
    }
    assert_eq!(ok(&show(&server, OFFICE, call).await)["changes"], json!([]));
}

#[tokio::test]
async fn a_body_that_is_not_json_or_too_large_is_refused() {
    let server = start().await;
    let call = finished(&server).await;
    for body in ["", "{", "{}x", "\u{feff}", &"[".repeat(200_000)] {
        refused(&send(&server, OFFICE, call, body).await, 400, "invalid_input");
    }
    let large = format!(r#"{{"notes":"{}"}}"#, "x".repeat(1 << 20));
    refused(&send(&server, OFFICE, call, &large).await, 413, "too_large");
    let form = server.post(&path(call)).header("authorization", "Bearer acme-office");
    let form = form.header("content-type", "text/plain").body("{}").await;
    refused(&form, 415, "invalid_input");
    let untyped = server.post(&path(call)).header("authorization", "Bearer acme-office");
    assert_eq!(ok(&untyped.body(r#"{"flagged":true}"#).await)["flagged"], true);
}

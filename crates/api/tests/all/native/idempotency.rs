//! `Idempotency-Key` at `/v1`: a command is carried out once, however often it is sent.

use axum::http::Method;
use call::AccountId;
use http_core::config::StaticToken;
use serde_json::{Value, json};

use crate::harness::{Answer, Server};

const OFFICE: &str = "Bearer acme-office";
const SHOP: &str = "Bearer acme-shop";

async fn start() -> Server {
    let token = |text: &str, account| StaticToken::of(text.trim_start_matches("Bearer "), AccountId(account));
    Server::start_with(|config| {
        config.http.tokens = vec![token(OFFICE, 1001), token(SHOP, 1002)].into();
    })
    .await
}

async fn send(server: &Server, (token, key): (&str, &str), path: &str, body: &Value) -> Answer {
    let asking = server.request(Method::POST, path).header("authorization", token);
    let asking = asking.header("content-type", "application/json").header("idempotency-key", key);
    asking.body(body.to_string()).await
}

fn placing() -> Value {
    json!({ "from": "101", "to": "+15005550006" })
}

#[tokio::test]
async fn a_command_with_a_key_is_carried_out_once_and_answered_each_time() {
    let server = start().await;
    let place = async |key| send(&server, (OFFICE, key), "/v1/calls", &placing()).await;
    let (first, again, other) = (place("k-1").await, place("k-1").await, place("k-2").await);
    assert_eq!((first.status.as_u16(), again.status.as_u16()), (201, 201), "{}", first.text());
    assert_eq!(first.text(), again.text());
    assert_eq!((first.header("idempotency-replayed"), again.header("idempotency-replayed")), ("", "true"));
    assert_ne!(first.text(), other.text());
    assert_eq!(server.told.take().len(), 2);
}

#[tokio::test]
async fn what_a_key_cannot_be_used_for_is_told_as_a_problem() {
    let server = start().await;
    let placed = send(&server, (OFFICE, "k-1"), "/v1/calls", &placing()).await;
    assert_eq!(placed.status, 201);
    let trial = json!({ "dry_run": true });
    for (who, key, status) in [(OFFICE, "k-1", 422), (OFFICE, "", 400), (SHOP, "k-1", 200)] {
        let answer = send(&server, (who, key), "/v1/calls/hang-up", &trial).await;
        assert_eq!(answer.status, status, "{key}: {}", answer.text());
        if status != 200 {
            assert_eq!(answer.header("content-type"), "application/problem+json");
            assert_eq!(answer.json()["status"], status);
        }
    }
}

#[tokio::test]
async fn a_refusal_of_the_request_is_told_again_and_one_of_its_sender_is_not_kept() {
    let server = start().await;
    let wrong = json!({ "from": "nobody", "to": "" });
    let refuse = async || send(&server, (OFFICE, "k-1"), "/v1/calls", &wrong).await;
    let (first, again) = (refuse().await, refuse().await);
    assert_eq!((first.status, first.text()), (again.status, again.text()));
    assert_eq!((first.status.as_u16(), again.header("idempotency-replayed")), (400, "true"));
    assert_eq!(again.header("content-type"), "application/problem+json");
    let nobody = send(&server, ("Bearer nobody", "k-2"), "/v1/calls", &placing()).await;
    assert_eq!(nobody.status, 401);
    assert_eq!(send(&server, (OFFICE, "k-2"), "/v1/calls", &placing()).await.status, 201);
}

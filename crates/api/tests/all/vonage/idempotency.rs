//! `Idempotency-Key`: a command is carried out once, however often it is sent.

use std::{sync::Arc, time::Duration};

use axum::http::{Method, StatusCode};
use call::Timestamp;
use keyvalue::{Entry, Memory, Table};
use serde_json::{Value, json};

use super::{CALLS, answered, ask, call_path, leg_path, ok, refused, start, start_with};
use crate::harness::{Answer, Server};

fn wanted() -> Value {
    json!({
        "from": {"destination": 101, "type": "extension"},
        "to": {"destination": "+14155550199", "type": "pstn"},
    })
}

async fn send(server: &Server, method: Method, path: &str, key: &str, body: &Value) -> Answer {
    ask(server, method, path).header("idempotency-key", key).body(body.to_string()).await
}

async fn place(server: &Server, key: &str) -> Answer {
    send(server, Method::POST, CALLS, key, &wanted()).await
}

#[tokio::test]
async fn a_call_is_placed_once_for_a_key_and_anew_for_another() {
    let server = start().await;
    let first = place(&server, "k-1").await;
    let again = place(&server, "\"k-1\"").await;
    assert_eq!(ok(&first), ok(&again));
    assert_eq!((first.header("idempotency-replayed"), again.header("idempotency-replayed")), ("", "true"));
    assert_ne!(ok(&place(&server, "k-2").await), ok(&first));
    assert_eq!(server.told.take().len(), 2);
}

#[tokio::test]
async fn without_a_key_every_request_is_carried_out() {
    let server = start().await;
    for _ in 0..2 {
        ok(&ask(&server, Method::POST, CALLS).body(wanted().to_string()).await);
    }
    assert_eq!(server.told.take().len(), 2);
}

#[tokio::test]
async fn a_key_is_good_for_one_request() {
    let server = start().await;
    ok(&place(&server, "k-1").await);
    let mut other = wanted();
    other["from"]["destination"] = json!(102);
    refused(&send(&server, Method::POST, CALLS, "k-1", &other).await, 422);
    let call = answered(&server).await;
    refused(&send(&server, Method::DELETE, &call_path(call.id()), "k-1", &json!({})).await, 422);
    assert!(!call.is_over());
}

#[tokio::test]
async fn a_command_that_would_not_work_twice_is_answered_as_the_first_time() {
    let server = start().await;
    let call = answered(&server).await;
    let leg = leg_path(&call, call.caller_leg().unwrap());
    let record = json!({"recording": "start", "service": "ocr"});
    let first = send(&server, Method::PUT, &leg, "r", &record).await;
    assert_eq!(ok(&first), ok(&send(&server, Method::PUT, &leg, "r", &record).await));
    refused(&send(&server, Method::PUT, &leg, "r-2", &record).await, 409);
    refused(&send(&server, Method::PUT, &leg, "r-2", &record).await, 409);
    for _ in 0..2 {
        let answer = send(&server, Method::DELETE, &leg, "d", &json!({})).await;
        assert_eq!((answer.status, answer.text()), (StatusCode::NO_CONTENT, ""));
    }
}

#[tokio::test]
async fn keys_of_one_account_are_not_those_of_another() {
    let server = start().await;
    ok(&place(&server, "k-1").await);
    let path = "/cc/accounts/2001/calls";
    let theirs = server.post(path).header("authorization", "Bearer globex-office");
    let body = r#"{"from":{"destination":201,"type":"extension"},"to":{"destination":"+14155550199","type":"pstn"}}"#;
    let theirs = theirs.header("idempotency-key", "k-1").body(body).await;
    assert_eq!((theirs.status, theirs.header("idempotency-replayed")), (StatusCode::OK, ""));
    let nobody = server.post(CALLS).header("authorization", "Bearer wrong").header("idempotency-key", "k-1");
    refused(&nobody.body(wanted().to_string()).await, 401);
}

#[tokio::test]
async fn a_day_later_a_key_is_new() {
    let server = start().await;
    let first = ok(&place(&server, "k-1").await);
    server.clock.advance(Duration::from_secs(86_399));
    assert_eq!(ok(&place(&server, "k-1").await), first);
    server.clock.advance(Duration::from_secs(1));
    assert_ne!(ok(&place(&server, "k-1").await), first);
}

#[tokio::test]
async fn what_is_no_key_is_refused() {
    let server = start().await;
    for key in ["", "\"\"", "\u{1F600}", &"k".repeat(256)] {
        let sent = ask(&server, Method::POST, CALLS).header("idempotency-key", key);
        refused(&sent.body(wanted().to_string()).await, 400);
    }
    let large = ask(&server, Method::POST, CALLS).header("idempotency-key", "k");
    refused(&large.body(" ".repeat(10 << 20)).await, 413);
    assert_eq!(server.told.take(), []);
}

#[tokio::test]
async fn of_many_at_once_one_is_carried_out() {
    let server = Arc::new(start().await);
    let place = || {
        let server = server.clone();
        tokio::spawn(async move { place(&server, "k-1").await })
    };
    let mut ids = Vec::new();
    for answer in [place(), place(), place(), place(), place()] {
        let answer = answer.await.unwrap();
        match answer.status {
            StatusCode::OK => ids.push(answer.json()),
            _ => _ = refused(&answer, 409),
        }
    }
    ids.dedup();
    assert_eq!((ids.len(), server.told.take().len()), (1, 1));
}

#[tokio::test]
async fn reading_minds_no_key() {
    let server = start().await;
    let call = answered(&server).await;
    for _ in 0..2 {
        let answer =
            ask(&server, Method::GET, &call_path(call.id())).header("idempotency-key", "k").send().await;
        assert_eq!((answer.status, answer.header("idempotency-replayed")), (StatusCode::OK, ""));
    }
}

/// A server that keeps its answers in this table, as one before it did.
async fn start_on(table: &Arc<dyn Table>) -> Server {
    start_with(|config| config.http.answers = table.clone()).await
}

#[tokio::test]
async fn a_repeat_after_a_restart_is_answered_as_before_and_carries_out_nothing() {
    let table: Arc<dyn Table> = Arc::new(Memory::default());
    let server = start_on(&table).await;
    let first = place(&server, "k-1").await;
    let unknown = call_path("0197bb5e-0000-7000-8000-000000000000".parse().unwrap());
    let refusal = send(&server, Method::DELETE, &unknown, "k-2", &json!({})).await;
    drop(server);
    let server = start_on(&table).await;
    let again = place(&server, "k-1").await;
    assert_eq!((ok(&first), first.header("content-type")), (ok(&again), again.header("content-type")));
    assert_eq!(again.header("idempotency-replayed"), "true");
    let refused_again = send(&server, Method::DELETE, &unknown, "k-2", &json!({})).await;
    assert_eq!((refusal.status, refusal.json()), (refused_again.status, refused_again.json()));
    let mut other = wanted();
    other["from"]["destination"] = json!(102);
    refused(&send(&server, Method::POST, CALLS, "k-1", &other).await, 422);
    assert_eq!(server.told.take(), []);
}

#[tokio::test]
async fn what_a_crash_cut_off_is_not_tried_again() {
    let table: Arc<dyn Table> = Arc::new(Memory::default());
    ok(&place(&start_on(&table).await, "k-1").await);
    for Entry { key, value, until } in table.load(Timestamp::MIN) {
        let mut request: Value = serde_json::from_slice(&value).unwrap();
        request["answer"] = Value::Null;
        table.put(&key, request.to_string().into_bytes(), until);
    }
    let server = start_on(&table).await;
    let message = refused(&place(&server, "k-1").await, 409);
    assert!(message.to_string().contains("ended while"), "{message}");
    assert_eq!(server.told.take(), []);
}

/// A table whose disk takes nothing.
#[derive(Debug)]
struct Full;

#[async_trait::async_trait]
impl Table for Full {
    fn load(&self, _: Timestamp) -> Vec<Entry> {
        Vec::new()
    }

    fn put(&self, _: &str, _: Vec<u8>, _: Timestamp) {}

    fn remove(&self, _: &str) {}

    async fn durable(&self) -> bool {
        false
    }

    fn pending(&self) -> usize {
        0
    }
}

#[tokio::test]
async fn without_a_way_to_keep_the_key_nothing_is_carried_out() {
    let server = start_with(|config| config.http.answers = Arc::new(Full)).await;
    refused(&place(&server, "k-1").await, 503);
    assert_eq!(server.told.take(), []);
}

#[tokio::test]
async fn an_account_has_room_for_so_many_answers_on_disk_too() {
    let table: Arc<dyn Table> = Arc::new(Memory::default());
    let server = start_on(&table).await;
    ok(&place(&server, "k-1").await);
    let entry = table.load(Timestamp::MIN).remove(0);
    drop(server);
    let account = entry.key.split('/').next().unwrap();
    for number in 0..6_000 {
        table.put(&format!("{account}/old-{number:04}"), entry.value.clone(), entry.until);
    }
    let server = start_on(&table).await;
    ok(&place(&server, "k-2").await);
    assert_eq!(table.load(Timestamp::MIN).len(), 5_000);
}

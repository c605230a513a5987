//! `/v1/mailboxes/{extension}`.

use std::sync::Arc;

use axum::http::{Method, StatusCode};
use call::{AccountId, Number};
use directory::mailboxes::{Mailbox, Mailboxes};
use http_core::config::StaticToken;
use keyvalue::Memory;
use serde_json::{Value, json};

use crate::harness::{Answer, Server};

const TOKENS: [(u32, &str); 2] = [(1001, "acme-office"), (2001, "globex-office")];
const PATH: &str = "/v1/mailboxes/101";

async fn start(mailboxes: &Arc<Mailboxes>) -> Server {
    let token = |(account, token): (u32, &str)| StaticToken::of(token, AccountId(account));
    Server::start_with(|config| {
        config.http.tokens = TOKENS.map(token).to_vec().into();
        config.http.mailboxes = mailboxes.clone();
    })
    .await
}

fn mailboxes() -> Arc<Mailboxes> {
    Arc::new(Mailboxes::new(Arc::new(Memory::default())))
}

async fn ask(server: &Server, method: Method, path: &str, token: &str, body: Option<Value>) -> Answer {
    let asking = server.request(method, path).header("authorization", &format!("Bearer {token}"));
    match body {
        Some(body) => asking.header("content-type", "application/json").body(body.to_string()).await,
        None => asking.send().await,
    }
}

#[tokio::test]
async fn what_is_said_of_a_mailbox_is_shown_and_known_to_the_switch() {
    let mailboxes = mailboxes();
    let server = start(&mailboxes).await;
    let empty = json!({"extension": "101", "new": 0, "old": 0, "urgent_new": 0, "urgent_old": 0});
    let shown = ask(&server, Method::GET, PATH, "acme-office", None).await;
    assert_eq!((shown.status, shown.json()), (StatusCode::OK, empty));
    let full = json!({"extension": "101", "new": 2, "old": 8, "urgent_new": 1, "urgent_old": 0});
    let body = json!({"new": 2, "old": 8, "urgent_new": 1});
    let said = ask(&server, Method::PUT, PATH, "acme-office", Some(body)).await;
    assert_eq!((said.status, said.json()), (StatusCode::OK, full.clone()));
    assert_eq!(ask(&server, Method::GET, PATH, "acme-office", None).await.json(), full);
    let known = mailboxes.get(AccountId(1001), &Number::from("101"));
    assert_eq!(known, Mailbox { new: 2, old: 8, urgent_new: 1, urgent_old: 0 });
}

#[tokio::test]
async fn the_extensions_of_others_are_not_there() {
    let mailboxes = mailboxes();
    let server = start(&mailboxes).await;
    for (path, token) in [(PATH, "globex-office"), ("/v1/mailboxes/999", "acme-office")] {
        let refused = ask(&server, Method::PUT, path, token, Some(json!({"new": 1}))).await;
        assert_eq!(refused.status, StatusCode::NOT_FOUND, "{}", refused.text());
    }
    assert_eq!(mailboxes.get(AccountId(1001), &Number::from("101")), Mailbox::default());
}

#[tokio::test]
async fn what_is_no_count_is_refused_by_its_name() {
    let server = start(&mailboxes()).await;
    for (body, field) in [
        (json!({"new": -1}), "new"),
        (json!({"old": 1.5}), "old"),
        (json!({"new": "2"}), "new"),
        (json!({"new": 1_000_001}), "new"),
        (json!({"new": 1, "urgent_new": 2}), "urgent_new"),
        (json!({"fax": 1}), "fax"),
    ] {
        let refused = ask(&server, Method::PUT, PATH, "acme-office", Some(body)).await;
        assert_eq!(refused.status, StatusCode::BAD_REQUEST, "{}", refused.text());
        assert!(refused.text().contains(&format!("\"field\":\"{field}\"")), "{}", refused.text());
    }
}

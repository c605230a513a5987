//! How much a client may ask for.

use std::{sync::Arc, time::Duration};

use axum::http::Method;
use call::AccountId;
use guard::Quotas;
use http_core::config::StaticToken;
use serde_json::json;

use crate::harness::{Answer, Server};

async fn start(limit: u32) -> Server {
    let tokens = [(1001, "acme-office"), (2001, "globex-office")];
    Server::start_with(|config| {
        config.http.tokens = tokens.map(|(id, token)| StaticToken::of(token, AccountId(id))).to_vec().into();
        config.http.quotas = Arc::new(Quotas::new(limit));
    })
    .await
}

async fn ask(server: &Server, token: &str) -> Answer {
    server.get("/v1/devices").header("authorization", &format!("Bearer {token}")).send().await
}

#[tokio::test]
async fn a_client_may_ask_so_much_and_no_more_and_is_told() {
    let server = start(3).await;
    for (left, full_in) in [(2, 20), (1, 40), (0, 60)] {
        let answer = ask(&server, "acme-office").await;
        assert_eq!(
            (answer.status.as_u16(), answer.header("ratelimit-policy")),
            (200, "\"requests\";q=3;w=60")
        );
        assert_eq!(answer.header("ratelimit"), format!("\"requests\";r={left};t={full_in}"));
    }
    let refused = ask(&server, "acme-office").await;
    assert_eq!((refused.status.as_u16(), &refused.json()["code"]), (429, &json!("too_many_requests")));
    assert_eq!(refused.header("content-type"), "application/problem+json");
    assert_eq!((refused.header("retry-after"), refused.header("ratelimit")), ("20", "\"requests\";r=0;t=60"));
    let tools = server.request(Method::POST, "/mcp").header("authorization", "Bearer acme-office");
    let tools = tools.header("content-type", "application/json");
    assert_eq!(
        tools.body(json!({ "jsonrpc": "2.0", "id": 1, "method": "ping" }).to_string()).await.status,
        429
    );
    assert_eq!(ask(&server, "globex-office").await.status, 200, "another client has its own");
    server.clock.advance(Duration::from_secs(20));
    assert_eq!(ask(&server, "acme-office").await.status, 200);
    let metrics = server.get("/metrics").from([127, 0, 0, 1]).send().await;
    assert!(metrics.text().contains("trunkline_quota_refused_total 2"), "{}", metrics.text());
}

#[tokio::test]
async fn who_is_not_known_spends_nothing_and_who_may_ask_anything_is_told_nothing() {
    let server = start(1).await;
    for _ in 0..3 {
        let unknown = ask(&server, "nobody").await;
        assert!(unknown.status == 401 && !unknown.headers.contains_key("ratelimit"));
    }
    assert_eq!(ask(&server, "acme-office").await.status, 200);
    let server = start(0).await;
    for _ in 0..3 {
        let answer = ask(&server, "acme-office").await;
        assert!(answer.status == 200 && !answer.headers.contains_key("ratelimit-policy"));
    }
}

//! The native routes.

mod annotations;
mod audit;
mod blocks;
mod calls;
mod events;
mod idempotency;
mod mailboxes;
mod mcp;
mod quota;
mod webhooks;

use std::time::Duration;

use crate::harness::{NOW, Server, Talk};

#[tokio::test]
async fn the_server_is_healthy_when_it_starts() {
    let server = Server::start().await;
    for path in ["/livez", "/readyz", "/healthz"] {
        assert_eq!(server.get(path).from([192, 0, 2, 1]).send().await.text(), "ok\n", "{path}");
    }
    let detail = server.get("/healthz").from([127, 0, 0, 1]).send().await.json();
    assert_eq!((&detail["status"], &detail["phase"]), (&"ready".into(), &"running".into()), "{detail}");
    assert_eq!((&detail["writer"]["backlog"], &detail["refuses"]), (&0.into(), &serde_json::Value::Null));
    assert!(detail["store"]["database_bytes"].as_u64().unwrap() > 0, "{detail}");
}

#[tokio::test]
async fn a_server_that_stops_lives_but_is_not_ready() {
    let server = Server::start().await;
    server.app.live.stop(Duration::ZERO).await;
    assert_eq!(server.get("/livez").send().await.text(), "ok\n");
    for path in ["/readyz", "/healthz"] {
        let answer = server.get(path).from([192, 0, 2, 1]).send().await;
        assert_eq!((answer.status.as_u16(), answer.text()), (503, "done\n"), "{path}");
    }
}

#[tokio::test]
async fn live_and_ended_calls_are_counted() {
    let server = Server::start().await;
    let (phone, number) = (server.phone("acme-101"), server.outside("acme-trunk", "+14155550199"));
    let talk = Talk {
        began_at: NOW - Duration::from_secs(600),
        answered_after: Duration::from_secs(5),
        talked: Duration::from_secs(60),
    };
    server.talked_call(phone.clone(), number.clone(), talk).await;
    server.live_call(phone, number, talk).await;
    let metrics = server.get("/metrics").from([127, 0, 0, 1]).send().await;
    for line in
        ["trunkline_calls_recorded_total 1", "trunkline_calls_answered_total 2", "trunkline_calls_active 1"]
    {
        assert!(metrics.text().contains(line), "{line} in {}", metrics.text());
    }
}

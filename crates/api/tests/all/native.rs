//! The native routes.

mod annotations;
mod blocks;

use std::time::Duration;

use crate::harness::{NOW, Server, Talk};

#[tokio::test]
async fn the_server_is_healthy_when_it_starts() {
    let server = Server::start().await;
    assert_eq!(server.get("/healthz").send().await.text(), "ok\n");
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

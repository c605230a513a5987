//! Who guesses is kept out, whatever the dialect, and can be let in again; others are not harmed.

use std::time::Duration;

use serde_json::{Value, json};

use crate::harness::{Answer, PASSWORD, Server};

const AUTH: &str = "/api/rest/customer/v1/auth";
const OPERATOR: [u8; 4] = [127, 0, 0, 1];

async fn log_in(server: &Server, from: [u8; 4], login: &str, password: &str) -> Answer {
    let body = json!({ "auth": { "login": login, "password": password } }).to_string();
    server.post(AUTH).from(from).body(body).await
}

async fn blocks(server: &Server) -> Vec<Value> {
    let answer = server.get("/v1/blocks").from(OPERATOR).send().await;
    answer.json()["blocks"].as_array().unwrap().clone()
}

/// Tries logins, each once, until one is not checked any more; says how many were.
async fn spray(server: &Server, from: [u8; 4]) -> usize {
    for number in 0..60 {
        if log_in(server, from, &format!("login{number}"), "wrong").await.status == 429 {
            return number;
        }
    }
    60
}

#[tokio::test]
async fn a_spray_of_logins_from_one_address_is_kept_out() {
    let server = Server::start().await;
    assert_eq!(spray(&server, [192, 0, 2, 1]).await, 30);
    let known = [192, 0, 2, 2];
    assert_eq!(log_in(&server, known, "ann", PASSWORD).await.status, 201);
    let listed = blocks(&server).await;
    assert_eq!(listed.len(), 1);
    assert_eq!(
        (listed[0]["source"].as_str(), listed[0]["who"].as_str()),
        (Some("192.0.2.1"), Some("strangers"))
    );
    assert_eq!(listed[0]["offence"], "wrong-secret");
    assert_eq!(listed[0]["until"], "2026-01-02T12:05:00.000000Z");
}

#[tokio::test]
async fn whoever_has_logged_in_at_an_address_can_do_so_again_whatever_others_do_there() {
    let server = Server::start().await;
    let office = [192, 0, 2, 1];
    assert_eq!(log_in(&server, office, "ann", PASSWORD).await.status, 201);
    spray(&server, office).await;
    assert_eq!(log_in(&server, office, "sue", PASSWORD).await.status, 429);
    assert_eq!(log_in(&server, office, "ann", PASSWORD).await.status, 201);
}

#[tokio::test]
async fn a_source_is_let_in_again_by_an_operator_and_by_time() {
    let server = Server::start().await;
    spray(&server, [192, 0, 2, 1]).await;
    let lifted = server.delete("/v1/blocks/192.0.2.1").from(OPERATOR).send().await;
    assert_eq!(lifted.status, 204);
    assert_eq!(log_in(&server, [192, 0, 2, 1], "ann", PASSWORD).await.status, 201);
    assert_eq!(server.delete("/v1/blocks/192.0.2.1").from(OPERATOR).send().await.status, 404);
    let nonsense = server.delete("/v1/blocks/nobody").from(OPERATOR).send().await;
    assert_eq!(nonsense.status, 400);
    assert!(nonsense.text().contains("an IP address"), "{}", nonsense.text());
    spray(&server, [192, 0, 2, 9]).await;
    server.clock.advance(Duration::from_secs(300));
    assert_eq!(log_in(&server, [192, 0, 2, 9], "sue", PASSWORD).await.status, 201);
    assert!(blocks(&server).await.is_empty());
}

#[tokio::test]
async fn two_hundred_wrong_logins_at_once_are_checked_ten_times_and_harm_no_other() {
    let server = Server::start().await;
    let wrong = (0..200).map(|_| log_in(&server, [192, 0, 2, 1], "bob", "wrong"));
    let honest = log_in(&server, [192, 0, 2, 2], "ann", PASSWORD);
    let (wrong, honest) = tokio::join!(futures_util::future::join_all(wrong), honest);
    assert_eq!(honest.status, 201);
    assert_eq!(wrong.iter().filter(|answer| answer.status == 401).count(), 10);
}

#[tokio::test]
async fn the_metrics_tell_what_was_refused_and_who_is_held() {
    let room = guard::Room::new(guard::RoomLimits { total: 2, of_source: 1 });
    let inside = room.clone();
    let server = Server::start_with(|config| config.http.rooms = vec![(guard::Door::Http, inside)]).await;
    spray(&server, [192, 0, 2, 1]).await;
    let first = room.enter([192, 0, 2, 1].into()).unwrap();
    first.set_busy(true);
    assert!(room.enter([192, 0, 2, 1].into()).is_none());
    let metrics = server.get("/metrics").from(OPERATOR).send().await;
    let text = metrics.text();
    for line in [
        "trunkline_guard_offences_total{kind=\"wrong-secret\"} 30",
        "trunkline_guard_refused_total 1",
        "trunkline_guard_blocked 1",
        "trunkline_connections{door=\"http\"} 1",
        "trunkline_connections_refused_total{door=\"http\"} 1",
        "trunkline_connections_evicted_total{door=\"http\"} 0",
    ] {
        assert!(text.lines().any(|known| known == line), "{line} is not in {text}");
    }
    assert!(text.ends_with("\n# EOF\n") && text.matches("# EOF").count() == 1);
}

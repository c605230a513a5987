//! Who may ask (sections 1.6 and 3, H7).

use std::time::{Duration, Instant};

use directory::password::{self, Cost};
use serde_json::{Value as Json, json};

use super::world::{DIRECTORY, PASSWORD, World};
use crate::harness::Answer;

const SAMPLE: &str = r#"{"StartDate":"String","EndDate":"String","ClientId":"String","CenterId":"String","CallRecordId":"String","MinCallDuration":0,"MaxCallDuration":0,"CallType":"Incoming","Page":0,"ItemsPerPage":0,"DisableStats":false,"SortField":"String","SortDir":"Asc","CustomerName":"String","UserName":"String","Password":"String"}"#;

async fn post(world: &World, body: Json) -> Answer {
    world.post("/api/calls", "application/json", body.to_string()).await
}

async fn as_user(world: &World, customer: &str, user: &str, password: &str) -> Answer {
    post(world, json!({"CustomerName": customer, "UserName": user, "Password": password})).await
}

#[tokio::test]
async fn the_right_credentials_are_let_in() {
    assert_eq!(as_user(&World::new().await, "acme", "anna", PASSWORD).await.status, 200);
}

#[tokio::test]
async fn every_missing_credential_is_named() {
    let world = World::new().await;
    let missing = |name: &str| ("ArgumentNullException".to_owned(), name.to_owned());
    let all = vec![missing("CustomerName"), missing("UserName"), missing("Password")];
    for body in ["", "{}", " \n", r#"{"CustomerName":"","UserName":null}"#] {
        let answer = world.post("/api/calls", "application/json", body).await;
        assert_eq!(answer.faults(400), ("ArgumentNullException".to_owned(), all.clone()), "{body}");
    }
    let answer = post(&world, json!({"CustomerName": "acme", "Password": PASSWORD})).await;
    assert_eq!(answer.faults(400).1, [missing("UserName")]);
}

#[tokio::test]
async fn whatever_is_wrong_with_them_the_answer_is_the_same() {
    let world = World::new().await;
    let mut answers = Vec::new();
    for (customer, user, password) in [
        ("acme", "anna", "wrong"),
        ("acme", "nobody", PASSWORD),
        ("nowhere", "anna", PASSWORD),
        ("other", "anna", PASSWORD),
        ("acme", "otto", PASSWORD),
        ("acme", "lana", PASSWORD),
        ("ACME", "anna", PASSWORD),
    ] {
        let answer = as_user(&world, customer, user, password).await;
        assert_eq!(answer.refusal(401)["ErrorCode"], "Unauthorized", "{customer} {user}");
        assert_eq!(answer.header("www-authenticate"), "");
        answers.push(answer.body);
    }
    answers.dedup();
    assert_eq!(answers.len(), 1);
}

#[tokio::test]
async fn the_sample_of_the_documents_fails_for_its_credentials() {
    let world = World::new().await;
    let answer = world.post("/api/calls", "application/json", SAMPLE).await;
    assert_eq!(answer.refusal(401)["ErrorCode"], "Unauthorized");
}

#[tokio::test]
async fn credentials_are_checked_before_anything_else_is() {
    let world = World::new().await;
    let body = json!({"CustomerName": "acme", "UserName": "anna", "Password": "wrong", "Page": "x", "StartDate": "x"});
    assert_eq!(post(&world, body).await.refusal(401)["Errors"], json!([]));
}

#[tokio::test]
async fn logins_of_clients_may_not_ask_but_only_their_password_says_so() {
    let world = World::new().await;
    let answer = as_user(&world, "acme", "cleo", PASSWORD).await;
    assert_eq!(answer.refusal(403)["ErrorCode"], "UnauthorizedAccessException");
    as_user(&world, "acme", "cleo", "wrong").await.refusal(401);
}

#[tokio::test]
async fn a_user_may_only_come_from_their_networks() {
    let world = World::new().await;
    let from = |ip: [u8; 4]| {
        let body = json!({"CustomerName": "acme", "UserName": "lana", "Password": PASSWORD});
        world.server.post("/api/calls").from(ip).body(body.to_string())
    };
    assert_eq!(from([10, 1, 2, 3]).await.status, 200);
    assert_eq!(from([198, 51, 100, 1]).await.status, 401);
}

#[tokio::test]
async fn after_too_many_failures_even_the_right_password_has_to_wait() {
    let world = World::new().await;
    for _ in 0..10 {
        as_user(&world, "acme", "anna", "wrong").await.refusal(401);
    }
    let braked = as_user(&world, "acme", "anna", PASSWORD).await;
    assert_eq!(braked.refusal(429)["ErrorCode"], "TooManyRequests");
    assert_eq!(braked.header("retry-after"), "300");
    assert_eq!(as_user(&world, "acme", "vera", PASSWORD).await.status, 200);
    world.server.clock.advance(Duration::from_secs(300));
    assert_eq!(as_user(&world, "acme", "anna", PASSWORD).await.status, 200);
}

#[tokio::test]
async fn the_right_password_a_moment_ago_neither_lifts_the_brake_nor_lets_wrong_ones_in() {
    let world = World::new().await;
    assert_eq!(as_user(&world, "acme", "anna", PASSWORD).await.status, 200);
    for _ in 0..10 {
        as_user(&world, "acme", "anna", "wrong").await.refusal(401);
    }
    as_user(&world, "acme", "anna", PASSWORD).await.refusal(429);
}

#[tokio::test]
async fn a_password_that_was_changed_counts_at_once() {
    let world = World::new().await;
    assert_eq!(as_user(&world, "acme", "anna", PASSWORD).await.status, 200);
    world.server.apply_directory(&DIRECTORY.replace(PASSWORD, "battery staple"));
    as_user(&world, "acme", "anna", PASSWORD).await.refusal(401);
    assert_eq!(as_user(&world, "acme", "anna", "battery staple").await.status, 200);
}

/// How long the middle one of nine requests takes.
async fn usual_time(world: &World, password: &str) -> Duration {
    let body = json!({"CustomerName": "acme", "UserName": "vera", "Password": password}).to_string();
    let mut times = Vec::new();
    for _ in 0..9 {
        let began = Instant::now();
        world.post("/api/authenticate", "application/json", body.clone()).await;
        times.push(began.elapsed());
    }
    times.sort_unstable();
    times[4]
}

#[tokio::test]
async fn the_right_password_is_not_checked_anew_each_time_and_wrong_ones_are() {
    let world = World::new().await;
    let hash = password::hash(PASSWORD, Cost::RECOMMENDED).unwrap();
    let costly = format!("password_hash = \"{hash}\"\nname = \"Vera");
    let cheap = format!("password = \"{PASSWORD}\"\nname = \"Vera");
    world.server.apply_directory(&DIRECTORY.replace(&cheap, &costly));
    let (right, wrong) = (usual_time(&world, PASSWORD).await, usual_time(&world, "wrong").await);
    assert!(right * 5 < wrong, "right {right:?}, wrong {wrong:?}");
}

#[tokio::test]
async fn no_answer_shows_a_password() {
    let world = World::new().await;
    for password in [json!("s3cret"), json!({"s3cret": 1}), json!(["s3cret"])] {
        let body = json!({"CustomerName": "acme", "UserName": "anna", "Password": password});
        let answer = post(&world, body).await;
        assert!(answer.status.is_client_error() && !answer.text().contains("s3cret"), "{}", answer.text());
    }
}

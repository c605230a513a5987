//! `DELETE …/calls/{call}`.

use std::time::Duration;

use axum::http::Method;
use serde_json::json;

use super::{
    CALLS, answered, ask, call_path, delete, finish, get, ok, refused, ringing, start, until_ringing,
};

#[tokio::test]
async fn a_call_is_hung_up_once_and_is_not_there_the_second_time() {
    let server = start().await;
    let call = answered(&server).await;
    let answer = delete(&server, &call_path(call.id())).await;
    let expected = concat!(
        r#"{"account_id":1001,"call_id":"ID","#,
        r#""call_state":"disconnected","destination":"+14155550199"}"#
    );
    assert_eq!(answer.text(), expected.replace("ID", &call.id().to_string()));
    assert!(call.is_over());
    refused(&delete(&server, &call_path(call.id())).await, 404);
    refused(&get(&server, &call_path(call.id())).await, 404);
    assert_eq!(ok(&get(&server, CALLS).await)["calls"], json!([]));
}

#[tokio::test]
async fn a_call_that_rings_is_hung_up_too_and_lingers_unanswered() {
    let server = start().await;
    let call = ringing(&server, Duration::ZERO).await;
    ok(&delete(&server, &call_path(call.id())).await);
    assert_eq!(ok(&get(&server, &call_path(call.id())).await)["status"], "unanswered");
    refused(&delete(&server, &call_path(call.id())).await, 404);
}

#[tokio::test]
async fn a_call_that_lingers_cannot_be_hung_up_again() {
    let server = start().await;
    let call = ringing(&server, Duration::ZERO).await;
    finish(&server, &call, |call| _ = call.busy()).await;
    refused(&delete(&server, &call_path(call.id())).await, 404);
}

#[tokio::test]
async fn what_is_no_call_of_the_account_is_left_alone() {
    let server = start().await;
    let globex = server.switch.ringing_call(server.phone("globex-201"), server.phone("globex-201")).unwrap();
    until_ringing(&server, &globex).await;
    refused(&delete(&server, &call_path(globex.id())).await, 404);
    refused(&delete(&server, &format!("{CALLS}/nothing")).await, 404);
    assert!(!globex.is_over());
}

#[tokio::test]
async fn a_body_is_not_looked_at() {
    let server = start().await;
    let call = answered(&server).await;
    let path = call_path(call.id());
    ok(&ask(&server, Method::DELETE, &path).header("content-type", "text/plain").body("{}{").await);
}

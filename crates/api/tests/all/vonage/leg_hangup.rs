//! `DELETE …/legs/{leg}`.

use std::time::Duration;

use axum::http::StatusCode;
use switch::Clock;

use super::{
    answered, call_path, delete, finish, get, leg_path, refused, ringing, start, until_ringing, until_settled,
};

#[tokio::test]
async fn one_of_two_legs_takes_the_call_with_it() {
    let server = start().await;
    let call = answered(&server).await;
    let path = leg_path(&call, call.called_leg().unwrap());
    let answer = delete(&server, &path).await;
    assert_eq!((answer.status, answer.text()), (StatusCode::NO_CONTENT, ""));
    server.until(|calls| calls.has_ended(call.id())).await;
    assert!(call.is_over());
    refused(&get(&server, &call_path(call.id())).await, 404);
    refused(&delete(&server, &path).await, 404);
}

#[tokio::test]
async fn a_leg_that_rings_beside_another_is_ended_alone() {
    let server = start().await;
    let outside = server.outside("acme-trunk", "+14155550199");
    let spec = server.call(outside, server.phone("acme-101"), server.clock.now());
    let call = server.switch.place(spec.also_rings(server.phone("acme-102"))).unwrap();
    call.ring();
    until_ringing(&server, &call).await;
    let path = leg_path(&call, call.called_leg().unwrap());
    assert_eq!(delete(&server, &path).await.status, StatusCode::NO_CONTENT);
    assert_eq!(call.legs().len(), 2);
    refused(&delete(&server, &path).await, 409);
}

#[tokio::test]
async fn a_leg_of_a_lingering_call_has_ended_already() {
    let server = start().await;
    let call = ringing(&server, Duration::ZERO).await;
    let path = leg_path(&call, call.called_leg().unwrap());
    finish(&server, &call, |call| _ = call.no_answer()).await;
    refused(&delete(&server, &path).await, 409);
    server.clock.advance(Duration::from_secs(60));
    refused(&delete(&server, &path).await, 404);
}

#[tokio::test]
async fn a_leg_of_another_call_is_left_alone() {
    let server = start().await;
    let (call, other) = (answered(&server).await, answered(&server).await);
    let path = leg_path(&call, other.caller_leg().unwrap());
    refused(&delete(&server, &path).await, 404);
    assert!(!call.is_over() && !other.is_over());
}

#[tokio::test]
async fn a_phone_of_another_account_is_not_hung_up_unless_the_call_is() {
    let server = start().await;
    let call = server.switch.answered_call(server.phone("acme-101"), server.phone("globex-201")).unwrap();
    until_settled(&server, &call).await;
    let theirs = leg_path(&call, call.called_leg().unwrap());
    refused(&delete(&server, &theirs).await, 401);
    assert!(!call.is_over());
    assert_eq!(delete(&server, &call_path(call.id())).await.status, StatusCode::OK);
    assert!(call.is_over());
}

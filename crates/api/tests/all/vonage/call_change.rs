//! `PUT …/calls/{call}`.

use std::time::Duration;

use axum::http::Method;
use serde_json::{Value, json};

use super::{
    CALLS, answered, ask, call_path, finish, put, refused, ringing, start, until_ringing, until_settled,
};

fn contact(destination: impl Into<Value>, kind: &str) -> Value {
    json!({"destination": destination.into(), "type": kind})
}

#[tokio::test]
async fn a_phone_that_has_answered_answers_again_without_a_word_to_the_switch() {
    let server = start().await;
    let call = answered(&server).await;
    let phone = json!({"state": "active", "to": contact("acme-101", "device")});
    let expected = r#"{"account_id":1001,"call_id":"ID","call_state":"active","destination":"acme-101"}"#;
    for _ in 0..2 {
        let answer = put(&server, &call_path(call.id()), phone.clone()).await;
        assert_eq!(answer.text(), expected.replace("ID", &call.id().to_string()));
    }
    assert_eq!(server.told.take(), []);
}

#[tokio::test]
async fn what_is_no_change_is_refused_with_the_field_and_what_is_accepted() {
    let server = start().await;
    let call = answered(&server).await;
    let (agent, outside) = (contact(101, "extension"), contact("+14155550199", "pstn"));
    let cases = [
        (json!({}), "The body is `without state, from and to`"),
        (json!({"state": null, "from": null}), "The body is `without state, from and to`"),
        (json!({"state": "held"}), "state is `held`; accepted is active or parked"),
        (json!({"state": 1}), "state is `a number`"),
        (json!({"from": agent}), "to is `missing`"),
        (json!({"to": outside}), "from is `missing`"),
        (json!({"state": "active"}), "to is `missing`"),
        (json!({"state": "active", "from": agent}), "to is `missing`"),
        (json!({"state": "parked"}), "from is `missing`"),
        (json!({"state": "parked", "to": agent}), "from is `missing`"),
        (json!({"state": "active", "to": contact("*97", "feature_code")}), "to.type is `feature_code`"),
        (json!({"state": "active", "to": contact("", "device")}), "to.destination is ``"),
        (json!({"state": "active", "to": contact("globex-201", "device")}), "to.destination is `globex-201`"),
        (json!({"from": agent, "to": contact("999", "extension")}), "to.destination is `999`"),
        (json!({"from": contact("999", "extension"), "to": outside}), "from.destination is `999`"),
        (json!({"from": agent, "to": contact("12", "pstn")}), "to.destination is `12`"),
    ];
    for (body, message) in cases {
        let told = refused(&put(&server, &call_path(call.id()), body.clone()).await, 400);
        assert!(told.starts_with(message), "{body}: {told}");
    }
    for body in ["", "[]", "{"] {
        refused(&ask(&server, Method::PUT, &call_path(call.id())).body(body).await, 400);
    }
    assert_eq!(server.told.take(), []);
}

#[tokio::test]
async fn what_the_calls_state_does_not_allow_is_a_bad_request() {
    let server = start().await;
    let call = ringing(&server, Duration::ZERO).await;
    let agent = contact(101, "extension");
    let bodies = [
        json!({"state": "parked", "from": agent}),
        json!({"from": agent, "to": contact("102", "extension")}),
        json!({"state": "active", "to": contact("acme-102", "device")}),
        json!({"state": "active", "to": contact("+49301234567", "pstn")}),
        // The phone that calls is not one that rings.
        json!({"state": "active", "to": contact("acme-101", "device")}),
    ];
    for body in bodies {
        refused(&put(&server, &call_path(call.id()), body).await, 400);
    }
    assert_eq!(server.told.take(), []);
}

#[tokio::test]
async fn a_call_that_is_not_there_comes_before_a_body_that_is_wrong() {
    let server = start().await;
    let globex = server.switch.ringing_call(server.phone("globex-201"), server.phone("globex-201")).unwrap();
    until_ringing(&server, &globex).await;
    refused(&put(&server, &call_path(globex.id()), json!({})).await, 404);
    refused(&put(&server, &format!("{CALLS}/nothing"), json!({})).await, 404);
    let call = ringing(&server, Duration::ZERO).await;
    finish(&server, &call, |call| _ = call.busy()).await;
    refused(&put(&server, &call_path(call.id()), json!({})).await, 404);
}

#[tokio::test]
async fn a_phone_of_another_account_is_not_commanded() {
    let server = start().await;
    let call = server.switch.answered_call(server.phone("acme-101"), server.phone("globex-201")).unwrap();
    until_settled(&server, &call).await;
    let theirs = contact("201", "pstn");
    let path = call_path(call.id());
    refused(&put(&server, &path, json!({"state": "parked", "from": theirs})).await, 401);
    refused(&put(&server, &path, json!({"from": theirs, "to": contact(102, "extension")})).await, 401);
    assert_eq!(server.told.take(), []);
}

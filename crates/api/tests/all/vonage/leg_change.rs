//! `PUT …/legs/{leg}`.

use std::time::Duration;

use axum::http::{Method, StatusCode};
use call::{
    CallCommand,
    command::{LegCommand, RecordingKind, Sound},
};
use serde_json::{Value, json};

use super::{
    answered, ask, call_path, delete, finish, get, leg_path, ok, put, refused, ringing, start, texts,
    until_ringing, until_settled,
};
use crate::harness::Server;

const OTHER_ID: &str = "3fa85f64-5717-4562-b3fc-2c963f66afa6";

#[tokio::test]
async fn a_leg_that_is_active_already_stays_so_without_a_word_to_the_switch() {
    let server = start().await;
    let call = answered(&server).await;
    let leg = call.caller_leg().unwrap();
    let answer = put(&server, &leg_path(&call, leg), json!({"state": "active"})).await;
    let expected = concat!(
        r#"{"account_id":1001,"call_id":"CALL","call_state":"active","#,
        r#""destination":"+14155550199","leg_id":"LEG"}"#
    );
    let expected = expected.replace("CALL", &call.id().to_string()).replace("LEG", &leg.to_string());
    assert_eq!(answer.text(), expected);
    assert_eq!(server.told.take(), []);
}

#[tokio::test]
async fn what_is_no_operation_is_refused_with_the_field_and_what_is_accepted() {
    let server = start().await;
    let call = answered(&server).await;
    let extension = json!({"destination": 102, "type": "extension"});
    let cases = [
        (json!({}), "The body is `without an operation`"),
        (json!({"state": null}), "The body is `without an operation`"),
        (json!({"note": "x"}), "The body is `without an operation`"),
        (json!({"state": "parked"}), "state is `parked`; accepted is held or active"),
        (json!({"state": true}), "state is `true or false`"),
        (json!({"state": "held", "to": extension}), "The body is `state held with to`"),
        (json!({"state": "held", "dtmf": "1"}), "The body is `several operations at once`"),
        (json!({"dtmf": "1", "stream": false}), "The body is `several operations at once`"),
        (json!({"to": extension, "recording": "start"}), "The body is `several operations at once`"),
        (json!({"dtmf": ""}), "dtmf is ``"),
        (json!({"dtmf": "12,3"}), "dtmf is `12,3`"),
        (json!({"dtmf": "1".repeat(65)}), "dtmf is `111"),
        (json!({"dtmf": 123}), "dtmf is `a number`"),
        (json!({"stream_url": "https://example.org/a.wav"}), "stream is `missing`"),
        (json!({"stream": "yes"}), "stream is `yes`; accepted is true or false"),
        (json!({"stream": true}), "stream_url is `missing`"),
        (json!({"stream": true, "stream_url": 1}), "stream_url is `a number`"),
        (json!({"to": "nobody"}), "to is `nobody`; accepted is the id of a leg"),
        (json!({"to": {"type": "leg"}}), "to.destination is `missing`"),
        (json!({"to": {"type": "leg", "destination": 7}}), "to.destination is `a number`"),
        (json!({"to": {"type": "feature_code", "destination": "*97"}}), "to.type is `feature_code`"),
        (json!({"to": {"type": "extension", "destination": "999"}}), "to.destination is `999`"),
        (json!({"to": 102}), "to is `a number`"),
        (json!({"recording": "start"}), "service is `missing`; accepted is ccr or ocr"),
        (json!({"service": "ocr"}), "recording is `missing`; accepted is start or stop"),
        (json!({"recording": "pause", "service": "ocr"}), "recording is `pause`"),
        (json!({"recording": "start", "service": "x"}), "service is `x`"),
    ];
    let path = leg_path(&call, call.caller_leg().unwrap());
    for (body, message) in cases {
        let told = refused(&put(&server, &path, body.clone()).await, 400);
        assert!(told.starts_with(message), "{body}: {told}");
    }
    let itself = json!({"to": call.caller_leg().unwrap().to_string()});
    refused(&put(&server, &path, itself).await, 400);
    assert_eq!(server.told.take(), []);
}

#[tokio::test]
async fn a_sound_that_cannot_be_fetched_is_refused_and_its_url_is_not_told() {
    let server = start().await;
    let call = answered(&server).await;
    let path = leg_path(&call, call.caller_leg().unwrap());
    let long = format!("https://name:secret@example.org/{}", "a".repeat(2_048));
    for url in [
        "file:///name:secret",
        "name:secret@example.org",
        "/name:secret.wav",
        "https:///secret",
        "ftp://name:secret@example.org/a.wav",
        "https://name:secret@exa mple.org",
        &long,
    ] {
        let told = refused(&put(&server, &path, json!({"stream": true, "stream_url": url})).await, 400);
        assert!(told.starts_with("stream_url is ") && !told.contains("secret"), "{told}");
    }
}

#[tokio::test]
async fn what_the_legs_state_does_not_allow_is_a_conflict() {
    let server = start().await;
    let call = ringing(&server, Duration::ZERO).await;
    let path = leg_path(&call, call.called_leg().unwrap());
    let bodies = [
        json!({"state": "held"}),
        json!({"dtmf": "1"}),
        json!({"stream": true, "stream_url": "https://example.org/a.wav"}),
        json!({"stream": false}),
        json!({"recording": "start", "service": "ocr"}),
        json!({"recording": "stop", "service": "ccr"}),
        json!({"state": "active", "to": {"destination": 102, "type": "extension"}}),
        json!({"to": {"destination": 102, "type": "extension"}}),
    ];
    for body in bodies {
        refused(&put(&server, &path, body).await, 409);
    }
    assert_eq!(server.told.take(), []);
}

#[tokio::test]
async fn a_leg_is_joined_only_with_one_of_the_account_that_is_on_a_call() {
    let server = start().await;
    let (call, other) = (answered(&server).await, ringing(&server, Duration::ZERO).await);
    let path = leg_path(&call, call.caller_leg().unwrap());
    let leg = |id: String| json!({"state": "active", "to": {"destination": id, "type": "leg"}});
    refused(&put(&server, &path, leg(OTHER_ID.to_owned())).await, 404);
    let globex = server.switch.answered_call(server.phone("globex-201"), server.phone("globex-201")).unwrap();
    until_settled(&server, &globex).await;
    refused(&put(&server, &path, leg(globex.caller_leg().unwrap().to_string())).await, 404);
    refused(&put(&server, &path, leg(other.called_leg().unwrap().to_string())).await, 409);
    assert_eq!(server.told.take(), []);
}

#[tokio::test]
async fn a_leg_that_is_not_there_comes_before_a_body_that_is_wrong() {
    let server = start().await;
    let (call, other) = (answered(&server).await, answered(&server).await);
    refused(&put(&server, &leg_path(&call, other.caller_leg().unwrap()), json!({})).await, 404);
    let nothing = format!("{}/legs/nothing", call_path(call.id()));
    refused(&put(&server, &nothing, json!({})).await, 404);
}

#[tokio::test]
async fn a_leg_of_a_lingering_call_has_ended_already() {
    let server = start().await;
    let call = ringing(&server, Duration::ZERO).await;
    let path = leg_path(&call, call.called_leg().unwrap());
    finish(&server, &call, |call| _ = call.busy()).await;
    refused(&put(&server, &path, json!({})).await, 400);
    refused(&put(&server, &path, json!({"state": "held"})).await, 409);
}

#[tokio::test]
async fn a_phone_of_another_account_is_not_commanded() {
    let server = start().await;
    let call = server.switch.answered_call(server.phone("acme-101"), server.phone("globex-201")).unwrap();
    until_settled(&server, &call).await;
    let path = leg_path(&call, call.called_leg().unwrap());
    for body in [json!({"state": "held"}), json!({"dtmf": "1"}), json!({"stream": false})] {
        refused(&put(&server, &path, body).await, 401);
    }
    assert_eq!(server.told.take(), []);
}

#[tokio::test]
async fn a_body_that_is_said_to_be_something_else_is_refused() {
    let server = start().await;
    let call = answered(&server).await;
    let path = leg_path(&call, call.caller_leg().unwrap());
    let asked = ask(&server, Method::PUT, &path).header("content-type", "text/plain");
    refused(&asked.body(Value::Null.to_string()).await, 415);
}

/// Asks for each of these changes in turn; gives the words for the leg's state.
async fn changed(server: &Server, path: &str, bodies: &[Value]) -> Vec<Value> {
    let mut states = Vec::new();
    for body in bodies {
        let answer = put(server, path, body.clone()).await;
        assert_eq!(answer.status, StatusCode::OK, "{body}: {}", answer.text());
        states.push(answer.json()["call_state"].clone());
    }
    states
}

/// What the switch was told to do to legs.
fn told(server: &Server) -> Vec<LegCommand> {
    let command = |command| match command {
        CallCommand::Leg { command, .. } => command,
        other => panic!("{other:?}"),
    };
    server.told.take().into_iter().map(command).collect()
}

#[tokio::test]
async fn a_hold_and_its_end_are_asked_for_once_and_the_status_stays_on_call() {
    let server = start().await;
    let call = answered(&server).await;
    let leg = call.caller_leg().unwrap();
    let path = leg_path(&call, leg);
    let (held, active) = (json!({"state": "held"}), json!({"state": "active"}));
    assert_eq!(changed(&server, &path, &[held.clone(), held]).await, ["held", "held"]);
    assert!(server.app.live.snapshot().get(call.id()).unwrap().leg(leg).unwrap().is_held());
    assert_eq!(ok(&get(&server, &path).await)["status"], "on-call");
    assert_eq!(changed(&server, &path, &[active.clone(), active]).await, ["active", "active"]);
    assert_eq!(told(&server), [LegCommand::Hold, LegCommand::Resume]);
}

#[tokio::test]
async fn a_ringing_phone_becomes_active_by_answering() {
    let server = start().await;
    let call =
        server.switch.ringing_call(server.outside("acme-trunk", "+14155550199"), server.phone("acme-101"));
    let call = call.unwrap();
    until_ringing(&server, &call).await;
    let path = leg_path(&call, call.called_leg().unwrap());
    assert_eq!(changed(&server, &path, &[json!({"state": "active"})]).await, ["active"]);
    assert_eq!(ok(&get(&server, &path).await)["status"], "on-call");
    assert_eq!(told(&server), [LegCommand::Answer]);
}

#[tokio::test]
async fn the_calling_phone_cannot_answer_its_own_call() {
    let server = start().await;
    let call = ringing(&server, Duration::ZERO).await;
    refused(
        &put(&server, &leg_path(&call, call.caller_leg().unwrap()), json!({"state": "active"})).await,
        409,
    );
}

#[tokio::test]
async fn digits_go_to_the_party_of_the_leg() {
    let server = start().await;
    let call = answered(&server).await;
    let leg = call.called_leg().unwrap();
    assert_eq!(changed(&server, &leg_path(&call, leg), &[json!({"dtmf": "*12a#"})]).await, ["active"]);
    assert_eq!(call.digits_sent_to(leg), "*12A#");
}

#[tokio::test]
async fn a_sound_plays_until_it_is_stopped_and_stopping_can_be_repeated() {
    let server = start().await;
    let call = answered(&server).await;
    let leg = call.called_leg().unwrap();
    let path = leg_path(&call, leg);
    let url = "https://user:secret@example.org/a.wav?x=1";
    let is_playing = || server.app.live.snapshot().get(call.id()).unwrap().leg(leg).unwrap().is_playing();
    for stream in [json!(true), json!("true")] {
        changed(&server, &path, &[json!({"stream": stream, "stream_url": url})]).await;
        assert!(is_playing());
    }
    let stop = [json!({"stream": false, "stream_url": "ignored"}), json!({"stream": "false"})];
    assert_eq!(changed(&server, &path, &stop).await, ["active", "active"]);
    assert!(!is_playing());
    let play = LegCommand::Play(Sound::Url(url.into()));
    let expected = [play.clone(), play, LegCommand::StopPlaying, LegCommand::StopPlaying];
    assert_eq!(told(&server), expected);
}

#[tokio::test]
async fn a_held_leg_says_so_whatever_else_is_done() {
    let server = start().await;
    let call = answered(&server).await;
    let path = leg_path(&call, call.caller_leg().unwrap());
    let bodies = [json!({"state": "held"}), json!({"dtmf": "1"}), json!({"stream": false})];
    assert_eq!(changed(&server, &path, &bodies).await, ["held", "held", "held"]);
}

#[tokio::test]
async fn a_recording_starts_once_and_stops_once() {
    let server = start().await;
    let call = answered(&server).await;
    let leg = call.caller_leg().unwrap();
    let path = leg_path(&call, leg);
    let body = |recording: &str, service: &str| json!({"recording": recording, "service": service});
    for (service, kind) in [("ccr", RecordingKind::Standing), ("ocr", RecordingKind::OnDemand)] {
        changed(&server, &path, &[body("start", service)]).await;
        assert!(server.app.live.snapshot().get(call.id()).unwrap().leg(leg).unwrap().is_recording());
        refused(&put(&server, &path, body("start", service)).await, 409);
        changed(&server, &path, &[body("stop", service)]).await;
        refused(&put(&server, &path, body("stop", service)).await, 409);
        assert_eq!(told(&server), [LegCommand::StartRecording(kind), LegCommand::StopRecording]);
    }
}

#[tokio::test]
async fn the_far_party_is_sent_elsewhere_with_or_without_a_state() {
    let server = start().await;
    for with_state in [true, false] {
        let call = answered(&server).await;
        let mut body = json!({"to": {"destination": 102, "type": "extension"}});
        if with_state {
            body["state"] = json!("active");
        }
        let leg = call.caller_leg().unwrap();
        let answer = ok(&put(&server, &leg_path(&call, leg), body).await);
        let expected = json!({
            "account_id": 1001,
            "call_id": call.id().to_string(),
            "call_state": "transferred",
            "destination": "102",
            "leg_id": leg.to_string(),
        });
        assert_eq!(answer, expected);
        server.until(|calls| !calls.get(call.id()).unwrap().is_transferring()).await;
        assert!(!call.legs().contains(&leg) && call.legs().len() == 2);
    }
}

#[tokio::test]
async fn two_calls_become_one_when_a_leg_is_joined_with_another() {
    let server = start().await;
    for is_short in [true, false] {
        let (call, other) = (answered(&server).await, answered(&server).await);
        let (leg, with) = (call.caller_leg().unwrap(), other.called_leg().unwrap().to_string());
        let full = json!({"state": "active", "to": {"destination": with, "type": "leg"}});
        let body = if is_short { json!({"to": with}) } else { full };
        let answer = ok(&put(&server, &leg_path(&call, leg), body).await);
        assert_eq!((&answer["call_state"], &answer["destination"]), (&json!("transferred"), &json!(with)));
        server.until(|calls| calls.has_ended(other.id())).await;
        let shown = ok(&get(&server, &call_path(call.id())).await);
        assert!(texts(&shown["legs"], "leg_id").contains(&with), "{shown}");
        refused(&put(&server, &leg_path(&call, leg), json!({"state": "held"})).await, 404);
    }
}

#[tokio::test]
async fn a_leg_is_commanded_by_the_id_of_the_call_that_was_merged_too() {
    let server = start().await;
    let (call, other) = (answered(&server).await, answered(&server).await);
    let with = other.called_leg().unwrap();
    let path = leg_path(&other, with);
    ok(&put(&server, &leg_path(&call, call.caller_leg().unwrap()), json!({"to": with.to_string()})).await);
    server.until(|calls| calls.has_ended(other.id())).await;
    let answer = ok(&put(&server, &path, json!({"state": "held"})).await);
    assert_eq!(answer["call_state"], json!("held"));
    let is_held = |calls: &call::Registry| calls.get(call.id()).unwrap().leg(with).unwrap().is_held();
    server.until(is_held).await;
    assert_eq!(delete(&server, &path).await.status, 204);
    server.until(|calls| calls.has_ended(call.id())).await;
}

#[tokio::test]
async fn a_recording_is_stopped_by_the_service_that_makes_it() {
    let server = start().await;
    let call = answered(&server).await;
    let path = leg_path(&call, call.caller_leg().unwrap());
    let body = |recording: &str, service: &str| json!({"recording": recording, "service": service});
    for (own, other) in [("ccr", "ocr"), ("ocr", "ccr")] {
        changed(&server, &path, &[body("start", own)]).await;
        assert_eq!(
            refused(&put(&server, &path, body("stop", other)).await, 409),
            "the leg is recorded by the other service"
        );
        changed(&server, &path, &[body("stop", own)]).await;
    }
}

//! `PUT …/calls/{call}`.

use std::time::Duration;

use axum::http::Method;
use call::{
    CallCommand,
    command::{LegCommand, Target},
    event::Side,
};
use serde_json::{Value, json};
use switch::{
    Clock,
    simulated::{Manner, SimulatedCall},
};
use vonage::VonageWire;

use super::{
    CALLS, answered, ask, call_path, finish, get, leg_path, ok, put, refused, ringing, start, start_with,
    until_ringing, until_settled,
};
use crate::harness::{Answer, Server};

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

/// A call from the network that an extension's phone talks on.
async fn incoming(server: &Server) -> SimulatedCall {
    let (outside, phone) = (server.outside("acme-trunk", "+14155550199"), server.phone("acme-101"));
    let call = server.switch.answered_call(outside, phone).unwrap();
    until_settled(server, &call).await;
    call
}

/// The numbers that the legs of a call, as the API shows it, were called by.
async fn called(server: &Server, call: &SimulatedCall) -> Vec<Value> {
    let legs = &ok(&get(server, &call_path(call.id())).await)["legs"];
    legs.as_array().unwrap().iter().map(|leg| leg["to"].clone()).collect()
}

#[tokio::test]
async fn the_phone_that_is_named_answers_and_the_others_stop_ringing() {
    let server = start().await;
    let outside = server.outside("acme-trunk", "+14155550199");
    for to in [contact("acme-102", "device"), contact(102, "extension"), contact("+14155550123", "pstn")] {
        let mut spec = server.call(outside.clone(), server.phone("acme-101"), server.clock.now());
        spec.started.dialed = "+14155550123".into();
        let call = server.switch.place(spec.also_rings(server.phone("acme-102"))).unwrap();
        call.ring();
        until_ringing(&server, &call).await;
        let body = json!({"state": "active", "to": to, "from": contact("anybody", "pstn")});
        let answer = ok(&put(&server, &call_path(call.id()), body.clone()).await);
        assert_eq!((&answer["call_state"], answer["destination"].is_string()), (&json!("active"), true));
        let shown = ok(&get(&server, &call_path(call.id())).await);
        assert_eq!(shown["status"], "on-call");
        // Repeated, it changes nothing.
        if to["type"] != "pstn" {
            assert!(call.legs().contains(&call.called_leg().unwrap()));
            ok(&put(&server, &call_path(call.id()), body).await);
        }
        let commands = server.told.take();
        assert!(
            matches!(commands[..], [CallCommand::Leg { command: LegCommand::Answer, .. }]),
            "{commands:?}"
        );
    }
}

#[tokio::test]
async fn the_call_is_handed_over_by_whoever_is_named() {
    let server = start().await;
    for from in [contact("acme-101", "device"), contact("101", "extension"), contact("101", "pstn")] {
        let call = incoming(&server).await;
        let body = json!({"from": from, "to": contact(102, "extension")});
        let answer = ok(&put(&server, &call_path(call.id()), body).await);
        let expected = json!({
            "account_id": 1001,
            "call_id": call.id().to_string(),
            "call_state": "transferred",
            "destination": "102",
        });
        assert_eq!(answer, expected);
        server.until(|calls| calls.get(call.id()).is_some_and(|call| !call.is_transferring())).await;
        assert_eq!(called(&server, &call).await, [json!(101), json!(102)]);
    }
}

#[tokio::test]
async fn a_party_can_be_named_by_the_number_that_was_dialed() {
    let server = start().await;
    let mut spec = server.call(
        server.outside("acme-trunk", "+14155550199"),
        server.phone("acme-101"),
        server.clock.now(),
    );
    spec.started.dialed = "+493011110101".into();
    let call = server.switch.place(spec).unwrap();
    call.ring().answer();
    until_settled(&server, &call).await;
    let body = json!({"from": contact(493011110101_u64, "pstn"), "to": contact("acme-102", "device")});
    ok(&put(&server, &call_path(call.id()), body).await);
    let told = server.told.take();
    let [CallCommand::Leg { command: LegCommand::Transfer(target), .. }] = &told[..] else {
        panic!("{told:?}")
    };
    assert!(matches!(target, Target::Device(_)));
}

#[tokio::test]
async fn who_is_behind_a_trunk_hands_nothing_over() {
    let server = start().await;
    let call = incoming(&server).await;
    let outside = contact("+14155550199", "pstn");
    let path = call_path(call.id());
    refused(&put(&server, &path, json!({"state": "parked", "from": outside})).await, 400);
    refused(&put(&server, &path, json!({"from": outside, "to": contact(102, "extension")})).await, 400);
    let leg = leg_path(&call, call.caller_leg().unwrap());
    refused(&put(&server, &leg, json!({"to": contact(102, "extension")})).await, 409);
    assert_eq!(server.told.take(), []);
}

#[tokio::test]
async fn a_party_is_parked_and_the_slot_told_again_when_it_is_asked_again() {
    let server = start().await;
    let call = incoming(&server).await;
    let body = json!({"state": "parked", "from": contact("101", "extension"), "to": contact("x", "pstn")});
    for _ in 0..2 {
        let answer = ok(&put(&server, &call_path(call.id()), body.clone()).await);
        assert_eq!((&answer["call_state"], &answer["destination"]), (&json!("parked"), &json!("701")));
    }
    assert_eq!(server.told.take().len(), 1);
    assert_eq!(server.switch.parked_count(), 1);
    assert_eq!(ok(&get(&server, &call_path(call.id())).await)["status"], "on-call");
}

#[tokio::test]
async fn a_parked_party_is_taken_back_by_the_phone_that_becomes_active() {
    let server = start().await;
    let call = server.switch.answered_call(server.phone("acme-102"), server.phone("acme-101")).unwrap();
    until_settled(&server, &call).await;
    let path = call_path(call.id());
    ok(&put(&server, &path, json!({"state": "parked", "from": contact("101", "extension")})).await);
    let body = json!({"state": "active", "to": contact("101", "extension")});
    let answer = ok(&put(&server, &path, body).await);
    assert_eq!((&answer["call_state"], &answer["destination"]), (&json!("active"), &json!("101")));
    server.until(|calls| calls.get(call.id()).is_some_and(|call| !call.legs()[0].is_parked())).await;
    assert_eq!(server.switch.parked_count(), 0);
    assert_eq!(call.legs().len(), 2);
}

#[tokio::test]
async fn a_call_is_not_handed_over_twice_at_once() {
    let server = start().await;
    let call = incoming(&server).await;
    call.transfer(Side::Termination, server.phone("acme-102"));
    server.until(|calls| calls.get(call.id()).is_some_and(|call| call.is_transferring())).await;
    let body = json!({"from": contact(101, "extension"), "to": contact("+49301234567", "pstn")});
    refused(&put(&server, &call_path(call.id()), body).await, 400);
}

#[tokio::test]
async fn in_strings_mode_the_answer_has_strings_alone() {
    let server = start_with(|config| config.vonage.wire = VonageWire::Strings).await;
    let call = answered(&server).await;
    let body = json!({"state": "active", "to": contact(101, "extension")});
    let answer = ok(&put(&server, &call_path(call.id()), body).await);
    assert!(answer.as_object().unwrap().values().all(Value::is_string), "{answer}");
    let leg = leg_path(&call, call.caller_leg().unwrap());
    let answer = ok(&put(&server, &leg, json!({"state": "active"})).await);
    assert!(answer.as_object().unwrap().values().all(Value::is_string), "{answer}");
}

/// Checks that an answer says that the command is under way, and where to see what comes of it.
#[track_caller]
fn under_way(answer: &Answer, call: &SimulatedCall) -> Value {
    assert_eq!((answer.status.as_u16(), answer.header("location")), (202, &*call_path(call.id())));
    answer.json()["call_state"].clone()
}

#[tokio::test]
async fn a_phone_that_does_not_answer_by_itself_is_said_to_ring_and_rings_on() {
    let server = start().await;
    let call =
        server.switch.ringing_call(server.outside("acme-trunk", "+14155550199"), server.phone("acme-101"));
    let call = call.unwrap();
    until_ringing(&server, &call).await;
    server.behaves(&server.phone("acme-101"), Manner::Rings);
    let path = call_path(call.id());
    let to_call = put(&server, &path, json!({"state": "active", "to": contact(101, "extension")}));
    let leg = leg_path(&call, call.called_leg().unwrap());
    let (to_call, to_leg) = tokio::join!(to_call, put(&server, &leg, json!({"state": "active"})));
    for answer in [to_call, to_leg] {
        assert_eq!(under_way(&answer, &call), "ringing");
    }
    assert_eq!(ok(&get(&server, &call_path(call.id())).await)["status"], "ringing");
}

#[tokio::test]
async fn of_two_contacts_of_a_phone_the_one_that_rings_is_told_to_answer() {
    let server = start().await;
    for rings_first in [true, false] {
        let phone = server.phone("acme-101");
        let spec = server.call(server.outside("acme-trunk", "+1415"), phone.clone(), server.clock.now());
        let call = server.switch.place(spec.also_rings(phone)).unwrap();
        server.until(|calls| calls.get(call.id()).is_some_and(|call| call.legs().len() == 3)).await;
        let live = server.app.live.snapshot().get(call.id()).unwrap().clone();
        let contacts: Vec<_> = live.legs()[1..].iter().map(|leg| leg.id).collect();
        let rings = contacts[usize::from(!rings_first)];
        call.ring_on(rings);
        until_ringing(&server, &call).await;
        let body = json!({"state": "active", "to": contact("acme-101", "device")});
        ok(&put(&server, &call_path(call.id()), body).await);
        let told = server.told.take();
        let [CallCommand::Leg { leg_id, command: LegCommand::Answer, .. }] = told[..] else {
            panic!("{told:?}")
        };
        assert_eq!(leg_id, rings);
    }
}

#[tokio::test]
async fn a_transfer_tells_what_became_of_it() {
    let server = start().await;
    let body = json!({"from": contact(101, "extension"), "to": contact(102, "extension")});
    for manner in [Manner::Answers, Manner::Rings, Manner::Busy] {
        server.behaves(&server.phone("acme-102"), manner);
        let call = incoming(&server).await;
        let to_call = put(&server, &call_path(call.id()), body.clone()).await;
        let other = incoming(&server).await;
        let leg = leg_path(&other, other.called_leg().unwrap());
        let to_leg = put(&server, &leg, json!({"to": contact(102, "extension")})).await;
        match manner {
            Manner::Busy => {
                assert_eq!(refused(&to_call, 400), "whom it was for is busy");
                assert_eq!(refused(&to_leg, 409), "whom it was for is busy");
                assert_eq!(ok(&get(&server, &leg).await)["status"], "on-call");
            }
            Manner::Rings | Manner::Waits => {
                assert_eq!(under_way(&to_call, &call), "transferred");
                assert_eq!(under_way(&to_leg, &other), "transferred");
            }
            Manner::Answers => {
                assert_eq!(ok(&to_call)["call_state"], "transferred");
                assert_eq!(ok(&to_leg)["call_state"], "transferred");
            }
        }
    }
}

#[tokio::test]
async fn taking_a_parked_party_back_tells_what_became_of_it() {
    let server = start().await;
    let call = incoming(&server).await;
    let path = call_path(call.id());
    ok(&put(&server, &path, json!({"state": "parked", "from": contact("101", "extension")})).await);
    let back = json!({"state": "active", "to": contact("102", "extension")});
    server.behaves(&server.phone("acme-102"), Manner::Busy);
    assert_eq!(refused(&put(&server, &path, back.clone()).await, 400), "whom it was for is busy");
    server.behaves(&server.phone("acme-102"), Manner::Rings);
    assert_eq!(under_way(&put(&server, &path, back).await, &call), "ringing");
}

#[tokio::test]
async fn a_party_can_be_sent_to_a_parking_slot_as_to_an_extension() {
    let server = start().await;
    let call = incoming(&server).await;
    let body = json!({"from": contact(101, "extension"), "to": contact(705, "extension")});
    ok(&put(&server, &call_path(call.id()), body).await);
    assert_eq!(server.switch.parked_count(), 1);
    let live = server.app.live.snapshot().get(call.id()).unwrap().clone();
    assert_eq!(live.legs()[0].slot.as_deref(), Some("705"));
}

#[tokio::test]
async fn null_is_no_member_wherever_it_stands() {
    let server = start().await;
    let call = answered(&server).await;
    let leg = leg_path(&call, call.caller_leg().unwrap());
    let party = contact(101, "extension");
    let bodies = [
        (
            Method::POST,
            CALLS.to_owned(),
            json!({"from": party, "to": contact("x", "pstn"), "type": "nothing"}),
        ),
        (Method::PUT, call_path(call.id()), json!({"state": "nothing", "from": party, "to": party})),
        (Method::PUT, leg.clone(), json!({"state": "nothing", "to": party})),
        (Method::PUT, leg.clone(), json!({"recording": "nothing", "service": "ocr"})),
        (Method::PUT, leg.clone(), json!({"stream": true, "stream_url": "nothing"})),
        (Method::PUT, leg, json!({"dtmf": "nothing"})),
    ];
    for (method, path, body) in bodies {
        let mut places: Vec<String> =
            body.as_object().unwrap().keys().map(|name| format!("/{name}")).collect();
        let parties: Vec<_> =
            places.iter().filter(|at| body.pointer(at).unwrap().is_object()).cloned().collect();
        places.extend(parties.iter().flat_map(|at| [format!("{at}/destination"), format!("{at}/type")]));
        for at in places {
            let (mut null, mut without) = (body.clone(), body.clone());
            *null.pointer_mut(&at).unwrap() = Value::Null;
            let (parent, name) = at.rsplit_once('/').unwrap();
            without.pointer_mut(parent).unwrap().as_object_mut().unwrap().remove(name);
            let asked = async |body: Value| {
                let answer = ask(&server, method.clone(), &path).body(body.to_string()).await;
                (answer.status, answer.text().to_owned())
            };
            assert_eq!(asked(null).await, asked(without).await, "{at} of {body}");
        }
    }
}

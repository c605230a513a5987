//! `POST …/calls`.

use axum::http::{Method, StatusCode};
use call::{
    Call, CallCommand, Leg,
    command::{RecordingKind, Target},
};
use serde_json::{Value, json};
use switch::simulated::Manner;

use super::{CALLS, ask, call_path, get, ok, refused, start};
use crate::harness::{Answer, Server};

fn wanted() -> Value {
    json!({
        "from": {"destination": 101, "type": "extension"},
        "to": {"destination": "+1 (415) 555-0199", "type": "pstn"},
        "type": "click2dial",
    })
}

async fn place(server: &Server, body: impl ToString) -> Answer {
    ask(server, Method::POST, CALLS).header("content-type", "application/json").body(body.to_string()).await
}

/// The call that a good answer names.
async fn placed(server: &Server, body: Value) -> Value {
    let answer = place(server, &body).await;
    let id = ok(&answer).as_str().unwrap_or_else(|| panic!("{}", answer.text())).to_owned();
    let id = id.parse().unwrap();
    let is_joined = |call: &Call| call.legs().len() == 2 && !call.legs().iter().any(Leg::is_pending);
    server.until(|calls| calls.get(id).is_some_and(|call| is_joined(call))).await;
    ok(&get(server, &call_path(id)).await)
}

/// Number of each leg, in the order in which they were rung.
fn rung(call: &Value) -> Vec<Value> {
    call["legs"].as_array().unwrap().iter().map(|leg| leg["to"].clone()).collect()
}

#[tokio::test]
async fn the_answer_is_the_id_of_a_call_that_can_be_read_at_once() {
    let server = start().await;
    let answer = place(&server, wanted()).await;
    assert_eq!((answer.status, answer.header("content-type")), (StatusCode::OK, "application/json"));
    let id = answer.text().strip_prefix('"').and_then(|text| text.strip_suffix('"')).unwrap();
    let call = ok(&get(&server, &format!("{CALLS}/{id}")).await);
    assert_eq!((&call["call_id"], &call["direction"]), (&id.into(), &"outbound".into()));
}

#[tokio::test]
async fn a_client_that_takes_only_plain_text_gets_the_bare_id() {
    let server = start().await;
    let answer =
        ask(&server, Method::POST, CALLS).header("accept", "text/plain").body(wanted().to_string()).await;
    assert_eq!(answer.header("content-type"), "text/plain; charset=utf-8");
    assert!(answer.text().parse::<call::CallId>().is_ok(), "{}", answer.text());
}

#[tokio::test]
async fn from_is_rung_first_and_then_to() {
    let server = start().await;
    for kind in ["click2dial", "odr", "default"] {
        let call = placed(&server, with(wanted(), "/type", json!(kind))).await;
        assert_eq!(rung(&call), [json!(101), json!("+14155550199")], "{kind}");
    }
}

#[tokio::test]
async fn odr_alone_asks_for_a_recording() {
    let server = start().await;
    for kind in ["click2dial", "click2dialme", "odr", "default"] {
        placed(&server, with(wanted(), "/type", json!(kind))).await;
        let told = server.told.take();
        let [CallCommand::Originate(originate)] = &told[..] else { panic!("{kind}: {told:?}") };
        let expected = (kind == "odr").then_some(RecordingKind::OnDemand);
        assert_eq!(originate.recording, expected, "{kind}");
    }
}

#[tokio::test]
async fn without_a_type_it_is_the_default_one() {
    let server = start().await;
    let mut body = wanted();
    body.as_object_mut().unwrap().remove("type");
    assert_eq!(rung(&placed(&server, body).await), [json!(101), json!("+14155550199")]);
}

#[tokio::test]
async fn click2dialme_rings_to_first_and_then_from() {
    let server = start().await;
    let body = with(wanted(), "/type", json!("click2dialme"));
    assert_eq!(rung(&placed(&server, body.clone()).await), [json!("+14155550199"), json!(101)]);
    let inside = with(body, "/to", json!({"destination": "102", "type": "extension"}));
    assert_eq!(rung(&placed(&server, inside).await), [json!(102), json!(101)]);
}

#[tokio::test]
async fn every_kind_of_party_can_be_named() {
    let server = start().await;
    let contacts = [
        ("/from", json!({"destination": "101", "type": "extension"})),
        ("/from", json!({"destination": "acme-101", "type": "device"})),
        ("/from", json!({"destination": "38:99:62:00:01:01", "type": "device"})),
        ("/from", json!({"destination": " 101 ", "type": "extension", "note": "ignored"})),
        ("/to", json!({"destination": "102", "type": "extension"})),
        ("/to", json!({"destination": "acme-102", "type": "device"})),
        ("/to", json!({"destination": 911, "type": "pstn"})),
        ("/to", json!({"destination": "00 49 30 1234567", "type": "pstn"})),
    ];
    for (place, contact) in contacts {
        let call = placed(&server, with(wanted(), place, contact.clone())).await;
        assert_eq!(call["legs"].as_array().unwrap().len(), 2, "{contact}");
    }
}

#[tokio::test]
async fn what_cannot_be_placed_is_refused_with_the_field_and_what_is_accepted() {
    let server = start().await;
    let contact = |destination: Value, kind: &str| json!({"destination": destination, "type": kind});
    let cases = [
        ("/from", Value::Null, "from is `missing`"),
        ("/from", json!("101"), "from is `a string`"),
        ("/to", json!([1]), "to is `an array`"),
        ("/from/destination", Value::Null, "from.destination is `missing`"),
        ("/from/destination", json!(""), "from.destination is ``"),
        ("/from/destination", json!("  "), "from.destination is ``"),
        ("/from/destination", json!(-101), "from.destination is `-101`"),
        ("/from/destination", json!(101.5), "from.destination is `101.5`"),
        ("/from/destination", json!(true), "from.destination is `true or false`"),
        ("/from/destination", json!("9".repeat(129)), "from.destination is `999"),
        ("/from/destination", json!("999"), "from.destination is `999`"),
        ("/from/type", Value::Null, "from.type is `missing`"),
        ("/from/type", json!(1), "from.type is `a number`"),
        ("/from/type", json!("pstn"), "from.type is `pstn`; accepted is device, extension, feature_code"),
        ("/to/type", json!("leg"), "to.type is `leg`; accepted is device, extension, pstn, feature_code"),
        ("/type", json!("dial"), "type is `dial`"),
        ("/from", contact(json!("*97"), "feature_code"), "from is a feature_code"),
        ("/from", contact(json!("globex-201"), "device"), "from.destination is `globex-201`"),
        ("/from", contact(json!("38-99-62-00-02-01"), "device"), "from.destination is `38-99-62-00-02-01`"),
        ("/to", contact(json!("301"), "extension"), "to.destination is `301`"),
        ("/to", contact(json!("12"), "pstn"), "to.destination is `12`"),
        ("/to", contact(json!("1234567890123456"), "pstn"), "to.destination is `1234567890123456`"),
        ("/to", contact(json!("one two three"), "pstn"), "to.destination is `one two three`"),
        ("/to", contact(json!("sip:x@example.org"), "pstn"), "to.destination is `sip:x@example.org`"),
        ("/to", contact(json!("97"), "feature_code"), "to.destination is `97`"),
        ("/to", contact(json!("*"), "feature_code"), "to.destination is `*`"),
    ];
    for (at, value, message) in cases {
        let answer = place(&server, with(wanted(), at, value.clone())).await;
        let told = refused(&answer, 400);
        assert!(told.starts_with(message), "{at} {value}: {told}");
    }
    assert_eq!(server.switch.call_count(), 0);
}

#[tokio::test]
async fn a_missing_member_is_named() {
    let server = start().await;
    for (at, member) in [("", "from"), ("", "to"), ("/from", "destination"), ("/to", "type")] {
        let mut body = wanted();
        body.pointer_mut(at).unwrap().as_object_mut().unwrap().remove(member);
        let field = format!("{at}/{member}")[1..].replace('/', ".");
        let told = refused(&place(&server, body).await, 400);
        assert!(told.starts_with(&format!("{field} is `missing`")), "{told}");
    }
}

#[tokio::test]
async fn a_call_without_a_type_is_click2dial_and_null_is_no_type() {
    let server = start().await;
    let mut without = wanted();
    without.as_object_mut().unwrap().remove("type");
    for body in [without, with(wanted(), "/type", Value::Null)] {
        assert_eq!(rung(&placed(&server, body).await), [json!(101), json!("+14155550199")]);
    }
}

#[tokio::test]
async fn a_parking_slot_is_an_extension_and_a_feature_code_too() {
    let server = start().await;
    for kind in ["extension", "feature_code"] {
        let body = with(wanted(), "/to", json!({"destination": 701, "type": kind}));
        place(&server, body).await;
        let told = server.told.take();
        let [CallCommand::Originate(originate)] = &told[..] else { panic!("{kind}: {told:?}") };
        assert_eq!(originate.to, Target::FeatureCode("701".into()), "{kind}");
    }
}

#[tokio::test]
async fn who_is_rung_is_shown_at_once_however_the_call_is_placed() {
    let server = start().await;
    for kind in ["click2dial", "click2dialme", "odr", "default"] {
        server.behaves(&server.phone("acme-101"), Manner::Rings);
        let answer = place(&server, with(wanted(), "/type", json!(kind))).await;
        let call = ok(&get(&server, &format!("{CALLS}/{}", ok(&answer).as_str().unwrap())).await);
        assert!(!call["legs"].as_array().unwrap().is_empty(), "{kind}: {call}");
    }
}

#[tokio::test]
async fn a_party_that_the_switch_does_not_reach_is_refused() {
    let server = start().await;
    let body = with(wanted(), "/to", json!({"destination": "*97", "type": "feature_code"}));
    refused(&place(&server, body).await, 400);
}

#[tokio::test]
async fn a_body_that_is_no_json_object_is_refused() {
    let server = start().await;
    for body in ["", "{", "nonsense", "[]", "\"text\"", "null", "{\"from\": }", "\u{0}"] {
        refused(&place(&server, body).await, 400);
    }
    let no_utf8 = ask(&server, Method::POST, CALLS).body(vec![b'{', 0xFF, b'}']).await;
    refused(&no_utf8, 400);
}

#[tokio::test]
async fn what_is_wrong_with_a_body_is_told() {
    let server = start().await;
    for (body, message) in [
        ("[]", "The body is `an array`; accepted is a JSON object"),
        ("7", "The body is `a number`; accepted is a JSON object"),
        ("", "The body is not JSON: it ends too early at line 1, column 0"),
        ("{'", "The body is not JSON: it cannot be read at line 1, column 2"),
    ] {
        assert_eq!(place(&server, body).await.json()["message"], message, "{body}");
    }
    let text = ask(&server, Method::POST, CALLS).header("content-type", "text/plain").body("{}").await;
    let message = "The body's Content-Type is not accepted; send application/json";
    assert_eq!(text.json()["message"], message);
    let large = place(&server, " ".repeat(10 << 20)).await;
    assert_eq!(large.json()["message"], "The body is larger than accepted");
}

#[tokio::test]
async fn a_body_that_is_said_to_be_something_else_is_refused() {
    let server = start().await;
    for kind in ["text/plain", "application/x-www-form-urlencoded", "application/jsonp", "json", ""] {
        let answer =
            ask(&server, Method::POST, CALLS).header("content-type", kind).body(wanted().to_string()).await;
        refused(&answer, 415);
    }
    for kind in ["application/json; charset=utf-8", "APPLICATION/JSON", "application/vnd.api+json"] {
        let answer =
            ask(&server, Method::POST, CALLS).header("content-type", kind).body(wanted().to_string()).await;
        assert_eq!(answer.status, StatusCode::OK, "{kind}");
    }
}

#[tokio::test]
async fn a_body_that_is_too_large_is_refused() {
    let server = start().await;
    refused(&place(&server, " ".repeat(10 << 20)).await, 413);
}

#[track_caller]
fn with(mut body: Value, at: &str, value: Value) -> Value {
    match body.pointer_mut(at) {
        Some(place) => *place = value,
        None => panic!("{at} is not in {body}"),
    }
    body
}

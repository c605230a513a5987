//! `state: active` for a phone that rings.

use serde_json::{Value, json};
use testkit::sipp::{Direction, Sipp};

use super::{live_call, office, status, tell};
use crate::{
    harness::{vonage, wait_until},
    phone::{A, B, Phone, tones},
    scene::Scene,
};

async fn until_called_party_rings(scene: &Scene, legs: usize) -> String {
    let call = live_call(scene, "ringing").await;
    let all_ring = async || {
        let (_, shown) = super::get(scene, &format!("{call}/legs")).await;
        shown.as_array().unwrap().len() == legs
    };
    wait_until("all phones are rung", all_ring).await;
    call
}

/// The phone was asked to answer, in the words of all makers.
fn assert_was_asked(phone: &Phone) {
    let messages = phone.messages();
    let invite = messages.last(Direction::Received, "INVITE").unwrap();
    assert!(invite.header("Call-Info").unwrap().ends_with(";answer-after=0"));
    assert!(invite.header("Alert-Info").unwrap().contains("info=alert-autoanswer"));
    assert_eq!(invite.header("Answer-Mode"), Some("Auto"));
}

/// Has the first of two phones of an extension answer, by `order` to the call or to its leg.
async fn answers(scene: Scene, [a, b]: [Phone; 2], path: &str, order: Value) {
    let call = path.split("/legs/").next().unwrap().to_owned();
    b.receives("INVITE").await;
    assert_eq!(tell(&scene, path, order.clone()).await, "active");
    tokio::join!(a.speaks(), b.speaks());
    tokio::join!(a.hears(B), b.hears(A));
    assert_was_asked(&b);
    assert_eq!(tell(&scene, path, order).await, "active", "it has answered already");
    assert_eq!(status(&scene, &call).await, "on-call");
    assert_eq!((a.story(), b.story()), (tones(&[B]), tones(&[A])));
    assert_eq!(vonage::delete(&scene.server, &call).await, 200);
    a.ends().await;
    let by_b = b.ends().await.messages.ladder();
    assert_eq!(by_b, ["< INVITE 487", "< INVITE auto 200", "< CANCEL 200", "< BYE 200"]);
    let seen = scene.only_call().await;
    assert_eq!(seen.interactions(), ["Answer", "Hangup"]);
    assert!(seen.seconds("RingTimeInSeconds") > 0.0);
    seen.assert_times_add_up();
}

fn told() -> Sipp {
    Sipp::scenario("uas-answer-when-told").calls(2)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_phone_of_two_answers_and_the_other_one_stops_ringing() {
    let scene = office();
    let b = Phone::called(&scene, "1004a", told()).await;
    let other = Phone::called(&scene, "1004b", Sipp::scenario("uas-no-answer")).await;
    let a = Phone::calling(&scene, "1004").await;
    let call = until_called_party_rings(&scene, 3).await;
    other.receives("INVITE").await;
    let order = json!({ "state": "active", "to": { "destination": "1004a", "type": "device" } });
    let at_other = tokio::spawn(other.ends());
    answers(scene, [a, b], &call, order).await;
    assert_eq!(at_other.await.unwrap().messages.ladder(), ["< INVITE 487", "< CANCEL 200"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_phone_of_a_leg_answers() {
    let scene = office();
    let b = Phone::called(&scene, "1002", told()).await;
    let a = Phone::calling(&scene, "1002").await;
    let call = until_called_party_rings(&scene, 2).await;
    let leg = vonage::leg(&scene.server, &call, 1002).await;
    answers(scene, [a, b], &leg, json!({ "state": "active" })).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_phone_that_does_not_answer_by_itself_rings_on() {
    let scene = office();
    let b = Phone::called(&scene, "1002", Sipp::scenario("uas-no-answer").calls(2)).await;
    let a = Phone::calling(&scene, "1002").await;
    let call = until_called_party_rings(&scene, 2).await;
    b.receives("INVITE").await;
    let leg = vonage::leg(&scene.server, &call, 1002).await;
    let (status, answer) = vonage::put(&scene.server, &leg, &json!({ "state": "active" })).await;
    assert_eq!((status, &answer["call_state"]), (202, &json!("ringing")));
    assert_eq!(super::status(&scene, &leg).await, "ringing");
    assert_eq!(vonage::delete(&scene.server, &call).await, 200);
    let by_b = b.ends().await.messages.ladder();
    let expected = ["< INVITE 487", "< INVITE auto 487", "< CANCEL 200", "< CANCEL 200"];
    assert_eq!(by_b, expected, "the first INVITE is let alone until the call is over");
    drop(a);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_only_an_answered_leg_can_do_is_a_conflict_while_it_rings() {
    let scene = office();
    let b = Phone::called(&scene, "1002", Sipp::scenario("uas-no-answer")).await;
    let a = Phone::calling(&scene, "1002").await;
    let call = until_called_party_rings(&scene, 2).await;
    let leg = vonage::leg(&scene.server, &call, 1002).await;
    b.receives("INVITE").await;
    let orders = [
        json!({ "state": "held" }),
        json!({ "dtmf": "1" }),
        json!({ "stream": true, "stream_url": "https://sounds.example/a.wav" }),
        json!({ "recording": "start", "service": "ocr" }),
        json!({ "state": "active", "to": { "destination": 1003, "type": "extension" } }),
    ];
    for order in orders {
        let (status, answer) = vonage::put(&scene.server, &leg, &order).await;
        assert_eq!(status, 409, "{order}: {answer}");
    }
    let park = json!({ "state": "parked", "from": { "destination": 1002, "type": "extension" } });
    assert_eq!(vonage::put(&scene.server, &call, &park).await.0, 400);
    assert_eq!(vonage::delete(&scene.server, &call).await, 200);
    assert_eq!(b.ends().await.messages.ladder(), ["< INVITE 487", "< CANCEL 200"]);
    drop(a);
}

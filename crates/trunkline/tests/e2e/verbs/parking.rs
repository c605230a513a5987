//! `state: parked`, and taking the party out of its slot.

use std::time::Instant;

use serde_json::{Value, json};
use testkit::sipp::Sipp;

use super::{Talk, assert_length, status, tell};
use crate::{
    harness::{MUSIC, vonage},
    phone::{A, B, C, Phone, tones},
    scene::Scene,
};

fn park() -> Value {
    json!({ "state": "parked", "from": { "destination": 1002, "type": "extension" } })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_party_hears_music_in_its_slot_until_a_phone_is_rung_to_take_it_out() {
    let talk = Talk::begin().await;
    let c = Phone::talking(&talk.scene, "1003").await;
    let before = Instant::now();
    for _ in 0..2 {
        let (status, answer) = vonage::put(&talk.scene.server, &talk.call, &park()).await;
        assert_eq!((status, &answer["call_state"]), (200, &json!("parked")), "{answer}");
        assert_eq!(answer["destination"], "701");
    }
    let parked = Instant::now();
    assert_eq!(talk.b.ends().await.messages.ladder(), ["< INVITE 200", "< BYE 200"]);
    talk.a.hears(MUSIC).await;
    assert_eq!(status(&talk.scene, &talk.call).await, "on-call");
    let release = Instant::now();
    let take = json!({ "state": "active", "to": { "destination": 1003, "type": "extension" } });
    assert_eq!(tell(&talk.scene, &talk.call, take).await, "active");
    c.receives("ACK").await;
    let after = Instant::now();
    c.speaks().await;
    tokio::join!(talk.a.hears(C), c.hears(A));
    assert_eq!((talk.a.story(), c.story()), (tones(&[B, MUSIC, C]), tones(&[A])));

    assert_eq!(vonage::delete(&talk.scene.server, &talk.call).await, 200);
    talk.a.ends().await;
    assert_eq!(c.ends().await.messages.ladder(), ["< INVITE 200", "< BYE 200"]);
    let seen = talk.scene.only_call().await;
    assert_eq!(seen.interactions(), ["Answer", "Hold", "Answer", "Retrieved", "Hangup"]);
    assert!(seen.record["Interactions"][1]["Description"].as_str().unwrap().starts_with("Parked in 701"));
    assert_eq!(seen.text("AnsweredBy"), "Desk 1002");
    assert_length(&seen, "HoldTimeInSeconds", release - parked, after - before);
    seen.assert_times_add_up();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_placed_to_a_slot_takes_the_party_out_of_it() {
    let talk = Talk::begin().await;
    let c = Phone::talking(&talk.scene, "1003").await;
    assert_eq!(talk.tell(&talk.call, park()).await, "parked");
    talk.a.hears(MUSIC).await;
    let from = json!({ "destination": 1003, "type": "extension" });
    let order = json!({ "from": from, "to": { "destination": 701, "type": "pstn" }, "type": "click2dial" });
    vonage::post(&talk.scene.server, "/cc/accounts/1234/calls", &order).await;
    c.receives_again("INVITE").await;
    c.speaks().await;
    tokio::join!(talk.a.hears(C), c.hears(A));
    assert_eq!(talk.a.story(), tones(&[B, MUSIC, C]));
    assert_eq!(vonage::delete(&talk.scene.server, &talk.call).await, 200);
    talk.a.ends().await;
    assert_eq!(c.ends().await.messages.ladder(), ["< INVITE auto 200", "< INVITE 200", "< BYE 200"]);
    let seen = talk.scene.only_call().await;
    assert!(seen.interactions().ends_with(&["Retrieved", "Hangup"]), "{:?}", seen.interactions());
    seen.assert_times_add_up();
}

#[tokio::test(flavor = "multi_thread")]
async fn who_parked_is_rung_when_nobody_takes_the_party_out_in_time() {
    let hurried = [("TRUNKLINE__FEATURES__PARK_SECONDS", "1"), ("TRUNKLINE__SIP__NO_ANSWER_SECONDS", "60")];
    let scene = Scene::with(&hurried);
    let b = Phone::called(&scene, "1002", Sipp::scenario("uas-talk").with_keys().calls(2)).await;
    let talk = Talk::with(scene, b, "uac-talk").await;
    assert_eq!(talk.tell(&talk.call, park()).await, "parked");
    let again = async || talk.b.messages().ladder().len() == 3;
    crate::harness::wait_until("who parked is called again", again).await;
    talk.b.receives_again("ACK").await;
    talk.b.speaks().await;
    tokio::join!(talk.a.hears(B), talk.b.hears(A));
    let past = talk.end().await;
    assert_eq!(past.b, ["< INVITE 200", "< BYE 200", "< INVITE 200", "< BYE 200"]);
    assert_eq!(past.seen.interactions(), ["Answer", "Hold", "Answer", "Retrieved", "Hangup"]);
    past.seen.assert_times_add_up();
}

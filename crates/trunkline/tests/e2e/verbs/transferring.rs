//! A party is handed over without a word with the third: `to` of a leg, `from` and `to` of a call.

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use testkit::{sipp::Sipp, voice::Sound};

use super::{Talk, assert_length, status};
use crate::{
    harness::wait_until,
    phone::{A, B, C, Phone, tones},
    scene::{OUTSIDE, Scene},
};

/// Long enough for what the parties hear meanwhile to be told.
const RING: Duration = Duration::from_millis(800);

fn ringing() -> Sipp {
    Sipp::scenario("uas-talk").with_keys().ring(RING)
}

/// Hands 1001 over from 1002 to `c`, in the words of `order`, and sees all of it through.
async fn hand_over(talk: Talk, c: Phone, (path, order): (String, Value), target: (&str, Option<&str>)) {
    let before = Instant::now();
    assert_eq!(talk.tell(&path, order).await, "transferred");
    c.receives("ACK").await;
    c.speaks().await;
    tokio::join!(talk.a.hears(C), c.hears(A));
    let joined = Instant::now();
    let by_b = talk.b.ends().await.messages.ladder();
    assert_eq!(status(&talk.scene, &talk.call).await, "on-call");
    assert_eq!((talk.a.story(), c.story()), (ringing_between(B, C), tones(&[A])));

    assert_eq!(crate::harness::vonage::delete(&talk.scene.server, &talk.call).await, 200);
    let (by_a, by_c) = (talk.a.ends().await.messages.ladder(), c.ends().await.messages.ladder());
    assert_eq!(by_a, ["> INVITE 407", "> INVITE 200", "< INVITE 200", "< BYE 200"]);
    assert_eq!(
        (by_b.join(", "), by_c.join(", ")),
        ("< INVITE 200, < BYE 200".into(), "< INVITE 200, < BYE 200".into())
    );
    let seen = talk.scene.only_call().await;
    assert_eq!(seen.interactions(), ["Answer", "TransferAttempt", "Answer", "TransferCompleted", "Hangup"]);
    assert_eq!((seen.text("AnsweredBy"), seen.text("TransferToNumber")), ("Desk 1002", target.0));
    assert_eq!(seen.record["TransferToName"].as_str(), target.1);
    assert_length(&seen, "TransferTimeInSeconds", RING * 9 / 10, joined - before);
    seen.assert_times_add_up();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_leg_hands_the_other_side_over_to_an_extension() {
    let talk = Talk::begin().await;
    let c = Phone::called(&talk.scene, "1003", ringing()).await;
    let order = json!({ "state": "active", "to": { "destination": 1003, "type": "extension" } });
    let leg = talk.leg(1002).await;
    hand_over(talk, c, (leg, order), ("1003", Some("Desk 1003"))).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_leg_hands_the_other_side_over_to_a_phone() {
    let talk = Talk::begin().await;
    let c = Phone::called(&talk.scene, "1003", ringing()).await;
    let order = json!({ "state": "active", "to": { "destination": "1003", "type": "device" } });
    let leg = talk.leg(1002).await;
    hand_over(talk, c, (leg, order), ("1003", Some("Desk 1003"))).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_leg_hands_the_other_side_over_to_an_outside_number() {
    let talk = Talk::begin().await;
    let c = Phone::outside(&talk.scene, ringing()).await;
    let order = json!({ "state": "active", "to": { "destination": OUTSIDE, "type": "pstn" } });
    let leg = talk.leg(1002).await;
    hand_over(talk, c, (leg, order), (OUTSIDE, None)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_party_of_a_call_hands_the_other_one_over() {
    let talk = Talk::begin().await;
    let c = Phone::called(&talk.scene, "1003", ringing()).await;
    let extension = |number: u32| json!({ "destination": number, "type": "extension" });
    let order = json!({ "from": extension(1002), "to": extension(1003) });
    let call = talk.call.clone();
    hand_over(talk, c, (call, order), ("1003", Some("Desk 1003"))).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_talk_on_when_the_third_is_busy() {
    let talk = Talk::begin().await;
    let c = Phone::called(&talk.scene, "1003", Sipp::scenario("uas-busy")).await;
    let order = json!({ "state": "active", "to": { "destination": 1003, "type": "extension" } });
    let leg = talk.leg(1002).await;
    let (status, answer) = crate::harness::vonage::put(&talk.scene.server, &leg, &order).await;
    assert_eq!((status, &answer["message"]), (409, &json!("whom it was for is busy")));
    assert_eq!(c.ends().await.messages.ladder(), ["< INVITE 486"]);
    wait_until("the third is no more", async || legs(&talk.scene, &talk.call).await == 2).await;
    tokio::join!(talk.a.hears(B), talk.b.hears(A));
    // Its phone rang for a moment.
    let heard = talk.a.story();
    assert!(heard == tones(&[B]) || heard == ringing_between(B, B), "{heard:?}");
    assert_eq!(talk.b.story(), tones(&[A]));
    assert_eq!(super::status(&talk.scene, &talk.call).await, "on-call");
    let past = talk.end().await;
    assert_eq!(past.b, ["< INVITE 200", "< BYE 200"]);
    assert_eq!(past.seen.interactions(), ["Answer", "TransferAttempt", "TransferStopped", "Hangup"]);
    assert_eq!(past.seen.record["TransferToNumber"], json!(null));
    past.seen.assert_times_add_up();
}

/// One party, ringing, and another one.
fn ringing_between(one: u32, other: u32) -> Vec<Sound> {
    vec![Sound::Tone(one), Sound::Other, Sound::Tone(other)]
}

/// How many legs of a call go on.
async fn legs(scene: &Scene, call: &str) -> usize {
    let (_, legs) = super::get(scene, &format!("{call}/legs")).await;
    legs.as_array().unwrap().iter().filter(|leg| leg["end_time"].is_null()).count()
}

//! `recording` and `service`: what is in the file.

use std::time::Duration;

use serde_json::json;
use testkit::heard::Heard;

use super::{Talk, status};
use crate::{
    harness::{MUSIC, vonage, wait_until},
    phone::{A, B, C, Phone},
};

/// On the average a tone that was said at all is louder than this, which one of 0.24 is in a hundredth of the time.
const LOUD: f64 = 0.02;
/// No other tone is as loud as this: not even for a single packet.
const QUIET: f64 = 0.004;

/// Of all tones there are, these and no others are in it.
fn assert_holds(heard: &Heard, tones: &[u32]) {
    for tone in [A, B, C, MUSIC] {
        let loudness = heard.loudness_of(tone);
        let is_right = if tones.contains(&tone) { loudness > LOUD } else { loudness < QUIET };
        assert!(is_right, "{tone} Hz has {loudness}, expected: {tones:?}");
    }
}

/// Both parties talk, pause at once, and go on at once.
async fn pause(a: &Phone, b: &Phone) {
    let (by_a, by_b) = tokio::join!(a.voice.say(25), b.voice.say(25));
    by_a.and(by_b).unwrap();
    a.voice.mute(true);
    b.voice.mute(true);
    a.voice.say(40).await.unwrap();
    a.voice.mute(false);
    b.voice.mute(false);
    tokio::join!(a.hears(B), b.hears(A));
}

fn assert_aligned([own, heard]: &[Heard; 2]) {
    let pause = |sound: &Heard| sound.pause(Duration::from_millis(400)).expect("a pause");
    let ((from, to), (other_from, other_to)) = (pause(own), pause(heard));
    let apart = from.abs_diff(other_from).max(to.abs_diff(other_to));
    assert!(apart < Duration::from_millis(200), "{apart:?} apart");
}

#[tokio::test(flavor = "multi_thread")]
async fn each_party_is_on_its_own_channel_through_hold_and_transfer() {
    let talk = Talk::begin().await;
    let c = Phone::talking(&talk.scene, "1003").await;
    let (leg, holder) = (talk.leg(1001).await, talk.leg(1002).await);
    let start = json!({ "recording": "start", "service": "ocr" });
    assert_eq!(talk.tell(&leg, start.clone()).await, "active");
    assert_eq!(vonage::put(&talk.scene.server, &leg, &start).await.0, 409, "it is being recorded");
    assert_eq!(status(&talk.scene, &leg).await, "on-call");
    pause(&talk.a, &talk.b).await;
    talk.tell(&holder, json!({ "state": "held" })).await;
    talk.a.hears(MUSIC).await;
    talk.tell(&holder, json!({ "state": "active" })).await;
    talk.a.hears(B).await;
    let to = json!({ "state": "active", "to": { "destination": 1003, "type": "extension" } });
    assert_eq!(talk.tell(&holder, to).await, "transferred");
    c.speaks().await;
    tokio::join!(talk.a.hears(C), c.hears(A));
    talk.a.voice.hear(50).await.unwrap();
    assert_eq!(talk.tell(&leg, json!({ "recording": "stop", "service": "ocr" })).await, "active");
    let stop = json!({ "recording": "stop", "service": "ocr" });
    assert_eq!(vonage::put(&talk.scene.server, &leg, &stop).await.0, 409, "it is not being recorded");
    talk.b.voice.say(10).await.unwrap();

    assert_eq!(vonage::delete(&talk.scene.server, &talk.call).await, 200);
    talk.a.ends().await;
    c.ends().await;
    let is_whole = async || story(&talk.scene.recorded().await[1]).last() == Some(&C);
    wait_until("the file is whole", is_whole).await;
    let sounds = talk.scene.recorded().await;
    let [own, heard] = &sounds;
    assert_eq!(own.length(), heard.length());
    assert_holds(own, &[A]);
    assert_holds(heard, &[B, C, MUSIC]);
    assert_eq!(story(own), [A]);
    assert_eq!(story(heard), [B, MUSIC, B, C]);
    assert_aligned(&sounds);
    let seen = talk.scene.only_call().await;
    assert_eq!(seen.text("TransferToNumber"), "1003");
    seen.assert_times_add_up();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_that_ends_ends_its_recording() {
    let talk = Talk::begin().await;
    let leg = talk.leg(1002).await;
    assert_eq!(talk.tell(&leg, json!({ "recording": "start", "service": "ccr" })).await, "active");
    talk.a.voice.say(50).await.unwrap();
    let scene = talk.scene;
    assert_eq!(vonage::delete(&scene.server, &talk.call).await, 200);
    talk.a.ends().await;
    talk.b.ends().await;
    let is_whole = async || scene.recorded().await[0].length() >= Duration::from_millis(900);
    wait_until("the file is whole", is_whole).await;
    let [own, heard] = scene.recorded().await;
    assert_holds(&own, &[B]);
    assert_holds(&heard, &[A]);
}

/// The tones of a channel in order, each that lasts for 200 ms.
fn story(heard: &Heard) -> Vec<u32> {
    let tones = heard.tones(&[A, B, C, MUSIC]);
    let lasting = tones.windows(2).filter(|pair| pair[0] == pair[1]).filter_map(|pair| pair[0]);
    let mut story: Vec<u32> = lasting.filter(|tone| *tone != 0).collect();
    story.dedup();
    story
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_placed_with_odr_is_recorded_from_the_moment_when_the_two_talk() {
    let scene = super::office();
    let (a, b) = (Phone::talking(&scene, "1001").await, Phone::talking(&scene, "1002").await);
    let party = |number: u32| json!({ "destination": number, "type": "extension" });
    let order = json!({ "from": party(1001), "to": party(1002), "type": "odr" });
    let id = vonage::post(&scene.server, "/cc/accounts/1234/calls", &order).await;
    super::live_call(&scene, "on-call").await;
    tokio::join!(a.speaks(), b.speaks());
    tokio::join!(a.hears(B), b.hears(A));
    a.voice.say(50).await.unwrap();
    assert_eq!(vonage::delete(&scene.server, &format!("/cc/accounts/1234/calls/{id}")).await, 200);
    a.ends().await;
    b.ends().await;
    let is_whole = async || scene.recorded().await[0].length() >= Duration::from_millis(700);
    wait_until("the file is whole", is_whole).await;
    let [own, heard] = scene.recorded().await;
    assert_holds(&own, &[A]);
    assert_holds(&heard, &[B]);
    assert_eq!((story(&own), story(&heard)), (vec![A], vec![B]));
}

//! `state: held`, and `state: active` afterwards; and phones that hold by themselves.

use std::time::Instant;

use serde_json::json;
use testkit::sipp::Sipp;

use super::{Talk, assert_length, office, status};
use crate::{
    harness::MUSIC,
    phone::{A, B, Phone, tones},
};

#[tokio::test(flavor = "multi_thread")]
async fn the_other_side_hears_music_until_it_is_taken_back() {
    let talk = Talk::begin().await;
    let (leg, before) = (talk.leg(1001).await, Instant::now());
    for _ in 0..2 {
        assert_eq!(talk.tell(&leg, json!({ "state": "held" })).await, "held");
    }
    let held = Instant::now();
    talk.b.hears(MUSIC).await;
    assert!(talk.a.hears_nothing_of(&talk.b).await);
    assert_eq!((status(&talk.scene, &leg).await, status(&talk.scene, &talk.call).await), on_call());
    let release = Instant::now();
    for _ in 0..2 {
        assert_eq!(talk.tell(&leg, json!({ "state": "active" })).await, "active");
    }
    let after = Instant::now();
    tokio::join!(talk.a.hears(B), talk.b.hears(A));
    assert_eq!((status(&talk.scene, &leg).await, status(&talk.scene, &talk.call).await), on_call());
    assert_eq!((talk.a.story(), talk.b.story()), (tones(&[B]), tones(&[A, MUSIC, A])));

    let past = talk.end().await;
    assert_eq!(past.a, ["> INVITE 407", "> INVITE 200", "< BYE 200"]);
    assert_eq!(past.b, ["< INVITE 200", "< INVITE 200", "< BYE 200"], "its media are agreed on anew");
    assert_eq!(past.seen.interactions(), ["Answer", "Hold", "Retrieved", "Hangup"]);
    assert_eq!(past.seen.record["HoldCount"], json!(1));
    assert_length(&past.seen, "HoldTimeInSeconds", release - held, after - before);
    past.seen.assert_times_add_up();
}

fn on_call() -> (String, String) {
    ("on-call".into(), "on-call".into())
}

/// Phone 1002 holds in its own way. It does the next thing whenever it is sent a key.
async fn a_phone_holds(direction: &str, address: &str) {
    let scene = office();
    let b = Sipp::scenario("uas-hold-when-told").key("hold", direction).key("hold_ip", address);
    let b = Phone::called(&scene, "1002", b).await;
    let talk = Talk::with(scene, b, "uac-talk").await;
    let leg = talk.leg(1002).await;
    let next = async || assert_eq!(talk.tell(&leg, json!({ "dtmf": "1" })).await, "active");
    next().await;
    talk.a.hears(MUSIC).await;
    assert!(talk.b.hears_nothing_of(&talk.a).await);
    assert_eq!(status(&talk.scene, &leg).await, "on-call");
    // The answer tells how the leg stands: on hold.
    assert_eq!(talk.tell(&leg, json!({ "dtmf": "1" })).await, "held");
    tokio::join!(talk.a.hears(B), talk.b.hears(A));
    assert_eq!((talk.a.story(), talk.b.story()), (tones(&[B, MUSIC, B]), tones(&[A])));
    next().await;
    let by_a = talk.a.ends().await.messages.ladder();
    talk.b.ends().await;
    assert_eq!(by_a, ["> INVITE 407", "> INVITE 200", "< INVITE sendonly 200", "< INVITE 200", "< BYE 200"]);
    let seen = talk.scene.only_call().await;
    assert_eq!(seen.interactions(), ["Answer", "Hold", "Retrieved", "Hangup"]);
    assert_eq!(seen.record["HoldCount"], json!(1));
    seen.assert_times_add_up();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_phone_holds_by_sendonly() {
    a_phone_holds("sendonly", "127.0.0.1").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_phone_holds_by_inactive() {
    a_phone_holds("inactive", "127.0.0.1").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_phone_holds_by_an_address_of_zeros() {
    a_phone_holds("sendrecv", "0.0.0.0").await;
}

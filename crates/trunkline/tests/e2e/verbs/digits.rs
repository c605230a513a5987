//! `dtmf`, and keys that parties press.

use serde_json::json;
use testkit::sipp::Sipp;

use super::{Talk, office, status};
use crate::{
    harness::wait_until,
    phone::{A, B, Phone, tones},
};

#[tokio::test(flavor = "multi_thread")]
async fn keys_go_to_a_phone_in_rtp() {
    let talk = Talk::begin().await;
    let leg = talk.leg(1002).await;
    assert_eq!(talk.tell(&leg, json!({ "dtmf": "*123#" })).await, "active");
    talk.b.voice.until_keys("*123#").await.unwrap();
    talk.b.hears(A).await;
    assert_eq!(talk.tell(&leg, json!({ "dtmf": "d" })).await, "active");
    talk.b.voice.until_keys("*123#D").await.unwrap();
    talk.b.hears(A).await;
    assert_eq!(status(&talk.scene, &leg).await, "on-call");
    assert_eq!((talk.a.story(), talk.b.story()), (tones(&[B]), tones(&[A])));
    talk.a.voice.until_keys("").await.unwrap();
    assert_eq!(talk.scene.pressed(), "", "what is sent is not pressed");
    let past = talk.end().await;
    assert_eq!(past.b, ["< INVITE 200", "< BYE 200"]);
    assert_eq!(past.seen.interactions(), ["Answer", "Hangup"]);
    past.seen.assert_times_add_up();
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_go_to_a_phone_by_info_where_it_takes_none_in_rtp() {
    let scene = office();
    let b = Phone::called(&scene, "1002", Sipp::scenario("uas-talk")).await;
    let talk = Talk::with(scene, b, "uac-talk").await;
    assert_eq!(talk.tell(&talk.leg(1002).await, json!({ "dtmf": "1#" })).await, "active");
    let has_both = async || talk.b.messages().ladder().contains(&"< INFO # 200".to_owned());
    wait_until("both keys have come", has_both).await;
    let past = talk.end().await;
    assert_eq!(past.b, ["< INVITE 200", "< INFO 1 200", "< INFO # 200", "< BYE 200"]);
    assert_eq!(past.a, ["> INVITE 407", "> INVITE 200", "< BYE 200"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_that_a_phone_presses_in_rtp_are_told_and_reach_the_other_side() {
    let talk = Talk::begin().await;
    talk.a.voice.press("42*").await.unwrap();
    talk.b.voice.until_keys("42*").await.unwrap();
    talk.scene.until_pressed("42*").await;
    tokio::join!(talk.a.hears(B), talk.b.hears(A));
    talk.b.voice.press("7").await.unwrap();
    talk.a.voice.until_keys("7").await.unwrap();
    talk.scene.until_pressed("42*7").await;
    assert_eq!((talk.a.story(), talk.b.story()), (tones(&[B]), tones(&[A])));
    talk.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_a_phone_sends_by_info_is_told_and_reaches_the_other_side() {
    let scene = office();
    let b = Phone::talking(&scene, "1002").await;
    let talk = Talk::with(scene, b, "uac-press-key").await;
    talk.scene.until_pressed("5").await;
    talk.b.receives("INFO").await;
    let past = talk.end().await;
    assert_eq!(past.a, ["> INVITE 407", "> INVITE 200", "> INFO 5 200", "< BYE 200"]);
    assert_eq!(past.b, ["< INVITE 200", "< INFO 5 200", "< BYE 200"]);
}

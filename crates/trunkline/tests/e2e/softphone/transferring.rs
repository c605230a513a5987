//! Handing a party over, by a phone's REFER and by the API.

use serde_json::json;
use testkit::baresip::Baresip;

use super::{A, B, C, is_over, leg_of, listen, phone, story, talk, tell};
use crate::{
    harness::vonage,
    scene::{Scene, Seen},
};

async fn assert_handed_over(scene: &Scene, mut a: Baresip, b: Baresip, mut c: Baresip) -> Seen {
    c.expect("CALL_ESTABLISHED").await.unwrap();
    listen().await;
    a.hang_up().await.unwrap();
    c.expect("CALL_CLOSED").await.unwrap();
    is_over(scene).await;
    assert_eq!(story(&a.heard().unwrap()), [B, C]);
    assert_eq!(story(&b.heard().unwrap()), [A]);
    assert_eq!(story(&c.heard().unwrap()), [A]);
    let seen = scene.only_call().await;
    assert_eq!((seen.text("AnsweredBy"), seen.text("TransferToNumber")), ("Desk 1002", "1003"));
    assert_eq!(seen.text("TransferToName"), "Desk 1003");
    seen
}

#[tokio::test(flavor = "multi_thread")]
async fn a_phone_hands_over_without_asking() {
    let scene = Scene::new();
    let (a, mut b) = talk(&scene).await;
    let c = phone(&scene, "1003", C, true).await;
    listen().await;
    b.transfer("1003").await.unwrap();
    b.expect("CALL_CLOSED").await.unwrap();
    assert_handed_over(&scene, a, b, c).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_api_hands_over_without_asking() {
    let scene = Scene::new();
    let (a, mut b) = talk(&scene).await;
    let c = phone(&scene, "1003", C, true).await;
    let leg = leg_of(&scene, 1002).await;
    listen().await;
    let to = json!({ "state": "active", "to": { "destination": 1003, "type": "extension" } });
    assert_eq!(tell(&scene, &leg, to).await, "transferred");
    b.expect("CALL_CLOSED").await.unwrap();
    assert_handed_over(&scene, a, b, c).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_who_were_to_be_parted_talk_on_when_the_third_is_busy() {
    let scene = Scene::new();
    let (mut a, mut b) = talk(&scene).await;
    let mut c = phone(&scene, "1003", C, false).await;
    let leg = leg_of(&scene, 1002).await;
    listen().await;
    let to = json!({ "state": "active", "to": { "destination": 1003, "type": "extension" } });
    assert_eq!(tell(&scene, &leg, to).await, "transferred");
    c.expect("CALL_INCOMING").await.unwrap();
    c.hang_up().await.unwrap();
    c.expect("CALL_CLOSED").await.unwrap();
    listen().await;
    a.hang_up().await.unwrap();
    b.expect("CALL_CLOSED").await.unwrap();
    let seen = scene.only_call().await;
    let told: Vec<_> = seen.interactions();
    assert_eq!(told, ["Answer", "TransferAttempt", "TransferStopped", "Hangup"]);
    assert_eq!(seen.record["TransferToNumber"], json!(null));
    assert_eq!((story(&a.heard().unwrap()), story(&b.heard().unwrap())), (vec![B], vec![A]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_party_is_handed_over_after_a_word_with_the_third() {
    let scene = Scene::new();
    let (a, mut b) = talk(&scene).await;
    let mut c = phone(&scene, "1003", C, true).await;
    let first = leg_of(&scene, 1002).await;
    listen().await;
    b.hold().await.unwrap();
    b.dial("1003").await.unwrap();
    c.expect("CALL_ESTABLISHED").await.unwrap();
    scene.wait_for_live(2).await;
    listen().await;
    let second = second_leg(&scene).await;
    let to = json!({ "state": "active", "to": { "destination": second, "type": "leg" } });
    assert_eq!(tell(&scene, &first, to).await, "transferred");
    scene.wait_for_live(1).await;
    listen().await;
    let (mut a, b) = (a, b);
    a.hang_up().await.unwrap();
    c.expect("CALL_CLOSED").await.unwrap();
    is_over(&scene).await;

    assert_eq!(story(&c.heard().unwrap()), [B, A]);
    assert_eq!(story(&b.heard().unwrap()), [C], "the latest sound of B is that of its second call");
    let seen = scene.only_call().await;
    assert_eq!((seen.text("AnsweredBy"), seen.text("TransferToNumber")), ("Desk 1002", "1003"));
}

/// The leg of phone 1002 in the call that it placed itself.
async fn second_leg(scene: &Scene) -> String {
    let calls = vonage::calls(&scene.server).await;
    let placed = calls.iter().find(|call| call["from"] == json!(1002)).unwrap();
    let leg = placed["legs"].as_array().unwrap().iter().find(|leg| leg["direction"] == "outbound").unwrap();
    leg["leg_id"].as_str().unwrap().to_owned()
}

//! `POST` of calls, in all four types.

use std::time::Duration;

use serde_json::{Value, json};
use testkit::{
    sipp::{Direction, Sipp},
    tone::amplitude,
    voice::Sound,
};

use super::{live_call, office, status};
use crate::{
    harness::{vonage, wait_until},
    phone::{A, B, C, Phone, tones},
    scene::{OUTSIDE, Scene, Seen},
};

/// How long the second party rings: time enough to hear it at the first.
const RING: Duration = Duration::from_millis(1_500);

fn phone() -> Sipp {
    Sipp::scenario("uas-talk").with_keys()
}

fn contact(kind: &str, destination: impl Into<Value>) -> Value {
    json!({ "destination": destination.into(), "type": kind })
}

/// Places a call; gives its path.
async fn place(scene: &Scene, kind: Option<&str>, from: Value, to: Value) -> String {
    let mut body = json!({ "from": from, "to": to });
    if let Some(kind) = kind {
        body["type"] = json!(kind);
    }
    let id = vonage::post(&scene.server, "/cc/accounts/1234/calls", &body).await;
    format!("/cc/accounts/1234/calls/{id}")
}

/// The first party answers, hears ringing while the second rings, and then that one.
async fn assert_joined(scene: &Scene, [first, second]: [&Phone; 2], [own, other]: [u32; 2], call: &str) {
    let rung = |phone: &Phone| phone.messages().first(Direction::Received, "INVITE").unwrap().at;
    second.receives("INVITE").await;
    let answered = first.messages().first(Direction::Sent, "SIP/2.0 200").expect("it answered first").at;
    assert!(answered <= rung(second), "the second is dialled after the answer of the first");
    first.voice.hear(20).await.unwrap();
    let ringing = first.voice.samples(10);
    let loudness = [440.0, 480.0, 400.0, 700.0, 1_100.0].map(|hertz| amplitude(&ringing, hertz));
    assert!(loudness[0] > 500.0 && loudness[1] > 500.0, "{loudness:?}");
    tokio::join!(first.speaks(), second.speaks());
    tokio::join!(first.hears(other), second.hears(own));
    let story = first.story();
    let [Sound::Other, joined @ ..] = story.as_slice() else { panic!("ringing first: {story:?}") };
    assert_eq!(joined, tones(&[other]));
    assert_eq!(second.story(), tones(&[own]));
    assert_eq!(
        (live_call(scene, "on-call").await.as_str(), status(scene, call).await.as_str()),
        (call, "on-call")
    );
}

async fn end(scene: &Scene, call: &str, [first, second]: [Phone; 2]) -> Seen {
    assert_eq!(vonage::delete(&scene.server, call).await, 200);
    let (by_first, by_second) = (first.ends().await.messages.ladder(), second.ends().await.messages.ladder());
    assert_eq!(by_first[1..], ["< INVITE 200", "< BYE 200"]);
    assert!(["< INVITE 200", "< INVITE auto 200"].contains(&&*by_first[0]), "{by_first:?}");
    assert_eq!(by_second, ["< INVITE 200", "< BYE 200"]);
    let seen = scene.only_call().await;
    assert!(call.ends_with(seen.text("Id")));
    assert_eq!((seen.text("Type"), seen.interactions()), ("Outgoing", vec!["Answer", "Hangup"]));
    seen.assert_times_add_up();
    seen
}

async fn the_agent_is_rung_first(kind: Option<&str>) {
    let scene = office();
    let a = Phone::called(&scene, "1001", phone()).await;
    let b = Phone::called(&scene, "1002", phone().ring(RING)).await;
    let call = place(&scene, kind, contact("extension", 1001), contact("extension", 1002)).await;
    assert_joined(&scene, [&a, &b], [A, B], &call).await;
    let seen = end(&scene, &call, [a, b]).await;
    assert_eq!((seen.text("CallerNumber"), seen.text("AnsweredBy")), ("1001", "Desk 1002"));
}

#[tokio::test(flavor = "multi_thread")]
async fn click2dial_rings_the_agent_and_then_the_other() {
    the_agent_is_rung_first(Some("click2dial")).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn default_and_no_type_are_click2dial() {
    the_agent_is_rung_first(Some("default")).await;
    the_agent_is_rung_first(None).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn click2dialme_rings_the_other_first() {
    let scene = office();
    let a = Phone::called(&scene, "1001", phone().ring(RING)).await;
    let b = Phone::called(&scene, "1002", phone()).await;
    let call =
        place(&scene, Some("click2dialme"), contact("extension", 1001), contact("extension", 1002)).await;
    assert_joined(&scene, [&b, &a], [B, A], &call).await;
    end(&scene, &call, [b, a]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_device_calls_an_outside_number() {
    let scene = office();
    let a = Phone::called(&scene, "1001", phone()).await;
    let c = Phone::outside(&scene, phone().ring(RING)).await;
    let call = place(&scene, Some("click2dial"), contact("device", "1001"), contact("pstn", OUTSIDE)).await;
    assert_joined(&scene, [&a, &c], [A, C], &call).await;
    let seen = end(&scene, &call, [a, c]).await;
    assert_eq!((seen.column("Success"), seen.column("Dst Prefix In")), ("t", OUTSIDE));
}

#[tokio::test(flavor = "multi_thread")]
async fn all_phones_of_an_extension_ring_and_one_that_answers_takes_the_call() {
    let scene = office();
    let a = Phone::called(&scene, "1004a", phone().ring(Duration::from_millis(500))).await;
    let other = Phone::called(&scene, "1004b", Sipp::scenario("uas-no-answer")).await;
    let c = Phone::called(&scene, "1003", phone().ring(RING)).await;
    let call = place(&scene, Some("click2dial"), contact("extension", 1004), contact("device", "1003")).await;
    assert_joined(&scene, [&a, &c], [B, C], &call).await;
    assert_eq!(other.ends().await.messages.ladder(), ["< INVITE 487", "< CANCEL 200"]);
    end(&scene, &call, [a, c]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_agent_who_does_not_answer_means_that_nobody_is_dialled() {
    let scene = Scene::new();
    let a = Phone::called(&scene, "1001", Sipp::scenario("uas-busy")).await;
    let b = Phone::called(&scene, "1002", phone()).await;
    let call =
        place(&scene, Some("click2dial"), contact("extension", 1001), contact("extension", 1002)).await;
    assert_eq!(a.ends().await.messages.ladder(), ["< INVITE auto 486"]);
    let seen = scene.only_call().await;
    assert_eq!(seen.column("Success"), "f");
    let shown = status(&scene, &call).await;
    assert!(["busy", "failed"].contains(&&*shown), "{shown}");
    assert!(b.messages().0.is_empty());
}

/// The two tones of the signal that nobody can be got.
const BUSY: [f64; 2] = [480.0, 620.0];

#[tokio::test(flavor = "multi_thread")]
async fn a_busy_callee_leaves_the_agent_with_a_tone_and_a_reason() {
    let scene = office();
    let a = Phone::called(&scene, "1001", phone()).await;
    let b = Phone::called(&scene, "1002", Sipp::scenario("uas-busy")).await;
    let call =
        place(&scene, Some("click2dial"), contact("extension", 1001), contact("extension", 1002)).await;
    assert_eq!(b.ends().await.messages.ladder(), ["< INVITE 486"]);
    let is_told = async || {
        let (_, shown) = super::get(&scene, &call).await;
        let legs = shown["legs"].as_array().unwrap().iter();
        legs.map(|leg| leg["status"].as_str().unwrap()).eq(["on-call", "busy"])
    };
    wait_until("the agent is on the call and the other is busy", is_told).await;
    a.voice.hear(75).await.unwrap();
    let heard = a.voice.samples(60);
    let loudness = BUSY.map(|hertz| amplitude(&heard, hertz));
    assert!(loudness.iter().all(|loudness| *loudness > 200.0), "{loudness:?}");
    let messages = a.ends().await.messages;
    let bye = messages.last(Direction::Received, "BYE").unwrap();
    assert_eq!(bye.header("Reason"), Some("SIP;cause=486;text=\"Busy Here\""));
    assert_eq!(scene.only_call().await.column("Success"), "f");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_placed_to_the_pick_up_code_takes_the_call_that_rings() {
    let scene = office();
    let b = Phone::called(&scene, "1002", Sipp::scenario("uas-no-answer")).await;
    let c = Phone::called(&scene, "1003", phone()).await;
    let a = Phone::calling(&scene, "1002").await;
    b.receives("INVITE").await;
    live_call(&scene, "ringing").await;
    place(&scene, Some("click2dial"), contact("extension", 1003), contact("feature_code", "*81002")).await;
    c.receives_again("INVITE").await;
    tokio::join!(a.speaks(), c.speaks());
    tokio::join!(a.hears(C), c.hears(A));
    assert_eq!(b.ends().await.messages.ladder(), ["< INVITE 487", "< CANCEL 200"]);
    let call = live_call(&scene, "on-call").await;
    assert_eq!(vonage::delete(&scene.server, &call).await, 200);
    a.ends().await;
    assert_eq!(c.ends().await.messages.ladder(), ["< INVITE auto 200", "< INVITE 200", "< BYE 200"]);
    let seen = scene.only_call().await;
    assert_eq!(seen.text("CallerNumber"), "1001");
    seen.assert_times_add_up();
}

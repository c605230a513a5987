//! Real softphones (baresip): what they and the API's clients do, what each phone hears, and what the record
//! says of it.

mod answering;
mod holding;
mod originating;
mod parking;
mod playing;
mod pressing;
mod recording;
mod talking;
mod transferring;

use std::time::Duration;

use serde_json::Value;
use testkit::{
    baresip::{Answering, Baresip, Setup},
    heard::Heard,
};

use crate::{
    directory::SECRET,
    harness::{vonage, wait_until},
    scene::Scene,
};

/// What each phone sends, in hertz.
const A: u32 = 400;
const B: u32 = 700;
const C: u32 = 1_100;

/// A phone of the office that is registered and sends a tone of its own.
async fn phone(scene: &Scene, user: &str, tone: u32, answers: bool) -> Baresip {
    let server = scene.server.sip;
    let answering = if answers { Answering::AtOnce } else { Answering::ByHand };
    Baresip::start(Setup { server, user, secret: SECRET, tone, answering }).await.unwrap()
}

/// Time for tones to be heard.
async fn listen() {
    tokio::time::sleep(Duration::from_millis(1_500)).await;
}

/// Phone 1001 in a call with phone 1002, which answered.
async fn talk(scene: &Scene) -> (Baresip, Baresip) {
    let mut a = phone(scene, "1001", A, false).await;
    let mut b = phone(scene, "1002", B, true).await;
    a.dial("1002").await.unwrap();
    a.expect("CALL_ESTABLISHED").await.unwrap();
    b.expect("CALL_ESTABLISHED").await.unwrap();
    let is_shown = async || {
        let calls = vonage::calls(&scene.server).await;
        calls.first().is_some_and(|call| call["status"] == "on-call")
    };
    wait_until("the call is shown", is_shown).await;
    (a, b)
}

/// The path of an extension's leg of the only live call.
async fn leg_of(scene: &Scene, extension: u64) -> String {
    let calls = vonage::calls(&scene.server).await;
    let [call] = calls.as_slice() else { panic!("not one call: {calls:?}") };
    let call = format!("/cc/accounts/1234/calls/{}", call["call_id"].as_str().unwrap());
    vonage::leg(&scene.server, &call, extension).await
}

/// Tells a leg what to do.
async fn tell(scene: &Scene, leg: &str, what: Value) -> String {
    let (status, answer) = vonage::put(&scene.server, leg, &what).await;
    let may_ring = what["to"].is_object();
    assert!(status == 200 || (status == 202 && may_ring), "{what}: {status} {answer}");
    answer["call_state"].as_str().unwrap().to_owned()
}

/// The tones that were heard, in order: each counts from its second tenth of a second on, so that what a
/// change cuts in two does not.
fn story(heard: &Heard) -> Vec<u32> {
    let tones = heard.tones(&[A, B, C]);
    let mut story: Vec<u32> = Vec::new();
    for pair in tones.windows(2) {
        if let [Some(one), Some(other)] = pair
            && one == other
            && *one != 0
            && story.last() != Some(one)
        {
            story.push(*one);
        }
    }
    story
}

async fn is_over(scene: &Scene) {
    wait_until("no call is live", async || vonage::calls(&scene.server).await.is_empty()).await;
}

//! Real softphones (baresip): what they do and what each of them hears.

use std::time::Duration;

use testkit::baresip::{Baresip, Setup};

use crate::{directory::SECRET, scene::Scene};

/// What each phone sends, in hertz.
const A: u32 = 400;
const B: u32 = 700;

/// A phone of the office that is registered and sends a tone of its own.
async fn phone(scene: &Scene, user: &str, tone: u32, answers: bool) -> Baresip {
    let server = scene.server.sip;
    Baresip::start(Setup { server, user, secret: SECRET, tone, answers }).await.unwrap()
}

async fn seconds(seconds: u64) {
    tokio::time::sleep(Duration::from_secs(seconds)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_softphones_hear_each_other() {
    let scene = Scene::new();
    let mut a = phone(&scene, "1001", A, false).await;
    let mut b = phone(&scene, "1002", B, true).await;
    a.dial("1002").await.unwrap();
    a.expect("CALL_ESTABLISHED").await.unwrap();
    b.expect("CALL_ESTABLISHED").await.unwrap();
    seconds(2).await;
    a.hang_up().await.unwrap();
    b.expect("CALL_CLOSED").await.unwrap();

    let seen = scene.only_call().await;
    assert_eq!((seen.column("Success"), seen.text("AnsweredBy")), ("t", "Desk 1002"));
    assert!(seen.column("Lega User Agent").starts_with("baresip"));
    for (phone, other, own) in [(&a, B, A), (&b, A, B)] {
        let heard = phone.heard().unwrap();
        assert!(heard.length_of(other) >= Duration::from_millis(1_500), "{:?}", heard.tones(&[A, B]));
        assert_eq!(heard.length_of(own), Duration::ZERO);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_softphone_that_refuses_is_busy() {
    let scene = Scene::new();
    let mut a = phone(&scene, "1001", A, false).await;
    let mut b = phone(&scene, "1002", B, false).await;
    a.dial("1002").await.unwrap();
    b.expect("CALL_INCOMING").await.unwrap();
    b.hang_up().await.unwrap();
    let closed = a.expect("CALL_CLOSED").await.unwrap();
    assert!(closed.detail.starts_with("486"), "{}", closed.detail);
    let seen = scene.only_call().await;
    assert_eq!((seen.column("Success"), seen.outcome().0), ("f", "486"));
}

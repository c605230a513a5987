//! Two phones.

use std::time::Duration;

use super::{A, B, listen, phone, story, talk};
use crate::scene::Scene;

#[tokio::test(flavor = "multi_thread")]
async fn two_softphones_hear_each_other() {
    let scene = Scene::new();
    let (mut a, mut b) = talk(&scene).await;
    listen().await;
    a.hang_up().await.unwrap();
    b.expect("CALL_CLOSED").await.unwrap();

    let seen = scene.only_call().await;
    assert_eq!((seen.column("Success"), seen.text("AnsweredBy")), ("t", "Desk 1002"));
    assert!(seen.column("Lega User Agent").starts_with("baresip"));
    let (by_a, by_b) = (a.heard().unwrap(), b.heard().unwrap());
    assert_eq!((story(&by_a), story(&by_b)), (vec![B], vec![A]));
    assert!(by_a.length_of(B).min(by_b.length_of(A)) >= Duration::from_secs(1));
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

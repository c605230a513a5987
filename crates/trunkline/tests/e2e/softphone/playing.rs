//! Sounds that the API plays to a party.

use serde_json::json;

use super::{A, B, C, leg_of, listen, story, talk, tell};
use crate::{harness::vonage, scene::Scene, web::web};

#[tokio::test(flavor = "multi_thread")]
async fn a_party_hears_a_sound_from_the_web_and_then_the_other_side_again() {
    let scene = Scene::with(&[("TRUNKLINE__MEDIA__ALLOW_PRIVATE_URLS", "true")]);
    let web = web().await;
    let (mut a, mut b) = talk(&scene).await;
    let leg = leg_of(&scene, 1001).await;
    listen().await;
    let play = json!({ "stream": true, "stream_url": format!("http://{web}/{C}/1") });
    assert_eq!(tell(&scene, &leg, play).await, "active");
    listen().await;
    listen().await;
    a.hang_up().await.unwrap();
    b.expect("CALL_CLOSED").await.unwrap();
    assert_eq!(story(&a.heard().unwrap()), [B, C, B]);
    assert_eq!(story(&b.heard().unwrap()), [A]);
}

#[tokio::test(flavor = "multi_thread")]
async fn sounds_are_not_fetched_from_private_addresses() {
    let scene = Scene::new();
    let web = web().await;
    let (mut a, mut b) = talk(&scene).await;
    let leg = leg_of(&scene, 1001).await;
    let play = json!({ "stream": true, "stream_url": format!("http://{web}/{C}/1") });
    let (status, answer) = vonage::put(&scene.server, &leg, &play).await;
    assert_eq!(status, 400, "{answer}");
    listen().await;
    a.hang_up().await.unwrap();
    b.expect("CALL_CLOSED").await.unwrap();
    assert_eq!(story(&a.heard().unwrap()), [B]);
}

//! `stream` and `stream_url`.

use serde_json::{Value, json};

use super::{Talk, office, status};
use crate::{
    harness::vonage,
    phone::{A, B, C, tones},
    scene::Scene,
    web::web,
};

/// A tone that none of the phones says.
const OTHER: u32 = 900;

fn willing() -> Scene {
    Scene::with(&[("TRUNKLINE__MEDIA__ALLOW_PRIVATE_URLS", "true")])
}

fn play(web: std::net::SocketAddr, hertz: u32, seconds: u32) -> Value {
    json!({ "stream": true, "stream_url": format!("http://{web}/{hertz}/{seconds}") })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sound_takes_the_place_of_the_other_side_until_it_is_stopped() {
    let (talk, web) = (Talk::in_office(willing()).await, web().await);
    let leg = talk.leg(1001).await;
    assert_eq!(talk.tell(&leg, play(web, C, 60)).await, "active");
    talk.a.hears(C).await;
    assert_eq!(status(&talk.scene, &leg).await, "on-call");
    assert_eq!(talk.tell(&leg, play(web, OTHER, 60)).await, "active");
    talk.a.hears(OTHER).await;
    for _ in 0..2 {
        assert_eq!(talk.tell(&leg, json!({ "stream": false })).await, "active");
    }
    talk.a.hears(B).await;
    let heard = talk.a.story();
    assert!(is_story(&heard, &[B, C, B, OTHER, B]) || is_story(&heard, &[B, C, OTHER, B]), "{heard:?}");
    assert_eq!(talk.b.story(), tones(&[A]));
    let past = talk.end().await;
    assert_eq!(past.a, ["> INVITE 407", "> INVITE 200", "< BYE 200"]);
    assert_eq!(past.b, ["< INVITE 200", "< BYE 200"]);
    assert_eq!(past.seen.interactions(), ["Answer", "Hangup"]);
    past.seen.assert_times_add_up();
}

fn is_story(heard: &[testkit::voice::Sound], expected: &[u32]) -> bool {
    heard == tones(expected)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sound_that_is_over_makes_room_for_the_other_side() {
    let (talk, web) = (Talk::in_office(willing()).await, web().await);
    let leg = talk.leg(1002).await;
    assert_eq!(talk.tell(&leg, play(web, C, 1)).await, "active");
    talk.b.hears(C).await;
    talk.b.hears(A).await;
    assert_eq!((talk.a.story(), talk.b.story()), (tones(&[B]), tones(&[A, C, A])));
    talk.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_private_address_and_a_leg_that_is_not_there_are_refused() {
    let (talk, web) = (Talk::in_office(office()).await, web().await);
    let leg = talk.leg(1002).await;
    let (status, answer) = vonage::put(&talk.scene.server, &leg, &play(web, C, 1)).await;
    assert_eq!(status, 400, "{answer}");
    let nobody = format!("{}/legs/{}", talk.call, "0195c1f0-0000-7000-8000-000000000000");
    assert_eq!(vonage::put(&talk.scene.server, &nobody, &play(web, C, 1)).await.0, 404);
    assert!(talk.b.story() == tones(&[A]));
    talk.end().await;
}

//! Hold, by a phone's key and by the API.

use serde_json::json;

use super::{A, B, leg_of, listen, story, talk, tell};
use crate::scene::{Scene, Seen};

fn assert_held_once(seen: &Seen) {
    assert_eq!(seen.record["HoldCount"], json!(1));
    let hold = seen.seconds("HoldTimeInSeconds");
    assert!((1.4..2.5).contains(&hold), "{hold}");
    assert_eq!(seen.interactions(), ["Answer", "Hold", "Retrieved", "Hangup"]);
    seen.assert_times_add_up();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_phone_holds_and_takes_back() {
    let scene = Scene::new();
    let (mut a, mut b) = talk(&scene).await;
    listen().await;
    a.hold().await.unwrap();
    listen().await;
    a.resume().await.unwrap();
    listen().await;
    a.hang_up().await.unwrap();
    b.expect("CALL_CLOSED").await.unwrap();
    assert_held_once(&scene.only_call().await);
    assert_eq!((story(&a.heard().unwrap()), story(&b.heard().unwrap())), (vec![B], vec![A]));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_api_holds_and_takes_back() {
    let scene = Scene::new();
    let (mut a, mut b) = talk(&scene).await;
    let leg = leg_of(&scene, 1001).await;
    listen().await;
    assert_eq!(tell(&scene, &leg, json!({ "state": "held" })).await, "held");
    assert_eq!(tell(&scene, &leg, json!({ "state": "held" })).await, "held");
    listen().await;
    assert_eq!(tell(&scene, &leg, json!({ "state": "active" })).await, "active");
    listen().await;
    a.hang_up().await.unwrap();
    b.expect("CALL_CLOSED").await.unwrap();
    assert_held_once(&scene.only_call().await);
    assert_eq!(story(&b.heard().unwrap()), [A]);
}

//! A recording of what two softphones said.

use serde_json::json;

use super::{A, B, leg_of, listen, story, talk, tell};
use crate::{harness::wait_until, scene::Scene};

#[tokio::test(flavor = "multi_thread")]
async fn what_a_softphone_says_and_hears_is_recorded() {
    let scene = Scene::new();
    let (mut a, mut b) = talk(&scene).await;
    let leg = leg_of(&scene, 1001).await;
    assert_eq!(tell(&scene, &leg, json!({ "recording": "start", "service": "ocr" })).await, "active");
    listen().await;
    assert_eq!(tell(&scene, &leg, json!({ "recording": "stop", "service": "ocr" })).await, "active");
    a.hang_up().await.unwrap();
    b.expect("CALL_CLOSED").await.unwrap();
    scene.only_call().await;
    let is_whole = async || scene.recorded().await[0].length().as_millis() > 1_200;
    wait_until("the file is whole", is_whole).await;
    let [own, heard] = scene.recorded().await;
    assert_eq!((story(&own), story(&heard)), (vec![A], vec![B]));
}

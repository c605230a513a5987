//! Keys, to and from softphones.

use serde_json::json;

use super::{leg_of, talk, tell};
use crate::scene::Scene;

#[tokio::test(flavor = "multi_thread")]
async fn a_softphone_is_sent_keys_and_those_that_it_presses_are_told() {
    let scene = Scene::new();
    let (mut a, mut b) = talk(&scene).await;
    let leg = leg_of(&scene, 1002).await;
    assert_eq!(tell(&scene, &leg, json!({ "dtmf": "5#" })).await, "active");
    for key in ["5", "#"] {
        assert_eq!(b.expect("CALL_DTMF_START").await.unwrap().detail, key);
    }
    a.press('7').await.unwrap();
    assert_eq!(b.expect("CALL_DTMF_START").await.unwrap().detail, "7");
    scene.until_pressed("7").await;
    a.hang_up().await.unwrap();
    b.expect("CALL_CLOSED").await.unwrap();
    assert_eq!(scene.only_call().await.interactions(), ["Answer", "Hangup"]);
}

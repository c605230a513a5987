//! A party waits in a slot until somebody dials it.

use serde_json::json;

use super::{A, B, C, is_over, leg_of, listen, phone, story, talk};
use crate::{harness::vonage, scene::Scene};

#[tokio::test(flavor = "multi_thread")]
async fn the_api_parks_a_party_and_a_phone_picks_it_up() {
    let scene = Scene::new();
    let (mut a, mut b) = talk(&scene).await;
    let mut c = phone(&scene, "1003", C, false).await;
    listen().await;
    let leg = leg_of(&scene, 1002).await;
    let call = leg.split("/legs/").next().unwrap();
    let park = json!({ "state": "parked", "from": { "destination": 1002, "type": "extension" } });
    let (status, answer) = vonage::put(&scene.server, call, &park).await;
    assert_eq!((status, &answer["call_state"]), (200, &json!("parked")), "{answer}");
    b.expect("CALL_CLOSED").await.unwrap();

    c.dial(answer["destination"].as_str().unwrap()).await.unwrap();
    c.expect("CALL_ESTABLISHED").await.unwrap();
    listen().await;
    a.hang_up().await.unwrap();
    c.expect("CALL_CLOSED").await.unwrap();
    is_over(&scene).await;
    assert_eq!((story(&b.heard().unwrap()), story(&c.heard().unwrap())), (vec![A], vec![A]));
    assert_eq!(story(&a.heard().unwrap()).first(), Some(&B));
    let seen = scene.only_call().await;
    assert_eq!(seen.text("AnsweredBy"), "Desk 1002");
    assert_eq!(seen.interactions().first(), Some(&"Answer"));
}

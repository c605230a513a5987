//! After `kill -9` phones can be reached at once, and commands that are repeated are not carried out twice.

use std::time::Duration;

use serde_json::{Value, json};
use testkit::sipp::{Direction, Sipp};

use crate::{
    harness::{Process, vonage, wait_until},
    scene::Scene,
};

const CALLS: &str = "/cc/accounts/1234/calls";

#[tokio::test(flavor = "multi_thread")]
async fn a_call_reaches_a_phone_that_registered_before_the_server_was_killed() {
    let mut scene = Scene::new();
    let phone = scene.phone("1002", Sipp::scenario("uas-answer")).await;
    scene.server.wait_for_metric("trunkline_switch_in_use{what=\"unwritten\"}", 0).await;
    scene.server = scene.setup.start_after(scene.server);
    assert_eq!(scene.server.metric("trunkline_registrations").await, 1);
    let caller = scene.caller("uac-answered").calling("1002").talk(Duration::ZERO);
    caller.spawn().await.unwrap().wait().await.unwrap();
    phone.wait().await.unwrap();
    scene.only_call().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_file_of_state_is_set_aside_and_said() {
    let mut scene = Scene::new();
    drop(scene.phone("1002", Sipp::scenario("uas-answer")).await);
    scene.server.signal("KILL");
    scene.server.ended().await;
    let (file, log) = (scene.setup.data().join("state.db"), scene.setup.data().join("state.db-wal"));
    std::fs::write(&file, [0xff; 5_000]).unwrap();
    if log.exists() {
        std::fs::remove_file(log).unwrap();
    }
    scene.server = scene.setup.start();
    assert_eq!(scene.server.metric("trunkline_registrations").await, 0);
    assert!(scene.setup.log().contains("damaged and set aside"), "the log says so");
    assert!(scene.setup.data().join("state.db.damaged").exists());
    drop(scene.phone("1002", Sipp::scenario("uas-answer")).await);
}

/// Places a call with a key: the status, the answer, and whether it is said to be an earlier one.
async fn place(server: &Process, key: &str) -> (u16, Value, bool) {
    let body = json!({
        "from": {"destination": 1002, "type": "extension"},
        "to": {"destination": "+14155550100", "type": "pstn"},
    });
    let url = format!("http://{}{CALLS}", server.http);
    let request = reqwest::Client::new().post(url).bearer_auth("office-token").json(&body);
    let answer = request.header("idempotency-key", key).send().await.unwrap();
    let is_again = answer.headers().contains_key("idempotency-replayed");
    (answer.status().as_u16(), answer.json().await.unwrap(), is_again)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repeated_command_places_no_second_call_after_the_server_was_killed() {
    let mut scene = Scene::new();
    let phone = scene.phone("1002", Sipp::scenario("uas-ring").calls(2)).await;
    let (status, first, is_again) = place(&scene.server, "k-1").await;
    assert_eq!((status, is_again), (200, false), "{first}");
    let rings = async || phone.messages().unwrap().first(Direction::Received, "INVITE").is_some();
    wait_until("the phone rings", rings).await;

    scene.server = scene.setup.start_after(scene.server);
    assert_eq!(place(&scene.server, "k-1").await, (200, first, true));
    assert_eq!(vonage::calls(&scene.server).await.len(), 0, "nothing was placed");
}

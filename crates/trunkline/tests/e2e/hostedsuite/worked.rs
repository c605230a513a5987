//! After-call work that a phone tells of by a feature code.

use std::time::Duration;

use serde_json::Value;
use testkit::sipp::{Sipp, SippOutcome};

use super::{RING, TOLERANCE};
use crate::{
    directory::SECRET,
    harness::{Records, vonage},
    scene::{RECORDED, Scene, When},
};

/// What a phone dials when its person is done.
const CODE: &str = "*76";
/// How long the person works after the call.
const WORK: Duration = Duration::from_secs(1);

/// Phone 1002 dials the code, and all goes as a scenario says.
async fn dial_code(scene: &Scene, scenario: &str) -> SippOutcome {
    let dial = Sipp::scenario(scenario).target(scene.server.sip).credentials("1002", SECRET).calling(CODE);
    dial.spawn().await.unwrap().wait().await.unwrap()
}

/// The record of the call that phone 1002 answered, once so many are stored.
async fn answered_record(scene: &Scene, stored: u64) -> Value {
    scene.server.wait_for_metric(RECORDED, stored).await;
    let records = Records::all(&scene.server).await;
    assert_eq!(records.len() as u64, stored);
    let is_answered = |record: &Value| record["AnsweredBy"] == "Desk 1002";
    records.into_iter().find(is_answered).expect("the call was answered")
}

fn work_time(record: &Value) -> f64 {
    record["WorkTimeInSeconds"].as_f64().unwrap()
}

/// What is noted about a call, as the native API tells it.
async fn noted(scene: &Scene, record: &Value) -> Value {
    let path = format!("/v1/calls/{}/annotations", record["Id"].as_str().unwrap());
    vonage::get(&scene.server, &path).await.json().await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_after_which_its_phone_said_when_the_work_was_over() {
    let scene = Scene::new();
    dial_code(&scene, "uac-expect-404").await;
    let phone = scene.phone("1002", Sipp::scenario("uas-answer-then-bye").ring(RING).talk(RING)).await;
    let caller = scene.caller("uac-wait-bye").calling("1002").spawn().await.unwrap();
    let phone = phone.wait().await.unwrap();
    caller.wait().await.unwrap();
    tokio::time::sleep(WORK).await;
    let done = dial_code(&scene, "uac-wait-bye").await;

    let record = answered_record(&scene, 3).await;
    let wire = done.last_sent("INVITE").since(phone.first_sent("BYE"));
    let off = (work_time(&record) - wire.as_secs_f64()).abs();
    assert!(off <= TOLERANCE.as_secs_f64(), "{record}, {wire:?} on the wire");
    let told = noted(&scene, &record).await;
    assert_eq!(told["work_time_in_seconds"], record["WorkTimeInSeconds"]);
    let changes = told["changes"].as_array().unwrap();
    assert_eq!(changes.len(), 1, "{told}");
    assert_eq!(changes[0]["added_work_time_in_seconds"], record["WorkTimeInSeconds"]);
    let by = &changes[0]["by"];
    assert_eq!((by["type"].as_str(), by["name"].as_str()), (Some("device"), Some("Desk 1002")));

    dial_code(&scene, "uac-expect-404").await;
    assert_eq!(work_time(&answered_record(&scene, 4).await), work_time(&record));
    assert_eq!(noted(&scene, &record).await, told);
    let Scene { setup, server, .. } = scene;
    let server = setup.start_after(server);
    let scene = Scene { setup, server, ..scene };
    assert_eq!(noted(&scene, &record).await, told, "it outlives the server");
}

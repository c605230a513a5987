//! The server stops gently.

use std::time::Duration;

use testkit::sipp::Sipp;

use crate::{
    harness::{Records, wait_until},
    scene::Scene,
};

#[tokio::test(flavor = "multi_thread")]
async fn calls_may_end_new_ones_are_refused_and_all_is_written_down() {
    let mut scene = Scene::new();
    let trunk = scene.first(Sipp::scenario("uas-answer").calls(1)).await;
    let caller = scene.caller("uac-answered").talk(Duration::from_secs(3)).spawn().await.unwrap();
    scene.wait_for_live(1).await;
    scene.server.tell_to_stop();
    let told = async || scene.setup.log().contains("stopping");
    wait_until("the server knows that it shall stop", told).await;
    scene.caller("uac-expect-503").spawn().await.unwrap().wait().await.unwrap();
    caller.wait().await.unwrap();
    trunk.wait().await.unwrap();

    let restarted = scene.setup.start_after_end(scene.server);
    scene.server = restarted;
    let records = Records::all(&scene.server).await;
    assert_eq!(records.len(), 1, "the refused call never began: {records:?}");
    let talked = records[0]["TalkTimeInSeconds"].as_f64().unwrap();
    assert!((2.9..3.3).contains(&talked), "talked {talked} s");
}

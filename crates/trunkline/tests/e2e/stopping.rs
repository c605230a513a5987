//! The server stops gently.

use std::time::Duration;

use testkit::{sipp::Sipp, sync_fault::SyncFault};

use crate::{
    harness::{Records, wait_until},
    scene::{RECORDED, Scene},
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

const CALLS: u32 = 40;

/// A server whose store fails, while calls are talked on.
async fn failing() -> (Scene, SyncFault, [testkit::sipp::SippRun; 2]) {
    let fault = SyncFault::of("history.db").unwrap();
    let mut variables = fault.variables().to_vec();
    variables.push(("TRUNKLINE__MEDIA__MODE", "direct"));
    let scene = Scene::with(&variables);
    let trunk = scene.first(Sipp::scenario("uas-answer").calls(CALLS).without_messages()).await;
    let callers = scene.caller("uac-answered").calls(CALLS).rate(100).talk(Duration::from_secs(60));
    let callers = callers.without_messages().spawn().await.unwrap();
    scene.wait_for_live(CALLS as usize).await;
    fault.fail().unwrap();
    (scene, fault, [trunk, callers])
}

/// It is told to stop again and again, with everything unwritten.
#[tokio::test(flavor = "multi_thread")]
async fn being_told_to_stop_again_throws_nothing_away() {
    let (mut scene, fault, peers) = failing().await;
    for phase in ["draining", "ending calls", "flushing"] {
        scene.server.signal("TERM");
        let entered = async || scene.setup.log().contains(phase);
        wait_until(&format!("it is {phase}"), entered).await;
    }
    for _ in 0..3 {
        scene.server.signal("TERM");
    }
    assert_eq!(scene.server.ended().await, Some(75), "the exit status says that not all is in the store");
    let log = scene.setup.log();
    let last = log.lines().last().unwrap();
    assert!(last.contains("spill file") && last.contains("history.spill"), "{last}");
    fault.heal().unwrap();
    drop(peers);
    scene.server = scene.setup.start();
    assert_eq!(Records::all(&scene.server).await.len(), CALLS as usize);
    assert_eq!(
        scene.server.metric("trunkline_calls_interrupted_at_start").await,
        0,
        "they were ended, not cut"
    );
}

/// New calls are refused by now.
async fn is_refused(scene: &Scene) {
    wait_until("new calls are refused", async || scene.server.get("/readyz").await == "store_fails\n").await;
    scene.caller("uac-expect-503").spawn().await.unwrap().wait().await.unwrap();
    assert!(scene.server.get("/metrics").await.contains("reason=\"store_fails\"} 1"));
    assert_eq!(scene.server.get("/livez").await, "ok\n");
}

#[tokio::test(flavor = "multi_thread")]
async fn kill_9_while_the_store_fails_loses_nothing_that_has_happened() {
    let (mut scene, fault, peers) = failing().await;
    is_refused(&scene).await;
    drop(peers);
    fault.heal().unwrap();
    let restarted = scene.setup.start_after(scene.server);
    scene.server = restarted;
    assert_eq!(Records::all(&scene.server).await.len(), CALLS as usize);
}

/// New calls are refused while the store fails, and none is forgotten.
#[tokio::test(flavor = "multi_thread")]
async fn a_store_that_fails_for_a_while_costs_no_record() {
    let (mut scene, fault, peers) = failing().await;
    is_refused(&scene).await;
    fault.heal().unwrap();
    wait_until("calls are taken again", async || scene.server.get("/readyz").await == "ok\n").await;
    scene.server.signal("TERM");
    let draining = async || scene.server.get("/readyz").await == "draining\n";
    wait_until("everybody can see that it stops", draining).await;
    scene.server.signal("TERM");
    assert_eq!(scene.server.ended().await, Some(0));
    drop(peers);
    scene.server = scene.setup.start();
    assert_eq!(Records::all(&scene.server).await.len(), CALLS as usize);
}

/// A hang-up of the terminal, or a manager that asks for a reload, ends no call.
#[tokio::test(flavor = "multi_thread")]
async fn a_hang_up_ends_nothing() {
    let scene = Scene::new();
    let trunk = scene.first(Sipp::scenario("uas-answer").calls(1)).await;
    let caller = scene.caller("uac-answered").talk(Duration::from_secs(1)).spawn().await.unwrap();
    scene.wait_for_live(1).await;
    scene.server.signal("HUP");
    caller.wait().await.unwrap();
    trunk.wait().await.unwrap();
    scene.server.wait_for_metric(RECORDED, 1).await;
}

//! What is acknowledged is on disk, and a disk that is slow holds up nobody for long.

use std::time::Duration;

use testkit::{
    sipp::{Sipp, SippOutcome},
    sync_fault::SyncFault,
};

use crate::{
    harness::wait_until,
    scene::{Scene, When},
};

/// A server whose disk takes so long, for the store and for the spill file, from now on.
fn slow(disk: Duration, budget: &'static str) -> (Scene, SyncFault) {
    let fault = SyncFault::of("/history.").unwrap();
    let mut variables = fault.variables().to_vec();
    variables.push(("TRUNKLINE__HISTORY__ANSWER_BUDGET_MS", budget));
    let scene = Scene::with(&variables);
    fault.delay(disk).unwrap();
    (scene, fault)
}

/// A call, and how long the caller waited for its answer after the callee gave it, and for that to its BYE.
async fn waits(scene: &Scene) -> (Duration, Duration) {
    let trunk = scene.first(Sipp::scenario("uas-answer")).await;
    let caller = scene.caller("uac-answered").talk(Duration::from_secs(1)).spawn().await.unwrap();
    let (caller, callee): (SippOutcome, SippOutcome) =
        (caller.wait().await.unwrap(), trunk.wait().await.unwrap());
    let answer = caller.last_sent("ACK").since(callee.first_sent("SIP/2.0 200"));
    (answer, caller.last_received("SIP/2.0 200").since(caller.first_sent("BYE")))
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_and_an_end_are_acknowledged_once_they_are_on_disk() {
    let disk = Duration::from_millis(200);
    let (scene, _fault) = slow(disk, "1000");
    let (answer, end) = waits(&scene).await;
    assert!(answer >= disk / 2 && end >= disk / 2, "{answer:?} {end:?}");
    assert_eq!(scene.server.metric("trunkline_answers_before_commit_total").await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn beyond_the_budget_signalling_goes_on_and_that_is_counted() {
    let disk = Duration::from_millis(400);
    let (scene, fault) = slow(disk, "30");
    let (answer, end) = waits(&scene).await;
    assert!(answer < disk / 3 && end < disk / 3, "{answer:?} {end:?}");
    assert_eq!(scene.server.metric("trunkline_answers_before_commit_total").await, 2);
    fault.heal().unwrap();
    let caught_up =
        async || scene.server.get("/metrics").await.contains("trunkline_history_behind_seconds 0.0\n");
    wait_until("the history has everything", caught_up).await;
    scene.only_call().await;
}

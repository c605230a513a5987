//! The official client of the Model Context Protocol, unmodified: it finds the tools, sees its own calls and nobody
//! else's, and ends one.

use std::{
    path::Path,
    process::{Command, Stdio},
};

use serde_json::{Value, json};
use testkit::{clients, sipp::Sipp};

use crate::{
    harness::{PATIENCE, vonage, wait_until},
    scene::{RECORDED, Scene},
};

/// Runs it: `legacy` greets first, `auto` asks what is spoken and takes the latest.
async fn told(mut client: Command, scene: &Scene, mode: &str) -> Value {
    client.arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/e2e/models/client.py"));
    client.args([&format!("http://{}/mcp", scene.server.http), "office-token", "carrier-token", mode]);
    let run = move || client.stderr(Stdio::inherit()).output().unwrap();
    let run = tokio::task::spawn_blocking(run).await.unwrap();
    assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stdout));
    serde_json::from_slice(&run.stdout).unwrap()
}

async fn sees_its_own_calls_and_ends_one(mode: &str) -> Value {
    // It may have to be installed first, and a call does not wait so long.
    let client = tokio::task::spawn_blocking(|| clients::models().unwrap()).await.unwrap();
    let scene = Scene::new();
    let colleague = scene.phone("1003", Sipp::scenario("uas-talk").time_limit(PATIENCE)).await;
    let caller = scene.caller("uac-talk").calling("1003").time_limit(PATIENCE).spawn().await.unwrap();
    let talks = async || vonage::calls(&scene.server).await.iter().any(|call| call["status"] == "on-call");
    wait_until("the two talk", talks).await;
    let told = told(client, &scene, mode).await;
    let tools = ["search_calls", "get_call", "live_calls", "active_calls_over_time", "cost_of_number"];
    let tools = [&tools[..], &["hang_up_call", "place_call"]].concat();
    assert_eq!((&told["server"], &told["tools"]), (&json!("trunkline"), &json!(tools)), "{told:#}");
    let groups = json!([{ "group": "talking", "count": 1 }]);
    assert_eq!((&told["live"]["count"], &told["live"]["groups"]), (&json!(1), &groups), "{told:#}");
    assert_eq!(told["call"]["id"], told["live"]["calls"][0]["id"]);
    assert_eq!(
        (&told["unknown"]["failed"]["status"], &told["still"]["state"]),
        (&json!(404), &json!("talking"))
    );
    assert_eq!(told["otherLive"]["count"], 0);
    for refused in [&told["otherCall"], &told["otherHangUp"]] {
        assert_eq!(refused["failed"]["status"], 404, "{told:#}");
    }
    assert_eq!(told["hangUp"], json!({ "outcome": "done" }));
    assert_eq!((&told["finished"]["count"], &told["cost"]["price"]), (&json!(1), &json!("0.06")), "{told:#}");
    let peak = told["series"]["peaks"].as_array().unwrap().iter().filter_map(Value::as_u64).max();
    assert_eq!(peak, Some(1), "{told:#}");
    colleague.wait().await.unwrap();
    caller.wait().await.unwrap();
    scene.server.wait_for_metric(RECORDED, 1).await;
    told
}

#[tokio::test(flavor = "multi_thread")]
async fn the_protocols_own_client_sees_its_own_calls_and_ends_one() {
    let told = sees_its_own_calls_and_ends_one("legacy").await;
    assert_eq!(told["revision"], "2025-11-25");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_greets_nobody_sees_the_same() {
    let told = sees_its_own_calls_and_ends_one("auto").await;
    assert_eq!(told["revision"], "2026-07-28");
}

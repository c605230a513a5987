//! Mixed calls with random commands for a while: afterwards everything is back where it began.
//!
//! Short here; `TRUNKLINE_SOAK_SECONDS=3600 cargo test --release -p trunkline --test e2e soak -- --nocapture`
//! is the real one, and prints what it finds.

use std::time::{Duration, Instant};

use rand::{RngExt, SeedableRng, rngs::StdRng};
use serde_json::{Value, json};
use testkit::sipp::{Sipp, SippRun};

use crate::{
    harness::{Process, Usage, vonage, wait_until},
    scene::{OUTSIDE, Scene},
};

/// New calls in a second, of each of two kinds.
const RATE: u32 = 4;
/// How often a command is given.
const PACE: Duration = Duration::from_millis(40);
/// A request that nobody answers is given up after 64 × T1, and kept as long again to absorb what may still come
/// (RFC 3261 section 17); and a little more.
const LINGERING: Duration = Duration::from_secs(70);

fn length() -> Duration {
    let seconds = std::env::var("TRUNKLINE_SOAK_SECONDS").ok().and_then(|text| text.parse().ok());
    Duration::from_secs(seconds.unwrap_or(6))
}

/// Callers and called parties of a part of the soak.
struct Crowd(#[allow(dead_code, reason = "they call and answer until they are dropped")] Vec<SippRun>);

impl Crowd {
    async fn gather(scene: &Scene, length: Duration) -> Self {
        let calls = RATE * length.as_secs() as u32;
        let limit = length + Duration::from_secs(120);
        let many = |scenario: Sipp| scenario.calls(1_000_000).time_limit(limit).without_messages();
        let talking = many(Sipp::scenario("uas-talk")).port(scene.first_trunk).spawn().await.unwrap();
        let ringing = scene.phone("1002", many(Sipp::scenario("uas-ring"))).await;
        let placed = scene.phone("1003", many(Sipp::scenario("uas-talk"))).await;
        let caller = |scenario: &str| {
            scene.caller(scenario).calls(calls).rate(RATE).time_limit(limit).without_messages()
        };
        let talker = caller("uac-talk").spawn().await.unwrap();
        let canceller = caller("uac-cancel").calling("1002").ring(Duration::from_millis(500));
        Self(vec![talking, ringing, placed, talker, canceller.spawn().await.unwrap()])
    }
}

/// Gives commands at random until the time is up, and then ends every call.
async fn command(scene: &Scene, random: &mut StdRng, length: Duration) {
    let end = Instant::now() + length;
    while Instant::now() < end {
        let mut calls = vonage::calls(&scene.server).await;
        // One that has only just begun has no leg yet.
        calls.retain(|call| call["legs"] != json!([]));
        if !calls.is_empty() {
            let call = &calls[random.random_range(0..calls.len())];
            give(&scene.server, random, call).await;
        }
        tokio::time::sleep(PACE).await;
    }
    wait_until("no call is live", async || {
        let calls = vonage::calls(&scene.server).await;
        for call in &calls {
            vonage::delete(&scene.server, &path(call)).await;
        }
        calls.is_empty()
    })
    .await;
}

fn path(call: &Value) -> String {
    format!("/cc/accounts/1234/calls/{}", call["call_id"].as_str().unwrap())
}

/// A command to some leg of the call, to the call, or for a new one.
async fn give(server: &Process, random: &mut StdRng, call: &Value) {
    let legs = call["legs"].as_array().unwrap();
    let leg = &legs[random.random_range(0..legs.len())];
    let leg = format!("{}/legs/{}", path(call), leg["leg_id"].as_str().unwrap());
    let orders = [
        json!({ "state": "held" }),
        json!({ "state": "active" }),
        json!({ "dtmf": "12#" }),
        json!({ "state": "active", "to": party("pstn", OUTSIDE) }),
        json!({ "recording": "start", "service": "ocr" }),
        json!({ "recording": "stop", "service": "ocr" }),
        json!({ "stream": false }),
    ];
    let answer = json!({ "state": "active", "to": party("extension", "1002") });
    let parked = json!({ "state": "parked", "from": party("extension", "1001") });
    let status = match random.random_range(0..13) {
        number @ 0..7 => vonage::put(server, &leg, &orders[number]).await.0,
        7 => vonage::put(server, &path(call), &parked).await.0,
        8 => vonage::put(server, &path(call), &answer).await.0,
        9 => place(server, random).await,
        10 => vonage::delete(server, &leg).await,
        _ => vonage::delete(server, &path(call)).await,
    };
    assert!(status < 500, "{status}");
}

fn in_use(what: &str) -> String {
    format!("trunkline_switch_in_use{{what=\"{what}\"}}")
}

fn party(kind: &str, destination: &str) -> Value {
    json!({ "destination": destination, "type": kind })
}

async fn place(server: &Process, random: &mut StdRng) -> u16 {
    let kind = ["click2dial", "click2dialme", "odr"][random.random_range(0..3)];
    let call = json!({ "from": party("extension", "1003"), "to": party("pstn", OUTSIDE), "type": kind });
    vonage::try_post(server, "/cc/accounts/1234/calls", &call).await.status().as_u16()
}

#[tokio::test(flavor = "multi_thread")]
async fn after_mixed_calls_everything_is_back_where_it_began() {
    let (scene, length, mut random) = (Scene::new(), length(), StdRng::seed_from_u64(1));
    let is_long = length >= Duration::from_secs(300);
    let mut seen: Vec<Usage> = Vec::new();
    let tasks = scene.server.metric(&in_use("tasks")).await;
    // The first part fills caches and pools, which stay; the second must add nothing to them.
    for part in [length / 3, length * 2 / 3] {
        let crowd = Crowd::gather(&scene, part).await;
        command(&scene, &mut random, part).await;
        drop(crowd);
        for what in ["calls", "dialogs", "media_ports", "slots", "ringing", "counted_limits"] {
            scene.server.wait_for_metric(&in_use(what), 0).await;
        }
        if is_long {
            tokio::time::sleep(LINGERING).await;
            assert_eq!(scene.server.metric(&in_use("transactions")).await, 0);
            assert!(scene.server.metric(&in_use("tasks")).await <= tasks);
        }
        seen.push(scene.server.usage());
    }
    let calls = scene.server.metric("trunkline_calls_started_total").await;
    println!(
        "{calls} calls in {} s; after a third of them {:?}, after all {:?}",
        length.as_secs(),
        seen[0],
        seen[1]
    );
    assert_eq!(scene.server.metric("trunkline_calls_active").await, 0);
    assert_eq!(scene.server.metric("trunkline_calls_recorded_total").await, calls);
    assert!(seen[1].files <= seen[0].files + 4, "{seen:?}");
    assert!(seen[1].threads <= seen[0].threads + 2, "{seen:?}");
    if is_long {
        assert!(seen[1].memory < seen[0].memory * 5 / 4, "{seen:?}");
    }
}

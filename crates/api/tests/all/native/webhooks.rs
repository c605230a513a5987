//! `/v1/webhooks`.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed},
    },
    time::Duration,
};

use axum::http::{Method, StatusCode};
use call::AccountId;
use directory::{Directory, Snapshot};
use guard::Outward;
use http_core::config::StaticToken;
use keyvalue::Memory;
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;
use webhooks::{NewHook, Webhooks};

use crate::harness::{Answer, NOW, Receiver, Server, Talk};

const TOKENS: [(u32, &str); 2] = [(1001, "acme-office"), (2001, "globex-office")];
const OFFICE: &str = "acme-office";

/// A server whose hooks are sent to; `kept` outlives it.
async fn start(kept: &Arc<Memory>) -> Server {
    let token = |(account, token): (u32, &str)| StaticToken::of(token, AccountId(account));
    let hooks = Arc::new(Webhooks::new(kept.clone(), Outward::Anywhere, NOW));
    let known = hooks.clone();
    let server = Server::start_with(|config| {
        config.http.tokens = TOKENS.map(token).to_vec().into();
        config.http.webhooks = known;
    })
    .await;
    let app = server.app.clone();
    run(&server, move || app.directory());
    server
}

/// Sends by what a directory says.
fn run(server: &Server, directory: impl Fn() -> Arc<Snapshot> + Send + Sync + 'static) {
    let hooks = server.app.config.webhooks.clone();
    tokio::spawn(hooks.run(server.app.live.clone(), Arc::new(directory), CancellationToken::new()));
}

async fn ask(server: &Server, method: Method, path: &str, token: &str, body: Option<Value>) -> Answer {
    let asking = server.request(method, path).header("authorization", &format!("Bearer {token}"));
    match body {
        Some(body) => asking.header("content-type", "application/json").body(body.to_string()).await,
        None => asking.send().await,
    }
}

async fn register(server: &Server, body: Value) -> Value {
    let answer = ask(server, Method::POST, "/v1/webhooks", OFFICE, Some(body)).await;
    assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.text());
    answer.json()
}

/// A call of Acme's office to the outside that is over: ten events.
async fn finished(server: &Server) {
    let talk = Talk {
        began_at: NOW - Duration::from_secs(600),
        answered_after: Duration::from_secs(5),
        talked: Duration::from_secs(60),
    };
    let (phone, outside) = (server.phone("acme-101"), server.outside("acme-trunk", "+14155550199"));
    server.talked_call(phone, outside, talk).await;
}

/// Waits until so many tries of an event have failed.
async fn failing(server: &Server, path: &str, tries: u64) {
    while ask(server, Method::GET, path, OFFICE, None).await.json()["tries"] != tries {
        tokio::task::yield_now().await;
    }
}

/// Lets time pass, and has hooks look at it.
async fn later(server: &Server, hours: u64) {
    server.clock.advance(Duration::from_secs(hours * 3_600));
    let other = register(server, json!({ "url": "http://127.0.0.1:9/", "types": ["limit"] })).await;
    let path = format!("/v1/webhooks/{}", other["id"].as_str().unwrap());
    assert_eq!(ask(server, Method::DELETE, &path, OFFICE, None).await.status, 204);
}

#[tokio::test]
async fn events_come_in_order_signed_and_with_an_id_and_a_receiver_that_fails_loses_none() {
    let server = start(&Arc::default()).await;
    let mut receiver = Receiver::start([204, 500, 503]).await;
    // Nobody answers there; the other goes on.
    register(&server, json!({ "url": "http://127.0.0.1:9/" })).await;
    let hook = register(&server, json!({ "url": receiver.url, "types": ["call", "leg.ended"] })).await;
    let path = format!("/v1/webhooks/{}", hook["id"].as_str().unwrap());
    assert!(hook["secret"].as_str().unwrap().starts_with("whsec_"), "{hook}");
    finished(&server).await;
    let first = receiver.next().await;
    assert_eq!(first.event()["type"], "trunkline.call.started");
    assert!(first.header("webhook-signature").starts_with("v1,"), "{first:?}");
    assert_eq!(first.header("content-type"), "application/cloudevents+json");
    let seconds: i64 = first.header("webhook-timestamp").parse().unwrap();
    assert_eq!(seconds, NOW.as_micros() / 1_000_000);
    let failed = receiver.next().await;
    assert_eq!(failed.event()["type"], "trunkline.call.routed");
    let mut again = Vec::new();
    for tries in 1..=2 {
        failing(&server, &path, tries).await;
        later(&server, 1).await;
        again.push(receiver.next().await);
    }
    for repeat in &again {
        assert_eq!(repeat.header("webhook-id"), failed.header("webhook-id"));
        assert_eq!(repeat.body, failed.body);
        assert_ne!(repeat.header("webhook-timestamp"), failed.header("webhook-timestamp"));
    }
    let rest = [receiver.next().await, receiver.next().await];
    assert!(rest.iter().all(|received| received.event()["type"] == "trunkline.leg.ended"), "{rest:?}");
    assert_ne!(rest[0].header("webhook-id"), rest[1].header("webhook-id"));
}

#[tokio::test]
async fn an_event_that_is_refused_is_put_aside_and_can_be_sent_again() {
    let server = start(&Arc::default()).await;
    let mut receiver = Receiver::start([422; 5]).await;
    let hook = register(&server, json!({ "url": receiver.url, "types": ["call"] })).await;
    let path = format!("/v1/webhooks/{}", hook["id"].as_str().unwrap());
    finished(&server).await;
    let refused = receiver.next().await;
    for tries in 1..5 {
        failing(&server, &path, tries).await;
        later(&server, 1).await;
        assert_eq!(receiver.next().await.body, refused.body);
    }
    assert_eq!(receiver.next().await.event()["type"], "trunkline.call.routed", "others are not held up");
    let letters = ask(&server, Method::GET, &format!("{path}/dead-letters"), OFFICE, None).await.json();
    let [letter] = &letters["dead_letters"].as_array().unwrap()[..] else { panic!("{letters:#}") };
    assert_eq!(
        (&letter["status"], &letter["body"]),
        (&422.into(), &json!(std::str::from_utf8(&refused.body).unwrap()))
    );
    receiver.answers.lock().push_back(500);
    let again = format!("{path}/dead-letters/{}", letter["id"].as_str().unwrap());
    let replay = async || ask(&server, Method::POST, &again, OFFICE, None).await;
    assert_eq!(replay().await.json(), json!({ "taken": false, "status": 500 }));
    assert_eq!(replay().await.json(), json!({ "taken": true, "status": 204 }));
    assert_eq!(receiver.next().await.header("webhook-id"), refused.header("webhook-id"));
    assert_eq!(replay().await.status, 404);
    assert_eq!(ask(&server, Method::GET, &path, OFFICE, None).await.json()["dead_letters"], 0);
}

#[tokio::test]
async fn a_receiver_that_is_gone_pauses_its_hook_which_goes_on_where_it_was() {
    let kept = Arc::new(Memory::default());
    let server = start(&kept).await;
    let mut receiver = Receiver::start([410]).await;
    let hook = register(&server, json!({ "url": receiver.url, "types": ["call"] })).await;
    let path = format!("/v1/webhooks/{}", hook["id"].as_str().unwrap());
    finished(&server).await;
    let first = receiver.next().await;
    let shown = async |path: &str| ask(&server, Method::GET, path, OFFICE, None).await.json();
    while shown(&path).await["state"] != "paused" {
        tokio::task::yield_now().await;
    }
    assert_eq!(shown(&path).await["why"], "gone");
    let restarted = Webhooks::new(kept.clone(), Outward::Anywhere, NOW);
    let again: Vec<_> = restarted.of(AccountId(1001)).iter().map(|hook| hook.id.to_string()).collect();
    assert_eq!(again, [hook["id"].as_str().unwrap()], "hooks outlive the process");
    assert_eq!(
        ask(&server, Method::POST, &format!("{path}/resume"), OFFICE, None).await.json()["state"],
        "well"
    );
    assert_eq!(receiver.next().await.body, first.body);
    assert_eq!(receiver.next().await.event()["type"], "trunkline.call.routed");
}

#[tokio::test]
async fn a_new_secret_signs_beside_the_old_one_for_a_day() {
    let server = start(&Arc::default()).await;
    let mut receiver = Receiver::start([]).await;
    let hook = register(&server, json!({ "url": receiver.url, "types": ["call.started"] })).await;
    let path = format!("/v1/webhooks/{}/secret", hook["id"].as_str().unwrap());
    let rotated =
        ask(&server, Method::POST, &path, OFFICE, Some(json!({ "secret": "ed25519" }))).await.json();
    assert!(rotated["secret"].as_str().unwrap().starts_with("whpk_"), "{rotated}");
    finished(&server).await;
    let both = receiver.next().await;
    let kinds: Vec<_> =
        both.header("webhook-signature").split(' ').map(|one| one.split(',').next().unwrap()).collect();
    assert_eq!(kinds, ["v1a", "v1"]);
    later(&server, 25).await;
    finished(&server).await;
    assert!(receiver.next().await.header("webhook-signature").starts_with("v1a,"));
}

#[tokio::test]
async fn what_is_asked_wrongly_is_named_and_nobody_sees_hooks_of_others() {
    let server = start(&Arc::default()).await;
    for (body, field) in [
        (json!({}), "url"),
        (json!({ "url": "ftp://example.org/" }), "url"),
        (json!({ "url": 5 }), "url"),
        (json!({ "url": "https://anna:secret@example.org/" }), "url"),
        (json!({ "url": "https://anna@example.org/" }), "url"),
        (json!({ "url": "http://example.org/", "types": "call" }), "types"),
        (json!({ "url": "http://example.org/", "types": ["leg.flown"] }), "types"),
        (json!({ "url": "http://example.org/", "secret": "short" }), "secret"),
        (json!({ "url": "http://example.org/", "extension": "999" }), "extension"),
        (json!({ "url": "http://example.org/", "color": 1 }), "color"),
    ] {
        let answer = ask(&server, Method::POST, "/v1/webhooks", OFFICE, Some(body.clone())).await;
        assert_eq!((answer.status.as_u16(), &answer.json()["field"]), (400, &field.into()), "{body}");
    }
    let hook = register(&server, json!({ "url": "http://127.0.0.1:9/" })).await;
    let path = format!("/v1/webhooks/{}", hook["id"].as_str().unwrap());
    assert_eq!(ask(&server, Method::GET, &path, "globex-office", None).await.status, 404);
    assert_eq!(ask(&server, Method::DELETE, &path, "globex-office", None).await.status, 404);
    assert_eq!(
        ask(&server, Method::GET, "/v1/webhooks", "globex-office", None).await.json(),
        json!({ "webhooks": [] })
    );
    for _ in 1..20 {
        register(&server, json!({ "url": "http://127.0.0.1:9/" })).await;
    }
    let too_many =
        ask(&server, Method::POST, "/v1/webhooks", OFFICE, Some(json!({ "url": "http://127.0.0.1:9/" })))
            .await;
    assert_eq!(too_many.status, 409);
}

#[tokio::test]
async fn addresses_that_are_not_public_are_not_sent_to_unless_that_is_allowed() {
    let server = Server::start_with(|config| {
        config.http.tokens = vec![StaticToken::of(OFFICE, AccountId(1001))].into();
    })
    .await;
    for url in
        ["http://127.0.0.1/", "http://[::1]/", "https://169.254.169.254/latest", "http://10.0.0.1:8080/"]
    {
        let answer = ask(&server, Method::POST, "/v1/webhooks", OFFICE, Some(json!({ "url": url }))).await;
        assert_eq!((answer.status.as_u16(), &answer.json()["field"]), (400, &"url".into()), "{url}");
    }
}

#[tokio::test]
async fn a_quiet_hook_keeps_its_place_at_the_end_of_the_log() {
    let server = start(&Arc::default()).await;
    let quiet = json!({ "url": "http://127.0.0.1:9/", "extension": "102" });
    let hook = register(&server, quiet).await;
    let path = format!("/v1/webhooks/{}", hook["id"].as_str().unwrap());
    finished(&server).await;
    let latest = server.app.live.latest_event().to_string();
    assert_ne!(hook["delivered_through"], latest);
    let settled = async {
        while ask(&server, Method::GET, &path, OFFICE, None).await.json()["delivered_through"] != latest {
            later(&server, 0).await;
            tokio::task::yield_now().await;
        }
    };
    let settled = tokio::time::timeout(Duration::from_secs(20), settled).await;
    settled.expect("what was not for it would be missed by it once it is no longer kept");
}

#[tokio::test]
async fn a_hook_of_a_log_that_was_restored_is_told_of_the_gap_once_and_goes_on() {
    let server = start(&Arc::default()).await;
    let mut receiver = Receiver::start([]).await;
    finished(&server).await;
    let latest = server.app.live.latest_event();
    let new = NewHook { url: receiver.url.clone(), ..NewHook::default() };
    let hook = server.app.config.webhooks.register(AccountId(1001), new, (NOW, 1_000)).unwrap();
    let gap = receiver.next().await;
    assert_eq!(gap.event()["data"]["from"], latest + 1);
    assert!(gap.header("webhook-id").ends_with(&format!("_gap-{}-1000", latest + 1)), "{gap:?}");
    finished(&server).await;
    assert_eq!(receiver.next().await.event()["id"], (latest + 1).to_string());
    let place = || server.app.config.webhooks.get(AccountId(1001), hook.id).unwrap().delivery.cursor;
    let moved = async {
        while place() != server.app.live.latest_event() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), moved).await.expect("its place is that of the other log");
}

#[tokio::test]
async fn what_an_account_may_know_is_looked_up_for_each_event() {
    let server = Server::start_with(|config| {
        config.http.webhooks = Arc::new(Webhooks::new(Arc::<Memory>::default(), Outward::Anywhere, NOW));
    })
    .await;
    let mut receiver = Receiver::start([]).await;
    let is_there = Arc::new(AtomicBool::new(true));
    let (looks, nothing) = (Arc::new(AtomicUsize::new(0)), Directory::in_memory().unwrap().snapshot());
    let (app, there, looked) = (server.app.clone(), is_there.clone(), looks.clone());
    run(&server, move || {
        looked.fetch_add(1, Relaxed);
        if there.load(Relaxed) { app.directory() } else { nothing.clone() }
    });
    let new = NewHook { url: receiver.url.clone(), ..NewHook::default() };
    server.app.config.webhooks.register(AccountId(1001), new, (NOW, 0)).unwrap();
    finished(&server).await;
    for _ in 0..server.app.live.latest_event() {
        receiver.next().await;
    }
    let before = looks.load(Relaxed);
    is_there.store(false, Relaxed);
    finished(&server).await;
    let looked_again = async {
        // The server looks for itself, too, once a second.
        while looks.load(Relaxed) < before + 3 {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), looked_again).await.expect("it is looked up again");
    is_there.store(true, Relaxed);
    assert!(receiver.received.try_recv().is_err(), "nothing is sent for an account that is not there");
}

#[tokio::test]
async fn an_account_has_so_many_webhooks_and_no_more_and_a_type_counts_once() {
    let server = start(&Arc::default()).await;
    let hook = json!({ "url": "http://192.0.2.1/", "types": ["call", "call", "leg.ended"] });
    for _ in 0..20 {
        assert_eq!(register(&server, hook.clone()).await["types"], json!(["call", "leg.ended"]));
    }
    let refused = ask(&server, Method::POST, "/v1/webhooks", OFFICE, Some(hook.clone())).await;
    assert_eq!(refused.status, 409, "{}", refused.text());
    let other = ask(&server, Method::POST, "/v1/webhooks", TOKENS[1].1, Some(hook)).await;
    assert_eq!(other.status, 201);
}

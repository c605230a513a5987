//! Webhooks of the directory file, and in the shapes that vendors' receivers know.

use std::{sync::Arc, time::Duration};

use axum::http::Method;
use call::AccountId;
use guard::Outward;
use http_core::config::StaticToken;
use keyvalue::Memory;
use ring::hmac;
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;
use webhooks::Webhooks;

use crate::harness::{Answer, NOW, Receiver, Server, Talk};

const OFFICE: &str = "acme-office";
const VIS: &str = "/t/vbc.prod/vis/v1/self";
const SECRET: &str = "whsec_bm90IHRoZSBzZWNyZXQgb2YgYW55Ym9keSBhbGl2ZQ==";

async fn start() -> Server {
    let server = Server::start_with(|config| {
        config.http.tokens = vec![StaticToken::of(OFFICE, AccountId(1001))].into();
        let hooks = Webhooks::new(Arc::<Memory>::default(), Outward::Anywhere, NOW);
        config.http.webhooks = Arc::new(hooks.with_formats(api::webhook_formats(&config.vonage)));
    })
    .await;
    let (app, hooks) = (server.app.clone(), server.app.config.webhooks.clone());
    let directory = move || app.directory();
    tokio::spawn(hooks.run(server.app.live.clone(), Arc::new(directory), CancellationToken::new()));
    server
}

async fn ask(server: &Server, method: Method, path: &str, body: Option<Value>) -> Answer {
    let asking = server.request(method, path).header("authorization", &format!("Bearer {OFFICE}"));
    match body {
        Some(body) => asking.header("content-type", "application/json").body(body.to_string()).await,
        None => asking.send().await,
    }
}

/// A call of Acme's office to the outside.
async fn talked(server: &Server) {
    let (phone, outside) = (server.phone("acme-101"), server.outside("acme-trunk", "+14155550199"));
    server.talked_call(phone, outside, talk()).await;
}

fn talk() -> Talk {
    Talk {
        began_at: NOW - Duration::from_secs(600),
        answered_after: Duration::from_secs(5),
        talked: Duration::from_secs(60),
    }
}

fn directory_hook(url: &str, rest: &str) -> String {
    format!(
        "\n[[webhooks]]\naccount = 1001\nname = \"crm\"\nurl = \"{url}\"\nsecret = \"{SECRET}\"\n{rest}\n"
    )
}

/// Waits until the hooks of the account are so.
async fn until(server: &Server, is_so: impl Fn(&[Value]) -> bool) -> Vec<Value> {
    let looked = async {
        loop {
            let hooks = ask(server, Method::GET, "/v1/webhooks", None).await.json();
            let hooks = hooks["webhooks"].as_array().unwrap().clone();
            if is_so(&hooks) {
                return hooks;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(30), looked).await.expect("the directory is not followed")
}

/// Lets time pass, and has hooks look at it.
async fn later(server: &Server) {
    server.clock.advance(Duration::from_secs(60));
    let body = json!({ "url": "http://127.0.0.1:9/", "types": ["limit"] });
    let other = ask(server, Method::POST, "/v1/webhooks", Some(body)).await.json();
    let path = format!("/v1/webhooks/{}", other["id"].as_str().unwrap());
    assert_eq!(ask(server, Method::DELETE, &path, None).await.status, 204);
}

#[tokio::test]
async fn a_webhook_of_the_directory_file_is_followed_as_the_file_changes() {
    let server = start().await;
    let mut receiver = Receiver::start([]).await;
    let hook = directory_hook(&receiver.url, "types = [\"leg.offered\"]\nextension = \"101\"");
    server.change_directory(|text| format!("{text}{hook}"));
    let hooks = until(&server, |hooks| hooks.len() == 1).await;
    assert_eq!((&hooks[0]["source"], &hooks[0]["name"]), (&json!("directory"), &json!("crm")), "{hooks:?}");
    talked(&server).await;
    assert_eq!(receiver.next().await.event()["type"], "trunkline.leg.offered");
    let path = format!("/v1/webhooks/{}", hooks[0]["id"].as_str().unwrap());
    assert_eq!(ask(&server, Method::DELETE, &path, None).await.status, 409);
    assert_eq!(ask(&server, Method::POST, &format!("{path}/secret"), Some(json!({}))).await.status, 409);
    assert_eq!(ask(&server, Method::POST, &format!("{path}/pause"), None).await.status, 200);
    let other = hook.replace("leg.offered", "leg.ended");
    server.change_directory(|text| format!("{text}{other}"));
    let changed = until(&server, |hooks| hooks[0]["types"] == json!(["leg.ended"])).await;
    assert_eq!(changed[0]["id"], hooks[0]["id"], "it is the same hook");
    assert_eq!(changed[0]["state"], "paused", "what somebody has paused stays so: {changed:?}");
    assert_eq!(ask(&server, Method::POST, &format!("{path}/resume"), None).await.status, 200);
    talked(&server).await;
    assert_eq!(receiver.next().await.event()["type"], "trunkline.leg.ended");
    server.change_directory(str::to_owned);
    until(&server, <[Value]>::is_empty).await;
}

#[tokio::test]
async fn vonages_call_events_tell_each_state_once_signed_in_header_fields() {
    let server = start().await;
    let mut receiver = Receiver::start([500]).await;
    let body = json!({
        "url": receiver.url, "events": ["CALL"], "signingAlgo": "HMAC_SHA256", "signingKey": "mysecretkey",
        "metadataPolicy": "HEADER",
    });
    let created = ask(&server, Method::POST, &format!("{VIS}/webhooks"), Some(body)).await;
    assert_eq!(created.status, 201, "{}", created.text());
    let hook = created.json();
    assert!(!created.text().contains("mysecretkey") && hook["status"] == json!(["ACTIVE"]), "{hook}");
    talked(&server).await;
    let first = receiver.next().await;
    // Its receiver failed: it is sent once more.
    until(&server, |hooks| hooks[0]["tries"] == 1).await;
    later(&server).await;
    let mut told = vec![receiver.next().await];
    assert_eq!(first.body, told[0].body);
    assert_eq!(first.header("x-von-delivery-id"), told[0].header("x-von-delivery-id"));
    assert_eq!((first.header("x-von-attempt"), told[0].header("x-von-attempt")), ("1", "2"));
    for _ in 0..3 {
        told.push(receiver.next().await);
    }
    let states: Vec<_> =
        told.iter().map(|one| one.event()["event"]["state"].as_str().unwrap().to_owned()).collect();
    assert_eq!(states, ["INITIALIZING", "RINGING", "ACTIVE", "ANSWERED"]);
    let last = told.pop().unwrap();
    let event = last.event()["event"].clone();
    assert_eq!((&event["direction"], &event["phoneNumber"]), (&json!("OUTBOUND"), &json!("+14155550199")));
    assert_eq!(
        (&event["duration"], &event["answerTime"]),
        (&json!(60_000), &json!("2026-01-02T11:50:05.000+0000"))
    );
    let key = hmac::Key::new(hmac::HMAC_SHA256, b"mysecretkey");
    assert_eq!(last.header("x-von-signature"), hex(hmac::sign(&key, event.to_string().as_bytes()).as_ref()));
    assert_eq!(last.header("x-von-webhook-id"), hook["id"].as_str().unwrap());
    let listed = ask(&server, Method::GET, &format!("{VIS}/events"), None).await.json();
    assert_eq!(listed, json!([event]));
    let one = format!("{VIS}/events/{}", event["id"].as_str().unwrap());
    assert_eq!(ask(&server, Method::GET, &one, None).await.json(), event);
    assert!(receiver.received.try_recv().is_err(), "an end is told once");
}

#[tokio::test]
async fn a_registration_of_vonages_ends_after_ten_days_unless_it_is_renewed() {
    let server = start().await;
    let receiver = Receiver::start([]).await;
    let body = json!({ "url": receiver.url, "events": ["CALL"] });
    let hook = ask(&server, Method::POST, &format!("{VIS}/webhooks"), Some(body)).await.json();
    let path = format!("{VIS}/webhooks/{}", hook["id"].as_str().unwrap());
    assert_eq!(hook["expireAt"], "2026-01-12T12:00:00.000+0000");
    server.clock.advance(Duration::from_secs(11 * 86_400));
    assert_eq!(ask(&server, Method::GET, &path, None).await.json()["status"], json!(["EXPIRED"]));
    let renewed = ask(&server, Method::PUT, &format!("{path}/renew"), None).await.json();
    assert_eq!(
        (&renewed["status"], &renewed["expireAt"]),
        (&json!(["ACTIVE"]), &json!("2026-01-23T12:00:00.000+0000"))
    );
    assert_eq!(ask(&server, Method::GET, &format!("{VIS}/webhooks"), None).await.json(), json!([renewed]));
    assert_eq!(ask(&server, Method::DELETE, &path, None).await.status, 204);
    assert_eq!(ask(&server, Method::GET, &path, None).await.status, 404);
    for (body, field) in [
        (json!({ "events": ["CALL"] }), "url"),
        (json!({ "url": "https://example.org/" }), "events"),
        (json!({ "url": "https://example.org/", "events": ["SMS"] }), "events"),
        (json!({ "url": "https://example.org/", "events": ["CALL"], "signingAlgo": "MD5" }), "signingAlgo"),
        (
            json!({ "url": "https://example.org/", "events": ["CALL"], "signingAlgo": "HMAC_SHA256" }),
            "signingKey",
        ),
        (
            json!({ "url": "https://example.org/", "events": ["CALL"], "metadataPolicy": "URL" }),
            "metadataPolicy",
        ),
    ] {
        let refused = ask(&server, Method::POST, &format!("{VIS}/webhooks"), Some(body)).await;
        assert_eq!(refused.status, 400);
        assert!(refused.json()["message"].as_str().unwrap().starts_with(field), "{}", refused.text());
    }
}

#[tokio::test]
async fn yetis_records_are_pushed_once_each_call_is_over() {
    let server = start().await;
    let mut receiver = Receiver::start([]).await;
    let hook = directory_hook(&receiver.url, "format = \"yeti\"");
    server.change_directory(|text| format!("{text}{hook}"));
    until(&server, |hooks| hooks.len() == 1).await;
    talked(&server).await;
    let (phone, outside) = (server.phone("acme-101"), server.outside("acme-trunk", "+14155550199"));
    server.talked_call(outside, phone, talk()).await;
    let pushed = [receiver.next().await, receiver.next().await];
    assert!(pushed[0].header("webhook-signature").starts_with("v1,"));
    let [out, back] = pushed.map(|one| one.event()["data"].as_array().unwrap().clone());
    assert_eq!((out.len(), back.len()), (1, 1));
    assert_eq!((&out[0]["type"], &back[0]["type"]), (&json!("cdrs"), &json!("incoming-cdrs")));
    assert_eq!((&out[0]["duration"], &out[0]["success"]), (&json!(60), &json!(true)), "{}", out[0]);
    assert_eq!(out[0]["dst_prefix_in"], "+14155550199");
    assert!(receiver.received.try_recv().is_err());
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

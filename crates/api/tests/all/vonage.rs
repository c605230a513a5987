//! The Vonage dialect.

mod authorize;
mod call_change;
mod call_hangup;
mod call_logs;
mod call_place;
mod call_show;
mod calls_list;
mod credentials;
mod device_show;
mod devices_list;
mod idempotency;
mod leg_change;
mod leg_hangup;
mod legs;
mod oauth;
mod openid;
mod refusals;
mod samples;
mod strings;

use std::time::Duration;

use api::ApiConfig;
use axum::http::{Method, StatusCode};
use call::{AccountId, Call, CallId, Leg, LegId};
use http_core::config::StaticToken;
use serde_json::{Value, json};
use switch::simulated::SimulatedCall;

use crate::harness::{Answer, Asking, NOW, Server};

/// The path of the calls of Acme's office.
const CALLS: &str = "/cc/accounts/1001/calls";
/// The path of the devices of Acme's office.
const DEVICES: &str = "/registration/accounts/1001/devices";
/// Acme's office, an account of another customer, and the token of each.
const TOKENS: [(u32, &str); 3] = [(1001, "acme-office"), (1002, "acme-shop"), (2001, "globex-office")];

async fn start() -> Server {
    start_with(|_| {}).await
}

async fn start_with(change: impl FnOnce(&mut ApiConfig)) -> Server {
    let token = |(account, token): (u32, &str)| StaticToken::of(token, AccountId(account));
    Server::start_with(|config| {
        config.http.tokens = TOKENS.map(token).to_vec().into();
        change(config);
    })
    .await
}

/// A request of Acme's office.
fn ask<'a>(server: &'a Server, method: Method, path: &str) -> Asking<'a> {
    server.request(method, path).header("authorization", "Bearer acme-office")
}

async fn get(server: &Server, path: &str) -> Answer {
    ask(server, Method::GET, path).send().await
}

async fn put(server: &Server, path: &str, body: Value) -> Answer {
    ask(server, Method::PUT, path).body(body.to_string()).await
}

async fn delete(server: &Server, path: &str) -> Answer {
    ask(server, Method::DELETE, path).send().await
}

/// A good answer's body.
#[track_caller]
fn ok(answer: &Answer) -> Value {
    assert_eq!((answer.status, answer.header("content-type")), (StatusCode::OK, "application/json"));
    answer.json()
}

/// Checks that an answer is a refusal in the one documented shape, and gives its message.
#[track_caller]
fn refused(answer: &Answer, status: u16) -> String {
    let text = answer.text();
    assert_eq!(
        (answer.status.as_u16(), answer.header("content-type")),
        (status, "application/json"),
        "{text}"
    );
    let message = answer.json()["message"].as_str().unwrap_or_default().to_owned();
    assert_eq!(answer.json(), json!({"code": status, "message": message}));
    assert!(!message.is_empty());
    message
}

/// The path of a call.
fn call_path(id: CallId) -> String {
    format!("{CALLS}/{id}")
}

/// The path of a leg.
fn leg_path(call: &SimulatedCall, leg: LegId) -> String {
    format!("{}/legs/{leg}", call_path(call.id()))
}

/// A call of Acme's office to the network, begun `age` ago, that rings.
async fn ringing(server: &Server, age: Duration) -> SimulatedCall {
    let (phone, outside) = (server.phone("acme-101"), server.outside("acme-trunk", "+14155550199"));
    let call = server.switch.place(server.call(phone, outside, NOW - age)).unwrap();
    call.ring();
    until_ringing(server, &call).await;
    call
}

/// A call of Acme's office to the network that is answered.
async fn answered(server: &Server) -> SimulatedCall {
    let call = ringing(server, Duration::ZERO).await;
    call.answer();
    until_settled(server, &call).await;
    call
}

/// Waits until the called party of a call rings.
async fn until_ringing(server: &Server, call: &SimulatedCall) {
    server.until(|calls| calls.get(call.id()).is_some_and(|call| call.ringing_at().is_some())).await;
}

/// Waits until no leg of a call is neither answered nor over.
async fn until_settled(server: &Server, call: &SimulatedCall) {
    let is_settled = |call: &Call| !call.legs().iter().any(Leg::is_pending);
    server.until(|calls| calls.get(call.id()).is_some_and(|call| is_settled(call))).await;
}

/// Plays what ends a call, and waits until it is recorded.
async fn finish(server: &Server, call: &SimulatedCall, end: impl FnOnce(&SimulatedCall)) {
    end(call);
    server.until(|calls| calls.has_ended(call.id())).await;
}

/// The texts of the member `name` of the items in `list`.
#[track_caller]
fn texts(list: &Value, name: &str) -> Vec<String> {
    let items = list.as_array().unwrap();
    items.iter().map(|item| item[name].as_str().unwrap().to_owned()).collect()
}

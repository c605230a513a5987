//! What a phone in a browser must be able to do with any other, whoever wrote it.

use std::time::Duration;

use serde_json::Value;
use testkit::{
    baresip::{Answering, Baresip},
    sipp::Sipp,
};

use super::{
    office::Office,
    phone::{Browser, Kind},
};
use crate::{
    harness::{MUSIC, vonage, wait_until},
    phone::{A, B, C, Phone},
};

/// How soon after the answer the other end must be heard.
const SOON: Duration = Duration::from_secs(1);

macro_rules! all {
    ($kind:expr) => {
        $crate::browser::behaviours::each!(
            $kind,
            calls_and_is_called_by_a_plain_phone,
            holds_and_is_held,
            presses_keys,
            hears_a_phone_before_it_answers,
            declines,
            hands_over_without_asking,
            hands_over_after_a_word,
            calls_another_browser,
            comes_back_when_its_socket_breaks,
        );
    };
}
macro_rules! each {
    ($kind:expr, $($behaviour:ident),* $(,)?) => {$(
        #[tokio::test(flavor = "multi_thread")]
        async fn $behaviour() {
            behaviours::$behaviour($kind).await;
        }
    )*};
}
pub(super) use {all, each};

/// Time for tones to be heard.
async fn listen() {
    tokio::time::sleep(Duration::from_millis(1_500)).await;
}

/// Whether a plain phone has heard the browser, and nothing else.
fn assert_heard_the_browser(phone: &Baresip) {
    let heard = phone.heard().unwrap();
    let tones = heard.tones(&[A, B, C]);
    assert!(heard.length_of(A) >= Duration::from_secs(1), "{tones:?}");
    assert!(!tones.contains(&Some(B)) && !tones.contains(&Some(C)), "{tones:?}");
}

/// A browser at 1001 that has called a plain phone at 1002.
async fn talk(kind: Kind, office: &Office) -> (Browser, Baresip) {
    let mut b = office.plain("1002", B, Answering::AtOnce).await;
    let mut a = Browser::start(kind, office, "1001", A).await;
    a.order("call 1002").await;
    a.expect("call 1002 talking").await;
    b.expect("CALL_ESTABLISHED").await.unwrap();
    a.hears(B).await;
    (a, b)
}

pub async fn calls_and_is_called_by_a_plain_phone(kind: Kind) {
    let office = Office::open();
    let mut b = office.plain("1002", B, Answering::AtOnce).await;
    let mut a = Browser::start(kind, &office, "1001", A).await;
    a.order("call 1002").await;
    a.expect("call 1002 talking").await;
    let after = a.hears(B).await;
    assert!(after < SOON, "the phone is heard after {after:?}");
    listen().await;
    a.order("hangup 1002").await;
    b.expect("CALL_CLOSED").await.unwrap();
    assert_heard_the_browser(&b);

    b.dial("1001").await.unwrap();
    a.expect("call 1002 incoming").await;
    a.order("answer 1002").await;
    a.expect("call 1002 talking").await;
    let after = a.hears(B).await;
    assert!(after < SOON, "the phone is heard after {after:?}");
    listen().await;
    b.hang_up().await.unwrap();
    a.expect("call 1002 ended").await;
    b.expect("CALL_CLOSED").await.unwrap();
    assert_heard_the_browser(&b);
}

pub async fn holds_and_is_held(kind: Kind) {
    let office = Office::open();
    let c = Phone::talking(&office.scene, "1003").await;
    let (mut a, mut b) = talk(kind, &office).await;
    b.hold().await.unwrap();
    a.hears(MUSIC).await;
    b.resume().await.unwrap();
    a.hears(B).await;
    a.order("hangup 1002").await;
    a.expect("call 1002 ended").await;

    a.order("call 1003").await;
    c.speaks().await;
    a.expect("call 1003 talking").await;
    a.hears(C).await;
    c.hears(A).await;
    a.order("hold 1003").await;
    a.expect("call 1003 held").await;
    c.hears(MUSIC).await;
    a.order("resume 1003").await;
    a.expect("call 1003 talking").await;
    c.hears(A).await;
    a.hears(C).await;
}

pub async fn presses_keys(kind: Kind) {
    let office = Office::open();
    let (mut a, mut b) = talk(kind, &office).await;
    a.order("press 1002 5").await;
    office.scene.until_pressed("5").await;
    let key = b.expect("CALL_DTMF_START").await.unwrap();
    assert_eq!(key.detail, "5");
    b.press('7').await.unwrap();
    office.scene.until_pressed("57").await;
    a.hears(B).await;
}

pub async fn hears_a_phone_before_it_answers(kind: Kind) {
    let office = Office::open();
    let scenario = Sipp::scenario("uas-early-sound").ring(Duration::from_secs(6));
    let b = Phone::called(&office.scene, "1002", scenario).await;
    let mut a = Browser::start(kind, &office, "1001", A).await;
    a.order("call 1002").await;
    b.speaks().await;
    a.expect("call 1002 ringing").await;
    a.hears(B).await;
    a.expect("call 1002 talking").await;
    a.hears(B).await;
    b.hears(A).await;
    a.order("hangup 1002").await;
    b.ends().await;
}

pub async fn declines(kind: Kind) {
    let office = Office::open();
    let mut b = office.plain("1002", B, Answering::ByHand).await;
    let mut a = Browser::start(kind, &office, "1001", A).await;
    b.dial("1001").await.unwrap();
    a.expect("call 1002 incoming").await;
    a.order("decline 1002").await;
    let closed = b.expect("CALL_CLOSED").await.unwrap();
    assert!(closed.detail.contains("603"), "{closed:?}");
    a.order("call 1002").await;
    b.expect("CALL_INCOMING").await.unwrap();
    b.hang_up().await.unwrap();
    a.expect("call 1002 ended").await;
}

/// A browser at 1001 that talks to the plain phone at 1002; and another one at 1003.
async fn three(kind: Kind, office: &Office) -> (Browser, Phone, Phone) {
    let b = Phone::talking(&office.scene, "1002").await;
    let c = Phone::talking(&office.scene, "1003").await;
    let mut a = Browser::start(kind, office, "1001", A).await;
    a.order("call 1002").await;
    b.speaks().await;
    a.expect("call 1002 talking").await;
    b.hears(A).await;
    (a, b, c)
}

pub async fn hands_over_without_asking(kind: Kind) {
    let office = Office::open();
    let (mut a, b, c) = three(kind, &office).await;
    a.order("transfer 1002 1003").await;
    c.speaks().await;
    a.expect("call 1002 ended").await;
    b.hears(C).await;
    c.hears(B).await;
}

pub async fn hands_over_after_a_word(kind: Kind) {
    let office = Office::open();
    let (mut a, b, c) = three(kind, &office).await;
    a.order("hold 1002").await;
    a.expect("call 1002 held").await;
    b.hears(MUSIC).await;
    a.order("call 1003").await;
    c.speaks().await;
    a.expect("call 1003 talking").await;
    a.hears(C).await;
    c.hears(A).await;
    a.order("connect 1002 1003").await;
    a.expect("call 1002 ended").await;
    b.hears(C).await;
    c.hears(B).await;
}

pub async fn calls_another_browser(kind: Kind) {
    let office = Office::open();
    let mut a = Browser::start(kind, &office, "1001", A).await;
    let mut b = Browser::start(Kind::Page, &office, "1003", C).await;
    a.order("call 1003").await;
    b.expect("call 1001 incoming").await;
    b.order("answer 1001").await;
    a.expect("call 1003 talking").await;
    let after = a.hears(C).await;
    assert!(after < SOON, "the other is heard after {after:?}");
    b.hears(A).await;
    let are_known = async || key_exchanges(&office).await == ["dtls", "dtls"];
    wait_until("both are known to be encrypted by a handshake", are_known).await;
    b.order("hangup 1001").await;
    a.expect("call 1003 ended").await;
}

/// How the keys of each leg of the only live call were agreed on.
async fn key_exchanges(office: &Office) -> Vec<String> {
    let server = &office.scene.server;
    let calls: Value = vonage::get(server, "/v1/calls").await.json().await.unwrap();
    let Some(id) = calls["calls"][0]["id"].as_str() else { return Vec::new() };
    let call: Value = vonage::get(server, &format!("/v1/calls/{id}")).await.json().await.unwrap();
    let legs = call["legs"].as_array().unwrap().iter();
    legs.map(|leg| leg["encryption"]["key_exchange"].as_str().unwrap_or_default().to_owned()).collect()
}

pub async fn comes_back_when_its_socket_breaks(kind: Kind) {
    let office = Office::open();
    let (mut a, mut b) = talk(kind, &office).await;
    a.order("cut").await;
    listen().await;
    a.hears(B).await;
    a.order("mend").await;
    a.expect("registered").await;
    listen().await;
    a.hears(B).await;
    b.hang_up().await.unwrap();
    a.expect("call 1002 ended").await;
    b.dial("1001").await.unwrap();
    a.expect("call 1002 incoming").await;
    a.order("answer 1002").await;
    a.hears(B).await;
}

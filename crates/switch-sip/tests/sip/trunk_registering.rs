//! Our registrations at trunks.

use std::time::Duration;

use call::{NoticeKind, TrunkId, notice::TrunkChange};
use directory::model::Trunk;
use switch::{Switch, TrunkState};

use super::login::{ask, login};
use crate::support::{
    Agent, Message, Office,
    agent::{Dialog, SDP},
    digest::Asking,
    office::SHORT,
};

const ASKING: Asking = Asking { realm: "carrier.example", nonce: "n1", algorithm: "MD5" };

fn registers(trunk: &mut Trunk) {
    trunk.auth = Some(login());
    trunk.registration = Some(Duration::from_secs(600));
    trunk.sources.clear();
}

/// An office, and a trunk that it registers at.
async fn office() -> (Office, Agent) {
    let office = Office::with(|config| config.trunk_retry = Duration::from_millis(20)).await;
    let carrier = office.trunk(1).await;
    office.change(|entries| registers(&mut entries.trunks[0]));
    (office, carrier)
}

pub async fn grant(carrier: &Agent, register: &Message, seconds: u32) {
    let contact = format!("Contact: {};expires={seconds}", register.header("Contact"));
    carrier.send(&register.response("200 OK", "registrar", &[contact], "")).await;
}

#[tokio::test]
async fn a_registration_is_asked_for_with_credentials_and_refreshed_before_it_ends() {
    let (office, carrier) = office().await;
    let first = carrier.expect("REGISTER").await;
    assert_eq!((first.request_uri(), first.header("Expires")), (&*register_uri(&carrier), "600"));
    assert!(first.header("Contact").starts_with("<sip:trunkline@"), "{}", first.header("Contact"));
    ask(&carrier, &first, "401 Unauthorized", &[ASKING]).await;
    let second = carrier.expect("REGISTER").await;
    ASKING.assert_answered(&second, ("trunkline", "open sesame"), 1);
    grant(&carrier, &second, 1).await;
    let refresh = carrier.expect("REGISTER").await;
    ASKING.assert_answered(&refresh, ("trunkline", "open sesame"), 2);
    assert_eq!(refresh.header("Call-ID"), first.header("Call-ID"));
    assert!(refresh.cseq().0 > second.cseq().0);
    assert_eq!(refresh.header("Contact"), first.header("Contact"));
    let registered = TrunkState { trunk: TrunkId(1), is_up: None, is_registered: Some(true) };
    assert_eq!(office.switch.trunks(), [registered]);
}

async fn until_registered(office: &Office) {
    let is_registered =
        |kind: &NoticeKind| matches!(kind, NoticeKind::Trunk { change: TrunkChange::Registered, .. });
    office.story.until_notice(is_registered).await;
}

fn register_uri(carrier: &Agent) -> String {
    format!("sip:{}", carrier.address())
}

#[tokio::test]
async fn a_refused_registration_is_tried_again() {
    let (office, carrier) = office().await;
    for status in ["403 Forbidden", "503 Service Unavailable", "500 Server Internal Error"] {
        let register = carrier.expect("REGISTER").await;
        carrier.send(&register.response(status, "registrar", &[], "")).await;
    }
    let register = carrier.expect("REGISTER").await;
    assert_eq!(office.switch.trunks()[0].is_registered, Some(false));
    grant(&carrier, &register, 600).await;
    until_registered(&office).await;
    assert_eq!(office.switch.trunks()[0].is_registered, Some(true));
}

#[tokio::test]
async fn a_registration_that_is_too_brief_becomes_as_long_as_is_asked() {
    let (_office, carrier) = office().await;
    let register = carrier.expect("REGISTER").await;
    let shortest = ["Min-Expires: 1800".to_owned()];
    carrier.send(&register.response("423 Interval Too Brief", "registrar", &shortest, "")).await;
    assert_eq!(carrier.expect("REGISTER").await.header("Expires"), "1800");
}

#[tokio::test]
async fn a_registration_is_taken_back_when_the_switch_stops() {
    let (office, carrier) = office().await;
    let register = carrier.expect("REGISTER").await;
    grant(&carrier, &register, 600).await;
    until_registered(&office).await;
    let stopped = tokio::spawn({
        let switch = office.switch.clone();
        async move { switch.stop(SHORT).await }
    });
    let last = carrier.expect("REGISTER").await;
    assert_eq!((last.header("Expires"), last.header("Contact")), ("0", register.header("Contact")));
    grant(&carrier, &last, 0).await;
    stopped.await.unwrap();
}

#[tokio::test]
async fn a_change_in_the_directory_takes_the_registration_back_and_makes_another() {
    let (office, carrier) = office().await;
    let register = carrier.expect("REGISTER").await;
    grant(&carrier, &register, 600).await;
    until_registered(&office).await;
    office.change(|entries| entries.trunks[0].name = "other".into());
    assert!(carrier.hears_nothing_for(SHORT).await, "nothing that matters has changed");
    office.change(|entries| entries.trunks[0].registration = Some(Duration::from_secs(900)));
    let last = carrier.expect("REGISTER").await;
    assert_eq!((last.header("Expires"), last.header("Contact")), ("0", register.header("Contact")));
    grant(&carrier, &last, 0).await;
    let anew = carrier.expect("REGISTER").await;
    assert_eq!(anew.header("Expires"), "900");
    assert_ne!(anew.header("Contact"), register.header("Contact"));
    grant(&carrier, &anew, 900).await;
    until_registered(&office).await;
    office.change(|entries| entries.trunks.clear());
    assert_eq!(carrier.expect("REGISTER").await.header("Expires"), "0");
}

/// Sends an INVITE to a registered Contact, for a number.
async fn call(from: &Agent, contact: &str, number: &str) -> Dialog {
    let mut dialog = from.dial(number, &[], SDP).await;
    from.expect_refusal(&dialog, 407).await;
    dialog.target = contact.to_owned();
    from.redial(&mut dialog, &[], SDP).await;
    dialog
}

#[tokio::test]
async fn a_call_to_the_registered_contact_comes_from_the_trunk_and_is_for_whom_it_says() {
    let (office, carrier) = office().await;
    let b = office.registered("b").await;
    let register = carrier.expect("REGISTER").await;
    let contact = register.uri_of("Contact").to_owned();
    let elsewhere = Agent::new(office.server, "elsewhere", "").await;
    let refused = call(&elsewhere, &contact, "14155550100").await;
    elsewhere.expect_refusal(&refused, 407).await;
    grant(&carrier, &register, 600).await;
    until_registered(&office).await;
    let mut taken = call(&elsewhere, &contact, "14155550100").await;
    b.answer(&b.expect("INVITE").await).await;
    elsewhere.expect_answer(&mut taken).await;
    elsewhere.hang_up(&mut taken).await;
    let told = office.story.next().await;
    assert_eq!(told[1..3], ["A offered trunk1", "routed elsewhere to 14155550100 of 10"]);
    let guessed = call(&elsewhere, &contact.replace("line=", "line=0"), "14155550100").await;
    elsewhere.expect_refusal(&guessed, 407).await;
}

#[tokio::test]
async fn a_call_from_the_registrar_comes_from_the_trunk() {
    let (office, carrier) = office().await;
    let b = office.registered("b").await;
    let register = carrier.expect("REGISTER").await;
    grant(&carrier, &register, 600).await;
    until_registered(&office).await;
    carrier.dial("14155550100", &[], SDP).await;
    b.expect("INVITE").await;
}

#[tokio::test]
async fn a_trunk_that_does_not_register_us_is_tried_last() {
    let (office, carrier) = office().await;
    let (a, other) = (office.registered("a").await, office.trunk(2).await);
    let register = carrier.expect("REGISTER").await;
    let _first = a.call("4155550123", SDP).await;
    other.expect("INVITE").await;
    grant(&carrier, &register, 600).await;
    until_registered(&office).await;
    let _second = a.call("4155550124", SDP).await;
    carrier.expect("INVITE").await;
}

#[tokio::test]
async fn a_trunk_that_answers_again_is_registered_at_at_once() {
    let office = Office::with(|config| {
        config.trunk_retry = Duration::from_secs(3_600);
        config.trunk_silence = SHORT;
    })
    .await;
    let carrier = office.trunk(1).await;
    office.change(|entries| {
        registers(&mut entries.trunks[0]);
        entries.trunks[0].probe = Some(SHORT);
    });
    // Nobody answers the first registration, nor the first probe.
    let next = async |method: &str| loop {
        let message = carrier.receive().await;
        if message.method() == method {
            return message;
        }
    };
    next("REGISTER").await;
    next("OPTIONS").await;
    let asked = next("OPTIONS").await;
    let again = next("OPTIONS").await;
    carrier.reply(&asked, "200 OK", "").await;
    carrier.reply(&again, "200 OK", "").await;
    let register = tokio::time::timeout(Duration::from_secs(10), next("REGISTER")).await;
    ask(&carrier, &register.expect("it does not rest"), "401 Unauthorized", &[ASKING]).await;
}

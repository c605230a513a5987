//! Trunks that ask who we are.

use directory::model::TrunkAuth;

use crate::support::{
    Agent, Message, Office,
    agent::SDP,
    digest::{Asking, md5, sha256},
    message::content,
    office::SHORT,
};

const WHO: (&str, &str) = ("trunkline", "open sesame");
const MD5: Asking = Asking { realm: "carrier.example", nonce: "n1", algorithm: "MD5" };
const LATER: Asking = Asking { nonce: "n2", ..MD5 };

pub fn login() -> TrunkAuth {
    let a1 = format!("{}:{}:{}", WHO.0, MD5.realm, WHO.1);
    TrunkAuth {
        user: WHO.0.into(),
        realm: MD5.realm.into(),
        ha1_md5: md5(&a1).into(),
        ha1_sha256: sha256(&a1).into(),
    }
}

/// An office with a phone, and a trunk that has a login.
async fn office() -> (Office, Agent, Agent) {
    let office = Office::open().await;
    let (a, carrier) = (office.registered("a").await, office.trunk(1).await);
    office.change(|entries| entries.trunks[0].auth = Some(login()));
    (office, a, carrier)
}

/// Asks for credentials instead of taking a request.
pub async fn ask(agent: &Agent, request: &Message, status: &str, asking: &[Asking]) {
    let headers: Vec<_> = asking.iter().map(|asking| asking.header(status)).collect();
    agent.send(&request.response(status, "asks", &headers, "")).await;
    if request.method() == "INVITE" {
        let ack = agent.expect("ACK").await;
        assert_eq!(ack.cseq().0, request.cseq().0);
    }
}

#[tokio::test]
async fn an_invite_goes_once_more_with_credentials_in_the_same_dialog() {
    for (status, asking) in [
        ("401 Unauthorized", MD5),
        ("407 Proxy Authentication Required", Asking { algorithm: "SHA-256", ..MD5 }),
    ] {
        let (office, a, carrier) = office().await;
        let mut call = a.call("4155550123", SDP).await;
        let first = carrier.expect("INVITE").await;
        assert!(first.find("Authorization").is_none() && first.find("Proxy-Authorization").is_none());
        ask(&carrier, &first, status, &[asking]).await;
        let second = carrier.expect("INVITE").await;
        asking.assert_answered(&second, WHO, 1);
        assert_eq!(second.header("Call-ID"), first.header("Call-ID"));
        assert_eq!(second.header("From"), first.header("From"));
        assert_eq!(second.cseq().0, first.cseq().0 + 1);
        assert_eq!(second.body, SDP);
        carrier.reply(&second, "200 OK", SDP).await;
        let ack = carrier.expect("ACK").await;
        assert_eq!(ack.cseq().0, second.cseq().0);
        let name = if status.starts_with("401") { "Authorization" } else { "Proxy-Authorization" };
        assert_eq!(ack.header(name), second.header(name));
        a.expect_answer(&mut call).await;
        a.hang_up(&mut call).await;
        let bye = carrier.expect("BYE").await;
        asking.assert_answered(&bye, WHO, 2);
        carrier.reply(&bye, "200 OK", "").await;
        let told = office.story.next().await;
        assert_eq!(told.iter().filter(|line| line.contains("offered trunk1")).count(), 1);
    }
}

#[tokio::test]
async fn the_first_challenge_that_is_known_is_answered() {
    let (_office, a, carrier) = office().await;
    let _call = a.call("4155550123", SDP).await;
    let first = carrier.expect("INVITE").await;
    let others = [Asking { algorithm: "SHA-512-256", ..MD5 }, Asking { realm: "elsewhere", ..MD5 }];
    let sha256 = Asking { algorithm: "SHA-256", ..MD5 };
    ask(&carrier, &first, "401 Unauthorized", &[others[0], others[1], sha256, MD5]).await;
    sha256.assert_answered(&carrier.expect("INVITE").await, WHO, 1);
}

#[tokio::test]
async fn a_trunk_that_does_not_take_the_credentials_is_left_for_the_next() {
    let (office, a, carrier) = office().await;
    let second = office.trunk(2).await;
    let mut call = a.call("4155550123", SDP).await;
    ask(&carrier, &carrier.expect("INVITE").await, "401 Unauthorized", &[MD5]).await;
    ask(&carrier, &carrier.expect("INVITE").await, "401 Unauthorized", &[LATER]).await;
    second.answer(&second.expect("INVITE").await).await;
    a.expect_answer(&mut call).await;
    assert!(carrier.hears_nothing_for(SHORT).await);
}

#[tokio::test]
async fn a_trunk_of_another_realm_gets_no_credentials() {
    let (office, a, carrier) = office().await;
    let call = a.call("4155550123", SDP).await;
    let asking = Asking { realm: "elsewhere", ..MD5 };
    ask(&carrier, &carrier.expect("INVITE").await, "401 Unauthorized", &[asking]).await;
    a.expect_refusal(&call, 502).await;
    assert_eq!(office.story.next().await[4..], ["B ended party rejected 401", "A ended switch rejected 502"]);
}

#[tokio::test]
async fn a_stale_nonce_is_replaced_for_a_bye_and_a_reinvite() {
    let (_office, a, carrier) = office().await;
    let mut call = a.call("4155550123", SDP).await;
    ask(&carrier, &carrier.expect("INVITE").await, "401 Unauthorized", &[MD5]).await;
    carrier.answer(&carrier.expect("INVITE").await).await;
    a.expect_answer(&mut call).await;
    let held = SDP.replace("sendrecv", "sendonly");
    a.within(&mut call, "INVITE", &[], &held).await;
    let stale = carrier.expect("INVITE").await;
    MD5.assert_answered(&stale, WHO, 2);
    ask(&carrier, &stale, "401 Unauthorized", &[LATER]).await;
    let again = carrier.expect("INVITE").await;
    LATER.assert_answered(&again, WHO, 1);
    assert_eq!((again.cseq().0, content(&again.body)), (stale.cseq().0 + 1, content(&held)));
    carrier.answer(&again).await;
    a.expect_status(200).await;
    a.acknowledge(&call, "").await;
    a.hang_up(&mut call).await;
    let stale = carrier.expect("BYE").await;
    LATER.assert_answered(&stale, WHO, 2);
    ask(&carrier, &stale, "407 Proxy Authentication Required", &[MD5]).await;
    let again = carrier.expect("BYE").await;
    MD5.assert_answered(&again, WHO, 1);
    assert!(again.cseq().0 > stale.cseq().0);
}

#[tokio::test]
async fn the_invite_with_credentials_is_the_one_that_is_cancelled() {
    let (_office, a, carrier) = office().await;
    let call = a.call("4155550123", SDP).await;
    ask(&carrier, &carrier.expect("INVITE").await, "401 Unauthorized", &[MD5]).await;
    let second = carrier.expect("INVITE").await;
    carrier.reply(&second, "180 Ringing", "").await;
    a.expect_status(180).await;
    a.cancel(&call).await;
    let cancel = carrier.expect("CANCEL").await;
    assert_eq!(cancel.header("Via"), second.header("Via"));
    assert_eq!(cancel.cseq().0, second.cseq().0);
}

#[tokio::test]
async fn the_bye_of_a_call_that_came_from_the_trunk_is_answered_for_too() {
    let (office, _a, carrier) = office().await;
    let b = office.registered("b").await;
    let mut call = carrier.dial("14155550100", &[], SDP).await;
    let invite = b.expect("INVITE").await;
    let mut theirs = b.answer(&invite).await;
    carrier.expect_answer(&mut call).await;
    b.hang_up(&mut theirs).await;
    ask(&carrier, &carrier.expect("BYE").await, "401 Unauthorized", &[MD5]).await;
    MD5.assert_answered(&carrier.expect("BYE").await, WHO, 1);
}

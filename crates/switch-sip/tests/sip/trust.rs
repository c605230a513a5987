//! Whoever knows a dialog's Call-ID and tags is not yet its peer.

use std::net::SocketAddr;

use directory::model::TrunkSource;

use crate::support::{
    Agent, Office,
    agent::{Dialog, SDP},
    digest::Challenge,
    office::{SHORT, secret},
};

/// A user agent at 127.0.0.`host`.
async fn at(host: u8, office: &Office, user: &str) -> Agent {
    Agent::at(SocketAddr::from(([127, 0, 0, host], 0)), office.server, user, &secret(user)).await
}

/// A call that `a` at 127.0.0.2 has with `b`.
async fn talk(office: &Office) -> (Agent, Dialog, Agent) {
    let (a, b) = (at(2, office, "a").await, office.registered("b").await);
    assert_eq!(a.register().await.status(), 200);
    let mut at_a = a.call("1002", SDP).await;
    let invite = b.expect("INVITE").await;
    b.answer(&invite).await;
    a.expect_answer(&mut at_a).await;
    (a, at_a, b)
}

#[tokio::test]
async fn a_listener_on_the_wire_ends_and_transfers_no_call() {
    let office = Office::open().await;
    let (a, mut at_a, b) = talk(&office).await;
    let (thief, c) = (at(9, &office, "thief").await, office.registered("c").await);
    for method in ["REFER", "BYE", "INVITE", "INFO", "UPDATE"] {
        let mut stolen = at_a.clone();
        stolen.cseq += 10;
        let more = ["Refer-To: <sip:1003@test>".to_owned()];
        thief.within(&mut stolen, method, if method == "REFER" { &more } else { &[] }, "").await;
        thief.expect_status(407).await;
    }
    assert!(b.hears_nothing_for(SHORT).await && c.hears_nothing_for(SHORT).await);
    a.hang_up(&mut at_a).await;
    b.expect_bye().await;
}

#[tokio::test]
async fn a_phone_that_registers_elsewhere_goes_on_from_there() {
    let office = Office::open().await;
    let (_a, mut at_a, b) = talk(&office).await;
    let moved = at(4, &office, "a").await;
    assert_eq!(moved.register().await.status(), 200);
    moved.hang_up(&mut at_a).await;
    b.expect_bye().await;
}

#[tokio::test]
async fn a_phone_that_is_suddenly_elsewhere_is_asked_who_it_is_once() {
    let office = Office::open().await;
    let (_a, mut at_a, b) = talk(&office).await;
    let moved = at(4, &office, "a").await;
    moved.within(&mut at_a, "INFO", &[], "").await;
    let challenge = Challenge::of(&moved.expect_status(407).await);
    let (who, uri) = (("a", &*secret("a")), at_a.target.clone());
    let answer = challenge.answer("Proxy-Authorization", who, "INFO", &uri, 1);
    moved.within(&mut at_a, "INFO", &[answer], "").await;
    let info = b.expect("INFO").await;
    b.reply(&info, "200 OK", "").await;
    moved.expect_status(200).await;
    moved.hang_up(&mut at_a).await;
    b.expect_bye().await;
}

#[tokio::test]
async fn the_credentials_of_another_phone_are_not_enough() {
    let office = Office::open().await;
    let (a, mut at_a, b) = talk(&office).await;
    let (other, mut stolen) = (at(5, &office, "c").await, at_a.clone());
    other.within(&mut stolen, "BYE", &[], "").await;
    let challenge = Challenge::of(&other.expect_status(407).await);
    let answer =
        challenge.answer("Proxy-Authorization", ("c", &secret("c")), "BYE", &stolen.target.clone(), 1);
    other.within(&mut stolen, "BYE", &[answer], "").await;
    other.expect_status(403).await;
    a.hang_up(&mut at_a).await;
    b.expect_bye().await;
}

#[tokio::test]
async fn a_trunk_speaks_from_each_of_its_addresses_and_nobody_else_does() {
    let office = Office::open().await;
    let (a, trunk) = (office.registered("a").await, office.trunk(1).await);
    office.change(|entries| {
        let more = TrunkSource { net: "127.0.0.32/30".parse().unwrap(), port: None };
        entries.trunks[0].sources.push(more);
    });
    let mut at_a = a.call("4155550123", SDP).await;
    let invite = trunk.expect("INVITE").await;
    trunk.answer(&invite).await;
    a.expect_answer(&mut at_a).await;
    let (stranger, media) = (at(9, &office, "x").await, at(33, &office, "x").await);
    let mut at_trunk = trunk.dialog_of(&invite);
    stranger.within(&mut at_trunk, "BYE", &[], "").await;
    stranger.expect_status(403).await;
    media.hang_up(&mut at_trunk).await;
    a.expect_bye().await;
}

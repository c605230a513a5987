//! Redirections (3xx): call forwarding by phones, and what trunks may do.

use call::EventKind;
use switch_sip::Redirects;

use crate::support::{Agent, Message, Office, agent::SDP, office::SHORT};

/// Sends a call on to a number.
async fn send_on(agent: &Agent, invite: &Message, numbers: &[&str]) {
    let contacts: Vec<_> = numbers.iter().map(|number| format!("Contact: <sip:{number}@test>")).collect();
    let text = invite.response("302 Moved Temporarily", "moved", &contacts, "");
    agent.send(&text).await;
    agent.expect("ACK").await;
}

#[tokio::test]
async fn a_phone_that_is_forwarded_rings_another() {
    let office = Office::open().await;
    let (a, b, c) =
        (office.registered("a").await, office.registered("b").await, office.registered("c").await);
    let mut call = a.call("1002", SDP).await;
    let invite = b.expect("INVITE").await;
    send_on(&b, &invite, &["1003"]).await;
    let invite = c.expect("INVITE").await;
    let host = a.server().ip();
    assert_eq!(invite.header("Diversion"), format!("<sip:1002@{host}>;reason=unconditional"));
    c.answer(&invite).await;
    a.expect_answer(&mut call).await;
    a.hang_up(&mut call).await;
    c.expect_bye().await;
    let events = office.story.next_events().await;
    let diversions: Vec<_> = events
        .iter()
        .filter_map(|event| match &event.kind {
            EventKind::LegOffered { offer, .. } => Some(offer.sip.as_ref()?.diversion.is_some()),
            _ => None,
        })
        .collect();
    assert_eq!(diversions, [false, false, true]);
}

#[tokio::test]
async fn what_happens_to_a_forwarded_call_is_told() {
    let office = Office::open().await;
    let (a, b, c) =
        (office.registered("a").await, office.registered("b").await, office.registered("c").await);
    let call = a.call("1002", SDP).await;
    let invite = b.expect("INVITE").await;
    b.reply(&invite, "180 Ringing", "").await;
    a.expect_status(180).await;
    send_on(&b, &invite, &["1003"]).await;
    let invite = c.expect("INVITE").await;
    assert!(invite.header("Diversion").ends_with(";reason=deflection"));
    c.refuse(&invite, "486 Busy Here").await;
    a.expect_refusal(&call, 486).await;
    let expected = [
        "B offered 1002",
        "B ringing",
        "B ended party transferred 302",
        "C offered 1003",
        "C ended party busy 486",
        "A ended switch busy 486",
    ];
    assert_eq!(office.story.next().await[3..], expected);
}

#[tokio::test]
async fn a_phone_that_is_forwarded_outside_calls_there_by_a_trunk() {
    let office = Office::open().await;
    let (a, b, carrier) = (office.registered("a").await, office.registered("b").await, office.trunk(1).await);
    let mut call = a.call("1002", SDP).await;
    let invite = b.expect("INVITE").await;
    // The best liked place first.
    let contacts =
        ["Contact: <sip:1004@test>;q=0.1".to_owned(), "Contact: <tel:+14155550123>;q=0.9".to_owned()];
    b.send(&invite.response("302 Moved Temporarily", "moved", &contacts, "")).await;
    b.expect("ACK").await;
    let invite = carrier.expect("INVITE").await;
    assert!(invite.request_uri().starts_with("sip:+14155550123@"));
    carrier.answer(&invite).await;
    a.expect_answer(&mut call).await;
    a.hang_up(&mut call).await;
    carrier.expect_bye().await;
}

#[tokio::test]
async fn a_call_from_a_trunk_may_be_forwarded_outside_by_the_phone_that_owns_it() {
    let office = Office::open().await;
    let (b, carrier) = (office.registered("b").await, office.trunk(1).await);
    let mut call = carrier.dial("14155550100", &["Diversion: <sip:1@x>;reason=user-busy".into()], SDP).await;
    send_on(&b, &b.expect("INVITE").await, &["14155550123"]).await;
    let invite = carrier.expect("INVITE").await;
    assert!(invite.header("Diversion").ends_with("reason=unconditional, <sip:1@x>;reason=user-busy"));
    // It is at both ends: what is said in one dialog and in the other comes in any order.
    carrier.reply(&invite, "200 OK", SDP).await;
    for _ in 0..2 {
        let message = carrier.receive().await;
        if message.method() != "ACK" {
            carrier.take_answer(&mut call, &message).await;
        }
    }
    carrier.within(&mut call, "BYE", &[], "").await;
    for _ in 0..2 {
        let message = carrier.receive().await;
        match message.method() {
            "BYE" => carrier.reply(&message, "200 OK", "").await,
            _ => assert_eq!(message.status(), 200),
        }
    }
}

#[tokio::test]
async fn forwarding_in_a_circle_ends() {
    let office = Office::open().await;
    let (a, b, c) =
        (office.registered("a").await, office.registered("b").await, office.registered("c").await);
    for number in ["1002", "4711", ""] {
        let call = a.call("1002", SDP).await;
        send_on(&b, &b.expect("INVITE").await, &["1003"]).await;
        send_on(&c, &c.expect("INVITE").await, &[number]).await;
        a.expect_refusal(&call, 480).await;
    }
}

#[tokio::test]
async fn a_forwarded_phone_leaves_the_others_ringing() {
    let office = Office::open().await;
    let (a, b, c, d) = (
        office.registered("a").await,
        office.registered("b").await,
        office.registered("c").await,
        office.registered("d").await,
    );
    let mut call = a.call("1003", SDP).await;
    let (at_c, at_d) = (c.expect("INVITE").await, d.expect("INVITE").await);
    send_on(&c, &at_c, &["1002"]).await;
    b.refuse(&b.expect("INVITE").await, "486 Busy Here").await;
    d.answer(&at_d).await;
    a.expect_answer(&mut call).await;
    a.hang_up(&mut call).await;
    d.expect_bye().await;
}

#[tokio::test]
async fn a_forwarding_to_nobody_fails() {
    let office = Office::open().await;
    let (a, b) = (office.registered("a").await, office.registered("b").await);
    let call = a.call("1002", SDP).await;
    send_on(&b, &b.expect("INVITE").await, &["1004"]).await;
    a.expect_refusal(&call, 480).await;
}

#[tokio::test]
async fn redirections_are_failures_where_they_are_not_followed() {
    let office = Office::with(|config| config.redirects = Redirects::Refuse).await;
    let (a, b, c) =
        (office.registered("a").await, office.registered("b").await, office.registered("c").await);
    let call = a.call("1002", SDP).await;
    send_on(&b, &b.expect("INVITE").await, &["1003"]).await;
    a.expect_refusal(&call, 480).await;
    assert!(c.hears_nothing_for(SHORT).await);
}

#[tokio::test]
async fn redirections_of_trunks_are_followed_only_where_that_is_wanted() {
    for (redirects, is_followed) in [(Redirects::Phones, false), (Redirects::Follow, true)] {
        let office = Office::with(|config| config.redirects = redirects).await;
        let (a, b, carrier) =
            (office.registered("a").await, office.registered("b").await, office.trunk(1).await);
        let call = a.call("4155550123", SDP).await;
        send_on(&carrier, &carrier.expect("INVITE").await, &["1002"]).await;
        if is_followed {
            b.refuse(&b.expect("INVITE").await, "486 Busy Here").await;
        }
        a.expect_refusal(&call, if is_followed { 486 } else { 480 }).await;
    }
}

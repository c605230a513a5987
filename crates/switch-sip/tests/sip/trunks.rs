//! Calls to and from trunks.

use switch::Switch;

use crate::support::{
    Agent, Office,
    agent::SDP,
    office::{CARRIER, SHORT},
};

#[tokio::test]
async fn an_outside_number_leaves_by_the_trunk_and_shows_the_caller_id() {
    let office = Office::open().await;
    let (a, carrier) = (office.registered("a").await, office.trunk(1).await);
    let mut call = a.call("+14155550123", SDP).await;
    let invite = carrier.expect("INVITE").await;
    assert!(invite.request_uri().starts_with("sip:+14155550123@"));
    assert!(invite.header("From").contains("<sip:+14155550199@"));
    carrier.answer(&invite).await;
    a.expect_answer(&mut call).await;
    a.hang_up(&mut call).await;
    carrier.expect_bye().await;
    let told = office.story.next().await;
    assert_eq!(told[2], format!("routed +14155550199 to +14155550123 of {CARRIER}"));
    assert_eq!(told[3], "B offered trunk1");
}

#[tokio::test]
async fn the_number_that_was_dialed_is_routed_whatever_the_trunk_is_sent() {
    let office = Office::open().await;
    let (a, carrier) = (office.registered("a").await, office.trunk(1).await);
    office.change(|entries| {
        let route = &mut entries.trunks[0].routes[0];
        (route.strip, route.prepend) = (1, "99".to_owned());
    });
    let _call = a.call("+14155550123", SDP).await;
    let invite = carrier.expect("INVITE").await;
    assert!(invite.request_uri().starts_with("sip:994155550123@"), "{}", invite.request_uri());
    carrier.refuse(&invite, "486 Busy Here").await;
    let told = office.story.next().await;
    assert_eq!(told[2], format!("routed +14155550199 to +14155550123 of {CARRIER}"));
}

#[tokio::test]
async fn the_next_trunk_is_tried_when_one_fails() {
    for status in ["503 Service Unavailable", "500 Server Internal Error", "408 Request Timeout"] {
        let office = Office::open().await;
        let a = office.registered("a").await;
        let (first, second) = (office.trunk(1).await, office.trunk(2).await);
        let mut call = a.call("4155550123", SDP).await;
        first.refuse(&first.expect("INVITE").await, status).await;
        second.answer(&second.expect("INVITE").await).await;
        a.expect_answer(&mut call).await;
        a.hang_up(&mut call).await;
        let told = office.story.next().await;
        assert_eq!(told[3], "B offered trunk1");
        assert!(told[4].starts_with("B ended party"), "{}", told[4]);
        assert_eq!(told[5..7], [told[2].clone(), "C offered trunk2".to_owned()]);
    }
}

#[tokio::test]
async fn a_trunk_that_says_nothing_is_left_for_the_next() {
    let office = Office::with(|config| config.trunk_silence = SHORT).await;
    let a = office.registered("a").await;
    let (first, second) = (office.trunk(1).await, office.trunk(2).await);
    let mut call = a.call("4155550123", SDP).await;
    let late = first.expect("INVITE").await;
    second.answer(&second.expect("INVITE").await).await;
    a.expect_answer(&mut call).await;
    first.answer(&late).await;
    first.expect_bye().await;
    a.hang_up(&mut call).await;
    assert_eq!(office.story.next().await[4], "B ended switch unavailable 408");
}

#[tokio::test]
async fn what_the_called_party_decides_is_not_tried_again() {
    for status in ["486 Busy Here", "404 Not Found", "603 Decline"] {
        let office = Office::open().await;
        let a = office.registered("a").await;
        let (first, second) = (office.trunk(1).await, office.trunk(2).await);
        let call = a.call("4155550123", SDP).await;
        first.refuse(&first.expect("INVITE").await, status).await;
        a.expect_refusal(&call, status[..3].parse().unwrap()).await;
        assert!(second.hears_nothing_for(SHORT).await);
    }
}

#[tokio::test]
async fn when_all_trunks_fail_the_caller_is_told_why_the_last_did() {
    let office = Office::with(|config| config.trunk_silence = SHORT).await;
    let a = office.registered("a").await;
    let (first, second) = (office.trunk(1).await, office.trunk(2).await);
    let call = a.call("4155550123", SDP).await;
    first.expect("INVITE").await;
    second.refuse(&second.expect("INVITE").await, "503 Service Unavailable").await;
    a.expect_refusal(&call, 503).await;
    let told = office.story.next().await;
    assert_eq!(told[7..], ["C ended party failed 503", "A ended switch failed 503"]);
}

#[tokio::test]
async fn a_call_from_a_trunk_reaches_an_owned_number() {
    let office = Office::open().await;
    let (carrier, b) = (office.trunk(1).await, office.registered("b").await);
    let mut call = carrier.dial("14155550100", &[], SDP).await;
    let invite = b.expect("INVITE").await;
    assert!(invite.header("From").starts_with("\"Test\" <sip:trunk1@"));
    b.answer(&invite).await;
    carrier.expect_answer(&mut call).await;
    carrier.hang_up(&mut call).await;
    b.expect_bye().await;
    let told = office.story.next().await;
    assert_eq!(told[1..4], ["A offered trunk1", "routed trunk1 to 14155550100 of 10", "B offered 1002"]);
}

#[tokio::test]
async fn a_call_from_a_trunk_does_not_leave_by_another() {
    let office = Office::open().await;
    let (carrier, other) = (office.trunk(1).await, office.trunk(2).await);
    let call = carrier.dial("4155550123", &[], SDP).await;
    carrier.expect_refusal(&call, 404).await;
    assert!(other.hears_nothing_for(SHORT).await);
}

#[tokio::test]
async fn a_stranger_places_no_call() {
    let office = Office::open().await;
    office.trunk(1).await;
    let stranger = Agent::new(office.server, "nobody", "guess").await;
    let call = stranger.call("1002", SDP).await;
    stranger.expect_refusal(&call, 407).await;
}

#[tokio::test]
async fn a_stopping_switch_takes_no_call_and_ends_those_that_are_up() {
    let office = Office::open().await;
    let (a, b) = (office.registered("a").await, office.registered("b").await);
    let mut call = a.call("1002", SDP).await;
    b.answer(&b.expect("INVITE").await).await;
    a.expect_answer(&mut call).await;
    let stopped = tokio::spawn({
        let switch = office.switch.clone();
        async move { switch.stop(SHORT).await }
    });
    let refused = a.call_refused_at_once("1002").await;
    assert_eq!(refused.status(), 503);
    assert!((5..=15).contains(&refused.header("Retry-After").parse().unwrap()));
    a.expect_bye().await;
    b.expect_bye().await;
    stopped.await.unwrap();
    let told = office.story.next().await;
    assert_eq!(told[told.len() - 2..], ["A ended switch interrupted 200", "B ended switch interrupted 200"]);
}

#[tokio::test]
async fn a_strict_router_is_the_request_uri_and_the_peer_the_last_route() {
    let office = Office::open().await;
    let (a, carrier) = (office.registered("a").await, office.trunk(1).await);
    let mut call = a.call("+14155550123", SDP).await;
    let invite = carrier.expect("INVITE").await;
    let routes = "Record-Route: <sip:second.example;lr>, <sip:strict.example>";
    carrier.reply_with(&invite, "200 OK", &[routes], SDP).await;
    let ack = carrier.expect("ACK").await;
    assert_eq!(ack.request_uri(), "sip:strict.example");
    let contact = format!("<sip:trunk1@{}>", carrier.address());
    let routes: Vec<_> = ack.all("Route").collect();
    assert_eq!(routes, ["<sip:second.example;lr>", &contact]);
    a.expect_answer(&mut call).await;
    a.hang_up(&mut call).await;
    let bye = carrier.expect("BYE").await;
    assert_eq!((bye.request_uri(), bye.all("Route").count()), ("sip:strict.example", 2));
}

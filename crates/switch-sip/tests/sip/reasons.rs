//! Why calls end, in the parties' own words (RFC 3326): passed on from leg to leg, and told.

use std::sync::Arc;

use call::{CallEvent, EventKind, LegId};

use crate::support::{Agent, Message, Office, Talk, agent::SDP, talk::sdp_of_c};

const CLEARED: &str = "Q.850;cause=16;text=\"Normal call clearing\"";
const ELSEWHERE: &str = "SIP;cause=200;text=\"Call completed elsewhere\"";

fn reason(text: &str) -> Vec<String> {
    vec![format!("Reason: {text}")]
}

/// The reason that each leg ended with, in the order of their offers.
fn told(events: &[Arc<CallEvent>]) -> Vec<Option<String>> {
    let offered = |event: &Arc<CallEvent>| match event.kind {
        EventKind::LegOffered { leg, .. } => Some(leg),
        _ => None,
    };
    let ended = |id: LegId| {
        events.iter().find_map(|event| match &event.kind {
            EventKind::LegEnded { leg, end } if *leg == id => Some(end.reason.as_deref().map(str::to_owned)),
            _ => None,
        })
    };
    events.iter().filter_map(offered).map(|leg| ended(leg).expect("each leg ends")).collect()
}

fn some(text: &str) -> Option<String> {
    Some(text.to_owned())
}

async fn expect_bye_for(agent: &Agent, reason: Option<&str>) {
    let bye = agent.expect("BYE").await;
    assert_eq!(bye.find("Reason"), reason);
    agent.reply(&bye, "200 OK", "").await;
}

async fn expect_cancel_for(agent: &Agent, invite: &Message, reason: Option<&str>) {
    let cancel = agent.expect("CANCEL").await;
    assert_eq!(cancel.find("Reason"), reason);
    agent.reply(&cancel, "200 OK", "").await;
    agent.refuse(invite, "487 Request Terminated").await;
}

#[tokio::test]
async fn the_phones_that_were_slower_are_told_that_another_has_answered() {
    let office = Office::open().await;
    let (a, c, d) =
        (office.registered("a").await, office.registered("c").await, office.registered("d").await);
    let mut at_a = a.call("1003", SDP).await;
    let (at_c, at_d) = (c.expect("INVITE").await, d.expect("INVITE").await);
    d.reply(&at_d, "180 Ringing", "").await;
    a.expect_status(180).await;
    c.reply(&at_c, "200 OK", &sdp_of_c()).await;
    a.expect_answer(&mut at_a).await;
    c.expect("ACK").await;
    expect_cancel_for(&d, &at_d, Some(ELSEWHERE)).await;
    a.hang_up(&mut at_a).await;
    expect_bye_for(&c, None).await;
    assert_eq!(told(&office.story.next_events().await), [None, None, some(ELSEWHERE)]);
}

#[tokio::test]
async fn a_phone_whose_late_answer_is_hung_up_on_is_told_so_too() {
    let office = Office::open().await;
    let (a, c, d) =
        (office.registered("a").await, office.registered("c").await, office.registered("d").await);
    let mut at_a = a.call("1003", SDP).await;
    let (at_c, at_d) = (c.expect("INVITE").await, d.expect("INVITE").await);
    d.reply(&at_d, "180 Ringing", "").await;
    a.expect_status(180).await;
    c.reply(&at_c, "200 OK", &sdp_of_c()).await;
    a.expect_answer(&mut at_a).await;
    assert_eq!(d.expect("CANCEL").await.find("Reason"), Some(ELSEWHERE));
    d.reply(&at_d, "200 OK", &sdp_of_c()).await;
    d.expect("ACK").await;
    expect_bye_for(&d, Some(ELSEWHERE)).await;
}

#[tokio::test]
async fn a_phone_whose_call_is_picked_up_is_told_that_another_has_answered() {
    let office = Office::open().await;
    let (a, b, c) =
        (office.registered("a").await, office.registered("b").await, office.registered("c").await);
    let mut at_a = a.call("1003", SDP).await;
    let at_c = c.expect("INVITE").await;
    c.reply(&at_c, "180 Ringing", "").await;
    a.expect_status(180).await;
    let mut at_b = b.call("*8", SDP).await;
    b.expect_answer(&mut at_b).await;
    a.expect_answer(&mut at_a).await;
    expect_cancel_for(&c, &at_c, Some(ELSEWHERE)).await;
}

#[tokio::test]
async fn what_a_party_says_as_it_hangs_up_reaches_the_other() {
    let both = format!("SIP;cause=200, {CLEARED}");
    for text in [CLEARED, &both] {
        let office = Office::open().await;
        let mut talk = Talk::begin(&office).await;
        talk.a.within(&mut talk.at_a, "BYE", &reason(text), "").await;
        talk.a.expect_status(200).await;
        expect_bye_for(&talk.b, Some(text)).await;
        assert_eq!(told(&office.story.next_events().await), [some(text), some(text)]);

        let office = Office::open().await;
        let mut talk = Talk::begin(&office).await;
        talk.b.within(&mut talk.at_b, "BYE", &reason(text), "").await;
        talk.b.expect_status(200).await;
        expect_bye_for(&talk.a, Some(text)).await;
        assert_eq!(told(&office.story.next_events().await), [some(text), some(text)]);
    }
}

#[tokio::test]
async fn what_a_caller_says_as_it_gives_up_reaches_each_called_phone() {
    let office = Office::open().await;
    let a = office.registered("a").await;
    let (c, d) = (office.registered("c").await, office.registered("d").await);
    for method in ["CANCEL", "BYE"] {
        let mut at_a = a.call("1003", SDP).await;
        let (at_c, at_d) = (c.expect("INVITE").await, d.expect("INVITE").await);
        c.reply(&at_c, "180 Ringing", "").await;
        let ringing = a.expect_status(180).await;
        match method {
            "CANCEL" => a.cancel_with(&at_a, &reason(ELSEWHERE)).await,
            _ => {
                at_a.remote = ringing.header("To").to_owned();
                a.within(&mut at_a, "BYE", &reason(ELSEWHERE), "").await;
            }
        }
        let mut came = [a.receive().await, a.receive().await].map(|message| message.status());
        came.sort_unstable();
        assert_eq!(came, [200, 487]);
        expect_cancel_for(&c, &at_c, Some(ELSEWHERE)).await;
        // This one has said nothing yet: its CANCEL waits for that.
        d.reply(&at_d, "180 Ringing", "").await;
        expect_cancel_for(&d, &at_d, Some(ELSEWHERE)).await;
        assert_eq!(told(&office.story.next_events().await), [(); 3].map(|()| some(ELSEWHERE)));
    }
}

#[tokio::test]
async fn what_a_called_party_says_as_it_refuses_reaches_the_caller() {
    let office = Office::open().await;
    let (a, carrier) = (office.registered("a").await, office.trunk(1).await);
    for (status, text) in [("486 Busy Here", "Q.850;cause=17"), ("404 Not Found", "Q.850;cause=1")] {
        let at_a = a.call("+14155550123", SDP).await;
        let invite = carrier.expect("INVITE").await;
        carrier.reply_with(&invite, status, &[&format!("Reason: {text}")], "").await;
        carrier.expect("ACK").await;
        let refusal = a.receive().await;
        a.acknowledge_failure(&at_a, &refusal).await;
        assert_eq!(
            (refusal.start.as_str(), refusal.find("Reason")),
            (&*format!("SIP/2.0 {status}"), Some(text))
        );
        assert_eq!(told(&office.story.next_events().await), [some(text), some(text)]);
    }
}

#[tokio::test]
async fn a_reason_that_is_too_long_is_left_out() {
    let office = Office::open().await;
    let mut talk = Talk::begin(&office).await;
    let long = format!("SIP;cause=200;text=\"{}\"", "x".repeat(600));
    talk.a.within(&mut talk.at_a, "BYE", &reason(&long), "").await;
    talk.a.expect_status(200).await;
    expect_bye_for(&talk.b, None).await;
}

//! Parties that wait in slots.

use call::{
    EventKind, LegId,
    command::{LegCommand, Target},
};
use switch::SwitchError;

use crate::support::{
    Agent, Office, Talk,
    agent::SDP,
    office::SHORT,
    talk::{sdp_of_b, sdp_of_c},
};

fn park(slot: Option<&str>) -> LegCommand {
    LegCommand::Park { slot: slot.map(Into::into) }
}

/// `a` is told that nobody sends it anything, and takes that.
async fn expect_waiting(a: &Agent) {
    a.expect_offer(&sdp_of_b().replace("sendrecv", "inactive"), &SDP.replace("sendrecv", "inactive")).await;
}

/// `b` parks `a`.
async fn begin(office: &Office, slot: Option<&str>) -> (Talk, LegId) {
    let talk = Talk::begin(office).await;
    talk.command(office, talk.called, park(slot)).await.unwrap();
    talk.b.expect_bye().await;
    expect_waiting(&talk.a).await;
    let waiting = talk.caller;
    (talk, waiting)
}

#[tokio::test]
async fn a_parked_party_is_retrieved_by_who_is_rung_for_it() {
    let office = Office::open().await;
    let (mut talk, waiting) = begin(&office, None).await;
    let c = office.registered("c").await;
    talk.command(&office, waiting, LegCommand::Retrieve(Target::Extension("1003".into()))).await.unwrap();
    let invite = c.expect("INVITE").await;
    assert_eq!(invite.body, SDP);
    c.reply(&invite, "200 OK", &sdp_of_c()).await;
    c.expect("ACK").await;
    talk.a.expect_offer(&sdp_of_c(), SDP).await;
    talk.a.hang_up(&mut talk.at_a).await;
    c.expect_bye().await;
    let expected = [
        "A parked in 701",
        "B ended switch transferred 200",
        "C offered 1003",
        "C answered",
        "A retrieved by C",
        "A ended party normal 200",
        "C ended switch normal 200",
    ];
    assert_eq!(talk.rest(&office).await, expected);
}

#[tokio::test]
async fn a_phone_retrieves_a_party_by_dialing_its_slot() {
    let office = Office::open().await;
    let (talk, _) = begin(&office, Some("705")).await;
    let c = office.registered("c").await;
    let mut at_c = c.call("705", &sdp_of_c()).await;
    talk.a.expect_offer(&sdp_of_c(), SDP).await;
    assert_eq!(c.expect_answer(&mut at_c).await.body, SDP);
    c.hang_up(&mut at_c).await;
    talk.a.expect_bye().await;
    let expected = [
        "A parked in 705",
        "B ended switch transferred 200",
        "C offered 1003",
        "C answered",
        "A retrieved by C",
        "C ended party normal 200",
        "A ended switch normal 200",
    ];
    assert_eq!(talk.rest(&office).await, expected);
}

#[tokio::test]
async fn an_empty_slot_is_no_number_not_even_outside() {
    let office = Office::open().await;
    let (c, _carrier) = (office.registered("c").await, office.trunk(1).await);
    let call = c.call("705", SDP).await;
    c.expect_refusal(&call, 404).await;
}

#[tokio::test]
async fn a_phone_that_gives_up_while_it_retrieves_leaves_the_party_parked() {
    let office = Office::open().await;
    let (mut talk, _) = begin(&office, None).await;
    let c = office.registered("c").await;
    let first = c.call("701", &sdp_of_c()).await;
    let invite = talk.a.expect("INVITE").await;
    c.cancel(&first).await;
    assert_eq!(c.expect_status(200).await.cseq().1, "CANCEL");
    c.expect_refusal(&first, 487).await;
    talk.a.reply(&invite, "200 OK", SDP).await;
    talk.a.expect("ACK").await;
    talk.a.expect_offer(&sdp_of_c().replace("sendrecv", "inactive"), SDP).await;
    talk.a.hang_up(&mut talk.at_a).await;
    let told = talk.rest(&office).await;
    assert_eq!(told[3..], ["C ended party cancelled 487", "A ended party normal 200"]);
}

#[tokio::test]
async fn a_phone_parks_by_referring_to_the_code_or_to_a_slot() {
    for (number, slot) in [("*68", "701"), ("703", "703")] {
        let office = Office::open().await;
        let mut talk = Talk::begin(&office).await;
        talk.b.within(&mut talk.at_b, "REFER", &[format!("Refer-To: <sip:{number}@test>")], "").await;
        talk.b.expect_status(202).await;
        talk.b.expect_notify("100 Trying", "active").await;
        talk.b.expect_notify("200 OK", "terminated").await;
        talk.b.expect_bye().await;
        expect_waiting(&talk.a).await;
        talk.a.hang_up(&mut talk.at_a).await;
        assert_eq!(talk.rest(&office).await[0], format!("A parked in {slot}"));
    }
}

#[tokio::test]
async fn who_parked_is_rung_when_nobody_comes_and_the_party_waits_on_if_that_is_in_vain() {
    let office = Office::with(|config| config.park_time = SHORT).await;
    let (mut talk, _) = begin(&office, None).await;
    talk.b.refuse(&talk.b.expect("INVITE").await, "486 Busy Here").await;
    let again = talk.b.expect("INVITE").await;
    assert!(again.header("From").contains("<sip:1001@"));
    talk.b.reply(&again, "200 OK", &sdp_of_b()).await;
    talk.b.expect("ACK").await;
    talk.a.expect_offer(&sdp_of_b(), SDP).await;
    talk.a.hang_up(&mut talk.at_a).await;
    talk.b.expect_bye().await;
    let told = talk.rest(&office).await;
    assert_eq!(
        told[2..7],
        ["C offered 1002", "C ended party busy 486", "D offered 1002", "D answered", "A retrieved by D"]
    );
}

#[tokio::test]
async fn a_party_that_leaves_its_slot_stops_the_ringing_for_it() {
    let office = Office::open().await;
    let (mut talk, waiting) = begin(&office, None).await;
    let c = office.registered("c").await;
    talk.command(&office, waiting, LegCommand::Retrieve(Target::Extension("1003".into()))).await.unwrap();
    let invite = c.expect("INVITE").await;
    c.reply(&invite, "180 Ringing", "").await;
    office.story.until(|kind| matches!(kind, EventKind::LegRinging { .. })).await;
    talk.a.hang_up(&mut talk.at_a).await;
    c.expect("CANCEL").await;
    assert_eq!(talk.rest(&office).await[4..], ["A ended party normal 200", "C ended switch cancelled 487"]);
}

#[tokio::test]
async fn a_slot_holds_one_party() {
    let office = Office::open().await;
    let (talk, waiting) = begin(&office, Some("702")).await;
    let refused = talk.command(&office, waiting, park(None)).await;
    assert!(matches!(refused, Err(SwitchError::Conflict(_))), "{refused:?}");
    let (c, d) = (office.registered("c").await, office.registered("d").await);
    drop(d);
    let mut at_c = c.call("1002", SDP).await;
    talk.b.answer(&talk.b.expect("INVITE").await).await;
    c.expect_answer(&mut at_c).await;
    c.within(&mut at_c, "REFER", &["Refer-To: <sip:702@test>".to_owned()], "").await;
    c.expect_status(202).await;
    c.expect_notify("100 Trying", "active").await;
    c.expect_notify("486 Busy Here", "terminated").await;
}

#[tokio::test]
async fn a_phone_that_dials_a_slot_may_leave_the_offer_to_the_switch() {
    let office = Office::open().await;
    let (mut talk, _) = begin(&office, None).await;
    let c = office.registered("c").await;
    let mut at_c = c.call("701", "").await;
    assert_eq!(c.expect_offer_in_answer(&mut at_c, &sdp_of_c()).await, SDP);
    talk.a.expect_offer(&sdp_of_c(), SDP).await;
    talk.a.hang_up(&mut talk.at_a).await;
    c.expect_bye().await;
    let told = talk.rest(&office).await;
    assert_eq!(told[2..5], ["C offered 1003", "C answered", "A retrieved by C"], "{told:#?}");
}

#[tokio::test]
async fn a_party_that_leaves_its_slot_while_it_is_taken_out_ends_the_call() {
    let office = Office::open().await;
    let (mut talk, _) = begin(&office, None).await;
    let c = office.registered("c").await;
    let mut at_c = c.call("701", "").await;
    let offer = c.expect_status(200).await;
    (at_c.remote, at_c.target) = (offer.header("To").to_owned(), offer.uri_of("Contact").to_owned());
    talk.a.hang_up(&mut talk.at_a).await;
    c.acknowledge(&at_c, &sdp_of_c()).await;
    c.expect_bye().await;
    assert_eq!(talk.rest(&office).await[4..], ["A ended party normal 200", "C ended switch normal 200"]);
}

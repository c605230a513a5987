//! Hold and resume by a command; by a phone they are passed on like any other offer.

use call::command::LegCommand;
use switch::SwitchError;

use crate::support::{Office, Talk, agent::SDP, message::content, talk::sdp_of_b};

#[tokio::test]
async fn the_other_party_is_put_on_hold_and_brought_back_on_command() {
    let office = Office::open().await;
    let mut talk = Talk::begin(&office).await;
    for _ in 0..2 {
        talk.command(&office, talk.called, LegCommand::Hold).await.unwrap();
    }
    talk.a
        .expect_offer(&sdp_of_b().replace("sendrecv", "inactive"), &SDP.replace("sendrecv", "inactive"))
        .await;
    for _ in 0..2 {
        talk.command(&office, talk.called, LegCommand::Resume).await.unwrap();
    }
    talk.a.expect_offer(&sdp_of_b(), SDP).await;
    talk.a.hang_up(&mut talk.at_a).await;
    talk.b.expect_bye().await;
    let expected = ["B held", "B resumed", "A ended party normal 200", "B ended switch normal 200"];
    assert_eq!(talk.rest(&office).await, expected);
}

#[tokio::test]
async fn a_re_invite_of_ours_waits_after_a_glare_and_comes_again() {
    let office = Office::open().await;
    let mut talk = Talk::begin(&office).await;
    talk.command(&office, talk.called, LegCommand::Hold).await.unwrap();
    let invite = talk.a.expect("INVITE").await;
    talk.a.refuse(&invite, "491 Request Pending").await;
    talk.a.expect_offer(&invite.body, SDP).await;
    talk.a.hang_up(&mut talk.at_a).await;
    talk.b.expect_bye().await;
}

#[tokio::test]
async fn an_offer_that_meets_one_of_ours_is_put_off() {
    let office = Office::open().await;
    let mut talk = Talk::begin(&office).await;
    talk.command(&office, talk.called, LegCommand::Hold).await.unwrap();
    let invite = talk.a.expect("INVITE").await;
    talk.a.within(&mut talk.at_a, "INVITE", &[], SDP).await;
    let refusal = talk.a.expect_status(491).await;
    talk.a.acknowledge_failure(&talk.at_a, &refusal).await;
    talk.a.reply(&invite, "200 OK", SDP).await;
    talk.a.expect("ACK").await;
    talk.a.hang_up(&mut talk.at_a).await;
    talk.b.expect_bye().await;
}

#[tokio::test]
async fn a_phone_holds_by_update() {
    let office = Office::open().await;
    let mut talk = Talk::begin(&office).await;
    for sdp in [sdp_of_b().replace("sendrecv", "inactive"), sdp_of_b()] {
        talk.b.within(&mut talk.at_b, "UPDATE", &[], &sdp).await;
        let update = talk.a.expect("UPDATE").await;
        assert_eq!(content(&update.body), content(&sdp));
        talk.a.reply(&update, "200 OK", SDP).await;
        talk.b.expect_status(200).await;
    }
    talk.b.hang_up(&mut talk.at_b).await;
    talk.a.expect_bye().await;
    assert_eq!(talk.rest(&office).await[..2], ["B held", "B resumed"]);
}

#[tokio::test]
async fn only_who_talks_can_hold() {
    let office = Office::open().await;
    let (a, b) = (office.registered("a").await, office.registered("b").await);
    let call = a.call("1002", SDP).await;
    let invite = b.expect("INVITE").await;
    b.reply(&invite, "180 Ringing", "").await;
    a.expect_status(180).await;
    let call_id = office.story.until(|kind| matches!(kind, call::EventKind::LegRinging { .. })).await;
    for leg_id in office.story.legs(call_id).await {
        let command = call::CallCommand::Leg { call_id, leg_id, command: LegCommand::Hold };
        let refused = switch::Switch::command(&*office.switch, command).await;
        assert!(matches!(refused, Err(SwitchError::Conflict(_))), "{refused:?}");
    }
    a.cancel(&call).await;
}

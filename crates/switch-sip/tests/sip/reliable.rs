//! Provisional responses that are acknowledged (RFC 3262).

use std::time::Duration;

use crate::support::{
    Agent, Message, Office,
    agent::{Dialog, SDP},
    message::content,
    office::SHORT,
};

/// Acknowledges a provisional response with a PRACK of this body, and is told so.
async fn prack(agent: &Agent, call: &mut Dialog, response: &Message, body: &str) -> Message {
    (call.remote, call.target) = (response.header("To").to_owned(), response.uri_of("Contact").to_owned());
    let named = format!("RAck: {} {} INVITE", response.header("RSeq"), response.cseq().0);
    agent.within(call, "PRACK", &[named], body).await;
    let answer = agent.receive().await;
    assert_eq!(answer.cseq().1, "PRACK");
    answer
}

/// The answer to an INVITE that other requests of the caller have followed.
async fn answered(agent: &Agent, call: &mut Dialog, invite: u32) -> Message {
    let answer = agent.expect_status(200).await;
    assert_eq!(answer.cseq(), (invite, "INVITE"));
    let number = std::mem::replace(&mut call.cseq, invite);
    (call.remote, call.target) = (answer.header("To").to_owned(), answer.uri_of("Contact").to_owned());
    agent.acknowledge(call, "").await;
    call.cseq = number;
    answer
}

#[tokio::test]
async fn a_caller_that_insists_is_told_reliably_that_it_rings() {
    let office = Office::open().await;
    let (a, b) = (office.registered("a").await, office.registered("b").await);
    let mut call = a.call_with("1002", &["Require: 100rel"], SDP).await;
    let (invite, number) = (b.expect("INVITE").await, call.cseq);
    b.reply(&invite, "180 Ringing", "").await;
    let ringing = a.expect_status(180).await;
    assert_eq!(ringing.header("Require"), "100rel");
    assert_eq!(prack(&a, &mut call, &ringing, "").await.status(), 200);
    b.answer(&invite).await;
    answered(&a, &mut call, number).await;
    a.hang_up(&mut call).await;
    b.expect_bye().await;
}

#[tokio::test]
async fn a_caller_that_does_not_insist_is_told_plainly_that_it_rings() {
    for header in ["Supported: timer", "Supported: timer, 100rel"] {
        let office = Office::open().await;
        let (a, b) = (office.registered("a").await, office.registered("b").await);
        a.call_with("1002", &[header], SDP).await;
        let invite = b.expect("INVITE").await;
        // Nor does it change that the called party has said so reliably itself, or sends media unreliably.
        b.reply_with(&invite, "180 Ringing", &["Require: 100rel", "RSeq: 1"], "").await;
        b.reply(&b.expect("PRACK").await, "200 OK", "").await;
        let ringing = a.expect_status(180).await;
        assert_eq!((ringing.find("RSeq"), ringing.find("Require")), (None, None), "{header}");
        b.reply(&invite, "183 Session Progress", SDP).await;
    }
}

/// The caller acknowledges ringing when it has the final response already, or its repeats.
#[tokio::test]
async fn a_prack_that_crosses_the_answer_is_taken_once() {
    let office = Office::open().await;
    let (a, b) = (office.registered("a").await, office.registered("b").await);
    let mut call = a.call_with("1002", &["Require: 100rel"], SDP).await;
    let (invite, number) = (b.expect("INVITE").await, call.cseq);
    b.reply(&invite, "180 Ringing", "").await;
    b.reply(&invite, "200 OK", SDP).await;
    let ringing = a.expect_status(180).await;
    answered(&a, &mut call, number).await;
    b.expect("ACK").await;
    let mut wrong = ringing.clone();
    wrong.replace("RSeq", "1");
    assert_eq!(prack(&a, &mut call, &wrong, "").await.status(), 481);
    assert_eq!(prack(&a, &mut call, &ringing, "").await.status(), 200);
    assert_eq!(prack(&a, &mut call, &ringing, "").await.status(), 481);
    a.hang_up(&mut call).await;
    b.expect_bye().await;
}

#[tokio::test]
async fn a_prack_that_crosses_a_refusal_is_taken_once() {
    let office = Office::open().await;
    let (a, b) = (office.registered("a").await, office.registered("b").await);
    let mut call = a.call_with("1002", &["Require: 100rel"], SDP).await;
    let invite = b.expect("INVITE").await;
    b.reply(&invite, "180 Ringing", "").await;
    let ringing = a.expect_status(180).await;
    b.refuse(&invite, "486 Busy Here").await;
    let refusal = a.expect_status(486).await;
    let invite_of_a = call.clone();
    assert_eq!(prack(&a, &mut call, &ringing, "").await.status(), 200);
    assert_eq!(prack(&a, &mut call, &ringing, "").await.status(), 481);
    a.acknowledge_failure(&invite_of_a, &refusal).await;
}

#[tokio::test]
async fn a_prack_that_crosses_the_callers_own_cancel_is_taken() {
    let office = Office::open().await;
    let (a, b) = (office.registered("a").await, office.registered("b").await);
    let mut call = a.call_with("1002", &["Require: 100rel"], SDP).await;
    b.reply(&b.expect("INVITE").await, "180 Ringing", "").await;
    let ringing = a.expect_status(180).await;
    a.cancel(&call).await;
    a.expect_status(200).await;
    a.expect_status(487).await;
    assert_eq!(prack(&a, &mut call, &ringing, "").await.status(), 200);
}

#[tokio::test]
async fn a_reliable_response_is_repeated_until_it_is_acknowledged() {
    let office = Office::open().await;
    let (a, b) = (office.registered("a").await, office.registered("b").await);
    let mut call = a.call_with("1002", &["Require: 100rel"], SDP).await;
    let invite = b.expect("INVITE").await;
    b.reply(&invite, "180 Ringing", "").await;
    let ringing = a.expect_status(180).await;
    let again = a.next().await;
    assert_eq!((again.status(), again.header("RSeq")), (180, ringing.header("RSeq")));
    prack(&a, &mut call, &ringing, "").await;
    assert!(tokio::time::timeout(Duration::from_millis(1200), a.next()).await.is_err());
}

#[tokio::test]
async fn the_next_response_waits_for_the_acknowledgement_of_the_first() {
    let office = Office::open().await;
    let (a, b) = (office.registered("a").await, office.registered("b").await);
    let mut call = a.call_with("1002", &["Require: 100rel"], SDP).await;
    let (invite, number) = (b.expect("INVITE").await, call.cseq);
    b.reply(&invite, "180 Ringing", "").await;
    let ringing = a.expect_status(180).await;
    b.reply(&invite, "183 Session Progress", SDP).await;
    b.answer(&invite).await;
    assert!(a.hears_nothing_for(SHORT).await);
    assert_eq!(prack(&a, &mut call, &ringing, "").await.status(), 200);
    let early = a.expect_status(183).await;
    assert_eq!(early.body, SDP);
    let next = |message: &Message| message.header("RSeq").parse::<u32>().unwrap();
    assert_eq!(next(&early), next(&ringing) + 1);
    // The answer waits too, for the description before it is one.
    assert!(a.hears_nothing_for(SHORT).await);
    assert_eq!(prack(&a, &mut call, &early, "").await.status(), 200);
    answered(&a, &mut call, number).await;
    a.hang_up(&mut call).await;
}

#[tokio::test]
async fn an_answer_does_not_wait_for_the_acknowledgement_of_plain_ringing() {
    let office = Office::open().await;
    let (a, b) = (office.registered("a").await, office.registered("b").await);
    let mut call = a.call_with("1002", &["Supported: 100rel"], SDP).await;
    let invite = b.expect("INVITE").await;
    b.reply(&invite, "180 Ringing", "").await;
    a.expect_status(180).await;
    b.answer(&invite).await;
    a.expect_answer(&mut call).await;
    a.hang_up(&mut call).await;
}

#[tokio::test]
async fn a_prack_of_nothing_is_refused() {
    let office = Office::open().await;
    let (a, b) = (office.registered("a").await, office.registered("b").await);
    let mut call = a.call_with("1002", &["Require: 100rel"], SDP).await;
    b.reply(&b.expect("INVITE").await, "180 Ringing", "").await;
    let ringing = a.expect_status(180).await;
    let mut other = ringing.clone();
    other.replace("RSeq", "1");
    assert_eq!(prack(&a, &mut call, &other, "").await.status(), 481);
    assert_eq!(prack(&a, &mut call, &ringing, "").await.status(), 200);
    assert_eq!(prack(&a, &mut call, &ringing, "").await.status(), 481);
}

#[tokio::test]
async fn a_new_offer_in_a_prack_is_refused() {
    let office = Office::open().await;
    let (a, b) = (office.registered("a").await, office.registered("b").await);
    let mut call = a.call_with("1002", &["Require: 100rel"], SDP).await;
    b.reply(&b.expect("INVITE").await, "180 Ringing", "").await;
    let ringing = a.expect_status(180).await;
    assert_eq!(prack(&a, &mut call, &ringing, SDP).await.status(), 488);
}

#[tokio::test]
async fn a_called_party_that_asks_for_it_gets_its_prack_once() {
    let office = Office::open().await;
    let (a, b) = (office.registered("a").await, office.registered("b").await);
    let mut call = a.call("1002", SDP).await;
    let invite = b.expect("INVITE").await;
    assert!(invite.header("Supported").contains("100rel"));
    for number in [7, 7, 9, 8] {
        let more = ["Require: 100rel", &format!("RSeq: {number}")];
        b.reply_with(&invite, "180 Ringing", &more, "").await;
    }
    for number in [7, 8] {
        let prack = b.expect("PRACK").await;
        assert_eq!(prack.header("RAck"), format!("{number} {} INVITE", invite.cseq().0));
        assert_eq!(prack.tag_of("To").unwrap(), b.dialog_of(&invite).local.split_once(";tag=").unwrap().1);
        b.reply(&prack, "200 OK", "").await;
    }
    a.expect_status(180).await;
    let ack = {
        b.reply(&invite, "200 OK", SDP).await;
        b.expect("ACK").await
    };
    assert_eq!(ack.cseq(), (invite.cseq().0, "ACK"));
    a.expect_answer(&mut call).await;
    a.hang_up(&mut call).await;
    let bye = b.expect("BYE").await;
    assert_eq!(bye.cseq().0, invite.cseq().0 + 3);
}

#[tokio::test]
async fn a_cancel_after_a_prack_is_that_of_the_invite() {
    let office = Office::open().await;
    let (a, b) = (office.registered("a").await, office.registered("b").await);
    let call = a.call("1002", SDP).await;
    let invite = b.expect("INVITE").await;
    b.reply_with(&invite, "180 Ringing", &["Require: 100rel", "RSeq: 1"], "").await;
    let prack = b.expect("PRACK").await;
    b.reply(&prack, "200 OK", "").await;
    a.expect_status(180).await;
    a.cancel(&call).await;
    a.expect_status(200).await;
    a.expect_refusal(&call, 487).await;
    let cancel = b.expect("CANCEL").await;
    assert_eq!((cancel.cseq().0, cancel.header("Via")), (invite.cseq().0, invite.header("Via")));
}

#[tokio::test]
async fn an_early_answer_stands_for_a_final_one_without_a_description() {
    let office = Office::open().await;
    let (a, b) = (office.registered("a").await, office.registered("b").await);
    let mut call = a.call("1002", SDP).await;
    let invite = b.expect("INVITE").await;
    b.reply_with(&invite, "183 Session Progress", &["Require: 100rel", "RSeq: 1"], SDP).await;
    let prack = b.expect("PRACK").await;
    b.reply(&prack, "200 OK", "").await;
    assert_eq!(a.expect_status(183).await.body, SDP);
    b.reply(&invite, "200 OK", "").await;
    b.expect("ACK").await;
    assert_eq!(a.expect_answer(&mut call).await.body, SDP);
    a.hang_up(&mut call).await;
}

#[tokio::test]
async fn an_answer_without_a_description_repeats_the_one_before_even_if_that_was_not_reliable() {
    let office = Office::open().await;
    let (a, b) = (office.registered("a").await, office.registered("b").await);
    a.call("1002", SDP).await;
    let invite = b.expect("INVITE").await;
    let early = SDP.replace("4000", "5000");
    // Another whom the INVITE has reached describes itself too: that is not who answers.
    let other = invite.response("183 Session Progress", "other", &["Contact: <sip:o@127.0.0.1>".into()], SDP);
    b.reply(&invite, "183 Session Progress", &early).await;
    a.expect_status(183).await;
    b.send(&other).await;
    b.reply(&invite, "200 OK", "").await;
    b.expect("ACK").await;
    assert_eq!(content(&a.next_with_status(200).await.body), content(&early));
}

#[tokio::test]
async fn an_early_offer_is_answered_in_the_callers_prack() {
    let office = Office::open().await;
    let (a, b) = (office.registered("a").await, office.registered("b").await);
    let mut call = a.call_with("1002", &["Supported: 100rel"], "").await;
    let (invite, number) = (b.expect("INVITE").await, call.cseq);
    assert!(invite.header("Supported").contains("100rel"));
    b.reply_with(&invite, "183 Session Progress", &["Require: 100rel", "RSeq: 1"], SDP).await;
    let early = a.expect_status(183).await;
    assert_eq!((early.header("Require"), &*early.body), ("100rel", SDP));
    let own = SDP.replace("4000", "4002");
    assert_eq!(prack(&a, &mut call, &early, &own).await.status(), 200);
    let passed = b.expect("PRACK").await;
    assert_eq!((passed.header("RAck"), &passed.body), (&*format!("1 {} INVITE", invite.cseq().0), &own));
    b.reply(&passed, "200 OK", "").await;
    b.reply(&invite, "200 OK", "").await;
    answered(&a, &mut call, number).await;
    assert_eq!(b.expect("ACK").await.body, "");
    a.hang_up(&mut call).await;
}

#[tokio::test]
async fn no_early_offer_is_asked_for_that_the_caller_could_not_answer() {
    let office = Office::open().await;
    let (a, b) = (office.registered("a").await, office.registered("b").await);
    a.call("1002", "").await;
    let invite = b.expect("INVITE").await;
    assert!(!invite.find("Supported").unwrap_or_default().contains("100rel"));
}

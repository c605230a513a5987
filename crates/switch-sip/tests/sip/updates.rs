//! UPDATE (RFC 3311), and offers that meet (RFC 3261 section 14).

use crate::support::{
    Agent, Office,
    agent::{Dialog, SDP},
    message::content,
};

async fn talk(a: &Agent, b: &Agent, other: &[&str]) -> (Dialog, Dialog) {
    let mut call = a.call("1002", SDP).await;
    let invite = b.expect("INVITE").await;
    b.reply_with(&invite, "200 OK", other, SDP).await;
    b.expect("ACK").await;
    a.expect_answer(&mut call).await;
    (call, b.dialog_of(&invite))
}

#[tokio::test]
async fn an_offer_by_update_is_passed_on_with_its_answer() {
    let office = Office::open().await;
    let (a, b) = (office.registered("a").await, office.registered("b").await);
    let (mut call, _) = talk(&a, &b, &["Allow: INVITE, UPDATE"]).await;
    let offer = SDP.replace("sendrecv", "sendonly");
    a.within(&mut call, "UPDATE", &[], &offer).await;
    let update = b.expect("UPDATE").await;
    assert_eq!(content(&update.body), content(&offer));
    let answer = SDP.replace("sendrecv", "recvonly");
    b.reply(&update, "200 OK", &answer).await;
    assert_eq!(content(&a.expect_status(200).await.body), content(&answer));
    a.hang_up(&mut call).await;
}

#[tokio::test]
async fn an_offer_by_update_reaches_who_takes_none_by_invite() {
    let office = Office::open().await;
    let (a, b) = (office.registered("a").await, office.registered("b").await);
    let (mut call, _) = talk(&a, &b, &["Allow: INVITE, ACK, BYE"]).await;
    a.within(&mut call, "UPDATE", &[], &SDP.replace("sendrecv", "sendonly")).await;
    let invite = b.expect("INVITE").await;
    b.answer(&invite).await;
    assert_eq!(a.expect_status(200).await.cseq().1, "UPDATE");
    a.hang_up(&mut call).await;
}

#[tokio::test]
async fn an_update_without_an_offer_is_answered_at_once_even_before_the_call_is() {
    let office = Office::open().await;
    let (a, b) = (office.registered("a").await, office.registered("b").await);
    let mut call = a.call("1002", SDP).await;
    let (invite, number) = (b.expect("INVITE").await, call.cseq);
    b.reply(&invite, "180 Ringing", "").await;
    let ringing = a.expect_status(180).await;
    call.remote = ringing.header("To").to_owned();
    a.within(&mut call, "UPDATE", &[], "").await;
    assert_eq!(a.expect_status(200).await.cseq().1, "UPDATE");
    // One with an offer waits: the first is not answered yet.
    a.within(&mut call, "UPDATE", &[], SDP).await;
    let refusal = a.expect_status(500).await;
    assert!(refusal.header("Retry-After").parse::<u32>().unwrap() <= 10);
    call.cseq = number;
    a.cancel(&call).await;
}

#[tokio::test]
async fn a_second_offer_of_the_same_party_is_put_off() {
    let office = Office::open().await;
    let (a, b) = (office.registered("a").await, office.registered("b").await);
    let (mut call, _) = talk(&a, &b, &[]).await;
    a.within(&mut call, "INVITE", &[], SDP).await;
    let first = b.expect("INVITE").await;
    let number = call.cseq;
    a.within(&mut call, "UPDATE", &[], SDP).await;
    let refusal = a.expect_status(500).await;
    assert!(refusal.header("Retry-After").parse::<u32>().unwrap() <= 10);
    b.answer(&first).await;
    let answer = a.expect_status(200).await;
    assert_eq!(answer.cseq(), (number, "INVITE"));
}

#[tokio::test]
async fn offers_that_meet_are_both_refused_and_one_comes_through_later() {
    let office = Office::open().await;
    let (a, b) = (office.registered("a").await, office.registered("b").await);
    let (mut call, mut own) = talk(&a, &b, &[]).await;
    a.within(&mut call, "INVITE", &[], SDP).await;
    let crossing = b.expect("INVITE").await;
    b.within(&mut own, "INVITE", &[], SDP).await;
    let pending = b.expect_status(491).await;
    b.acknowledge_failure(&own, &pending).await;
    b.refuse(&crossing, "491 Request Pending").await;
    a.expect_refusal(&call, 491).await;
    b.within(&mut own, "INVITE", &[], SDP).await;
    let again = a.expect("INVITE").await;
    a.reply(&again, "200 OK", SDP).await;
    b.expect_answer(&mut own).await;
    a.expect("ACK").await;
    a.hang_up(&mut call).await;
}

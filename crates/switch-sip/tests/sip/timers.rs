//! Peers that say nothing any more (RFC 3261 section 17): what waits for them ends.

use std::time::Duration;

use call::command::LegCommand;

use crate::support::{Office, Talk, agent::SDP};

/// A switch for whom phones may ring for longer than transactions last.
async fn office() -> Office {
    Office::without_time(|config| config.no_answer = Duration::from_secs(600)).await
}

#[tokio::test]
async fn an_invite_that_nobody_answers_ends_with_408() {
    let office = office().await;
    let (a, b) = (office.registered("a").await, office.registered("b").await);
    let call = a.call("1002", SDP).await;
    b.expect("INVITE").await;
    office.hasten(a.expect_refusal(&call, 408)).await;
    let told = office.story.next().await;
    assert_eq!(told[4..], ["B ended party unavailable 408", "A ended switch unavailable 408"]);
}

#[tokio::test]
async fn a_bye_that_nobody_answers_is_given_up() {
    let office = office().await;
    let before = office.switch.usage();
    let mut talk = Talk::begin(&office).await;
    talk.a.hang_up(&mut talk.at_a).await;
    talk.b.expect("BYE").await;
    assert_eq!(office.hasten(talk.b.next()).await.method(), "BYE", "it is repeated");
    office.is_back_at(before).await;
}

#[tokio::test]
async fn an_offer_that_nobody_answers_ends_the_call() {
    let office = office().await;
    let mut talk = Talk::begin(&office).await;
    talk.a.within(&mut talk.at_a, "INVITE", &[], &SDP.replace("sendrecv", "sendonly")).await;
    talk.b.expect("INVITE").await;
    for _ in 0..2 {
        let message = office.hasten(talk.a.receive()).await;
        match message.method() {
            "BYE" => talk.a.reply(&message, "200 OK", "").await,
            _ => {
                assert_eq!(message.status(), 480);
                talk.a.acknowledge_failure(&talk.at_a, &message).await;
            }
        }
    }
    let told = talk.rest(&office).await;
    assert_eq!(told, ["B ended switch failed 200", "A ended switch failed 200"]);
}

#[tokio::test]
async fn a_re_invite_of_ours_that_nobody_answers_ends_the_call() {
    let office = office().await;
    let talk = Talk::begin(&office).await;
    talk.command(&office, talk.called, LegCommand::Hold).await.unwrap();
    talk.a.expect("INVITE").await;
    office.hasten(talk.b.expect_bye()).await;
    assert_eq!(talk.rest(&office).await[1..], ["A ended switch failed 200", "B ended switch failed 200"]);
}

#[tokio::test]
async fn an_answer_that_is_never_acknowledged_ends_the_call() {
    let office = office().await;
    let (a, b) = (office.registered("a").await, office.registered("b").await);
    let _call = a.call("1002", SDP).await;
    b.answer(&b.expect("INVITE").await).await;
    a.expect_status(200).await;
    office.hasten(b.expect_bye()).await;
    a.expect_bye().await;
    let told = office.story.next().await;
    assert_eq!(told[told.len() - 2..], ["A ended switch failed 200", "B ended switch failed 200"]);
}

#[tokio::test]
async fn a_refusal_that_is_never_acknowledged_is_given_up() {
    let office = office().await;
    let before = office.switch.usage();
    let a = office.registered("a").await;
    let _call = a.call("4711", SDP).await;
    a.expect_status(404).await;
    assert_eq!(office.hasten(a.next()).await.status(), 404, "it is repeated");
    office.is_back_at(before).await;
}

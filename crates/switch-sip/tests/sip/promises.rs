//! Answers that wait until what they tell of is durable (docs/durability.md), and what waits behind them.

use call::EventKind;

use crate::support::{
    Office,
    agent::{PATIENCE, SDP},
    office::SHORT,
    talk::sdp_of_b,
};

/// An office whose events are durable when the test says so.
async fn office() -> Office {
    Office::with(|config| config.answer_budget = 10 * PATIENCE).await
}

#[tokio::test]
async fn nothing_overtakes_an_answer_that_waits_to_be_durable() {
    let office = office().await;
    let (a, b) = (office.registered("a").await, office.registered("b").await);
    let mut at_a = a.call("1002", SDP).await;
    let invite = b.expect("INVITE").await;
    b.reply(&invite, "200 OK", &sdp_of_b()).await;
    b.expect("ACK").await;
    let mut at_b = b.dialog_of(&invite);
    b.within(&mut at_b, "INFO", &["Content-Type: application/dtmf".to_owned()], "5").await;
    b.expect_status(200).await;
    office.story.until(|kind| matches!(kind, EventKind::DigitReceived { .. })).await;
    assert!(a.hears_nothing_for(SHORT).await);
    office.story.write().await;
    a.expect_answer(&mut at_a).await;
    assert_eq!(a.expect("INFO").await.body, "5");
}

#[tokio::test]
async fn who_hangs_up_is_answered_once_the_end_is_durable_and_the_other_is_told_at_once() {
    let office = office().await;
    let (a, b) = (office.registered("a").await, office.registered("b").await);
    let mut at_a = a.call("1002", SDP).await;
    b.answer(&b.expect("INVITE").await).await;
    office.story.until(|kind| matches!(kind, EventKind::LegsBridged { .. })).await;
    office.story.write().await;
    a.expect_answer(&mut at_a).await;
    a.within(&mut at_a, "BYE", &[], "").await;
    b.expect_bye().await;
    office.story.next().await;
    assert!(a.hears_nothing_for(SHORT).await);
    office.story.write().await;
    a.expect_status(200).await;
}

#[tokio::test]
async fn an_answer_does_not_wait_for_longer_than_its_budget() {
    let office = Office::with(|config| config.answer_budget = SHORT).await;
    let (a, b) = (office.registered("a").await, office.registered("b").await);
    let mut at_a = a.call("1002", SDP).await;
    b.answer(&b.expect("INVITE").await).await;
    a.expect_answer(&mut at_a).await;
    a.hang_up(&mut at_a).await;
    b.expect_bye().await;
}

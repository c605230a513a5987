//! Limits of accounts and trunks.

use std::{sync::Arc, time::Duration};

use call::{
    CallCommand, CallId, EventKind, Timestamp,
    command::{Originate, Target},
};
use directory::model::Limits;
use switch::{ManualClock, Switch, SwitchError};

use crate::support::{
    Agent, Office,
    agent::{Dialog, SDP},
    office::{OFFICE, SHORT},
};

fn calls(limit: u32) -> Limits {
    Limits { calls: Some(limit), ..Limits::default() }
}

impl Office {
    fn limit_account(&self, limits: Limits) {
        self.change(|entries| entries.accounts[0].limits = limits);
    }

    fn limit_trunk(&self, at: usize, limits: Limits) {
        self.change(|entries| entries.trunks[at].limits = limits);
    }
}

/// A call from one to the other that both are in.
async fn talk(from: &Agent, number: &str, to: &Agent) -> Dialog {
    let mut call = from.call(number, SDP).await;
    to.answer(&to.expect("INVITE").await).await;
    from.expect_answer(&mut call).await;
    call
}

#[tokio::test]
async fn an_account_with_all_its_calls_places_no_more_until_one_ends() {
    let office = Office::open().await;
    office.limit_account(calls(1));
    let (a, b) = (office.registered("a").await, office.registered("b").await);
    let c = office.registered("c").await;
    let mut call = talk(&a, "1002", &b).await;
    let refused = c.call("1001", SDP).await;
    c.expect_refusal(&refused, 480).await;
    let told = office.story.next().await;
    assert_eq!(told, ["started c to 1001", "A offered 1003", "A ended switch limit 480"]);
    a.hang_up(&mut call).await;
    b.expect_bye().await;
    talk(&c, "1001", &a).await;
}

#[tokio::test]
async fn an_account_with_all_its_calls_is_busy_to_trunks() {
    let office = Office::open().await;
    let (carrier, b) = (office.trunk(1).await, office.registered("b").await);
    office.limit_account(Limits { incoming_calls: Some(1), ..Limits::default() });
    let invite = SDP;
    let mut first = carrier.dial("14155550100", &[], invite).await;
    b.answer(&b.expect("INVITE").await).await;
    carrier.expect_answer(&mut first).await;
    let second = carrier.dial("14155550100", &[], invite).await;
    carrier.expect_refusal(&second, 486).await;
    let told = office.story.next().await;
    assert_eq!(told[2..], ["routed trunk1 to 14155550100 of 10", "A ended switch limit 486"]);
    assert!(b.hears_nothing_for(SHORT).await);
}

#[tokio::test]
async fn a_trunk_without_room_is_skipped_and_counts_calls_in_both_directions() {
    let office = Office::open().await;
    let (a, b) = (office.registered("a").await, office.registered("b").await);
    let (first, second) = (office.trunk(1).await, office.trunk(2).await);
    office.limit_trunk(0, calls(1));
    office.limit_trunk(1, Limits { outgoing_calls: Some(1), ..Limits::default() });
    let mut inward = first.dial("14155550100", &[], SDP).await;
    b.answer(&b.expect("INVITE").await).await;
    first.expect_answer(&mut inward).await;
    let mut outward = talk(&a, "4155550123", &second).await;
    let refused = a.call("4155550124", SDP).await;
    let refusal = a.expect_refusal(&refused, 503).await;
    assert_eq!(refusal.header("Retry-After"), "1");
    let told = office.story.next().await;
    assert_eq!(told.last().unwrap(), "A ended switch limit 503");
    assert!(!told.iter().any(|line| line.contains("offered trunk")));
    first.hang_up(&mut inward).await;
    b.expect_bye().await;
    talk(&a, "4155550124", &first).await;
    a.hang_up(&mut outward).await;
}

#[tokio::test]
async fn a_trunk_with_all_its_calls_is_told_so_when_it_brings_another() {
    let office = Office::open().await;
    let (carrier, b) = (office.trunk(1).await, office.registered("b").await);
    office.limit_trunk(0, Limits { incoming_calls: Some(0), ..Limits::default() });
    let call = carrier.dial("14155550100", &[], SDP).await;
    let refusal = carrier.expect_refusal(&call, 503).await;
    assert_eq!(refusal.header("Retry-After"), "1");
    assert!(b.hears_nothing_for(SHORT).await);
}

#[tokio::test]
async fn more_calls_in_a_second_than_may_be_are_told_to_come_later() {
    let clock = Arc::new(ManualClock::at(Timestamp::from_seconds(1_700_000_000)));
    let office = Office::with_clock(clock.clone()).await;
    office.limit_account(Limits { calls_per_second: Some(1), ..Limits::default() });
    let (a, b) = (office.registered("a").await, office.registered("b").await);
    let mut call = talk(&a, "1002", &b).await;
    a.hang_up(&mut call).await;
    b.expect_bye().await;
    let refused = a.call("1002", SDP).await;
    let refusal = a.expect_refusal(&refused, 503).await;
    assert_eq!(refusal.header("Retry-After"), "1");
    office.story.next().await;
    assert_eq!(office.story.next().await.last().unwrap(), "A ended switch limit 503");
    clock.advance(Duration::from_secs(1));
    talk(&a, "1002", &b).await;
}

fn originate(to: &str) -> CallCommand {
    let call_id = CallId::new(Timestamp::from_seconds(1), rand::random());
    let (from, to) = (Target::Extension("1001".into()), Target::Number(to.into()));
    CallCommand::Originate(Originate { call_id, account: OFFICE, from, to, recording: None })
}

#[tokio::test]
async fn a_placed_call_counts_like_any_other() {
    let office = Office::open().await;
    let (a, b) = (office.registered("a").await, office.registered("b").await);
    office.limit_account(Limits { outgoing_calls: Some(1), ..Limits::default() });
    office.switch.command(originate("1002")).await.unwrap();
    let invite = a.expect("INVITE").await;
    let refused = office.switch.command(originate("1002")).await;
    assert!(matches!(refused, Err(SwitchError::Limit)), "{refused:?}");
    let call = b.call("1003", SDP).await;
    b.expect_refusal(&call, 480).await;
    a.refuse(&invite, "486 Busy Here").await;
    office.story.next().await;
    office.story.next().await;
    office.switch.command(originate("1002")).await.unwrap();
    a.expect("INVITE").await;
}

#[tokio::test]
async fn a_placed_call_ends_with_its_cause_when_the_second_party_has_no_room() {
    let office = Office::open().await;
    let (a, carrier) = (office.registered("a").await, office.trunk(1).await);
    office.limit_trunk(0, calls(0));
    office.switch.command(originate("+14155550123")).await.unwrap();
    a.answer(&a.expect("INVITE").await).await;
    a.expect_bye().await;
    assert_eq!(office.story.next().await.last().unwrap(), "A ended switch limit 200");
    assert!(carrier.hears_nothing_for(SHORT).await);
}

#[tokio::test]
async fn a_call_that_has_lasted_as_long_as_it_may_is_hung_up() {
    let office = Office::open().await;
    let (a, carrier) = (office.registered("a").await, office.trunk(1).await);
    office.limit_trunk(0, Limits { max_call_length: Some(SHORT), ..Limits::default() });
    talk(&a, "4155550123", &carrier).await;
    a.expect_bye().await;
    carrier.expect_bye().await;
    let told = office.story.next().await;
    assert_eq!(told[told.len() - 2..], ["A ended switch limit 200", "B ended switch limit 200"]);
}

#[tokio::test]
async fn whatever_ends_a_call_its_room_is_free_again() {
    let office = Office::with(|config| config.no_answer = SHORT).await;
    office.limit_account(calls(1));
    let (a, b) = (office.registered("a").await, office.registered("b").await);
    // Refused by the called party.
    let call = a.call("1002", SDP).await;
    b.refuse(&b.expect("INVITE").await, "486 Busy Here").await;
    a.expect_refusal(&call, 486).await;
    // No such number.
    let call = a.call("4711", SDP).await;
    a.expect_refusal(&call, 404).await;
    // Not answered.
    let call = a.call("1002", SDP).await;
    let invite = b.expect("INVITE").await;
    b.reply(&invite, "180 Ringing", "").await;
    a.expect_status(180).await;
    a.expect_refusal(&call, 480).await;
    b.reply(&b.expect("CANCEL").await, "200 OK", "").await;
    b.refuse(&invite, "487 Request Terminated").await;
    // Cancelled by the caller.
    let call = a.call("1002", SDP).await;
    let invite = b.expect("INVITE").await;
    b.reply(&invite, "180 Ringing", "").await;
    a.expect_status(180).await;
    a.cancel(&call).await;
    a.expect_status(200).await;
    a.expect_refusal(&call, 487).await;
    b.reply(&b.expect("CANCEL").await, "200 OK", "").await;
    b.refuse(&invite, "487 Request Terminated").await;
    // Hung up on command.
    for _ in 0..4 {
        office.story.next().await;
    }
    talk(&a, "1002", &b).await;
    let call_id = office.story.until(|kind| matches!(kind, EventKind::LegsBridged { .. })).await;
    office.switch.command(CallCommand::HangupCall { call_id }).await.unwrap();
    a.expect_bye().await;
    b.expect_bye().await;
    talk(&b, "1001", &a).await;
}

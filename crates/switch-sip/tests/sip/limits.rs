//! Limits of accounts and trunks.

use std::{sync::Arc, time::Duration};

use call::{
    CallCommand, CallId, DeviceId, EventKind, Payer, Timestamp, TrunkId,
    command::{LegCommand, Originate, Target},
};
use directory::{
    model::Limits,
    notices::{LimitNotice, Outcome},
};
use switch::{ManualClock, Switch, SwitchError};

use crate::support::{
    Agent, Office,
    agent::{Dialog, PATIENCE, SDP},
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
    expect_nothing_counted(&office).await;
    talk(&b, "1001", &a).await;
}

/// Waits until no call counts toward any limit.
async fn expect_nothing_counted(office: &Office) {
    let is_back = async {
        while office.switch.usage().counted_limits > 0 {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(PATIENCE, is_back).await.expect("every count is zero again");
}

#[tokio::test]
async fn a_phone_that_takes_a_call_counts_until_that_ends() {
    let office = Office::open().await;
    let (carrier, b, c) = (office.trunk(1).await, office.registered("b").await, office.registered("c").await);
    office.limit_account(Limits { incoming_calls: Some(1), ..Limits::default() });
    let mut inward = carrier.dial("14155550100", &[], SDP).await;
    b.reply(&b.expect("INVITE").await, "180 Ringing", "").await;
    carrier.expect_status(180).await;
    let mut at_c = c.call("*81002", SDP).await;
    c.expect_answer(&mut at_c).await;
    carrier.expect_answer(&mut inward).await;
    // Those that rang have given their room back, and who took the call has it.
    let second = carrier.dial("14155550100", &[], SDP).await;
    carrier.expect_refusal(&second, 486).await;
    carrier.hang_up(&mut inward).await;
    c.expect_bye().await;
    office.story.next().await;
    office.story.next().await;
    expect_nothing_counted(&office).await;
}

#[tokio::test]
async fn a_phone_that_takes_a_party_out_of_its_slot_counts_until_that_ends() {
    let office = Office::open().await;
    let (carrier, b, c) = (office.trunk(1).await, office.registered("b").await, office.registered("c").await);
    office.limit_account(Limits { incoming_calls: Some(1), ..Limits::default() });
    let mut inward = carrier.dial("14155550100", &[], SDP).await;
    let mut at_b = b.answer(&b.expect("INVITE").await).await;
    carrier.expect_answer(&mut inward).await;
    b.within(&mut at_b, "REFER", &["Refer-To: <sip:*68@test>".to_owned()], "").await;
    b.expect_status(202).await;
    b.expect_notify("100 Trying", "active").await;
    b.expect_notify("200 OK", "terminated").await;
    b.expect_bye().await;
    carrier.answer(&carrier.expect("INVITE").await).await;
    let mut at_c = c.call("701", SDP).await;
    carrier.answer(&carrier.expect("INVITE").await).await;
    c.expect_answer(&mut at_c).await;
    let second = carrier.dial("14155550100", &[], SDP).await;
    carrier.expect_refusal(&second, 486).await;
    c.hang_up(&mut at_c).await;
    carrier.expect_bye().await;
    office.story.next().await;
    office.story.next().await;
    expect_nothing_counted(&office).await;
}

#[tokio::test]
async fn a_call_that_a_phone_sends_out_counts_as_one_of_its_account() {
    let office = Office::open().await;
    let (first, second) = (office.trunk(1).await, office.trunk(2).await);
    let b = office.registered("b").await;
    for (most, is_let_out) in [(0, false), (1, true)] {
        office.limit_account(Limits { outgoing_calls: Some(most), ..Limits::default() });
        let mut inward = first.dial("14155550100", &[], SDP).await;
        let moved = ["Contact: <sip:4155550123@test>".to_owned()];
        b.send(&b.expect("INVITE").await.response("302 Moved Temporarily", "b", &moved, "")).await;
        b.expect("ACK").await;
        if !is_let_out {
            first.expect_refusal(&inward, 503).await;
            assert!(second.hears_nothing_for(SHORT).await);
        } else {
            // The trunk that it has come from may be the way out too.
            first.refuse(&first.expect("INVITE").await, "503 Service Unavailable").await;
            second.answer(&second.expect("INVITE").await).await;
            first.expect_answer(&mut inward).await;
            let refused = b.call("1001", SDP).await;
            b.expect_refusal(&refused, 480).await;
            office.story.next().await;
            first.hang_up(&mut inward).await;
            second.expect_bye().await;
        }
        office.story.next().await;
        expect_nothing_counted(&office).await;
    }
}

#[tokio::test]
async fn a_party_that_is_handed_to_somebody_outside_counts_for_who_hands_it_on() {
    let office = Office::open().await;
    let (first, b) = (office.trunk(1).await, office.registered("b").await);
    office.limit_account(Limits { outgoing_calls: Some(0), ..Limits::default() });
    let mut inward = first.dial("14155550100", &[], SDP).await;
    b.answer(&b.expect("INVITE").await).await;
    first.expect_answer(&mut inward).await;
    let call_id = office.story.until(|kind| matches!(kind, EventKind::LegsBridged { .. })).await;
    let leg_id = office.story.legs(call_id).await[1];
    let second = office.trunk(2).await;
    let hand_on = |number: &str| {
        let command = LegCommand::Transfer(Target::Number(number.into()));
        office.switch.command(CallCommand::Leg { call_id, leg_id, command })
    };
    hand_on("+14155550123").await.unwrap();
    office.story.until(|kind| matches!(kind, EventKind::TransferFailed { .. })).await;
    assert!(second.hears_nothing_for(SHORT).await);
    office.limit_account(calls(1));
    hand_on("+14155550123").await.unwrap();
    first.refuse(&first.expect("INVITE").await, "503 Service Unavailable").await;
    second.answer(&second.expect("INVITE").await).await;
    first.answer(&first.expect("INVITE").await).await;
    b.expect_bye().await;
    first.hang_up(&mut inward).await;
    second.expect_bye().await;
    office.story.next().await;
    expect_nothing_counted(&office).await;
}

#[tokio::test]
async fn two_calls_of_an_account_that_become_one_count_once() {
    let office = Office::open().await;
    office.limit_account(calls(2));
    let (a, b) = (office.registered("a").await, office.registered("b").await);
    let mut at_a = talk(&a, "1002", &b).await;
    let first = office.story.until(|kind| matches!(kind, EventKind::LegsBridged { .. })).await;
    let c = office.registered("c").await;
    let _asking = talk(&b, "1003", &c).await;
    let second = office.story.until(|kind| matches!(kind, EventKind::LegsBridged { .. })).await;
    let refused = c.call("1001", SDP).await;
    c.expect_refusal(&refused, 480).await;
    let (legs, others) = (office.story.legs(first).await, office.story.legs(second).await);
    let command = LegCommand::TransferToLeg { call_id: second, leg_id: others[0] };
    office.switch.command(CallCommand::Leg { call_id: first, leg_id: legs[1], command }).await.unwrap();
    c.answer(&c.expect("INVITE").await).await;
    a.answer(&a.expect("INVITE").await).await;
    b.expect_bye().await;
    b.expect_bye().await;
    office.story.until(|kind| matches!(kind, EventKind::TransferCompleted { .. })).await;
    let mut other = b.call("1003", SDP).await;
    c.answer(&c.expect("INVITE").await).await;
    b.expect_answer(&mut other).await;
    b.hang_up(&mut other).await;
    a.hang_up(&mut at_a).await;
}

impl Office {
    fn limit_phone(&self, at: usize, limits: Limits) {
        self.change(|entries| entries.devices[at].limits = limits);
    }
}

#[tokio::test]
async fn a_phone_with_all_its_calls_is_rung_by_nobody_whatever_brings_the_call() {
    let office = Office::open().await;
    office.limit_phone(1, calls(1));
    let (a, b) = (office.registered("a").await, office.registered("b").await);
    let (c, carrier) = (office.registered("c").await, office.trunk(1).await);
    let mut told = office.limits();
    let mut call = talk(&a, "1002", &b).await;
    // Dialed, called from outside, and sent on to by another phone.
    let refused = c.call("1002", SDP).await;
    c.expect_refusal(&refused, 486).await;
    let refused = carrier.dial("14155550100", &[], SDP).await;
    carrier.expect_refusal(&refused, 486).await;
    let refused = c.call("1001", SDP).await;
    let invite = a.expect("INVITE").await;
    a.send(&invite.response("302 Moved", "a", &["Contact: <sip:1002@test>".to_owned()], "")).await;
    a.expect("ACK").await;
    c.expect_refusal(&refused, 486).await;
    assert!(b.hears_nothing_for(SHORT).await);
    let LimitNotice { account, payer, outcome } = told.recv().await.unwrap();
    assert_eq!((account, payer), (OFFICE, Payer::Device(DeviceId(2))));
    assert_eq!(outcome, Outcome::Full { limit: "calls", trunk: None });
    a.hang_up(&mut call).await;
    b.expect_bye().await;
    let mut call = talk(&c, "1002", &b).await;
    c.hang_up(&mut call).await;
    b.expect_bye().await;
}

#[tokio::test]
async fn a_phone_with_all_its_calls_places_none_and_picks_none_up() {
    let office = Office::open().await;
    office.limit_phone(0, Limits { outgoing_calls: Some(1), ..Limits::default() });
    let (a, b) = (office.registered("a").await, office.registered("b").await);
    let c = office.registered("c").await;
    let mut call = talk(&a, "1002", &b).await;
    let refused = a.call("1003", SDP).await;
    a.expect_refusal(&refused, 480).await;
    let ringing = b.call("1003", SDP).await;
    let invite = c.expect("INVITE").await;
    c.reply(&invite, "180 Ringing", "").await;
    b.expect_status(180).await;
    let refused = a.call("*81003", SDP).await;
    a.expect_refusal(&refused, 480).await;
    b.cancel(&ringing).await;
    b.expect_status(200).await;
    b.expect_refusal(&ringing, 487).await;
    c.reply(&c.expect("CANCEL").await, "200 OK", "").await;
    c.refuse(&invite, "487 Request Terminated").await;
    a.hang_up(&mut call).await;
    b.expect_bye().await;
    expect_nothing_counted(&office).await;
}

#[tokio::test]
async fn limits_of_accounts_and_trunks_that_bite_are_told() {
    let office = Office::open().await;
    let carrier = office.trunk(1).await;
    office.limit_account(Limits { outgoing_calls: Some(1), ..Limits::default() });
    office.limit_trunk(0, Limits { incoming_calls: Some(0), ..Limits::default() });
    let (a, b) = (office.registered("a").await, office.registered("b").await);
    let mut told = office.limits();
    talk(&a, "1002", &b).await;
    let refused = b.call("1001", SDP).await;
    b.expect_refusal(&refused, 480).await;
    let notice = told.recv().await.unwrap();
    assert_eq!(notice.outcome, Outcome::Full { limit: "outgoing_calls", trunk: None });
    let refused = carrier.dial("14155550100", &[], SDP).await;
    carrier.expect_refusal(&refused, 503).await;
    let notice = told.recv().await.unwrap();
    assert_eq!(notice.outcome, Outcome::Full { limit: "incoming_calls", trunk: Some(TrunkId(1)) });
}

//! After-call work: a phone says by a feature code that it is done with its last call.

use std::{sync::Arc, time::Duration};

use call::{
    AccountId, CallCommand, CallEvent, CallId, EventKind, Timestamp,
    command::{LegCommand, Originate, Target},
};
use switch::{ManualClock, Switch, SwitchError};

use crate::support::{
    Agent, Office, Talk,
    agent::SDP,
    office::OFFICE,
    talk::{sdp_of_b, sdp_of_c},
};

/// An office with a clock of its own.
async fn office() -> (Office, Arc<ManualClock>) {
    let clock = Arc::new(ManualClock::at(Timestamp::from_seconds(1_700_000_000)));
    (Office::with_clock(clock.clone()).await, clock)
}

/// A call between `a` and `b` that `a` has ended.
async fn ended_call(office: &Office) -> Talk {
    let mut talk = Talk::begin(office).await;
    talk.a.hang_up(&mut talk.at_a).await;
    talk.b.expect_bye().await;
    office.story.next().await;
    talk
}

/// Dials the code, which is answered and hung up; gives what the switch tells of that.
async fn end_work(office: &Office, phone: &Agent) -> Vec<Arc<CallEvent>> {
    let mut dialog = phone.call("*76", SDP).await;
    phone.expect_answer(&mut dialog).await;
    phone.expect_bye().await;
    office.story.next_events().await
}

/// Dials the code in vain.
async fn end_no_work(office: &Office, phone: &Agent) {
    let dialog = phone.call("*76", SDP).await;
    phone.expect_refusal(&dialog, 404).await;
    let told = office.story.next().await;
    assert_eq!(told[2..], ["routed nowhere", "A ended switch noroute 404"]);
}

fn work_of(events: &[Arc<CallEvent>]) -> (CallId, Duration) {
    let work = events.iter().find_map(|event| match event.kind {
        EventKind::WorkEnded { of, work, .. } => Some((of, work)),
        _ => None,
    });
    work.expect("work has ended")
}

#[tokio::test]
async fn either_party_of_a_call_says_once_when_its_work_is_over() {
    let (office, clock) = office().await;
    let talk = ended_call(&office).await;
    for (phone, work) in [(&talk.b, 45), (&talk.a, 90)] {
        clock.advance(Duration::from_secs(45));
        let told = work_of(&end_work(&office, phone).await);
        assert_eq!(told, (talk.call_id, Duration::from_secs(work)));
        end_no_work(&office, phone).await;
    }
}

#[tokio::test]
async fn the_code_is_told_as_a_call_of_the_phone_that_is_answered_and_over() {
    let (office, clock) = office().await;
    let talk = ended_call(&office).await;
    clock.advance(Duration::from_millis(1_500));
    let mut dialog = talk.b.call("*76", SDP).await;
    talk.b.expect_answer(&mut dialog).await;
    talk.b.expect_bye().await;
    let expected = [
        "started b to *76",
        "A offered 1002",
        "A answered",
        "A ended work of 1.5s",
        "A ended switch normal 200",
    ];
    assert_eq!(office.story.next().await, expected);
}

#[tokio::test]
async fn a_phone_that_was_on_no_call_is_refused() {
    let (office, _clock) = office().await;
    let (a, b) = (office.registered("a").await, office.registered("b").await);
    end_no_work(&office, &a).await;
    let call = a.call("1002", SDP).await;
    b.refuse(&b.expect("INVITE").await, "486 Busy Here").await;
    a.expect_refusal(&call, 486).await;
    office.story.next().await;
    end_no_work(&office, &a).await;
    end_no_work(&office, &b).await;
}

#[tokio::test]
async fn a_phone_that_says_so_too_late_is_refused() {
    let (office, clock) = office().await;
    let talk = ended_call(&office).await;
    clock.advance(Duration::from_secs(3_600));
    assert_eq!(work_of(&end_work(&office, &talk.a).await).1, Duration::from_secs(3_600));
    clock.advance(Duration::from_millis(1));
    end_no_work(&office, &talk.b).await;
}

#[tokio::test]
async fn a_phone_that_is_on_its_next_call_is_done_with_the_one_before() {
    let (office, _clock) = office().await;
    let talk = ended_call(&office).await;
    let c = office.registered("c").await;
    let mut at_c = c.call("1002", &sdp_of_c()).await;
    let next = talk.b.expect("INVITE").await;
    talk.b.answer(&next).await;
    c.expect_answer(&mut at_c).await;
    end_no_work(&office, &talk.b).await;
    c.hang_up(&mut at_c).await;
    talk.b.expect_bye().await;
    office.story.next().await;
    assert_ne!(work_of(&end_work(&office, &talk.b).await).0, talk.call_id);
}

/// `b` leaves `a` to `c`, whose call then becomes part of another one.
#[tokio::test]
async fn work_on_a_call_that_was_merged_meanwhile_is_on_what_it_is_part_of() {
    let (office, _clock) = office().await;
    office.change(|entries| entries.extensions[2].devices.truncate(1));
    office.change(|entries| entries.extensions[3].devices.push(call::DeviceId(4)));
    let mut talk = Talk::begin(&office).await;
    let (c, d) = (office.registered("c").await, office.registered("d").await);
    let to_c = LegCommand::Transfer(Target::Extension("1003".into()));
    talk.command(&office, talk.called, to_c).await.unwrap();
    take_offer(&c).await;
    take_offer(&talk.a).await;
    talk.b.expect_bye().await;
    office.story.until(|kind| matches!(kind, EventKind::TransferCompleted { .. })).await;
    let mut at_c = c.call("1004", &sdp_of_c()).await;
    take_offer(&d).await;
    c.expect_answer(&mut at_c).await;
    let survivor = office.story.until(|kind| matches!(kind, EventKind::LegsBridged { .. })).await;
    let (own, theirs) = (office.story.legs(survivor).await[0], office.story.legs(talk.call_id).await[2]);
    let command = LegCommand::TransferToLeg { call_id: talk.call_id, leg_id: theirs };
    let command = CallCommand::Leg { call_id: survivor, leg_id: own, command };
    office.switch.command(command).await.unwrap();
    take_offer(&talk.a).await;
    take_offer(&d).await;
    c.expect_bye().await;
    c.expect_bye().await;
    talk.a.hang_up(&mut talk.at_a).await;
    d.expect_bye().await;
    office.story.next().await;
    assert_eq!(work_of(&end_work(&office, &talk.b).await).0, survivor);
}

/// Whoever offers gets this answer.
async fn take_offer(agent: &Agent) {
    let invite = agent.expect("INVITE").await;
    agent.reply(&invite, "200 OK", &sdp_of_b()).await;
    agent.expect("ACK").await;
}

#[tokio::test]
async fn the_code_without_an_offer_is_refused_and_changes_nothing() {
    let (office, _clock) = office().await;
    let talk = ended_call(&office).await;
    let dialog = talk.b.call("*76", "").await;
    talk.b.expect_refusal(&dialog, 488).await;
    office.story.next().await;
    assert_eq!(work_of(&end_work(&office, &talk.b).await).0, talk.call_id);
}

#[tokio::test]
async fn nobody_else_says_for_a_phone_that_its_work_is_over() {
    let (office, _clock) = office().await;
    let talk = ended_call(&office).await;
    let originate = |account: AccountId| {
        let (from, to) = (Target::Extension("1002".into()), Target::FeatureCode("*76".into()));
        let call_id = CallId::new(Timestamp::from_seconds(1), rand::random());
        CallCommand::Originate(Originate { call_id, account, from, to, recording: None })
    };
    let refused = office.switch.command(originate(OFFICE)).await;
    assert!(matches!(refused, Err(SwitchError::Unreachable(_))), "{refused:?}");
    let carrier = office.trunk(1).await;
    let call = carrier.dial("*76", &[], SDP).await;
    carrier.expect_refusal(&call, 404).await;
    office.story.next().await;
    assert_eq!(work_of(&end_work(&office, &talk.b).await).0, talk.call_id);
}

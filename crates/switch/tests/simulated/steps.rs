//! What is told of each step, and what hang-ups and placed calls do.

use std::{sync::Arc, time::Duration};

use call::{
    AccountId, CallCommand, CallEvent, CallId, DeviceId, EventKind, LegId, Timestamp,
    command::{LegCommand, Originate, Target},
    event::{EndCause, Releaser, Side},
    party::Transport,
    record::ReleasedBy,
};
use switch::{
    Registration, SimulatedSwitch, Switch, SwitchError, event_channel,
    simulated::{CallSpec, Party},
};

use crate::stage::{Stage, anna, ben, outside, owner};

fn names(events: &[Arc<CallEvent>]) -> Vec<&'static str> {
    let name = |event: &Arc<CallEvent>| match event.kind {
        EventKind::CallStarted(_) => "started",
        EventKind::CallRouted(_) => "routed",
        EventKind::LegOffered { .. } => "offered",
        EventKind::LegRinging { .. } => "ringing",
        EventKind::LegAnswered { .. } => "answered",
        EventKind::LegsBridged { .. } => "bridged",
        EventKind::LegHeld { .. } => "held",
        EventKind::LegResumed { .. } => "resumed",
        EventKind::LegEnded { .. } => "ended",
        _ => "other",
    };
    events.iter().map(name).collect()
}

fn some_call() -> CallId {
    CallId::new(Timestamp::from_seconds(1), [9; 10])
}

fn click_to_dial() -> CallCommand {
    CallCommand::Originate(Originate {
        call_id: some_call(),
        account: AccountId(10),
        from: Target::Extension("1001".into()),
        to: Target::Number("+14155550199".into()),
        recording: None,
    })
}

#[tokio::test]
async fn an_answered_call_is_told_from_start_to_end() {
    let mut stage = Stage::new();
    let call = stage.switch.place(CallSpec::new(anna(), outside())).unwrap();
    stage.clock.advance(Duration::from_secs(1));
    call.ring();
    stage.clock.advance(Duration::from_secs(5));
    call.answer();
    call.after(Duration::from_secs(60)).end(Side::Origination);

    let (events, records) = stage.told().await;
    let expected = "started offered routed offered ringing answered answered bridged ended ended";
    assert_eq!(names(&events).join(" "), expected);
    let record = &records[0];
    assert_eq!((record.released_by, record.cause), (ReleasedBy::Caller, EndCause::Normal));
    assert_eq!(record.times.pdd, Duration::from_secs(1));
    assert_eq!(record.times.ring, Duration::from_secs(5));
    assert_eq!(record.times.talk, Duration::from_secs(60));
    assert_eq!(record.termination, Some(owner(20)));
    assert!(call.is_over());
    assert_eq!(stage.switch.call_count(), 0);
}

#[tokio::test]
async fn calls_that_come_to_nothing_say_why() {
    let cases: [(fn(&switch::simulated::SimulatedCall), _, _, _); 5] = [
        (|call| _ = call.busy(), EndCause::Busy, ReleasedBy::Callee, 486),
        (|call| _ = call.no_answer(), EndCause::NoAnswer, ReleasedBy::Callee, 480),
        (|call| _ = call.end(Side::Termination), EndCause::Rejected, ReleasedBy::Callee, 603),
        (|call| _ = call.end(Side::Origination), EndCause::Cancelled, ReleasedBy::Caller, 487),
        (|call| _ = call.cut(EndCause::Limit), EndCause::Limit, ReleasedBy::Switch, 503),
    ];
    for (end, cause, released_by, code) in cases {
        let mut stage = Stage::new();
        end(&stage.switch.ringing_call(anna(), ben()).unwrap());
        let record = stage.only_record().await;
        assert_eq!((record.cause, record.released_by), (cause, released_by));
        assert_eq!(record.caller_leg.status.unwrap().code, code);
        assert_eq!(record.answered_at, None);
    }
}

#[tokio::test]
async fn a_number_that_nobody_has_is_refused_with_404() {
    let mut stage = Stage::new();
    let call = stage.switch.place(CallSpec::without_route(anna(), "4711".into())).unwrap();
    assert!(call.is_over());
    let record = stage.only_record().await;
    assert_eq!((record.cause, record.termination), (EndCause::NoRoute, None));
    assert_eq!(record.caller_leg.status.unwrap().code, 404);
}

#[tokio::test]
async fn the_first_phone_to_answer_has_the_call() {
    let mut stage = Stage::new();
    let call = stage.switch.place(CallSpec::new(outside(), anna()).also_rings(ben())).unwrap();
    call.ring();
    let second = call.legs()[2];
    call.answer_on(second);
    assert_eq!(call.called_leg(), Some(second));
    call.end(Side::Termination);

    let record = stage.only_record().await;
    let causes: Vec<_> = record.legs.iter().map(|leg| leg.cause).collect();
    assert_eq!(causes, [EndCause::Normal, EndCause::AnsweredElsewhere, EndCause::Normal]);
    assert_eq!(record.answered_by.as_deref(), Some("Ben"));
    assert_eq!(record.released_by, ReleasedBy::Callee);
}

#[tokio::test]
async fn a_trunk_that_fails_is_followed_by_the_next() {
    let mut stage = Stage::new();
    let call = stage.switch.place(CallSpec::new(anna(), outside())).unwrap();
    call.fail_over(Party::behind_trunk(owner(21), 8, "second carrier", "+14155550199"));
    call.ring().answer().after(Duration::from_secs(3)).end(Side::Origination);

    let record = stage.only_record().await;
    assert_eq!(record.termination, Some(owner(21)));
    assert_eq!(record.legs.len(), 3);
    assert_eq!(record.legs[1].cause, EndCause::Failed);
    assert_eq!(record.times.talk, Duration::from_secs(3));
}

#[tokio::test]
async fn holding_is_told_and_counted() {
    let mut stage = Stage::new();
    let call = stage.switch.answered_call(anna(), ben()).unwrap();
    call.hold(Side::Origination).hold(Side::Origination);
    call.after(Duration::from_secs(4)).resume(Side::Origination);
    call.resume(Side::Termination).end(Side::Termination);
    let record = stage.only_record().await;
    assert_eq!((record.hold_count, record.times.hold), (1, Duration::from_secs(4)));
}

#[tokio::test]
async fn steps_that_come_too_late_do_nothing() {
    let mut stage = Stage::new();
    let call = stage.switch.answered_call(anna(), ben()).unwrap();
    call.answer().ring().busy().end(Side::Origination);
    call.end(Side::Termination).answer().hold(Side::Origination).cut(EndCause::Failed);
    call.fail_over(outside());
    assert_eq!(stage.only_record().await.released_by, ReleasedBy::Caller);
}

#[tokio::test]
async fn an_originated_call_rings_its_own_party_first() {
    let mut stage = Stage::new();
    stage.switch.command(click_to_dial()).await.unwrap();
    let call = stage.switch.call(some_call()).unwrap();
    assert_eq!(names(&stage.told().await.0).join(" "), "started offered ringing");
    call.answer();
    assert_eq!(names(&stage.told().await.0).join(" "), "answered routed offered");
    call.ring().answer();
    assert_eq!(names(&stage.told().await.0).join(" "), "ringing answered bridged");
    call.end(Side::Termination);

    let record = stage.only_record().await;
    assert_eq!((record.origination, record.termination), (owner(10), Some(owner(20))));
    assert_eq!(record.called_received.as_str(), "+14155550199");
    assert_eq!(record.caller_received.as_str(), "1001");
}

#[tokio::test]
async fn an_originated_call_can_answer_itself() {
    let mut stage = Stage::with(switch::simulated::Builder::auto_answer);
    stage.switch.command(click_to_dial()).await.unwrap();
    let (events, _) = stage.told().await;
    assert_eq!(names(&events).last(), Some(&"bridged"));
}

#[tokio::test]
async fn an_originate_to_someone_unknown_is_refused_and_starts_nothing() {
    let mut stage = Stage::new();
    let unknown = CallCommand::Originate(Originate {
        call_id: some_call(),
        account: AccountId(10),
        from: Target::Device(DeviceId(1)),
        to: Target::Extension("9999".into()),
        recording: None,
    });
    let refused = stage.switch.command(unknown).await;
    assert!(matches!(refused, Err(SwitchError::Unreachable(why)) if why.contains("`to`")));
    assert!(stage.told().await.0.is_empty());
}

#[tokio::test]
async fn hanging_up_a_call_by_command_ends_every_leg_by_command() {
    let mut stage = Stage::new();
    let talking = stage.switch.answered_call(anna(), ben()).unwrap();
    let ringing = stage.switch.ringing_call(anna(), outside()).unwrap();
    for call in [&talking, &ringing] {
        stage.switch.command(CallCommand::HangupCall { call_id: call.id() }).await.unwrap();
    }
    let (events, records) = stage.told().await;
    let by_command = |event: &&Arc<CallEvent>| matches!(&event.kind, EventKind::LegEnded { end, .. } if end.by == Releaser::Command);
    assert_eq!(events.iter().filter(by_command).count(), 4);
    let outcome: Vec<_> = records.iter().map(|record| (record.released_by, record.cause)).collect();
    let by_command = ReleasedBy::Command;
    assert_eq!(outcome, [(by_command, EndCause::Normal), (by_command, EndCause::Cancelled)]);
}

#[tokio::test]
async fn hanging_up_a_leg_ends_a_call_of_two_but_not_a_call_that_still_rings_elsewhere() {
    let mut stage = Stage::new();
    let talking = stage.switch.answered_call(anna(), ben()).unwrap();
    let leg_id = talking.called_leg().unwrap();
    stage
        .switch
        .command(CallCommand::Leg { call_id: talking.id(), leg_id, command: LegCommand::Hangup })
        .await
        .unwrap();
    assert!(talking.is_over());
    let record = stage.only_record().await;
    assert_eq!(record.released_by, ReleasedBy::Command);

    let forked = stage.switch.place(CallSpec::new(outside(), anna()).also_rings(ben())).unwrap();
    let leg_id = forked.called_leg().unwrap();
    stage
        .switch
        .command(CallCommand::Leg { call_id: forked.id(), leg_id, command: LegCommand::Hangup })
        .await
        .unwrap();
    assert!(!forked.is_over());
    forked.ring().answer().end(Side::Origination);
    assert_eq!(stage.only_record().await.answered_by.as_deref(), Some("Ben"));
}

#[tokio::test]
async fn commands_for_what_is_not_there_are_not_found_and_change_nothing() {
    let mut stage = Stage::new();
    let call = stage.switch.ringing_call(anna(), ben()).unwrap();
    let stranger = LegId::new(Timestamp::from_seconds(1), [3; 10]);
    let commands = [
        CallCommand::HangupCall { call_id: some_call() },
        CallCommand::Leg {
            call_id: some_call(),
            leg_id: call.caller_leg().unwrap(),
            command: LegCommand::Hangup,
        },
        CallCommand::Leg { call_id: call.id(), leg_id: stranger, command: LegCommand::Hangup },
    ];
    for command in commands {
        assert!(matches!(stage.switch.command(command).await, Err(SwitchError::NotFound)));
    }
    assert_eq!(call.legs().len(), 2);
    call.end(Side::Origination);
    let again = stage.switch.command(CallCommand::HangupCall { call_id: call.id() }).await;
    assert!(matches!(again, Err(SwitchError::NotFound)));
    stage.only_record().await;
}

#[tokio::test(start_paused = true)]
async fn stopping_waits_for_calls_and_then_ends_them() {
    let mut stage = Stage::new();
    let call = stage.switch.answered_call(anna(), ben()).unwrap();
    stage.switch.stop(Duration::from_secs(30)).await;
    assert!(call.is_over());
    let refused = stage.switch.place(CallSpec::new(anna(), ben())).map(|call| call.id());
    assert!(matches!(refused, Err(SwitchError::Unavailable)));
    let refused = stage.switch.command(click_to_dial()).await;
    assert!(matches!(refused, Err(SwitchError::Unavailable)));

    let (_, records) = stage.told().await;
    assert_eq!(records[0].legs.len(), 2);
    assert!(records[0].legs.iter().all(|leg| leg.cause == EndCause::Interrupted));
    assert_eq!(records[0].released_by, ReleasedBy::Switch);
}

#[tokio::test(start_paused = true)]
async fn stopping_returns_as_soon_as_the_last_call_has_ended() {
    let stage = Stage::new();
    let call = stage.switch.answered_call(anna(), ben()).unwrap();
    let switch = stage.switch.clone();
    let began = tokio::time::Instant::now();
    let stopping = tokio::spawn(async move { switch.stop(Duration::from_secs(3600)).await });
    tokio::time::sleep(Duration::from_secs(5)).await;
    call.end(Side::Origination);
    stopping.await.unwrap();
    assert!(began.elapsed() < Duration::from_secs(6));
}

#[tokio::test]
async fn a_writer_that_is_too_far_behind_makes_it_refuse_calls() {
    let (sink, _events) = event_channel(3);
    let switch = SimulatedSwitch::builder(sink).build();
    let call = switch.place(CallSpec::new(anna(), ben())).unwrap();
    assert!(matches!(switch.place(CallSpec::new(anna(), ben())), Err(SwitchError::Unavailable)));
    assert!(call.ring().answer().called_leg().is_some());
}

#[tokio::test]
async fn thousands_of_calls_with_a_past_play_at_once() {
    let mut stage = Stage::new();
    let calls: Vec<_> = (0..5_000_u64)
        .map(|nth| {
            let spec = CallSpec::new(anna(), outside()).started_ago(Duration::from_secs(100 + nth));
            let call = stage.switch.place(spec).unwrap();
            call.after(Duration::from_secs(1)).ring().after(Duration::from_secs(2)).answer();
            call
        })
        .collect();
    assert_eq!(stage.switch.call_count(), calls.len());
    for call in &calls {
        call.after(Duration::from_secs(10)).end(Side::Termination);
    }
    let (_, records) = stage.told().await;
    assert_eq!(records.len(), calls.len());
    let oldest = records.last().unwrap();
    assert_eq!(oldest.started_at, Timestamp::from_seconds(1_700_000_000 - 100 - 4_999));
    assert!(records.iter().all(|record| record.times.talk == Duration::from_secs(10)));
    assert!(stage.registry.is_empty());
}

#[tokio::test]
async fn registrations_are_kept_by_contact_and_counted_until_they_lapse() {
    let stage = Stage::new();
    let at = Timestamp::from_seconds(1_700_000_000);
    let registration = |contact: &str, account, lasts| Registration {
        device: DeviceId(1),
        account: AccountId(account),
        contact: contact.into(),
        source: "192.0.2.1:5060".parse().unwrap(),
        transport: Transport::Udp,
        user_agent: None,
        requested_at: at,
        registered_at: at,
        expires_at: at + Duration::from_secs(lasts),
    };
    for (contact, account, lasts) in [("sip:a", 10, 60), ("sip:b", 10, 600), ("sip:a", 10, 120)] {
        stage.switch.register(registration(contact, account, lasts));
    }
    stage.switch.register(registration("sip:c", 11, 60));
    assert_eq!(stage.switch.registrations(AccountId(10)).len(), 2);
    assert_eq!(stage.switch.registration_count(), 3);
    stage.clock.advance(Duration::from_secs(121));
    assert_eq!(stage.switch.registration_count(), 1);
    assert_eq!(stage.switch.registrations(AccountId(10)).len(), 2);
}

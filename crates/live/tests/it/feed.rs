//! Who learns of what.

use std::{sync::Arc, time::Duration};

use call::{
    AccountId, CallCommand, DeviceId, EventKind, NoticeKind, Payer, TrunkId,
    command::{LegCommand, RecordingKind, Sound},
    event::{Digit, Side},
};
use directory::{
    LimitNotices,
    notices::{LimitNotice, Outcome, Reached},
    routing::Refused,
};
use history::Happening;
use live::FeedItem;
use switch::{Switch, SystemClock};
use tokio_util::sync::CancellationToken;

use crate::stage::{Stage, phone, until};

fn is_end(kind: &EventKind) -> bool {
    matches!(kind, EventKind::LegEnded { .. })
}

#[tokio::test]
async fn digits_sounds_and_recordings_reach_those_who_may_see_the_call_and_nobody_else() {
    let stage = Stage::new();
    let (mut callers, mut strangers) = (stage.feed_of(1), stage.feed_of(3));
    let call = stage.switch.answered_call(phone(1, 1), phone(2, 2)).unwrap();
    let leg = call.caller_leg().unwrap();
    let order = |command| CallCommand::Leg { call_id: call.id(), leg_id: leg, command };
    call.press(Side::Origination, "7");
    for command in [
        LegCommand::Play(Sound::Local("music".into())),
        LegCommand::StopPlaying,
        LegCommand::StartRecording(RecordingKind::OnDemand),
        LegCommand::StopRecording,
    ] {
        stage.switch.command(order(command)).await.unwrap();
    }
    call.end(Side::Origination);
    let told = until(&mut callers, is_end).await;
    let of_media: Vec<_> = told.iter().filter(|kind| is_of_media(kind)).collect();
    let [pressed, plays, silent, EventKind::RecordingStarted { leg: recorded, .. }, over] = of_media[..]
    else {
        panic!("{of_media:?}")
    };
    assert_eq!(*pressed, EventKind::DigitReceived { leg, digit: Digit('7') });
    assert_eq!((plays, silent), (&EventKind::PlaybackStarted { leg }, &EventKind::PlaybackEnded { leg }));
    assert_eq!((*recorded, over), (leg, &EventKind::RecordingEnded { leg }));
    assert!(format!("{pressed:?}").ends_with("digit: Digit(…) }"), "a digit is shown");

    let theirs = stage.switch.ringing_call(phone(3, 3), phone(3, 4)).unwrap();
    theirs.end(Side::Origination);
    let told = until(&mut strangers, is_end).await;
    assert!(matches!(told[0], EventKind::CallStarted(_)), "a stranger's call is told: {told:?}");
    assert!(!told.iter().any(is_of_media));
}

fn is_of_media(kind: &EventKind) -> bool {
    matches!(
        kind,
        EventKind::DigitReceived { .. }
            | EventKind::PlaybackStarted { .. }
            | EventKind::PlaybackEnded { .. }
            | EventKind::RecordingStarted { .. }
            | EventKind::RecordingEnded { .. }
    )
}

#[tokio::test]
async fn who_sees_only_the_call_that_is_taken_in_learns_where_it_has_gone() {
    let stage = Stage::new();
    let call = stage.switch.answered_call(phone(1, 1), phone(2, 2)).unwrap();
    let consultation = stage.switch.answered_call(phone(2, 2), phone(4, 4)).unwrap();
    let mut theirs = stage.feed_of(4);
    call.transfer_to(Side::Termination, &consultation);
    let told = until(&mut theirs, |kind| matches!(kind, EventKind::CallMerged { .. })).await;
    assert_eq!(told.last(), Some(&EventKind::CallMerged { absorbed: consultation.id() }));
}

#[tokio::test]
async fn who_a_call_is_taken_from_by_a_new_route_learns_of_it() {
    let stage = Stage::new();
    let call = stage.switch.ringing_call(phone(1, 1), phone(2, 2)).unwrap();
    let mut first = stage.feed_of(2);
    call.fail_over(phone(3, 3));
    let second = Some(phone(3, 3).owner);
    let told =
        until(&mut first, |kind| matches!(kind, EventKind::CallRouted(to) if to.termination == second));
    told.await;
    call.ring().answer().end(Side::Origination);
    let next = stage.switch.ringing_call(phone(1, 1), phone(2, 2)).unwrap();
    let told = until(&mut first, |kind| matches!(kind, EventKind::CallRouted(_))).await;
    assert!(!told.iter().any(is_end), "what the call does elsewhere is told: {told:?}");
    assert!(!next.is_over());
}

#[tokio::test]
async fn limits_that_bite_reach_the_account_that_they_are_of() {
    let stage = Stage::new();
    let mut feeds = [stage.feed_of(1), stage.feed_of(3)];
    let (notices, clock) = (LimitNotices::default(), Arc::new(SystemClock::default()));
    let telling = live::tell_limits(notices.clone(), stage.sink.clone(), clock, CancellationToken::new());
    tokio::spawn(telling);
    // It has begun to listen.
    tokio::task::yield_now().await;
    let told = |account, outcome| LimitNotice {
        account: AccountId(account),
        payer: Payer::Account(AccountId(account)),
        outcome,
    };
    notices.tell(told(3, Outcome::Refused(Refused::Numberlist)));
    notices.tell(told(1, Outcome::Resumed));
    notices.tell(told(1, Outcome::Stopped(Reached::Day)));
    let full = LimitNotice {
        payer: Payer::Device(DeviceId(7)),
        ..told(3, Outcome::Full { limit: "calls", trunk: None })
    };
    notices.tell(full);
    notices.tell(told(1, Outcome::Full { limit: "incoming_calls", trunk: Some(TrunkId(2)) }));
    let expected = [
        (0, "day", None, None),
        (1, "numberlist", None, None),
        (1, "calls", Some(DeviceId(7)), None),
        (0, "incoming_calls", None, Some(TrunkId(2))),
    ];
    for (at, limit, device, trunk) in expected {
        let feed = &mut feeds[at];
        let next = tokio::time::timeout(Duration::from_secs(10), feed.next()).await;
        let Ok(Some(FeedItem::Event(entry))) = next else { panic!("{next:?}") };
        let Happening::Other(notice) = &entry.what else { panic!("{entry:?}") };
        assert_eq!(notice.kind, NoticeKind::LimitReached { limit: limit.into(), device, trunk });
    }
}

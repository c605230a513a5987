//! Calls that run their course.

use call::{
    CallRecord,
    event::{EndCause, LegDirection, Side},
    record::ReleasedBy,
};

use super::{Play, Stage, witness::Witness};

/// Told: answered, ended normally by the caller.
pub async fn a_call_that_the_caller_ends(stage: &mut impl Stage) {
    let record = outcome(stage, Play::CallerHangsUp).await;
    assert_talked(&record);
    assert_eq!(record.released_by, ReleasedBy::Caller);
}

/// Told: answered, ended normally by the called party.
pub async fn a_call_that_the_called_party_ends(stage: &mut impl Stage) {
    let record = outcome(stage, Play::CalleeHangsUp).await;
    assert_talked(&record);
    assert_eq!(record.released_by, ReleasedBy::Callee);
}

/// Told: busy by the called party, 486 on both legs.
pub async fn a_busy_phone(stage: &mut impl Stage) {
    let record = outcome(stage, Play::Busy).await;
    assert_failed(&record, EndCause::Busy, ReleasedBy::Callee, 486);
    assert_eq!(called_code(&record), Some(486));
}

/// Told: rejected by the called party, its 603 passed on.
pub async fn a_phone_that_refuses(stage: &mut impl Stage) {
    let record = outcome(stage, Play::Rejected).await;
    assert_failed(&record, EndCause::Rejected, ReleasedBy::Callee, 603);
    assert_eq!(called_code(&record), Some(603));
    assert!(record.ringing_at.is_some());
}

/// Told: it rang, nobody answered in time, 480 to the caller.
pub async fn a_phone_that_is_not_answered(stage: &mut impl Stage) {
    let record = outcome(stage, Play::NoAnswer).await;
    assert_failed(&record, EndCause::NoAnswer, ReleasedBy::Callee, 480);
    assert!(record.ringing_at.is_some());
}

/// Told: it rang, the caller gave up, 487 on both legs.
pub async fn a_caller_who_cancels(stage: &mut impl Stage) {
    let record = outcome(stage, Play::Cancelled).await;
    assert_failed(&record, EndCause::Cancelled, ReleasedBy::Caller, 487);
    assert_eq!(called_code(&record), Some(487));
    assert!(record.ringing_at.is_some());
}

/// Told: no route, 404 to the caller, nobody called.
pub async fn a_number_that_nobody_has(stage: &mut impl Stage) {
    let record = outcome(stage, Play::NoRoute).await;
    assert_failed(&record, EndCause::NoRoute, ReleasedBy::Switch, 404);
    assert_eq!((record.termination, record.legs.len()), (None, 1));
}

/// Told: routed, but unavailable, 480 to the caller, nobody called.
pub async fn an_extension_without_a_registered_phone(stage: &mut impl Stage) {
    let record = outcome(stage, Play::Unregistered).await;
    assert_failed(&record, EndCause::Unavailable, ReleasedBy::Switch, 480);
    assert!(record.termination.is_some());
    assert_eq!(record.legs.len(), 1);
}

/// A call leaves nothing behind that disturbs the next, whatever became of it.
pub async fn calls_one_after_the_other(stage: &mut impl Stage) {
    let mut witness = Witness::of(stage);
    for play in [Play::Busy, Play::Cancelled, Play::CallerHangsUp, Play::NoRoute, Play::CalleeHangsUp] {
        stage.play(play).await;
        let record = witness.record().await;
        let is_answered = matches!(play, Play::CallerHangsUp | Play::CalleeHangsUp);
        assert_eq!(record.answered_at.is_some(), is_answered, "{play:?}");
    }
    assert!(witness.stop().await.is_empty());
}

async fn outcome(stage: &mut impl Stage, play: Play) -> CallRecord {
    let mut witness = Witness::of(stage);
    stage.play(play).await;
    let record = witness.record().await;
    assert!(witness.stop().await.is_empty(), "one call, one record");
    record
}

fn assert_talked(record: &CallRecord) {
    assert_eq!(record.cause, EndCause::Normal);
    assert!(record.ringing_at <= record.answered_at);
    let sides: Vec<_> = record.legs.iter().map(|leg| (leg.side, leg.direction)).collect();
    let expected = [(Side::Origination, LegDirection::Incoming), (Side::Termination, LegDirection::Outgoing)];
    assert_eq!(sides, expected);
    for leg in &record.legs {
        assert_eq!((leg.cause, leg.status.as_ref().map(|status| status.code)), (EndCause::Normal, Some(200)));
        assert!(leg.answered_at.is_some());
    }
}

fn assert_failed(record: &CallRecord, cause: EndCause, released_by: ReleasedBy, code: u16) {
    assert_eq!((record.cause, record.released_by), (cause, released_by));
    assert_eq!(record.answered_at, None);
    assert_eq!(record.caller_leg.status.as_ref().map(|status| status.code), Some(code));
}

fn called_code(record: &CallRecord) -> Option<u16> {
    record.called_leg.as_ref()?.status.as_ref().map(|status| status.code)
}

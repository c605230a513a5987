//! After-call work that a phone tells of.

use std::time::Duration;

use call::{CallId, DeviceId, EventKind, event::Side};
use history::annotations::{Author, WorkEdit};
use live::Noted;

use crate::stage::{Stage, phone, until};

const WORK: Duration = Duration::from_millis(45_500);

/// The second phone says that it has worked on a call; waits until that is known.
async fn end_work(stage: &Stage, of: CallId) {
    let mut feed = stage.feed_of(2);
    stage.switch.end_work(phone(2, 2), of, WORK).unwrap();
    until(&mut feed, |kind| matches!(kind, EventKind::WorkEnded { .. })).await;
}

async fn noted(stage: &Stage, account: u32, of: CallId) -> Noted {
    stage.live.noted(&stage.access(account), of).await.unwrap()
}

#[tokio::test]
async fn work_after_a_call_is_noted_about_it_by_the_phone_for_its_account_alone() {
    let stage = Stage::new();
    let call = stage.switch.answered_call(phone(1, 1), phone(2, 2)).unwrap();
    call.end(Side::Origination);
    end_work(&stage, call.id()).await;
    let own = noted(&stage, 2, call.id()).await;
    assert_eq!(own.annotations.work, WORK);
    let [change] = &own.changes[..] else { panic!("{:?}", own.changes) };
    assert_eq!(change.by, Author::Device { id: DeviceId(2), name: "somebody".into() });
    assert_eq!(change.edit.work, Some(WorkEdit::More(WORK)));
    let theirs = noted(&stage, 1, call.id()).await;
    assert_eq!((theirs.annotations.work, theirs.changes.len()), (Duration::ZERO, 0));
}

#[tokio::test]
async fn work_on_a_call_that_goes_on_is_in_its_record_later_and_adds_up() {
    let stage = Stage::new();
    let call = stage.switch.answered_call(phone(1, 1), phone(2, 2)).unwrap();
    end_work(&stage, call.id()).await;
    assert_eq!(noted(&stage, 2, call.id()).await.annotations.work, WORK);
    let mut feed = stage.feed_of(2);
    call.end(Side::Origination);
    until(&mut feed, |kind| matches!(kind, EventKind::LegEnded { .. })).await;
    end_work(&stage, call.id()).await;
    let own = noted(&stage, 2, call.id()).await;
    assert_eq!((own.annotations.work, own.changes.len()), (2 * WORK, 2));
}

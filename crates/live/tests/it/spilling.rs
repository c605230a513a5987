//! A store that takes nothing for a while holds up nobody, and what happens meanwhile is kept.

use std::time::Duration;

use call::{AccountId, EventKind, event::Side};
use history::{Journal, RecordQuery, Records, SpillFile, spill::FILE_NAME};
use live::{Kept, Limits};
use rusqlite::Connection;
use switch::NoRoom;

use crate::stage::{Stage, phone, until};

/// Somebody else who writes, as long as it is not dropped.
fn lock(stage: &Stage) -> Connection {
    let other = Connection::open(stage.folder.path().join("history.db")).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    other
}

async fn eventually(what: &str, is_so: impl Fn() -> bool) {
    let comes = async {
        while !is_so() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    assert!(
        tokio::time::timeout(Duration::from_secs(20), comes).await.is_ok(),
        "it never came about that {what}"
    );
}

async fn recorded(stage: &Stage) -> usize {
    stage.history.search(RecordQuery::newest(vec![AccountId(1)], 100)).await.unwrap().records.len()
}

fn is_end(kind: &EventKind) -> bool {
    matches!(kind, EventKind::LegEnded { .. })
}

#[tokio::test(flavor = "multi_thread")]
async fn calls_are_seen_while_the_store_is_locked_and_recorded_once_afterwards() {
    let stage = Stage::new();
    stage.live.set_limits(Limits { refuse_after: Duration::from_secs(60), ..Limits::default() });
    let mut feed = stage.feed_of(1);
    let (other, mut ids) = (lock(&stage), Vec::new());
    for _ in 0..3 {
        let call = stage.switch.answered_call(phone(1, 1), phone(2, 2)).unwrap();
        stage.sees(|calls| calls.get(call.id()).is_some_and(|it| it.answered_at().is_some())).await;
        call.end(Side::Origination);
        stage.sees(|calls| calls.has_ended(call.id())).await;
        ids.push(call.id());
    }
    // The end of the last leg brings the record, not that of the first.
    eventually("all have ended", || stage.metric("trunkline_calls_recorded_total") == 3).await;
    assert_eq!(recorded(&stage).await, 0);
    assert!(stage.metric("trunkline_events_spilled_total") > 0);
    drop(other);
    eventually("the store has caught up", || stage.live.health().behind_for.is_none()).await;
    assert_eq!(recorded(&stage).await, 3);
    // Readers of events learn of it now, in order.
    for id in ids {
        until(&mut feed, is_end).await;
        assert!(until(&mut feed, is_end).await.iter().all(is_end), "{id} has ended on both legs");
    }
    assert_eq!(stage.live.stop(Duration::ZERO).await, Kept::Stored);
    assert!(SpillFile::open(stage.folder.path()).unwrap().1.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_while_new_calls_are_refused_until_the_store_takes_something() {
    let stage = Stage::new();
    let other = lock(&stage);
    stage.switch.answered_call(phone(1, 1), phone(2, 2)).unwrap();
    eventually("new calls are refused", || stage.live.health().room == Some(NoRoom::StoreFails)).await;
    assert!(stage.switch.answered_call(phone(1, 1), phone(2, 2)).is_err());
    drop(other);
    eventually("they are taken again", || stage.live.health().room.is_none()).await;
    assert!(stage.switch.answered_call(phone(1, 1), phone(2, 2)).is_ok());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_readers_see_says_as_of_when_it_is_while_nothing_can_be_made_durable() {
    let stage = Stage::without_spill();
    let mut feed = stage.feed_of(1);
    assert_eq!(stage.live.as_of(), None);
    let (other, before) = (lock(&stage), stage.live.clock().now());
    stage.switch.answered_call(phone(1, 1), phone(2, 2)).unwrap();
    eventually("it is old", || stage.live.as_of().is_some()).await;
    let as_of = stage.live.as_of().unwrap();
    assert!(as_of >= before && as_of + Duration::from_secs(1) <= stage.live.clock().now());
    drop(other);
    until(&mut feed, |kind| matches!(kind, EventKind::LegsBridged { .. })).await;
    eventually("it is not old any more", || stage.live.as_of().is_none()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stop_leaves_to_the_spill_file_what_the_store_does_not_take_whoever_waits_for_it() {
    let stage = Stage::new();
    let other = lock(&stage);
    let call = stage.switch.answered_call(phone(1, 1), phone(2, 2)).unwrap();
    stage.sees(|calls| calls.get(call.id()).is_some_and(|it| it.answered_at().is_some())).await;
    // Nobody waits for the first one any more.
    let _ = tokio::time::timeout(Duration::from_millis(1), stage.live.stop(Duration::from_secs(60))).await;
    stage.live.hasten();
    let Kept::Spilled { events, path } = stage.live.stop(Duration::ZERO).await else {
        panic!("it is not spilled")
    };
    assert_eq!(path, stage.folder.path().join(FILE_NAME));
    let (_, held) = SpillFile::open(stage.folder.path()).unwrap();
    assert_eq!(held.iter().map(|batch| batch.events.len()).sum::<usize>(), events);
    drop(other);
    live::replay(&*stage.history, held).await.unwrap();
    assert_eq!(recorded(&stage).await, 1);
    assert_eq!(stage.history.unfinished().await.unwrap(), []);
}

//! That each call that has begun has ended or goes on.

use std::{path::Path, sync::Arc, time::Duration};

use call::AccountId;
use history::{
    Batch, Heartbeat, Journal, Keep, OpenOptions, Records, Retention, SqliteHistory,
    sqlite::{CheckReport, JournalCalls, check},
};
use rusqlite::Connection;

use crate::{
    calls::{Script, at},
    sealing::{DAY, assert_whole},
    sealing_store::later,
    support::{events, options, records},
};

fn script(number: u64) -> Script {
    Script::new(number, at(0), 1, 2)
}

fn checked(folder: &Path) -> CheckReport {
    check(folder, |_, _, _| {}).unwrap()
}

fn execute(folder: &Path, sql: &str) -> usize {
    Connection::open(folder.join("history.db")).unwrap().execute(sql, []).unwrap()
}

/// Calls of which one goes on, one has ended in the commit of its beginning, one later, and one as part of another.
async fn fill(folder: &Path) {
    let history = SqliteHistory::open(options(folder)).unwrap();
    let begun = [1, 3, 4].iter().flat_map(|number| script(*number).events()).collect();
    history.append(events(begun)).await.unwrap();
    let at_once = Batch { records: vec![Arc::new(script(2).record())], ..events(script(2).events()) };
    history.append(at_once).await.unwrap();
    let mut merged = script(3).record();
    merged.absorbed = vec![script(4).id()];
    history.append(records([merged])).await.unwrap();
}

#[tokio::test]
async fn each_call_of_the_journal_has_ended_or_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    fill(folder.path()).await;
    assert_whole(folder.path());
    assert_eq!(checked(folder.path()).calls, JournalCalls { started: 4, ended: 3, live: 1 });
}

#[tokio::test]
async fn a_call_that_has_begun_and_neither_ended_nor_goes_on_is_found() {
    // The first is what holds the events of call 1, the second the record of call 2.
    for (lost, undone) in [(1, "DELETE FROM unfinished"), (2, "DELETE FROM calls WHERE id = 1")] {
        let folder = tempfile::tempdir().unwrap();
        fill(folder.path()).await;
        execute(folder.path(), undone);
        let findings = checked(folder.path()).findings;
        let id = script(lost).id();
        let expected =
            format!("1 calls have begun, and have neither ended nor go on, {id} the first of them");
        assert!(findings.contains(&expected), "{findings:?}");
    }
}

#[tokio::test]
async fn a_call_that_goes_on_without_a_beginning_and_a_row_that_cannot_be_read_are_found() {
    let folder = tempfile::tempdir().unwrap();
    let mut told = script(1).events();
    let rest = told.split_off(1);
    let history = SqliteHistory::open(options(folder.path())).unwrap();
    history.append(events(told)).await.unwrap();
    history.append(events(rest)).await.unwrap();
    drop(history);
    assert_whole(folder.path());
    execute(folder.path(), "UPDATE journal SET events = x'00' WHERE first = 1");
    let findings = checked(folder.path()).findings;
    assert!(findings[0].starts_with("the journal cannot be read at event 1: "), "{findings:?}");
    let id = script(1).id();
    let expected =
        format!("1 calls go on, and their beginning is not in the journal, {id} the first of them");
    assert_eq!(findings[1..], [expected]);
}

#[tokio::test]
async fn that_a_call_has_ended_is_noted_as_long_as_the_journal_has_its_events() {
    let folder = tempfile::tempdir().unwrap();
    let keep_events = Duration::from_secs(3_600);
    let history = SqliteHistory::open(OpenOptions { keep_events, ..options(folder.path()) }).unwrap();
    let ended = Batch { records: vec![Arc::new(script(1).record())], ..events(script(1).events()) };
    history.append(ended).await.unwrap();
    history.append(events(script(2).events())).await.unwrap();
    history.seal_before(later()).await.unwrap();
    let noted = || {
        let connection = Connection::open(folder.path().join("history.db")).unwrap();
        connection.query_row("SELECT count(*) FROM merged_calls", [], |row| row.get::<_, u32>(0)).unwrap()
    };
    assert_eq!(checked(folder.path()).calls, JournalCalls { started: 2, ended: 1, live: 1 });
    assert_eq!(noted(), 1);
    history.heartbeat(Heartbeat::steady(at(2 * DAY))).await.unwrap();
    assert_eq!(checked(folder.path()).calls, JournalCalls { started: 1, ended: 0, live: 1 });
    assert_eq!(noted(), 0);
    assert_whole(folder.path());
}

#[tokio::test]
async fn a_call_that_was_merged_into_one_deleted_for_its_age_does_not_come_back() {
    let folder = tempfile::tempdir().unwrap();
    fill(folder.path()).await;
    let usual = Keep { calls: Some(8), recordings: None };
    let retention = Arc::new(move || Retention { usual, ..Retention::default() });
    let now = Arc::new(|| at(10 * DAY));
    let open = || {
        SqliteHistory::open(OpenOptions {
            retention: retention.clone(),
            now: now.clone(),
            ..options(folder.path())
        })
    };
    let history = open().unwrap();
    assert!(history.delete_expired().await.unwrap() > 0);
    assert!(history.record(vec![AccountId(1)], script(3).id()).await.unwrap().is_none());
    drop(history);
    assert_eq!(checked(folder.path()).calls, JournalCalls { started: 4, ended: 3, live: 1 });
    assert_eq!(open().unwrap().unfinished().await.unwrap(), script(1).events());
}

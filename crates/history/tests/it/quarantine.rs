//! What cannot be stored does not stand in the way of the rest.

use std::{path::Path, sync::Arc};

use call::{AccountId, CallRecord, EventKind, command::RecordingKind, event::Side};
use history::sqlite::latest_noted;
use history::{
    Annotation, AnnotationChange, AnnotationEdit, Annotations, Annotator, Batch, Condition, FoundRecord,
    History, Journal, RecordField, RecordQuery, Records, Reports, SqliteHistory, Test, Value,
    annotations::Author,
};
use rusqlite::Connection;

use crate::{
    calls::{Script, at, call_id, leg_id},
    support::{events, options, records, sqlite, store, told},
};

fn database(folder: &Path) -> Connection {
    Connection::open(folder.join("history.db")).unwrap()
}

fn quarantine(folder: &Path) -> Vec<(String, String)> {
    let database = database(folder);
    let mut select = database.prepare("SELECT what, reason FROM quarantine ORDER BY id").unwrap();
    let rows = select.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
    rows.map(Result::unwrap).collect()
}

fn script(number: u64) -> Script {
    Script::new(number, at(i64::try_from(number).unwrap()), 1, 2)
}

async fn has(history: &impl History, number: u64) -> bool {
    history.record(vec![AccountId(1)], call_id(number)).await.unwrap().is_some()
}

#[tokio::test]
async fn a_record_that_can_never_be_stored_is_put_aside_and_the_others_are_stored() {
    let place = sqlite();
    let history = &place.history;
    store(history, [script(1).record()]).await;
    let spoil = "DELETE FROM calls; UPDATE account_calls SET call = -1";
    database(place.folder.path()).execute_batch(spoil).unwrap();
    let batch = Batch {
        events: told(script(3).events()),
        records: [1, 2].map(|number| Arc::new(script(number).record())).to_vec(),
        ..Batch::default()
    };
    history.append(batch).await.unwrap();
    assert_eq!((has(history, 1).await, has(history, 2).await), (false, true));
    assert_eq!(history.unfinished().await.unwrap(), script(3).events());
    assert_eq!(history.quarantined(), 1);
    let [(what, reason)] = &quarantine(place.folder.path())[..] else { panic!("one is aside") };
    assert_eq!(what, "record");
    assert!(reason.contains("UNIQUE"), "{reason}");
    store(history, [script(4).record()]).await;
    assert_eq!(place.reopen().history.quarantined(), 1);
}

#[tokio::test]
async fn a_call_whose_record_was_put_aside_does_not_come_back_after_a_restart() {
    let place = sqlite();
    store(&place.history, [script(1).record()]).await;
    let mut both = script(1).events();
    both.extend(script(2).events());
    place.history.append(events(both)).await.unwrap();
    let spoil = "DELETE FROM calls; UPDATE account_calls SET call = -1";
    database(place.folder.path()).execute_batch(spoil).unwrap();
    place.history.append(records([script(1).record()])).await.unwrap();
    assert_eq!(place.history.quarantined(), 1);
    assert_eq!(place.reopen().history.unfinished().await.unwrap(), script(2).events());
}

#[tokio::test]
async fn an_event_that_can_never_be_stored_is_put_aside_and_the_others_are_stored() {
    let place = sqlite();
    let refuse = format!(
        "CREATE TRIGGER refuse BEFORE INSERT ON journal WHEN instr(CAST(new.events AS TEXT), '{}') > 0
         BEGIN SELECT RAISE(ABORT, 'it is poison'); END",
        call_id(1)
    );
    database(place.folder.path()).execute_batch(&refuse).unwrap();
    // So few that they lie there as text.
    let (mut all, sound) = (script(1).events(), script(2).events()[..3].to_vec());
    let poison = 3;
    all.truncate(poison);
    all.extend(sound.clone());
    place.history.append(events(all)).await.unwrap();
    assert_eq!(place.history.unfinished().await.unwrap(), sound);
    assert_eq!(place.history.quarantined(), poison as u64);
    let aside = quarantine(place.folder.path());
    assert!(aside.iter().all(|(what, reason)| what == "event" && reason.contains("it is poison")));
    place.history.append(records([script(2).record()])).await.unwrap();
    assert!(place.history.unfinished().await.unwrap().is_empty());
}

#[tokio::test]
async fn an_annotation_that_can_never_be_stored_is_put_aside_and_the_rest_is_stored() {
    let place = sqlite();
    let refuse = "CREATE TRIGGER refuse BEFORE INSERT ON annotation_changes
                  BEGIN SELECT RAISE(ABORT, 'it is poison'); END";
    database(place.folder.path()).execute_batch(refuse).unwrap();
    let edit = AnnotationEdit { is_flagged: Some(true), ..AnnotationEdit::default() };
    let change = AnnotationChange { at: at(1), by: Author::Token, edit };
    let annotation = Annotation { accounts: vec![AccountId(1)], call: call_id(1), change };
    let records = vec![Arc::new(script(1).record())];
    let batch = Batch { annotations: vec![annotation], records, ..Batch::default() };
    place.history.append(batch).await.unwrap();
    assert!(has(&place.history, 1).await);
    let noted = place.history.annotations(vec![(AccountId(1), call_id(1))]).await.unwrap();
    assert_eq!((noted, place.history.quarantined()), (vec![Annotations::default()], 1));
    assert_eq!(quarantine(place.folder.path())[0].0, "annotation");
}

#[tokio::test]
async fn a_row_of_the_journal_that_cannot_be_read_does_not_stop_the_start() {
    let place = sqlite();
    place.history.append(events(script(1).events())).await.unwrap();
    place.history.append(events(script(2).events())).await.unwrap();
    database(place.folder.path())
        .execute("UPDATE journal SET events = CAST('[{\"c\":7}]' AS BLOB) WHERE seq = 1", [])
        .unwrap();
    let place = place.reopen();
    assert_eq!(place.history.unfinished().await.unwrap(), script(2).events());
    assert_eq!(place.history.quarantined(), 1);
    assert_eq!(quarantine(place.folder.path())[0].0, "row of the journal");
}

/// What the other rows hold of its calls would be read at each start, and no record would ever remove it.
#[tokio::test]
async fn of_calls_that_began_in_a_row_that_cannot_be_read_nothing_is_left_behind() {
    let place = sqlite();
    let mut first = script(1).events();
    let rest = first.split_off(1);
    place.history.append(events(first)).await.unwrap();
    let together = rest.iter().cloned().chain(script(2).events()).collect();
    place.history.append(events(together)).await.unwrap();
    place.history.append(events(script(3).events().split_off(1))).await.unwrap();
    database(place.folder.path())
        .execute("UPDATE journal SET events = CAST('[{\"c\":7}]' AS BLOB) WHERE seq = 1", [])
        .unwrap();
    let (place, orphans) = (place.reopen(), rest.len() + script(3).events().len() - 1);
    assert_eq!(place.history.unfinished().await.unwrap(), script(2).events());
    assert_eq!(place.history.quarantined(), orphans as u64 + 1);
    assert_eq!(place.history.latest_append(), 3);
    let place = place.reopen();
    assert_eq!(place.history.quarantined(), orphans as u64 + 1);
    assert_eq!((place.history.latest_append(), latest_noted(place.folder.path()).unwrap()), (3, 3));
    place.history.append(records([script(2).record()])).await.unwrap();
    assert!(place.history.unfinished().await.unwrap().is_empty());
    assert_eq!(latest_noted(place.folder.path()).unwrap(), 4);
}

#[tokio::test]
async fn a_store_of_the_first_version_is_brought_up_to_date_with_its_records() {
    let place = sqlite();
    store(&place.history, [script(1).record()]).await;
    drop(place.history);
    let back = "DROP TABLE annotations; DROP TABLE annotation_changes; DROP TABLE quarantine;
                DROP INDEX calls_in_brief; DROP TABLE daily_calls; DROP TABLE sealed_parts; DROP TABLE superseded;
                DROP TABLE deleted_before; DROP TABLE deleted_movements; DROP TABLE history_counts;
                ALTER TABLE account_calls DROP COLUMN recordings; DROP TABLE balances;
                ALTER TABLE exports DROP COLUMN bytes; ALTER TABLE exports DROP COLUMN sha256;
                DROP TABLE latest_commit;
                DROP TABLE journal; DROP TABLE unfinished; DROP TABLE event_log;
                CREATE TABLE journal (seq INTEGER PRIMARY KEY, format INTEGER NOT NULL, events BLOB NOT NULL) STRICT;
                ALTER TABLE runs DROP COLUMN wall_offset; ALTER TABLE runs DROP COLUMN clock_steps;
                DROP INDEX part_calls; DROP INDEX noted_ends; DROP TABLE parts; DROP TABLE rows_ahead;
                ALTER TABLE merged_calls DROP COLUMN into_call; PRAGMA user_version = 1";
    database(place.folder.path()).execute_batch(back).unwrap();
    let history = SqliteHistory::open(options(place.folder.path())).unwrap();
    let moved = history.balance_movements(vec![AccountId(1)]).await.unwrap();
    assert_eq!(moved[&AccountId(1)], -script(1).record().charge(Side::Origination).unwrap().price);
    store(&history, [recorded(2)]).await;
    assert_eq!(with_recordings(&history, 0).await, [1]);
    assert_eq!(with_recordings(&history, 1).await, [2]);
    let kept = history.record(vec![AccountId(1)], call_id(2)).await.unwrap().unwrap();
    assert_eq!(*kept, recorded(2));
}

/// A call of which the called party's leg was recorded.
fn recorded(number: u64) -> CallRecord {
    let script = script(number);
    let mut told = script.events();
    let leg = leg_id(number * 2 + 1_000_001);
    let begun = EventKind::RecordingStarted { leg, kind: RecordingKind::OnDemand, file: "a.wav".into() };
    let bridged = told.iter().position(|event| matches!(event.kind, EventKind::LegsBridged { .. })).unwrap();
    let event = call::CallEvent { kind: begun, ..(*told[bridged]).clone() };
    told.insert(bridged + 1, Arc::new(event));
    CallRecord::project(script.id(), &told).unwrap()
}

async fn with_recordings(history: &impl History, count: i64) -> Vec<u64> {
    let condition = Condition { field: RecordField::RecordingCount, test: Test::Is(Value::Int(count)) };
    let query = RecordQuery { conditions: vec![condition], ..RecordQuery::newest(vec![AccountId(1)], 10) };
    let page = history.search(query).await.unwrap();
    let number = |found: &FoundRecord| found.record.call_id.as_uuid().as_u128() as u64 & 0xffff_ffff;
    page.records.iter().map(number).collect()
}

/// The reason is gone: what was put aside is stored after all, once.
#[tokio::test]
async fn what_was_put_aside_can_be_stored_after_all_or_thrown_away() {
    use history::sqlite::{QuarantineDesk, Replayed};
    let place = sqlite();
    let refuse = "CREATE TRIGGER refuse BEFORE INSERT ON calls BEGIN SELECT RAISE(ABORT, 'poison'); END";
    database(place.folder.path()).execute_batch(refuse).unwrap();
    store(&place.history, [script(1).record(), script(2).record()]).await;
    let mut desk = QuarantineDesk::open(place.folder.path()).unwrap();
    let aside = desk.list().unwrap();
    assert_eq!(
        aside.iter().map(|one| (&*one.what, one.call)).collect::<Vec<_>>(),
        [("record", Some(call_id(1))), ("record", Some(call_id(2)))]
    );
    assert_eq!(desk.replay(aside[0].id).unwrap(), Replayed::InUse);
    drop(place.history);
    assert!(desk.replay(aside[0].id).is_err(), "the reason is still there");
    database(place.folder.path()).execute_batch("DROP TRIGGER refuse").unwrap();
    assert_eq!(desk.replay(aside[0].id).unwrap(), Replayed::Stored);
    assert_eq!(desk.replay(aside[0].id).unwrap(), Replayed::NotThere);
    assert!(desk.discard(aside[1].id).unwrap() && !desk.discard(aside[1].id).unwrap());
    drop(desk);
    let history = SqliteHistory::open(options(place.folder.path())).unwrap();
    assert_eq!(history.quarantined(), 0);
    let found = history.record(vec![AccountId(1)], call_id(1)).await.unwrap().unwrap();
    assert_eq!(*found, script(1).record());
    assert_eq!(history.record(vec![AccountId(1)], call_id(2)).await.unwrap(), None);
}

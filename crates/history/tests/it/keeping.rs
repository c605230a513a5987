//! What is made into one, deleted for its age, and taken over from elsewhere.

use std::{fs, path::Path, sync::Arc, time::Duration};

use call::{AccountId, CallRecord, Timestamp, record::Recording};
use history::{
    AnnotationChange, AnnotationEdit, Annotator, Keep, OpenOptions, RecordQuery, Records, Retention,
    SqliteHistory,
    sqlite::{Sealing, back_up, check},
};

use crate::{
    calls::{Script, at, call_id},
    sealing::{Answers, DAY, ask, assert_whole, calls, open, sealed_files},
    sealing_store::later,
    support::{Filling, fill, options, store},
};

fn accounts() -> Vec<AccountId> {
    (1..=3).map(AccountId).collect()
}

/// A store to which it is a while after all calls of the tests, and which keeps calls so long.
fn keeping(folder: &Path, retention: Retention) -> SqliteHistory {
    let retention = Arc::new(move || retention.clone());
    SqliteHistory::open(OpenOptions { retention, now: Arc::new(|| at(10 * DAY)), ..options(folder) }).unwrap()
}

/// Account 1 keeps calls of the third day alone, the others for ever.
fn short_for_one() -> Retention {
    let keep = Keep { calls: Some(8), recordings: None };
    Retention { usual: Keep::default(), accounts: [(AccountId(1), keep)].into() }
}

async fn calls_of(history: &SqliteHistory, account: u32) -> Vec<Timestamp> {
    let page = history.search(RecordQuery::newest(vec![AccountId(account)], 1_000)).await.unwrap();
    page.records.into_iter().map(|found| found.record.started_at).collect()
}

#[tokio::test]
async fn parts_of_a_day_are_made_into_one_without_what_was_stored_anew() {
    let folder = tempfile::tempdir().unwrap();
    let history = open(folder.path());
    let calls = calls(300);
    for portion in calls.chunks(75) {
        store(&history, portion.to_vec()).await;
        history.seal_before(later()).await.unwrap();
    }
    let anew = |number: u64| Script {
        talk: Duration::from_secs(7),
        ..Script::new(number, calls[number as usize - 1].started_at, 1, 2)
    };
    store(&history, (30..60).map(|number| anew(number).record())).await;
    history.seal_before(later()).await.unwrap();
    let expected = ask(&history).await;
    assert_eq!(sealed_files(folder.path(), "calls").len(), 15);
    assert_eq!(history.fold_before(later()).await.unwrap(), 15);
    assert_eq!(ask(&history).await, expected);
    assert_eq!(
        [sealed_files(folder.path(), "calls").len(), sealed_files(folder.path(), "records").len()],
        [3, 3]
    );
    assert_whole(folder.path());
    assert_eq!(history.fold_before(later()).await.unwrap(), 0);
    drop(history);
    assert_eq!(ask(&open(folder.path())).await, expected);
}

#[tokio::test]
async fn who_keeps_calls_for_a_shorter_time_loses_its_own_and_no_one_elses() {
    for filling in [Filling::Hot, Filling::HalfSealed, Filling::Sealed] {
        let folder = tempfile::tempdir().unwrap();
        let calls = calls(300);
        let history = open(folder.path());
        fill(&history, &calls, filling).await;
        let note =
            AnnotationChange { at: at(5), by: history::annotations::Author::Token, edit: noted("a call") };
        history.annotate(accounts(), call_id(60), note.clone()).await.unwrap();
        history.annotate(accounts(), call_id(62), note).await.unwrap();
        let (before, all) = (ask(&history).await, calls_of(&history, 1).await);
        let others = [calls_of(&history, 2).await, calls_of(&history, 3).await];
        drop(history);

        let history = keeping(folder.path(), short_for_one());
        let kept: Vec<Timestamp> =
            all.iter().copied().filter(|started| *started >= at(2 * DAY - DAY / 2)).collect();
        let deleted = history.delete_expired().await.unwrap();
        assert!(!kept.is_empty() && kept.len() < all.len());
        assert!(deleted as usize >= all.len() - kept.len() || deleted == 0, "{deleted}");
        assert_eq!(calls_of(&history, 1).await, kept, "{filling:?}");
        assert_eq!([calls_of(&history, 2).await, calls_of(&history, 3).await], others);
        assert_eq!(ask(&history).await.balances, before.balances);
        assert_whole(folder.path());
        // 60 is an internal call of account 1 on the first day; 62 is of the third, which it keeps.
        assert_eq!(history.record(vec![AccountId(1)], call_id(60)).await.unwrap(), None);
        let notes = history
            .annotations(vec![(AccountId(1), call_id(60)), (AccountId(1), call_id(62))])
            .await
            .unwrap();
        assert_eq!(notes.iter().map(|notes| notes.notes.is_some()).collect::<Vec<_>>(), [false, true]);
        // 63 goes from account 1 to 2, on the first day.
        let seen = |accounts| history.record(accounts, call_id(63));
        assert_eq!(seen(vec![AccountId(1)]).await.unwrap(), None);
        assert_eq!(seen(vec![AccountId(2)]).await.unwrap().as_deref(), Some(&calls[62]));
        assert_eq!(history.delete_expired().await.unwrap(), 0);
    }
}

fn noted(text: &str) -> AnnotationEdit {
    AnnotationEdit { notes: Some(text.into()), ..AnnotationEdit::default() }
}

#[tokio::test]
async fn a_day_that_nobody_keeps_goes_with_its_files_and_no_number_is_given_again() {
    let [folder, copied] = [(); 2].map(|()| tempfile::tempdir().unwrap());
    let history = open(folder.path());
    fill(&history, &calls(200), Filling::Sealed).await;
    let before = ask(&history).await;
    back_up(folder.path(), copied.path(), |_, _, _| {}).unwrap();
    drop(history);
    let usual = Keep { calls: Some(3), recordings: None };
    let history = keeping(folder.path(), Retention { usual, ..Retention::default() });
    history.delete_expired().await.unwrap();
    for kind in ["calls", "records"] {
        assert_eq!(sealed_files(folder.path(), kind).len(), 0);
    }
    assert_eq!(
        ask(&history).await,
        Answers { balances: before.balances, ..ask(&open(tempfile::tempdir().unwrap().path())).await }
    );
    assert_whole(folder.path());
    assert_eq!(history.census().await.unwrap().records, 0);
    let figures = history.sealed_figures();
    assert_eq!((figures.parts, figures.deleted_rows > 200), (0, true));
    store(&history, [Script::new(900, at(9 * DAY), 1, 2).record()]).await;
    assert_eq!(history.search(RecordQuery::newest(accounts(), 5)).await.unwrap().records[0].serial, 201);
    back_up(folder.path(), copied.path(), |_, _, _| {}).unwrap();
    assert_eq!(sealed_files(copied.path(), "calls").len(), 0, "a backup keeps nothing that was deleted");
}

#[tokio::test]
async fn recordings_go_with_their_calls_or_before_them() {
    let [folder, recordings] = [(); 2].map(|()| tempfile::tempdir().unwrap());
    let calls: Vec<_> = calls(12).into_iter().map(recorded).collect();
    let names: Vec<_> = calls.iter().map(|call| call.recordings[0].file.to_string()).collect();
    for name in names.iter().map(String::as_str).chain(["greeting.wav"]) {
        fs::write(recordings.path().join(name), "").unwrap();
    }
    let history = open(folder.path());
    fill(&history, &calls, Filling::HalfSealed).await;
    drop(history);
    let history = recording(folder.path(), recordings.path(), recordings_of_one());
    history.delete_expired().await.unwrap();
    // What account 1 sends on the first day is what is recorded for it.
    let left: Vec<_> = names.iter().map(|name| recordings.path().join(name).exists()).collect();
    assert_eq!(left, (1..=12).map(|number| number % 3 != 0).collect::<Vec<_>>());
    assert!(recordings.path().join("greeting.wav").exists());
    assert_eq!(history.census().await.unwrap().records, 12);
}

/// Account 1 keeps recordings of the third day alone.
fn recordings_of_one() -> Retention {
    let keep = Keep { calls: None, recordings: Some(8) };
    Retention { usual: Keep::default(), accounts: [(AccountId(1), keep)].into() }
}

/// The same as [`keeping`], with recordings in a folder.
fn recording(folder: &Path, recordings: &Path, retention: Retention) -> SqliteHistory {
    let (retention, recordings) = (Arc::new(move || retention.clone()), Some(recordings.into()));
    let now = Arc::new(|| at(10 * DAY));
    SqliteHistory::open(OpenOptions { retention, recordings, now, ..options(folder) }).unwrap()
}

#[tokio::test]
async fn a_recording_of_a_call_that_was_merged_into_another_goes_with_that_one() {
    let [folder, recordings] = [(); 2].map(|()| tempfile::tempdir().unwrap());
    // Account 1 sends it, on the first day.
    let mut call = recorded(calls(3).remove(2));
    call.absorbed = vec![call_id(700)];
    let name = format!("{}-{}-1.wav", call_id(700), call.legs[0].leg_id);
    call.recordings[0].file = name.as_str().into();
    fs::write(recordings.path().join(&name), "").unwrap();
    let history = open(folder.path());
    store(&history, [call]).await;
    drop(history);
    let history = recording(folder.path(), recordings.path(), recordings_of_one());
    history.delete_expired().await.unwrap();
    assert!(!recordings.path().join(name).exists());
}

/// Makes a file unreadable; gives what it was.
fn damage(file: &Path) -> Vec<u8> {
    let whole = fs::read(file).unwrap();
    fs::write(file, vec![0; whole.len()]).unwrap();
    whole
}

#[tokio::test]
async fn one_damaged_file_does_not_keep_the_others_calls_and_recordings_from_being_deleted() {
    let [folder, recordings] = [(); 2].map(|()| tempfile::tempdir().unwrap());
    let mut calls: Vec<_> = calls(12).into_iter().map(recorded).collect();
    calls[2].absorbed = vec![call_id(700)];
    let names: Vec<_> = calls.iter().map(|call| call.recordings[0].file.to_string()).collect();
    names.iter().for_each(|name| fs::write(recordings.path().join(name), "").unwrap());
    let history = open(folder.path());
    fill(&history, &calls, Filling::Sealed).await;
    drop(history);
    for file in &sealed_files(folder.path(), "records")[..2] {
        damage(file);
    }
    // Account 1 keeps no calls of the first two days, and account 2 no recordings. The records of the first day are
    // unreadable.
    let keeps = |calls, recordings| Keep { calls, recordings };
    let accounts = [(AccountId(1), keeps(Some(8), None)), (AccountId(2), keeps(None, Some(8)))].into();
    let retention = Retention { usual: Keep::default(), accounts };
    let history = recording(folder.path(), recordings.path(), retention);
    history.delete_expired().await.unwrap();
    let figures = history.sealed_figures();
    assert!(figures.deleted_rows > 0 && figures.damaged.len() == 2, "{figures:?}");
    assert!(
        figures.damaged.iter().all(|file| file.starts_with("records/day=2026-01-01/part-")),
        "{figures:?}"
    );
    let left = |number: usize| recordings.path().join(&names[number - 1]).exists();
    assert!(left(3) && !left(4), "of the second day alone it is known whose they are");
}

/// A call of the first day, of which no two hundred fit into one block of a file.
fn long_named(number: u64) -> CallRecord {
    let word = |place: u64| format!("{:016x}", (number * 1_000 + place).wrapping_mul(0x9e37_79b9_7f4a_7c15));
    let name = (0..16).map(word).collect::<String>().into();
    CallRecord { caller_name: Some(name), ..Script::new(number, at(number as i64), 1, 2).record() }
}

#[tokio::test]
async fn a_day_with_a_damaged_file_is_made_into_one_once_it_is_whole_under_a_number_that_no_part_had() {
    let folder = tempfile::tempdir().unwrap();
    let history = open(folder.path());
    for portion in 0..3 {
        store(&history, (1..=200).map(|number| long_named(200 * portion + number))).await;
        history.seal_before(later()).await.unwrap();
    }
    drop(history);
    let file = sealed_files(folder.path(), "records").remove(1);
    let whole = fs::read(&file).unwrap();
    let mut bytes = whole.clone();
    // Within the records, so that it is found as they are copied.
    bytes[whole.len() / 2] ^= 4;
    fs::write(&file, bytes).unwrap();
    let history = open(folder.path());
    for _ in 0..2 {
        assert_eq!(history.fold_before(later()).await.unwrap(), 0);
        assert_eq!(sealed_files(folder.path(), "calls").len(), 3, "nothing half made is left");
    }
    drop(history);
    fs::write(&file, whole).unwrap();
    let history = open(folder.path());
    assert_eq!(history.fold_before(later()).await.unwrap(), 3);
    let name = sealed_files(folder.path(), "calls")[0].file_name().unwrap().to_owned();
    // 4 was given to what could not be made; it was tried once.
    assert_eq!(name, "part-5.parquet");
    drop(history);
    assert_whole(folder.path());
}

#[tokio::test]
async fn what_was_deleted_for_its_age_is_not_taken_over_again() {
    for filling in [Filling::Hot, Filling::HalfSealed, Filling::Sealed] {
        let folder = tempfile::tempdir().unwrap();
        let calls = calls(60);
        let history = open(folder.path());
        fill(&history, &calls, filling).await;
        let before = ask(&history).await.balances;
        drop(history);
        let usual = Keep { calls: Some(8), recordings: None };
        let history = keeping(folder.path(), Retention { usual, ..Retention::default() });
        history.delete_expired().await.unwrap();
        assert_eq!(history.import(calls.clone()).await.unwrap(), 0, "{filling:?}");
        assert_eq!(ask(&history).await.balances, before);
        drop(history);
        // A store that was written before the days of what is deleted were noted.
        let undone = "DROP INDEX noted_ends; DROP TABLE deleted_before; PRAGMA user_version = 13";
        rusqlite::Connection::open(folder.path().join("history.db")).unwrap().execute_batch(undone).unwrap();
        let history = keeping(folder.path(), Retention::default());
        assert_eq!(history.import(calls).await.unwrap(), 0, "{filling:?}");
        let late = Script::new(901, at(2 * DAY + 9), 1, 2).record();
        assert_eq!(history.import(vec![late]).await.unwrap(), 1, "of a day that is kept");
        assert_whole(folder.path());
    }
}

fn recorded(mut call: CallRecord) -> CallRecord {
    let leg = call.legs[0].leg_id;
    let file = format!("{}-{leg}-1.wav", call.call_id).into();
    let kind = call::command::RecordingKind::Standing;
    let (started_at, ended_at) = (call.started_at, call.ended_at);
    call.recordings = vec![Recording { leg, kind, file, started_at, ended_at }];
    call
}

#[tokio::test]
async fn records_from_elsewhere_are_sealed_at_once_and_each_is_taken_once() {
    let [folder, beside] = [(); 2].map(|()| tempfile::tempdir().unwrap());
    let calls = calls(240);
    let stored = open(beside.path());
    store(&stored, calls.clone()).await;
    let expected = ask(&stored).await;
    let history = keeping(folder.path(), Retention::default());
    assert_eq!(history.import(calls[..150].to_vec()).await.unwrap(), 150);
    let twice = calls[100..].iter().chain(&calls[200..]).cloned().collect();
    assert_eq!(history.import(twice).await.unwrap(), 90);
    assert_eq!(history.import(calls).await.unwrap(), 0);
    assert_eq!(ask(&history).await, expected);
    assert_whole(folder.path());
    assert_eq!(history.census().await.unwrap().records, 240);
    let today = Script::new(300, at(10 * DAY), 1, 2).record();
    assert_eq!(history.import(vec![today.clone(), today]).await.unwrap(), 1);
    assert_whole(folder.path());
    assert_eq!(history.fold_before(later()).await.unwrap(), 6);
    assert_eq!(history.census().await.unwrap().records, 241);
}

/// What came after the release before sealed days, undone.
const BACK: &str = "
DROP INDEX noted_ends;
DROP TABLE deleted_before; DROP TABLE deleted_movements; DROP TABLE history_counts; DROP TABLE sealed_parts; DROP TABLE superseded;
DROP TABLE journal; DROP TABLE unfinished; DROP TABLE event_log;
CREATE TABLE journal (
    seq INTEGER PRIMARY KEY, format INTEGER NOT NULL, events BLOB NOT NULL, run INTEGER, taken_at INTEGER
) STRICT;
PRAGMA user_version = 10";

fn make_old(folder: &Path) {
    rusqlite::Connection::open(folder.join("history.db")).unwrap().execute_batch(BACK).unwrap();
}

#[tokio::test]
async fn a_store_of_a_release_before_sealed_days_is_sealed_in_the_background_and_answers_meanwhile() {
    let folder = tempfile::tempdir().unwrap();
    let history = open(folder.path());
    store(&history, calls(1_500)).await;
    let expected = ask(&history).await;
    drop(history);
    make_old(folder.path());
    let sealing = Some(Sealing { after: Duration::ZERO });
    let history = OpenOptions { sealing, now: Arc::new(later), ..options(folder.path()) };
    let history = SqliteHistory::open(history).unwrap();
    let mut asked = 0;
    while history.sealed_figures().days < 3 {
        assert_eq!(ask(&history).await, expected);
        asked += 1;
    }
    assert!(asked > 0);
    assert_eq!(history.sealed_figures().days_behind, 0);
    assert_eq!(ask(&history).await, expected);
    drop(history);
    assert_whole(folder.path());
    assert_eq!(check(folder.path(), |_, _, _| {}).unwrap().hot_rows, 0);
}

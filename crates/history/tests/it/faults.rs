//! What the store does when something breaks.

use std::{
    collections::BTreeSet,
    env,
    error::Error,
    io::{BufRead, BufReader, Write},
    path::Path,
    process::{Child, Command, Stdio},
    sync::Arc,
    time::Duration,
};

use call::{AccountId, CallId, CustomerId, event::Side};
use history::{
    Batch, Condition, ExportStatus, Exports, HistoryError, Journal, NewExport, OpenError, OpenOptions,
    RecordField, RecordPage, RecordQuery, Records, Reports, SqliteHistory, Test,
    export::{ExportFormat, FieldValue, FileType, Opened, RowPrinter, UnreadableRequest},
};
use rust_decimal::Decimal;

use crate::{
    calls::{Script, at, call_id},
    support::{self, Starts, events, options, records, sqlite, told},
};

/// Says to the test program that it is the child that is to be killed, and in which folder.
const CHILD: &str = "TRUNKLINE_TEST_CHILD";

#[tokio::test]
async fn what_was_appended_is_there_after_the_store_was_dropped() {
    let store = sqlite();
    let (going, ended) = (Script::new(1, at(0), 1, 2), Script::new(2, at(0), 1, 2));
    store.history.append(events(going.events())).await.unwrap();
    support::store(&store.history, [ended.record()]).await;
    let store = store.reopen();
    assert_eq!(store.history.unfinished().await.unwrap(), going.events());
    let found = store.history.record(vec![AccountId(1)], ended.id()).await.unwrap();
    assert_eq!(found.as_deref(), Some(&ended.record()));
}

#[tokio::test]
async fn what_is_under_way_when_the_store_is_dropped_is_written() {
    let store = sqlite();
    let script = Script::new(1, at(0), 1, 2);
    let mut appending = store.history.append(events(script.events()));
    // Asked once, it has handed the batch over; nobody waits for the answer.
    tokio::select! {
        biased;
        result = &mut appending => result.unwrap(),
        () = std::future::ready(()) => {}
    }
    drop(appending);
    drop(store.history);
    let history = SqliteHistory::open(options(store.folder.path())).unwrap();
    assert_eq!(history.unfinished().await.unwrap(), script.events());
}

#[tokio::test]
async fn after_a_restart_an_ended_call_does_not_come_back_from_a_row_that_others_hold() {
    let store = sqlite();
    let scripts = [1, 2, 3].map(|number| Script::new(number, at(0), 1, 2));
    let all = scripts.iter().flat_map(Script::events).collect();
    store.history.append(events(all)).await.unwrap();
    support::store(&store.history, [scripts[0].record()]).await;
    let store = store.reopen();
    let mut merged = scripts[1].record();
    merged.absorbed = vec![scripts[2].id()];
    assert_eq!(
        store.history.unfinished().await.unwrap(),
        [scripts[1].events(), scripts[2].events()].concat()
    );
    store.history.append(events(scripts[0].events())).await.unwrap();
    support::store(&store.history, [merged]).await;
    let store = store.reopen();
    assert_eq!(store.history.unfinished().await.unwrap(), scripts[0].events());
}

#[tokio::test]
async fn after_a_restart_events_that_came_after_a_replaced_record_are_still_there() {
    let store = sqlite();
    let (first, second) = (Script::new(1, at(0), 1, 2), Script::new(2, at(0), 1, 2));
    support::store(&store.history, [first.record()]).await;
    support::store(&store.history, [second.record()]).await;
    for _ in 0..3 {
        support::store(&store.history, [first.record()]).await;
    }
    let store = store.reopen();
    // If the numbers of commits began anew behind the replaced record, these would seem to be older.
    store.history.append(events(first.events())).await.unwrap();
    assert_eq!(store.history.unfinished().await.unwrap(), first.events());
    let store = store.reopen();
    assert_eq!(store.history.unfinished().await.unwrap(), first.events());
}

/// The child appends calls and says which of them are safe; it is killed at some moment, and then all that
/// it said must be there, and nothing twice.
#[tokio::test]
async fn after_kill_9_everything_that_was_acknowledged_is_there_once() {
    if let Some(folder) = env::var_os(CHILD) {
        return append_until_killed(Path::new(&folder)).await;
    }
    let folder = tempfile::tempdir().unwrap();
    for round in 0..5 {
        let acknowledged = run_child_and_kill_it(folder.path(), 40 + 37 * round);
        let history = SqliteHistory::open(OpenOptions::new(folder.path())).unwrap();
        check(&history, &acknowledged).await;
    }
}

/// Says `events N` or `record N` for each call number N, once that is durable.
async fn append_until_killed(folder: &Path) {
    let history = SqliteHistory::open(OpenOptions::new(folder)).unwrap();
    let known = history.search(RecordQuery::newest(vec![AccountId(1)], 1)).await.unwrap();
    let first = known.records.first().map_or(1, |found| found.record.started_at.since(at(0)).as_secs());
    for number in first + 10.. {
        let script = Script::new(number, at(number as i64), 1, 2);
        history.append(events(script.events())).await.unwrap();
        say("events", number);
        let ended = Script::new(number - 3, at(number as i64 - 3), 1, 2);
        history.append(records([ended.record()])).await.unwrap();
        say("record", number - 3);
    }
}

/// Writes past the test program, which would hold it back until the end.
fn say(what: &str, number: u64) {
    let mut out = std::io::stdout().lock();
    writeln!(out, "said {what} {number}").unwrap();
    out.flush().unwrap();
}

/// What the child said until it was killed, after so many lines.
fn run_child_and_kill_it(folder: &Path, lines: usize) -> Vec<(String, u64)> {
    let name = "faults::after_kill_9_everything_that_was_acknowledged_is_there_once";
    let mut child = Command::new(env::current_exe().unwrap())
        .args(["--exact", name, "--nocapture"])
        .env(CHILD, folder)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut said = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
    let mut acknowledged: Vec<_> = said.by_ref().filter_map(|line| parse(&line)).take(lines).collect();
    kill(&mut child);
    // What it had said before it died.
    acknowledged.extend(said.filter_map(|line| parse(&line)));
    assert!(acknowledged.len() >= lines, "the child died by itself");
    acknowledged
}

fn kill(child: &mut Child) {
    child.kill().unwrap();
    child.wait().unwrap();
}

fn parse(line: &str) -> Option<(String, u64)> {
    let (what, number) = line.split_once("said ")?.1.split_once(' ')?;
    Some((what.to_owned(), number.parse().ok()?))
}

async fn check(history: &SqliteHistory, acknowledged: &[(String, u64)]) {
    let unfinished = history.unfinished().await.unwrap();
    let told = |id: CallId| unfinished.iter().filter(|event| event.call_id == id).count();
    let of = |wanted: &str| -> BTreeSet<_> {
        acknowledged.iter().filter(|(what, _)| what == wanted).map(|(_, number)| *number).collect()
    };
    let (appended, recorded) = (of("events"), of("record"));
    for number in &recorded {
        let record = history.record(vec![AccountId(2)], call_id(*number)).await.unwrap();
        assert_eq!(record.map(|record| record.call_id), Some(call_id(*number)));
        assert_eq!(told(call_id(*number)), 0, "call {number} has a record and is still going on");
    }
    for number in appended.difference(&recorded) {
        let has_record = history.record(vec![AccountId(1)], call_id(*number)).await.unwrap().is_some();
        // The record of the last one may have been stored without our having heard of it.
        assert_eq!(told(call_id(*number)), if has_record { 0 } else { 10 }, "call {number}");
    }
    let all = RecordQuery { count: true, ..RecordQuery::newest(vec![AccountId(1)], u32::MAX) };
    let page = history.search(all).await.unwrap();
    let ids: BTreeSet<_> = page.records.iter().map(|found| found.record.call_id).collect();
    assert_eq!((ids.len(), page.total), (page.records.len(), Some(ids.len() as u64)));
    check_balance(history, &page).await;
}

/// The balance of account 1 has moved by what the calls cost that are there, neither more nor less.
async fn check_balance(history: &SqliteHistory, page: &RecordPage) {
    let costs = page.records.iter().filter_map(|found| found.record.charge(Side::Origination));
    let total: Decimal = costs.map(|charge| charge.price).sum();
    let moved = history.balance_movements(vec![AccountId(1)]).await.unwrap();
    assert_eq!(moved[&AccountId(1)], -total);
}

#[tokio::test]
async fn an_export_that_was_cut_off_is_done_after_the_next_start() {
    if let Some(folder) = env::var_os(CHILD) {
        return export_until_killed(Path::new(&folder)).await;
    }
    let folder = tempfile::tempdir().unwrap();
    let name = "faults::an_export_that_was_cut_off_is_done_after_the_next_start";
    let mut child = Command::new(env::current_exe().unwrap())
        .args(["--exact", name, "--nocapture"])
        .env(CHILD, folder.path())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let said = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
    assert!(said.filter_map(|line| parse(&line)).next().is_some(), "the child died by itself");
    kill(&mut child);

    let part = |name: &str| name.ends_with(".part");
    assert_eq!(files(&folder.path().join("exports")).iter().filter(|name| part(name)).count(), 1);
    let history = SqliteHistory::open(options(folder.path())).unwrap();
    let export = loop {
        let page = history.exports(vec![AccountId(1)], 0, 10).await.unwrap();
        assert_eq!(page.total, 1);
        match page.exports.into_iter().next().unwrap() {
            export if export.status == ExportStatus::Pending => tokio::task::yield_now().await,
            export => break export,
        }
    };
    assert_eq!((export.status, export.rows), (ExportStatus::Completed, Some(1)));
    assert_eq!(files(&folder.path().join("exports")), [format!("{}.csv.gz", export.id)]);

    let whole = history.create_export(an_export()).await.unwrap();
    let whole = loop {
        match history.export(vec![AccountId(1)], whole.id).await.unwrap().unwrap() {
            export if export.status == ExportStatus::Pending => tokio::task::yield_now().await,
            export => break export,
        }
    };
    assert_eq!(whole.file, export.file, "the file is another than that of an export without a break");
}

fn an_export() -> NewExport {
    NewExport {
        customer: CustomerId(1),
        account: AccountId(1),
        format: "starts".into(),
        request: "asc 0".into(),
        created_at: at(0),
    }
}

fn files(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).unwrap();
    entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

/// Begins an export that never ends, and says so when it is in the middle of it.
async fn export_until_killed(folder: &Path) {
    let formats: Vec<Arc<dyn ExportFormat>> = vec![Arc::new(Endless)];
    let history = SqliteHistory::open(OpenOptions { formats, ..OpenOptions::new(folder) }).unwrap();
    support::store(&history, [Script::new(1, at(0), 1, 2).record()]).await;
    history.create_export(an_export()).await.unwrap();
    std::future::pending().await
}

/// Like [`Starts`], but its row never comes to an end.
struct Endless;

impl ExportFormat for Endless {
    fn name(&self) -> &'static str {
        Starts.name()
    }

    fn file_type(&self) -> FileType {
        Starts.file_type()
    }

    fn open(&self, account: AccountId, request: &str) -> Result<Opened, UnreadableRequest> {
        Ok(Opened { printer: Box::new(Endless), ..Starts.open(account, request)? })
    }
}

impl RowPrinter for Endless {
    fn fields(&self) -> Vec<RecordField> {
        Starts.fields()
    }

    fn header(&mut self, _: &mut Vec<u8>) {}

    fn row(&mut self, _: &[FieldValue<'_>], _: &mut Vec<u8>) {
        say("export", 1);
        loop {
            std::thread::park();
        }
    }

    fn footer(&mut self, _: &mut Vec<u8>) {}
}

/// Room for the tables and not much more.
const SMALL: u64 = 400_000;

#[tokio::test]
async fn a_full_disk_fails_the_append_and_leaves_nothing_half_stored() {
    let folder = tempfile::tempdir().unwrap();
    let small = || OpenOptions { size_limit: Some(SMALL), ..OpenOptions::new(folder.path()) };
    let history = SqliteHistory::open(small()).unwrap();
    let batch = |number: u64| Batch {
        events: told(Script::new(number, at(0), 1, 2).events()),
        records: vec![Arc::new(Script::new(number + 1_000, at(0), 1, 2).record())],
        ..Batch::default()
    };
    let mut stored = 0;
    let error = loop {
        match history.append(batch(stored + 1)).await {
            Ok(()) => stored += 1,
            Err(error) => break error,
        }
    };
    assert!(matches!(error, HistoryError::Store { .. }), "{error}");
    let cause = error.source().expect("it has a cause").to_string();
    assert!(cause.contains("full"), "{cause}");
    assert!(stored > 10, "only {stored} batches went in");
    assert_holds(&history, stored).await;

    drop(history);
    assert_holds(&SqliteHistory::open(small()).unwrap(), stored).await;
    let history = SqliteHistory::open(OpenOptions::new(folder.path())).unwrap();
    history.append(batch(stored + 1)).await.unwrap();
    assert_holds(&history, stored + 1).await;
}

async fn assert_holds(history: &SqliteHistory, batches: u64) {
    let unfinished = history.unfinished().await.unwrap();
    let expected: Vec<_> = (1..=batches).flat_map(|n| Script::new(n, at(0), 1, 2).events()).collect();
    assert_eq!(unfinished, expected);
    let all = RecordQuery { count: true, ..RecordQuery::newest(vec![AccountId(2)], 0) };
    assert_eq!(history.search(all).await.unwrap().total, Some(batches));
}

#[tokio::test]
async fn when_there_is_room_again_appending_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let options = OpenOptions { size_limit: Some(SMALL), ..OpenOptions::new(folder.path()) };
    let history = SqliteHistory::open(options).unwrap();
    let mut going = Vec::new();
    for number in 1.. {
        let script = Script::new(number, at(0), 1, 2);
        match history.append(events(script.events())).await {
            Ok(()) => going.push(script),
            Err(_) => break,
        }
    }
    // The end of calls makes room, as their events may go from the log.
    for script in going.drain(..10) {
        history.append(records([script.record()])).await.unwrap();
    }
    let next = Script::new(1_000, at(0), 1, 2);
    history.append(events(next.events())).await.unwrap();
    going.push(next);
    let expected: Vec<_> = going.iter().flat_map(Script::events).collect();
    assert_eq!(history.unfinished().await.unwrap(), expected);
}

#[tokio::test]
async fn a_query_that_takes_too_long_is_broken_off_and_the_next_one_answers() {
    let folder = tempfile::tempdir().unwrap();
    let options = OpenOptions { query_limit: Duration::ZERO, readers: 1, ..OpenOptions::new(folder.path()) };
    let history = SqliteHistory::open(options).unwrap();
    let many = (0..3_000).map(|number| Script::new(number, at(number as i64), 1, 2).record());
    support::store(&history, many).await;
    let nobody = Condition { field: RecordField::CalledRouted, test: Test::Contains("nobody".into()) };
    let count = RecordQuery { count: true, ..RecordQuery::newest(vec![AccountId(1)], 0) };
    let count = RecordQuery { conditions: vec![nobody], ..count };
    let error = history.search(count).await.unwrap_err();
    assert!(matches!(error, HistoryError::TooSlow { .. }), "{error}");
    assert!(history.record(vec![AccountId(1)], call_id(7)).await.unwrap().is_some());
}

#[test]
fn a_folder_that_is_in_use_is_refused() {
    let store = sqlite();
    let refused = SqliteHistory::open(OpenOptions::new(store.folder.path())).err().expect("it is refused");
    assert!(matches!(&refused, OpenError::InUse { path } if path == store.folder.path()), "{refused}");
}

#[test]
fn a_database_of_a_later_release_is_refused_and_left_as_it_is() {
    let store = sqlite();
    drop(store.history);
    let path = store.folder.path().join("history.db");
    let database = rusqlite::Connection::open(&path).unwrap();
    database.pragma_update(None, "user_version", 999).unwrap();
    drop(database);
    let before = std::fs::read(&path).unwrap();
    let refused = SqliteHistory::open(OpenOptions::new(store.folder.path())).err().expect("it is refused");
    assert!(matches!(refused, OpenError::Newer { found: 999, .. }), "{refused}");
    assert!(refused.to_string().contains("999"));
    assert_eq!(std::fs::read(&path).unwrap(), before);
}

#[test]
fn a_file_that_is_no_database_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("history.db"), "a letter, and a long one at that".repeat(100)).unwrap();
    let refused = SqliteHistory::open(OpenOptions::new(folder.path())).err().expect("it is refused");
    assert!(matches!(refused, OpenError::Database(_)), "{refused}");
}

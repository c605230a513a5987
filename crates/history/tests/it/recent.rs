//! The running day in memory.

use std::{path::Path, sync::Arc};

use call::{
    AccountId,
    event::Side,
    filter::CallFilter,
    series::Grid,
    statistics::{Sampling, Statistics},
};
use history::{
    Condition, LegField, OpenOptions, RecordField, RecordQuery, Records, Reports, Sort, SqliteHistory, Test,
    Value,
};

use crate::{
    calls::{Script, at, seconds},
    sealing::{DAY, calls, open},
    sealing_store::later,
    support::{Filling, fill, options, store},
};

/// A chart of each account and its statistics.
async fn charts(history: &SqliteHistory) -> Vec<(Vec<u32>, Statistics)> {
    let mut charts = Vec::new();
    for account in (1..=3).map(AccountId) {
        for side in [Side::Origination, Side::Termination] {
            let grid = Grid::aligned(at(0), at(3 * DAY), seconds(60));
            let chart =
                history.active_calls(account, side, grid, CallFilter::default(), vec![]).await.unwrap();
            let range = at(-DAY)..at(4 * DAY);
            let statistics =
                history.statistics(account, side, range, CallFilter::default(), Sampling::Day).await.unwrap();
            charts.push((chart, statistics));
        }
    }
    charts
}

/// Searches by what is kept in memory, counted.
fn searches() -> Vec<RecordQuery> {
    let condition = |field, test| Condition { field, test };
    let is = |number| Test::Is(Value::Int(number));
    let conditions = [
        vec![condition(RecordField::CalledReceived, Test::Contains("415".into()))],
        vec![condition(RecordField::ConnectedSeconds, Test::AtLeast(Value::Int(61)))],
        vec![condition(RecordField::IsAnswered, Test::Is(Value::Bool(true)))],
        vec![condition(RecordField::Leg(Side::Origination, LegField::Code), is(200))],
        vec![condition(
            RecordField::Leg(Side::Origination, LegField::SipCallId),
            Test::Contains("7-true".into()),
        )],
        vec![condition(RecordField::Leg(Side::Termination, LegField::LocalTag), Test::Contains("G7".into()))],
        vec![condition(
            RecordField::Leg(Side::Origination, LegField::UserAgent),
            Test::StartsWith("Phone".into()),
        )],
        vec![condition(RecordField::Leg(Side::Termination, LegField::Port), is(5_060))],
        vec![condition(
            RecordField::Leg(Side::Termination, LegField::Reason),
            Test::Is(Value::Text("OK".into())),
        )],
        vec![condition(RecordField::StartedAt, Test::AtLeast(Value::Time(at(DAY))))],
    ];
    let accounts = |accounts: &[u32]| accounts.iter().copied().map(AccountId).collect();
    let query = |conditions| RecordQuery {
        conditions,
        count: true,
        sort: Sort { field: RecordField::Talk, descending: true },
        ..RecordQuery::newest(accounts(&[1, 2, 3]), 0)
    };
    conditions.map(query).into()
}

/// How much each finds.
async fn counts(history: &SqliteHistory) -> Vec<Option<u64>> {
    let mut counts = Vec::new();
    for query in searches() {
        counts.push(history.search(query).await.unwrap().total);
    }
    counts
}

/// Everything was read that was stored before the store was opened.
async fn loaded(history: &SqliteHistory) {
    history.seal_before(at(-100 * DAY)).await.unwrap();
}

/// A store with 300 calls of the running day, opened again since if it is restarted.
async fn stored(folder: &Path, is_restarted: bool) -> SqliteHistory {
    let mut history = open(folder);
    store(&history, calls(300)).await;
    loaded(&history).await;
    if is_restarted {
        drop(history);
        history = open(folder);
        loaded(&history).await;
    }
    history
}

/// Takes the rows of accounts' calls away behind the back of whoever has the store open.
fn take_rows_away(folder: &Path) {
    let database = rusqlite::Connection::open(folder.join("history.db")).unwrap();
    assert!(database.execute("DELETE FROM account_calls", []).unwrap() > 0);
}

#[tokio::test]
async fn charts_of_the_running_day_cost_no_rows_after_a_restart_either() {
    for is_restarted in [false, true] {
        let folder = tempfile::tempdir().unwrap();
        let history = stored(folder.path(), is_restarted).await;
        let expected = charts(&history).await;
        let has_calls = |(chart, statistics): &(Vec<u32>, Statistics)| {
            statistics.total().calls > 0 && chart.iter().any(|active| *active > 0)
        };
        assert!(expected.iter().any(has_calls));
        take_rows_away(folder.path());
        assert_eq!(charts(&history).await, expected, "restarted: {is_restarted}");
        assert!(history.sealed_figures().recent_rows >= 300);
        assert!(history.sealed_figures().recent_bytes > 0);
    }
}

#[tokio::test]
async fn counts_of_the_running_day_cost_no_rows_after_a_restart_either() {
    for is_restarted in [false, true] {
        let folder = tempfile::tempdir().unwrap();
        let history = stored(folder.path(), is_restarted).await;
        let expected = counts(&history).await;
        assert!(expected.iter().all(|count| *count > Some(0)), "{expected:?}");
        take_rows_away(folder.path());
        assert_eq!(counts(&history).await, expected, "restarted: {is_restarted}");
    }
}

#[tokio::test]
async fn what_is_found_in_memory_is_what_the_database_has() {
    let [folder, beside] = [(); 2].map(|()| tempfile::tempdir().unwrap());
    let history = open(folder.path());
    loaded(&history).await;
    store(&history, calls(300)).await;
    // One that has nothing in memory: its calls began before those that are kept.
    let other = SqliteHistory::open(OpenOptions { now: Arc::new(later), ..options(beside.path()) }).unwrap();
    loaded(&other).await;
    store(&other, calls(300)).await;
    assert_eq!(other.sealed_figures().recent_rows, 0);
    for query in searches() {
        for descending in [false, true] {
            for field in [RecordField::StartedAt, RecordField::Talk, RecordField::CallerReceived] {
                let sort = Sort { field, descending };
                let query = RecordQuery { sort, limit: 40, offset: 5, ..query.clone() };
                let [here, there] = [history.search(query.clone()), other.search(query.clone())];
                assert_eq!(here.await.unwrap(), there.await.unwrap(), "{query:?}");
            }
        }
    }
}

#[tokio::test]
async fn a_day_that_is_sealed_is_kept_in_memory_no_longer() {
    let folder = tempfile::tempdir().unwrap();
    let history = open(folder.path());
    fill(&history, &calls(300), Filling::Hot).await;
    let expected = charts(&history).await;
    history.seal_before(at(2 * DAY - DAY / 2)).await.unwrap();
    assert_eq!(charts(&history).await, expected);
    let rows = history.sealed_figures().recent_rows;
    assert!(rows > 0 && rows < 300, "{rows}");
    history.seal_before(later()).await.unwrap();
    assert_eq!((charts(&history).await, history.sealed_figures().recent_rows), (expected, 0));
}

#[tokio::test]
async fn a_record_that_is_stored_again_is_charted_as_it_is_now() {
    let folder = tempfile::tempdir().unwrap();
    let history = open(folder.path());
    loaded(&history).await;
    store(&history, calls(30)).await;
    let before = charts(&history).await;
    let longer =
        |number: u64| Script { talk: seconds(3_000), ..Script::new(number, at(number as i64), 1, 2) };
    store(&history, (1..=30).map(|number| longer(number).record())).await;
    let after = charts(&history).await;
    assert_ne!(after, before);
    drop(history);
    let beside = tempfile::tempdir().unwrap();
    let history = open(beside.path());
    store(&history, (1..=30).map(|number| longer(number).record())).await;
    assert_eq!(charts(&history).await, after);
}

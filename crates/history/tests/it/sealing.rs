//! Sealed days when something breaks.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use call::{AccountId, CallRecord, event::Side, filter::CallFilter, series::Grid};
use history::{
    History, HistoryError, RecordField, RecordQuery, Records, Reports, Sort, SqliteHistory, Upkeep,
    sqlite::{back_up, check, mend, restore},
};

use crate::{
    calls::{Script, at, call_id},
    sealing_store::later,
    support::{options, store},
};

pub const DAY: i64 = 86_400;

/// Calls of three days between three accounts.
pub fn calls(count: u64) -> Vec<CallRecord> {
    let call = |number: u64| {
        let (from, to) = (1 + (number % 3) as u32, 1 + (number % 2) as u32);
        let start = at((number % 3) as i64 * DAY + number as i64);
        Script { talk: Duration::from_secs(number % 200), ..Script::new(number, start, from, to) }.record()
    };
    (1..=count).map(call).collect()
}

/// What a few questions are answered: whole records, orders, sums.
#[derive(Clone, Debug, PartialEq)]
pub struct Answers {
    pub pages: Vec<Vec<Arc<CallRecord>>>,
    pub totals: Vec<Option<u64>>,
    pub series: Vec<u32>,
    pub balances: Vec<String>,
}

pub async fn ask(history: &impl History) -> Answers {
    let accounts: Vec<_> = (1..=3).map(AccountId).collect();
    let mut answers =
        Answers { pages: Vec::new(), totals: Vec::new(), series: Vec::new(), balances: Vec::new() };
    for (field, accounts) in [
        (RecordField::StartedAt, accounts.clone()),
        (RecordField::Talk, accounts.clone()),
        (RecordField::StartedAt, vec![AccountId(2)]),
    ] {
        let sort = Sort { field, descending: true };
        let query = RecordQuery { sort, count: true, ..RecordQuery::newest(accounts, 10_000) };
        let page = history.search(query).await.unwrap();
        answers.totals.push(page.total);
        answers.pages.push(page.records.into_iter().map(|found| found.record).collect());
    }
    let grid = Grid::aligned(at(0), at(3 * DAY), Duration::from_secs(60));
    let series =
        history.active_calls(AccountId(1), Side::Origination, grid, CallFilter::default(), Vec::new());
    answers.series = series.await.unwrap();
    let balances = history.balance_movements(accounts.clone()).await.unwrap();
    answers.balances = accounts.iter().map(|account| balances[account].to_string()).collect();
    answers
}

pub fn assert_whole(folder: &Path) {
    let report = check(folder, |_, _, _| {}).unwrap();
    assert_eq!(report.findings, [""; 0]);
}

pub fn open(folder: &Path) -> SqliteHistory {
    SqliteHistory::open(options(folder)).unwrap()
}

pub fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let (path, target) = (entry.as_ref().unwrap().path(), to.join(entry.unwrap().file_name()));
        if path.is_dir() {
            copy(&path, &target);
        } else {
            fs::copy(&path, &target).unwrap();
        }
    }
}

pub fn sealed_files(folder: &Path, kind: &str) -> Vec<PathBuf> {
    let Ok(days) = fs::read_dir(folder.join(kind)) else { return Vec::new() };
    let days = days.map(|day| day.unwrap().path());
    let mut files: Vec<_> =
        days.flat_map(|day| fs::read_dir(day).unwrap().map(|file| file.unwrap().path())).collect();
    files.sort();
    files
}

#[tokio::test]
async fn a_flipped_bit_is_found_hurts_what_needs_it_alone_and_is_mended_by_a_backup() {
    let [folder, copied] = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
    let history = open(folder.path());
    let calls = calls(300);
    store(&history, calls.clone()).await;
    history.seal_before(later()).await.unwrap();
    back_up(folder.path(), copied.path(), |_, _, _| {}).unwrap();
    drop(history);
    let damaged = &sealed_files(folder.path(), "calls")[0];
    let mut bytes = fs::read(damaged).unwrap();
    bytes[40] ^= 4;
    fs::write(damaged, bytes).unwrap();

    let findings = check(folder.path(), |_, _, _| {}).unwrap().findings;
    assert!(findings.iter().any(|finding| finding.contains("part-")), "{findings:?}");
    let history = open(folder.path());
    let first_day = Grid::aligned(at(0), at(DAY / 2), Duration::from_secs(60));
    let count =
        |grid| history.active_calls(AccountId(1), Side::Origination, grid, CallFilter::default(), vec![]);
    let refused = count(first_day).await.unwrap_err();
    assert!(matches!(&refused, HistoryError::Damaged { part } if part.contains("part-")), "{refused}");
    let newest = history.search(RecordQuery::newest(vec![AccountId(1)], 5)).await.unwrap();
    assert_eq!(newest.records.len(), 5);
    let whole = history.record(vec![AccountId(1), AccountId(2), AccountId(3)], call_id(3)).await.unwrap();
    assert_eq!(whole.as_deref(), Some(&calls[2]));
    drop(history);

    let mended = mend(copied.path(), folder.path(), |_, _, _| {}).unwrap();
    assert_eq!((mended.mended.len(), mended.left.len()), (1, 0));
    assert_whole(folder.path());
}

#[tokio::test]
async fn what_a_backup_has_is_restored() {
    let [folder, copied, restored] = [(); 3].map(|()| tempfile::tempdir().unwrap());
    let history = open(folder.path());
    store(&history, calls(200)).await;
    history.seal_before(later()).await.unwrap();
    store(&history, calls(260).split_off(200)).await;
    let expected = ask(&history).await;
    assert_eq!(history.figures().backed_up_at, None);
    back_up(folder.path(), copied.path(), |_, _, _| {}).unwrap();
    assert!(history.figures().backed_up_at.is_some());
    store(&history, calls(300).split_off(260)).await;
    restore(copied.path(), restored.path(), |_, _, _| {}).unwrap();
    assert_whole(restored.path());
    assert_eq!(ask(&open(restored.path())).await, expected);
}

#[tokio::test]
async fn what_comes_late_for_a_sealed_day_is_sealed_beside_it() {
    let folder = tempfile::tempdir().unwrap();
    let history = open(folder.path());
    let calls = calls(90);
    store(&history, calls[..60].to_vec()).await;
    assert_eq!(history.seal_before(at(2 * DAY)).await.unwrap(), 2);
    store(&history, calls[60..].to_vec()).await;
    let expected = ask(&history).await;
    assert_eq!(history.seal_before(later()).await.unwrap(), 3);
    assert_eq!(history.seal_before(later()).await.unwrap(), 0);
    assert_eq!(ask(&history).await, expected);
    assert_eq!(sealed_files(folder.path(), "calls").len(), 5);
    assert_whole(folder.path());
    let report = check(folder.path(), |_, _, _| {}).unwrap();
    assert_eq!((report.hot_rows, report.parts), (0, 5));
}

#[tokio::test]
async fn files_that_nothing_lists_are_swept_away() {
    let folder = tempfile::tempdir().unwrap();
    let history = open(folder.path());
    store(&history, calls(9)).await;
    history.seal_before(later()).await.unwrap();
    drop(history);
    let day = sealed_files(folder.path(), "calls")[0].parent().unwrap().to_owned();
    let strays = ["part-77.parquet", "part-78.part"].map(|name| day.join(name));
    let others = ["notes.txt", "part-77.csv", "part-of-mine.parquet"].map(|name| day.join(name));
    let elsewhere =
        [folder.path().join("calls/mine/part-9.parquet"), folder.path().join("calls/part-9.parquet")];
    fs::create_dir(folder.path().join("calls/mine")).unwrap();
    for path in strays.iter().chain(&others).chain(&elsewhere) {
        fs::write(path, "").unwrap();
    }
    drop(open(folder.path()));
    assert_eq!(strays.each_ref().map(|path| path.exists()), [false; 2]);
    assert!(others.iter().chain(&elsewhere).all(|path| path.exists()), "what is not ours stays");
    for path in others.iter().chain(&elsewhere) {
        fs::remove_file(path).unwrap();
    }
    fs::remove_dir(folder.path().join("calls/mine")).unwrap();
    assert_whole(folder.path());
}

//! What others read in sealed files is what the store answers: the examples of `docs/sealed-days.md`, as they stand.

use std::{collections::BTreeMap, os::unix::fs::symlink, path::Path, time::Duration};

use call::{AccountId, CallRecord, event::Side};
use history::{History, RecordQuery, Records};
use rust_decimal::prelude::ToPrimitive;
use serde_json::Value;

use crate::{
    calls::{Script, at},
    sealing::{DAY, open},
    sealing_store::later,
    support::store,
};

/// The account of the examples.
const ACCOUNT: u32 = 1234;

fn call(number: u64) -> CallRecord {
    let (from, to) = if number.is_multiple_of(3) { (2, ACCOUNT) } else { (ACCOUNT, 1 + (number % 2) as u32) };
    let start = at((number % 3) as i64 * DAY + number as i64);
    Script { talk: Duration::from_secs(number % 90), ..Script::new(number, start, from, to) }.record()
}

/// For each day the calls that the account sends, and what they cost; as our own answers have it.
async fn days(history: &impl History) -> BTreeMap<String, (f64, f64)> {
    let page = history.search(RecordQuery::newest(vec![AccountId(ACCOUNT)], 10_000)).await.unwrap();
    let mut days = BTreeMap::new();
    for found in page.records.iter().filter(|found| found.record.origination.account == AccountId(ACCOUNT)) {
        let day = found.record.started_at.since(at(0)) + Duration::from_secs(43_200);
        let day = format!("2026-01-{:02}", 1 + day.as_secs() / DAY.unsigned_abs());
        let (calls, price) = days.entry(day).or_insert((0.0, 0.0));
        *calls += 1.0;
        *price += found.record.charge(Side::Origination).unwrap().price.to_f64().unwrap();
    }
    days
}

fn told(folder: &Path) -> Value {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut python = testkit::clients::readers().unwrap();
    let arguments = [here.join("tests/it/readers.py"), here.join("../../docs/sealed-days.md")];
    let run = python.args(arguments).current_dir(folder).output().unwrap();
    assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
    serde_json::from_slice(&run.stdout).unwrap()
}

/// Rows of day, calls, …, price.
fn by_day(rows: &Value) -> BTreeMap<String, (f64, f64)> {
    let row = |row: &Value| {
        let row = row.as_array().unwrap();
        let day = row[0].as_str().unwrap().to_owned();
        (day, (row[1].as_f64().unwrap(), row.last().unwrap().as_f64().unwrap()))
    };
    rows.as_array().unwrap().iter().map(row).collect()
}

#[tokio::test]
async fn duckdb_pandas_and_clickhouse_read_sealed_days_in_place_and_find_what_we_answer() {
    let [folder, beside] = [(); 2].map(|()| tempfile::tempdir().unwrap());
    let history = open(folder.path());
    store(&history, (1..=400).map(call)).await;
    history.seal_before(later()).await.unwrap();
    symlink(folder.path(), beside.path().join("data")).unwrap();
    let told = told(beside.path());
    let expected = days(&history).await;
    assert_eq!(expected.len(), 2);
    for reader in ["duckdb", "clickhouse"] {
        let found = by_day(&told[reader]);
        assert_eq!(found.keys().collect::<Vec<_>>(), expected.keys().collect::<Vec<_>>(), "{reader}");
        for (day, (calls, price)) in &expected {
            assert_eq!(found[day].0, *calls, "{reader}, {day}");
            assert!((found[day].1 - price).abs() < 1e-6, "{reader}, {day}: {} and {price}", found[day].1);
        }
    }
    let all = history.search(RecordQuery::newest(vec![AccountId(ACCOUNT)], 10_000)).await.unwrap().records;
    let seconds: u64 = all.iter().map(|found| call::time::whole_seconds(found.record.connected())).sum();
    let pandas = &told["pandas"];
    assert_eq!((&pandas["rows"], &pandas["seconds"]), (&Value::from(all.len()), &Value::from(seconds)));
    assert_eq!(
        (pandas["first"].as_str(), pandas["printed"].as_bool()),
        (Some("2026-01-01T12:00:03+00:00"), Some(true))
    );
}

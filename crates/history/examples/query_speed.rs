//! How long the usual questions take on an account with many calls in thirty days.
//!
//! `cargo run --release -p history --example query_speed -- [calls]`

use std::{
    env, fs,
    future::Future,
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::{Context, Result};
use call::{
    AccountId, CallRecord,
    activity::{ActivityFilter, TextTest},
    event::Side,
};
use history::{
    Batch, Condition, History, HistoryError, OpenOptions, RecordField, RecordQuery, Sort, SqliteHistory,
    Test, Value,
};

#[path = "../tests/it/calls.rs"]
#[allow(dead_code, clippy::unwrap_used, reason = "the tests use more of it")]
mod calls;

use calls::{Script, at};

const ACCOUNT: AccountId = AccountId(1);
const DAY: Duration = Duration::from_secs(86_400);
/// Records in one commit while the store is filled.
const PORTION: u64 = 2_000;

#[tokio::main]
async fn main() -> Result<()> {
    let calls: u64 = env::args().nth(1).map_or(Ok(200_000), |text| text.parse())?;
    let folder = tempfile::tempdir_in(env::current_dir()?)?;
    let history = SqliteHistory::open(OpenOptions::new(folder.path()))?;
    fill(&history, calls).await?;
    let query = || RecordQuery { conditions: two_filters(), ..RecordQuery::newest(vec![ACCOUNT], 50) };
    measure("newest page of 50, two filters", || history.search(query())).await?;
    measure("newest page of 50", || history.search(RecordQuery::newest(vec![ACCOUNT], 50))).await?;
    measure("count, two filters", || history.search(RecordQuery { limit: 0, count: true, ..query() }))
        .await?;
    let by_length = Sort { field: RecordField::Connected, descending: true };
    measure("page sorted by length", || history.search(RecordQuery { sort: by_length, ..query() })).await?;
    let active = |days: u32, filter: ActivityFilter| {
        history.active_calls(ACCOUNT, Side::Origination, at(0)..at(0) + DAY * days, filter)
    };
    measure("active calls, 1 day", || active(1, ActivityFilter::default())).await?;
    measure("active calls, 1 day, two filters", || active(1, two_attributes())).await?;
    measure("active calls, 30 days, two filters", || active(30, two_attributes())).await?;
    Ok(())
}

/// Calls spread evenly over thirty days.
async fn fill(history: &SqliteHistory, calls: u64) -> Result<(), HistoryError> {
    let step = DAY * 30 / u32::try_from(calls).unwrap_or(u32::MAX);
    let template = Script::new(0, at(0), 1, 2).record();
    let call = |number: u64| {
        let start = step * u32::try_from(number).unwrap_or(u32::MAX);
        let talk = Duration::from_secs(number * 7 % 300);
        let mut record = CallRecord { call_id: calls::call_id(number), ..template.clone() };
        record.started_at = at(0) + start;
        record.answered_at = Some(record.started_at + Duration::from_secs(4));
        record.ended_at = record.started_at + Duration::from_secs(4) + talk;
        record.times.talk = talk;
        record.called_routed = format!("1415555{:04}", number * 31 % 10_000).into();
        Arc::new(record)
    };
    for first in (0..calls).step_by(PORTION as usize) {
        let records = (first..calls.min(first + PORTION)).map(call).collect();
        history.append(Batch { events: Vec::new(), records }).await?;
    }
    Ok(())
}

fn two_filters() -> Vec<Condition> {
    let minute = Value::Length(Duration::from_secs(60));
    vec![
        Condition { field: RecordField::CalledRouted, test: Test::Contains("55".into()) },
        Condition { field: RecordField::Connected, test: Test::AtLeast(minute) },
    ]
}

fn two_attributes() -> ActivityFilter {
    ActivityFilter {
        called: vec![TextTest::EndsWith("7".into())],
        caller_country: Some(840),
        ..ActivityFilter::default()
    }
}

#[allow(clippy::print_stdout, reason = "it prints what it measured")]
async fn measure<T, F>(what: &str, mut ask: impl FnMut() -> F) -> Result<()>
where
    F: Future<Output = Result<T, HistoryError>>,
{
    let mut times = Vec::new();
    for _ in 0..5 {
        let (began, before) = (Instant::now(), processor_time()?);
        ask().await?;
        times.push((began.elapsed(), processor_time()?.saturating_sub(before)));
    }
    times.sort_unstable();
    let (elapsed, processor) = times[times.len() / 2];
    println!("{elapsed:>10.2?}  ({processor:.2?} of processor time)  {what}");
    Ok(())
}

/// What all threads have used so far.
fn processor_time() -> Result<Duration> {
    let mut nanos = 0;
    for task in fs::read_dir("/proc/self/task")? {
        let stat = fs::read_to_string(task?.path().join("schedstat"))?;
        nanos += stat.split(' ').next().context("schedstat is empty")?.parse::<u64>()?;
    }
    Ok(Duration::from_nanos(nanos))
}

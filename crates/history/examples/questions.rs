//! How long the store itself takes for the questions of `cargo xtask bench history`, on a store that the example
//! `fill` has filled.
//!
//! `cargo run --release -p history --example questions -- FOLDER ACCOUNTS [TIMES [ONLY]]`

use std::{
    env,
    time::{Duration, Instant, SystemTime},
};

use anyhow::{Context, Result};
use call::{
    AccountId, Timestamp,
    event::Side,
    filter::{Bound, CallFilter, TextKind, TextOperator, TextTest},
    series::Grid,
    statistics::Sampling,
};
use history::{
    Condition, Grain, LegField, OpenOptions, RecordField, RecordQuery, Records, Reports, SqliteHistory, Test,
    Value, query::SideFilter,
};

const DAY: Duration = Duration::from_secs(86_400);
const MINUTE: Duration = Duration::from_secs(60);

/// What is asked.
enum Question {
    Active(AccountId, Side, u32, CallFilter),
    Statistics(AccountId, u32),
    Page(RecordQuery),
}

#[tokio::main]
#[allow(clippy::print_stdout, reason = "it prints what it measured")]
async fn main() -> Result<()> {
    let mut arguments = env::args().skip(1);
    let folder = arguments.next().context("usage: questions FOLDER ACCOUNTS [TIMES [ONLY]]")?;
    let accounts: u32 = arguments.next().context("ACCOUNTS")?.parse()?;
    let times: usize = arguments.next().map_or(Ok(9), |times| times.parse())?;
    let only = arguments.next().unwrap_or_default();
    let began = Instant::now();
    let history = SqliteHistory::open(OpenOptions { sealing: None, ..OpenOptions::new(folder) })?;
    println!("opened in {:.1?}, {} MB", began.elapsed(), memory()?);
    // What is sealed and folded is so once the running day was read: here, nothing.
    history.seal_before(Timestamp::from_seconds(0)).await?;
    let figures = history.sealed_figures();
    let (rows, bytes) = (figures.recent_rows, figures.recent_bytes);
    println!("{rows} rows ({bytes} bytes) read in {:.1?}, {} MB", began.elapsed(), memory()?);
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH)?;
    let now = Timestamp::from_micros(i64::try_from(now.as_micros())?);
    println!("| question | found | first ms | median ms |\n| --- | --- | --- | --- |");
    for (what, question) in questions(accounts, now) {
        if what.contains(&only) {
            let (began, mut spent) = (Instant::now(), Vec::new());
            let found = ask(&history, &question, now).await?;
            let first = millis(began);
            for _ in 0..times {
                let began = Instant::now();
                ask(&history, &question, now).await?;
                spent.push(millis(began));
            }
            spent.sort_by(f64::total_cmp);
            println!("| {what} | {found} | {first:.1} | {:.1} |", spent[times / 2]);
        }
    }
    println!("{} MB", memory()?);
    Ok(())
}

fn millis(since: Instant) -> f64 {
    since.elapsed().as_secs_f64() * 1_000.0
}

async fn ask(history: &SqliteHistory, question: &Question, now: Timestamp) -> Result<u64> {
    Ok(match question {
        Question::Active(account, side, days, filter) => {
            let grid = Grid::aligned(now - DAY * *days, now, MINUTE);
            let counts = history.active_calls(*account, *side, grid, filter.clone(), Vec::new()).await?;
            counts.into_iter().map(u64::from).sum()
        }
        Question::Statistics(account, days) => {
            let range = now - DAY * *days..now;
            let sampling = Sampling::Hour;
            let filter = CallFilter::default();
            history.statistics(*account, Side::Origination, range, filter, sampling).await?;
            0
        }
        Question::Page(query) => {
            let page = history.search(query.clone()).await?;
            page.total.unwrap_or(page.records.len() as u64)
        }
    })
}

fn questions(accounts: u32, now: Timestamp) -> Vec<(String, Question)> {
    let carrier = AccountId(accounts - (accounts / 10).max(1) + 1);
    let all: Vec<_> = (1..=accounts).map(AccountId).collect();
    let filter = || CallFilter {
        called: vec![TextTest::new(TextKind::Number, TextOperator::Contains, ["555"])],
        seconds: vec![Bound::Above(60)],
        ..CallFilter::default()
    };
    let mut questions = Vec::new();
    for days in [1, 30] {
        for (name, side) in [("originated", Side::Origination), ("terminated", Side::Termination)] {
            let ask = |filter| Question::Active(carrier, side, days, filter);
            questions.push((format!("carrier: active {name}, {days} d"), ask(CallFilter::default())));
            questions.push((format!("carrier: active {name}, {days} d, two filters"), ask(filter())));
        }
        questions.push((format!("carrier: statistics, {days} d"), Question::Statistics(carrier, days)));
    }
    for (who, accounts) in [("carrier", vec![carrier]), ("client", vec![AccountId(1)]), ("all", all)] {
        let page = |conditions: Vec<Condition>, count| {
            let query = RecordQuery::newest(accounts.clone(), 50);
            let (side, grain) = (SideFilter::Originated, Grain::Part);
            Question::Page(RecordQuery { conditions, count, side, grain, ..query })
        };
        let since =
            |days: u32| condition(RecordField::StartedAt, Test::AtLeast(Value::Time(now - DAY * days)));
        let called = condition(RecordField::CalledReceived, Test::Contains("555".into()));
        let long = condition(RecordField::ConnectedSeconds, Test::AtLeast(Value::Int(60)));
        let sip = |field, text: &str| {
            let field = RecordField::Leg(Side::Origination, field);
            vec![since(7), condition(field, Test::Contains(text.into()))]
        };
        questions.push((format!("{who}: newest page"), page(Vec::new(), false)));
        questions.push((format!("{who}: newest page of the last day, counted"), page(vec![since(1)], true)));
        questions.push((format!("{who}: newest page, counted"), page(vec![since(30)], true)));
        questions.push((format!("{who}: 30 d, two filters"), page(vec![since(30), called, long], true)));
        for (name, field) in [("Call-ID", LegField::SipCallId), ("local tag", LegField::LocalTag)] {
            questions.push((format!("{who}: 7 d by {name}, none"), page(sip(field, "nobody"), true)));
        }
        questions.push((format!("{who}: 7 d by Call-ID, few"), page(sip(LegField::SipCallId, "abcd"), true)));
    }
    questions
}

fn condition(field: RecordField, test: Test) -> Condition {
    Condition { field, test }
}

/// Resident memory of this process, in megabytes.
fn memory() -> Result<u64> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).context("no VmRSS")?;
    let kilobytes: u64 = line.trim().split(' ').next().context("no number")?.parse()?;
    Ok(kilobytes / 1_024)
}

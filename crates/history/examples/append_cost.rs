//! What journal and records cost: processor time of the writing thread per call, while calls of one second
//! with ten events each come in at a steady rate.
//!
//! `cargo run --release -p history --example append_cost -- [calls per second] [seconds]`

use std::{
    collections::BTreeMap,
    env, fs,
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::{Context, Result};
use call::CallRecord;
use history::{
    Batch, Journal, OpenOptions, SqliteHistory,
    conformance::calls::{self, Script},
};

/// What the switch would tell, by the time at which it would.
type Agenda = BTreeMap<Duration, Batch>;

#[tokio::main]
#[allow(clippy::print_stdout, reason = "it prints what it measured")]
async fn main() -> Result<()> {
    let mut arguments = env::args().skip(1);
    let rate: u64 = arguments.next().map_or(Ok(1_000), |text| text.parse())?;
    let seconds: u64 = arguments.next().map_or(Ok(10), |text| text.parse())?;
    let folder = tempfile::Builder::new()
        .disable_cleanup(env::var_os("KEEP").is_some())
        .tempdir_in(env::current_dir()?)?;
    let history = SqliteHistory::open(OpenOptions::new(folder.path()))?;
    let mut agenda = agenda(rate, rate * seconds);
    let before = writer_time()?;
    let began = Instant::now();
    let (mut commits, mut slowest) = (0, Duration::ZERO);
    while let Some((due, _)) = agenda.first_key_value() {
        tokio::time::sleep_until((began + *due).into()).await;
        let later = agenda.split_off(&began.elapsed());
        let batch = together(std::mem::replace(&mut agenda, later));
        let start = Instant::now();
        history.append(batch).await?;
        slowest = slowest.max(start.elapsed());
        commits += 1;
    }
    let spent = writer_time()? - before;
    let calls = rate * seconds;
    println!("{calls} calls in {:.1?}, {commits} commits, slowest {slowest:.1?}", began.elapsed());
    println!("{:.1} µs of processor time per call", spent.as_secs_f64() * 1e6 / calls as f64);
    for entry in fs::read_dir(folder.path())? {
        let entry = entry?;
        println!("{:>12} bytes {}", entry.metadata()?.len(), entry.file_name().display());
    }
    Ok(())
}

fn agenda(rate: u64, calls: u64) -> Agenda {
    let mut agenda = Agenda::new();
    for number in 0..calls {
        let start = Duration::from_micros(number * 1_000_000 / rate);
        let (from, to) = (1 + number % 100, 101 + number * 7 % 5);
        let script = Script {
            talk: Duration::from_millis(900),
            answer: Duration::from_millis(100),
            ..Script::new(number, calls::at(0) + start, from as u32, to as u32)
        };
        let events = script.events();
        let record = CallRecord::project(script.id(), &events);
        for event in &events {
            let after = event.at.since(calls::at(0));
            agenda.entry(after).or_default().events.push(event.clone().into());
        }
        let end = events.last().map(|event| event.at.since(calls::at(0))).unwrap_or_default();
        agenda.entry(end).or_default().records.extend(record.map(Arc::new));
    }
    agenda
}

fn together(due: Agenda) -> Batch {
    let mut all = Batch::default();
    for batch in due.into_values() {
        all.events.extend(batch.events);
        all.records.extend(batch.records);
    }
    all
}

/// Processor time of the thread that writes.
fn writer_time() -> Result<Duration> {
    for task in fs::read_dir("/proc/self/task")? {
        let task = task?.path();
        if fs::read_to_string(task.join("comm"))?.trim() == "history-writer" {
            let stat = fs::read_to_string(task.join("schedstat"))?;
            let nanos = stat.split(' ').next().context("schedstat is empty")?;
            return Ok(Duration::from_nanos(nanos.parse()?));
        }
    }
    anyhow::bail!("the writing thread is not there")
}

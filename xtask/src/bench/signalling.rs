//! Calls through the built-in switch from one SIPp to another: 1 s long, sound between the ends, each one
//! journalled and recorded.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use anyhow::{Result, ensure};
use clap::Args;

use super::{
    event_readers::EventReaders,
    server::{Server, build},
    sipp::{Statistics, at, end, free_port, settle, setups, sipp},
};

/// Options of the measurement.
#[derive(Clone, Debug, Args)]
pub struct Options {
    /// Calls per second to offer, one measurement each.
    #[arg(long, value_delimiter = ',', default_value = "500")]
    rates: Vec<u32>,
    /// Seconds that each takes.
    #[arg(long, default_value_t = 30)]
    seconds: u32,
    /// How often each is repeated; every run is shown, then the median.
    #[arg(long, default_value_t = 1)]
    runs: u32,
    /// Length of each call in milliseconds.
    #[arg(long, default_value_t = 1_000)]
    length: u32,
    /// Milliseconds that answers wait to be durable, one measurement each; 0 = they do not.
    #[arg(long, value_delimiter = ',', default_value = "30")]
    answer_budget_ms: Vec<u32>,
    /// Programs that read the start of each call as it happens; one of them takes nothing.
    #[arg(long, default_value_t = 0)]
    event_readers: usize,
    /// Servers to measure instead of this one, in turn, such as a release build of the commit before and this one's.
    #[arg(long, value_delimiter = ',')]
    servers: Vec<PathBuf>,
}

/// Measures and prints a table.
pub fn run(options: &Options) -> Result<()> {
    println!("SIPp as caller and callee on the same machine, calls of {} ms, media direct,", options.length);
    println!("every call journalled and recorded (SQLite, synchronous=FULL)\n");
    println!(
        "| calls/s offered, answers wait | calls | failed | recorded | processor ms/call | setup ms: median | p99 | before commit | memory MB |"
    );
    println!("| --- | --- | --- | --- | --- | --- | --- | --- | --- |");
    let servers = if options.servers.is_empty() { vec![build()?] } else { options.servers.clone() };
    let mut measured: BTreeMap<(u32, u32, &Path), Vec<Run>> = BTreeMap::new();
    // In turn, so that what else the machine does falls on all alike.
    for _ in 0..options.runs {
        for (rate, budget, server) in measurements(options, &servers) {
            let run = measure(server, rate, budget, options)?;
            println!("{}", run.row(&format!("{rate}, {budget} ms, {}", server.display())));
            measured.entry((rate, budget, server)).or_default().push(run);
        }
    }
    for ((rate, budget, server), runs) in measured {
        if let Some(median) = Run::median(&runs) {
            println!("{}", median.row(&format!("**{rate}, {budget} ms**, {}, median", server.display())));
        }
    }
    Ok(())
}

/// A rate, how long answers wait, and a server, of each measurement.
fn measurements<'a>(
    options: &'a Options,
    servers: &'a [PathBuf],
) -> impl Iterator<Item = (u32, u32, &'a Path)> {
    options.rates.iter().flat_map(move |rate| {
        let of_budget = move |budget: &'a u32| servers.iter().map(move |server| (*rate, *budget, &**server));
        options.answer_budget_ms.iter().flat_map(of_budget)
    })
}

/// What one measurement showed.
#[derive(Clone, Debug)]
struct Run {
    calls: u32,
    failed: f64,
    recorded: f64,
    /// Processor time of the server for each call, in milliseconds.
    processor: f64,
    /// From the caller's INVITE to the 200 that it gets, in milliseconds.
    setup: f64,
    /// Of a hundred calls, the second longest.
    setup_p99: f64,
    /// Acknowledgements that were sent before they were durable.
    before_commit: f64,
    /// Resident memory of the server at the end, in megabytes.
    memory: f64,
}

impl Run {
    fn row(&self, title: &str) -> String {
        let Self { calls, failed, recorded, processor, setup, setup_p99, before_commit, memory } = self;
        format!(
            "| {title} | {calls} | {failed} | {recorded} | {processor:.3} | {setup:.1} | {setup_p99:.1} | {before_commit} | {memory:.0} |"
        )
    }

    /// The median of each column; `None` of no runs and of one.
    fn median(runs: &[Self]) -> Option<Self> {
        let of = |column: fn(&Self) -> f64| {
            let mut values: Vec<_> = runs.iter().map(column).collect();
            values.sort_by(f64::total_cmp);
            values.get(values.len() / 2).copied()
        };
        let first = runs.first().filter(|_| runs.len() > 1)?;
        Some(Self {
            calls: first.calls,
            failed: of(|run| run.failed)?,
            recorded: of(|run| run.recorded)?,
            processor: of(|run| run.processor)?,
            setup: of(|run| run.setup)?,
            setup_p99: of(|run| run.setup_p99)?,
            before_commit: of(|run| run.before_commit)?,
            memory: of(|run| run.memory)?,
        })
    }
}

fn measure(program: &Path, rate: u32, budget: u32, options: &Options) -> Result<Run> {
    let folder = tempfile::tempdir()?;
    let (caller, callee) = (free_port()?, free_port()?);
    let config = format!("{CONFIG}{READING}[history]\nanswer_budget_ms = {budget}\n");
    let server = Server::start_program(program, folder.path(), &directory(caller, callee), &config)?;
    let readers = (options.event_readers > 0)
        .then(|| EventReaders::start(server.http, options.event_readers, (TOKEN, "type=call.started")))
        .transpose()?;
    let mut answering = sipp(folder.path(), callee).args(["-sn", "uas"]).spawn()?;
    let calls = rate * options.seconds;
    let before = server.usage()?;
    let mut calling = sipp(folder.path(), caller);
    calling.args(["-sn", "uac", "-s", "14155550100", &server.sip.to_string()]);
    calling.args(["-r", &rate.to_string(), "-m", &calls.to_string(), "-d", &options.length.to_string()]);
    calling.args(["-l", &(calls.max(1)).to_string(), "-trace_stat", "-stf", "uac.csv", "-fd", "5"]);
    calling.args(["-trace_rtt", "-rtt_freq", "1000"]);
    let status = calling.spawn()?.wait()?;
    let recorded = settle(&server, calls)?;
    let after = server.usage()?;
    if let Some(read) = readers.map(EventReaders::stop).transpose()? {
        let (least, most) = (read.iter().min().unwrap_or(&0), read.iter().max().unwrap_or(&0));
        println!("{} readers got {least} to {most} of {calls} events", read.len());
    }
    end(&mut answering)?;
    ensure!(status.code().is_some_and(|code| code <= 1), "SIPp could not work: {status}");
    let statistics = Statistics::read(&folder.path().join("uac.csv"))?;
    let setups = setups(folder.path())?;
    Ok(Run {
        calls,
        failed: statistics.value("FailedCall(C)")?.parse()?,
        recorded,
        processor: (after.processor - before.processor).as_secs_f64() * 1_000.0 / f64::from(calls),
        setup: at(&setups, 50),
        setup_p99: at(&setups, 99),
        // A server of before does not tell.
        before_commit: server.metric("trunkline_answers_before_commit_total").unwrap_or_default(),
        memory: after.memory as f64 / 1e6,
    })
}

/// The configuration of a server for calls without sound.
pub const CONFIG: &str = r#"
[sip]
udp = "127.0.0.1:0"
tcp = ""
max_calls = 100000
[media]
mode = "direct"
bind = "127.0.0.1"
[http]
listen = "127.0.0.1:0"
max_connections = 10000
[log]
filter = "warn"
"#;

/// A directory with two trunks, from one of which calls come that go to the other.
pub fn directory(caller: u16, callee: u16) -> String {
    format!(
        r#"realm = "trunkline"

[[customers]]
name = "Bench"

[[accounts]]
id = 1
customer = "Bench"
name = "Caller"

[[accounts]]
id = 2
customer = "Bench"
name = "Callee"

[[trunks]]
name = "caller"
account = 1
host = "127.0.0.1"
port = {caller}
transport = "udp"
sources = ["127.0.0.1:{caller}"]
transit = true
probe_seconds = 0
routes = []

[[trunks]]
name = "callee"
account = 2
host = "127.0.0.1"
port = {callee}
transport = "udp"
sources = []
probe_seconds = 0
routes = [{{ prefix = "" }}]
"#
    )
}

/// With what events are read.
const TOKEN: &str = "reader";
/// The configuration for readers of events, beside [`CONFIG`].
const READING: &str = r#"
[events]
max_readers = 100000
max_readers_of_client = 100000
[vonage]
tokens = [{ token = "reader", account = 1 }]
"#;

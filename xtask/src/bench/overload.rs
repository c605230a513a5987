//! What becomes of calls while more are offered than the machine can carry.
//!
//! The server has a core of its own, and caller and callee the other ones: else what it takes to offer more would be
//! taken from the server.

use std::{
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::Duration,
};

use anyhow::{Context, Result, ensure};
use clap::Args;

use super::{
    load::{Callee, Offered, Outcome, offer},
    server::{Server, build},
    signalling::{CONFIG, directory},
    sipp::{at, free_port, settle},
};

/// The first rate of the search for what the machine carries, and how it grows.
const FIRST: f64 = 400.0;
const STEP: f64 = 1.25;

/// Of the calls offered, the part that is carried while the machine can carry them.
const CARRIED: f64 = 0.99;

/// How long a call lasts.
const LENGTH: Duration = Duration::from_secs(1);

/// Options of the measurement.
#[derive(Clone, Debug, Args)]
pub struct Options {
    /// How much to offer of what the machine carries, one measurement each.
    #[arg(long, value_delimiter = ',', default_value = "0.5,1,1.5,2,3")]
    loads: Vec<f64>,
    /// Calls a second that the machine carries; 0 = found out first.
    #[arg(long, default_value_t = 0.0)]
    capacity: f64,
    /// Seconds that each takes.
    #[arg(long, default_value_t = 15)]
    seconds: u32,
    /// A server to measure instead of this one, such as a release build of the commit before.
    #[arg(long)]
    server: Option<PathBuf>,
}

/// Measures and prints a table.
pub fn run(options: &Options) -> Result<()> {
    let program = options.server.clone().map_or_else(build, Ok)?;
    let cores = Cores::divide()?;
    println!("calls of 1 s, media direct, every call journalled and recorded; the server has one core,");
    println!("caller and callee the others; {} s a run\n", options.seconds);
    let capacity = match options.capacity {
        0.0 => find_capacity(&program, &cores)?,
        known => known,
    };
    println!("the machine carries {capacity:.0} calls/s\n");
    let runs: Vec<_> = options
        .loads
        .iter()
        .map(|load| Ok((*load, measure(&program, &cores, load * capacity, options.seconds)?)))
        .collect::<Result<_>>()?;
    print(&runs);
    Ok(())
}

/// The most calls a second that are carried while no more than one in a hundred is not.
fn find_capacity(program: &Path, cores: &Cores) -> Result<f64> {
    let (mut rate, mut best) = (FIRST, 0.0);
    loop {
        let run = measure(program, cores, rate, 6)?;
        println!("{rate:.0} offered: {:.0} carried", run.carried());
        if run.carried() < run.offered() * CARRIED {
            return Ok(f64::max(best, run.carried()));
        }
        best = run.carried();
        rate *= STEP;
    }
}

/// What one measurement showed.
struct Run {
    calls: Outcome,
    /// That the server has begun, and of which it has a record.
    taken: f64,
    recorded: f64,
    /// The most that the server has had, in bytes.
    memory: u64,
}

impl Run {
    /// Calls a second.
    fn offered(&self) -> f64 {
        self.calls.offered as f64 / self.calls.offering.as_secs_f64()
    }

    /// Calls a second that went as they should.
    fn carried(&self) -> f64 {
        self.calls.carried() as f64 / self.calls.offering.as_secs_f64()
    }
}

fn print(runs: &[(f64, Run)]) {
    println!(
        "| load | offered/s | carried/s | of the best | refused | failed | setup ms: median | p99 | caller late ms, most | taken | recorded | memory MB, most |"
    );
    println!("| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |");
    let best = runs.iter().map(|(_, run)| run.carried()).fold(0.0, f64::max);
    for (load, run) in runs {
        println!(
            "| {load} | {:.0} | {:.0} | {:.0} % | {} | {} | {:.0} | {:.0} | {} | {} | {} | {:.0} |",
            run.offered(),
            run.carried(),
            run.carried() / best * 100.0,
            run.calls.refused,
            run.calls.failed,
            at(&run.calls.setups, 50),
            at(&run.calls.setups, 99),
            run.calls.late.as_millis(),
            run.taken,
            run.recorded,
            run.memory as f64 / 1e6,
        );
    }
}

fn measure(program: &Path, cores: &Cores, rate: f64, seconds: u32) -> Result<Run> {
    let folder = tempfile::tempdir()?;
    let (caller, callee) = (free_port()?, free_port()?);
    let server = Server::start_program(program, folder.path(), &directory(caller, callee), CONFIG)?;
    pin(server.process(), &cores.server)?;
    let answering = Callee::start(callee, server.sip)?;
    let calls = (rate * f64::from(seconds)).ceil() as usize;
    let calls = offer(Offered { port: caller, rate, calls, length: LENGTH }, server.sip)?;
    let taken = server.metric("trunkline_calls_started_total")?;
    let recorded = settle(&server, taken as u32)?;
    let memory = server.peak_memory()?;
    drop(answering);
    Ok(Run { calls, taken, recorded, memory })
}

/// Who runs where.
struct Cores {
    server: String,
}

impl Cores {
    /// Leaves the last core to the server; this process, and so caller and callee, gets the others.
    fn divide() -> Result<Self> {
        let last = std::thread::available_parallelism()?.get() - 1;
        pin(std::process::id(), &format!("0-{}", last.saturating_sub(1)))?;
        Ok(Self { server: last.to_string() })
    }
}

/// Lets all threads of a process run on these cores alone.
fn pin(process: u32, cores: &str) -> Result<()> {
    let mut taskset = Command::new("taskset");
    taskset.args(["--all-tasks", "--pid", "--cpu-list", cores, &process.to_string()]);
    let status = taskset.stdout(Stdio::null()).status().context("taskset is missing")?;
    ensure!(status.success(), "taskset failed: {status}");
    Ok(())
}

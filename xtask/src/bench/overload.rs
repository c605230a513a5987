//! What becomes of calls while more are offered than the machine can carry.
//!
//! The server has a core of its own, and SIPp, caller and callee, the other ones: else what SIPp takes to offer more
//! would be taken from the server.

use std::{
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use anyhow::{Context, Result, ensure};
use clap::Args;

use super::{
    server::{Server, build},
    signalling::{CONFIG, directory},
    sipp::{Statistics, at, call, end, free_port, settle, setups, sipp},
};

/// The first rate of the search for what the machine carries, and how it grows.
const FIRST: f64 = 400.0;
const STEP: f64 = 1.25;

/// Of the calls offered, the part that is carried while the machine can carry them.
const CARRIED: f64 = 0.99;

/// How long a run may go on after the last call was offered, for repeats.
const PATIENCE: u32 = 40;

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
    println!("calls of 1 s, media direct, every call journalled and recorded; the server has one core,");
    println!("SIPp as caller and callee the others; {} s a run\n", options.seconds);
    let capacity = match options.capacity {
        0.0 => find_capacity(&program)?,
        known => known,
    };
    println!("the machine carries {capacity:.0} calls/s\n");
    let runs: Vec<_> = options
        .loads
        .iter()
        .map(|load| Ok((*load, measure(&program, load * capacity, options.seconds)?)))
        .collect::<Result<_>>()?;
    print(&runs);
    Ok(())
}

/// The most calls a second that are carried while no more than one in a hundred is not.
fn find_capacity(program: &Path) -> Result<f64> {
    let (mut rate, mut best) = (FIRST, 0.0);
    loop {
        let run = measure(program, rate, 6)?;
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
    /// That SIPp took to offer all.
    seconds: f64,
    calls: f64,
    refused: f64,
    failed: f64,
    /// From the caller's INVITE to the 200 that it gets, in milliseconds, the shortest first.
    setups: Vec<f64>,
    /// That the server has begun, and of which it has a record.
    taken: f64,
    recorded: f64,
    /// The most that the server has had, in bytes.
    memory: u64,
}

impl Run {
    /// Calls a second.
    fn offered(&self) -> f64 {
        self.calls / self.seconds
    }

    /// Calls a second that went as they should.
    fn carried(&self) -> f64 {
        (self.calls - self.refused - self.failed) / self.seconds
    }
}

fn print(runs: &[(f64, Run)]) {
    println!(
        "| load | offered/s | carried/s | of the best | refused | failed | setup ms: median | p99 | taken | recorded | memory MB, most |"
    );
    println!("| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |");
    let best = runs.iter().map(|(_, run)| run.carried()).fold(0.0, f64::max);
    for (load, run) in runs {
        println!(
            "| {load} | {:.0} | {:.0} | {:.0} % | {} | {} | {:.0} | {:.0} | {} | {} | {:.0} |",
            run.offered(),
            run.carried(),
            run.carried() / best * 100.0,
            run.refused,
            run.failed,
            at(&run.setups, 50),
            at(&run.setups, 99),
            run.taken,
            run.recorded,
            run.memory as f64 / 1e6,
        );
    }
}

fn measure(program: &Path, rate: f64, seconds: u32) -> Result<Run> {
    let folder = tempfile::tempdir()?;
    let (caller, callee) = (free_port()?, free_port()?);
    let server = Server::start_program(program, folder.path(), &directory(caller, callee), CONFIG)?;
    let last = std::thread::available_parallelism()?.get() - 1;
    pin(server.process(), &last.to_string())?;
    let others = format!("0-{}", last.saturating_sub(1));
    let mut answering = sipp(folder.path(), callee).args(["-sn", "uas"]).spawn()?;
    pin(answering.id(), &others)?;
    let calls = (rate * f64::from(seconds)).ceil();
    let mut calling = sipp(folder.path(), caller);
    call(&mut calling, folder.path(), server.sip)?;
    calling.args(["-timeout", &format!("{}s", seconds + PATIENCE)]);
    calling.args(["-r", &format!("{rate:.0}"), "-m", &calls.to_string(), "-l", &calls.to_string()]);
    let mut calling = calling.spawn()?;
    pin(calling.id(), &others)?;
    let status = calling.wait()?;
    ensure!(status.code().is_some_and(|code| code <= 1 || code == 97), "SIPp could not work: {status}");
    let taken = server.metric("trunkline_calls_started_total")?;
    let recorded = settle(&server, taken as u32)?;
    let memory = server.peak_memory()?;
    end(&mut answering)?;
    let statistics = Statistics::read(&folder.path().join("uac.csv"))?;
    let value = |name: &str| -> Result<f64> { Ok(statistics.value(name)?.parse()?) };
    let (made, succeeded) = (value("TotalCallCreated")?, value("SuccessfulCall(C)")?);
    Ok(Run {
        seconds: statistics.offering(made)?.as_secs_f64(),
        calls: made,
        refused: value("GenericCounter1(C)")?,
        failed: made - succeeded,
        setups: setups(folder.path())?,
        taken,
        recorded,
        memory,
    })
}

/// Lets all threads of a process run on these cores alone.
fn pin(process: u32, cores: &str) -> Result<()> {
    let mut taskset = Command::new("taskset");
    taskset.args(["--all-tasks", "--pid", "--cpu-list", cores, &process.to_string()]);
    let status = taskset.stdout(Stdio::null()).status().context("taskset is missing")?;
    ensure!(status.success(), "taskset failed: {status}");
    Ok(())
}

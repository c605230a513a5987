//! Faults, injected into a server that carries numbered calls: what callers were told is held against what is
//! recorded afterwards. Each prints how many calls were started, answered, recorded, doubled and lost, and of how
//! many the length is wrong by more than a second.

mod calls;
mod disk;
mod place;
mod records;
mod tally;

use std::{path::PathBuf, thread::sleep, time::Duration};

use anyhow::{Result, ensure};
use clap::{Args, ValueEnum};

use self::{calls::Traffic, disk::SmallDisk, place::Place, tally::Tally};

/// Options of the task.
#[derive(Clone, Debug, Args)]
pub struct Options {
    /// Which faults; all of them if none is named.
    #[arg(long, value_enum, value_delimiter = ',')]
    only: Vec<Fault>,
    /// How often `kill -9` is repeated.
    #[arg(long, default_value_t = 20)]
    rounds: u32,
    /// Calls per second.
    #[arg(long, default_value_t = 100)]
    rate: u32,
    /// Milliseconds that an answer waits for its commit: more than the disk takes, or calls are acknowledged before.
    #[arg(long, default_value_t = 30)]
    answer_budget_ms: u32,
    /// Seconds that the disk stays full.
    #[arg(long, default_value_t = 60)]
    full_seconds: u64,
    /// The server, if not a release build made for this.
    #[arg(long)]
    program: Option<PathBuf>,
}

/// What is done to the server while calls go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Fault {
    /// It is killed.
    Kill,
    /// It is told to stop, twice.
    Stop,
    /// The disk takes 2 s for each fsync, then it is killed.
    SlowDisk,
    /// fsync fails; it is told to stop three times.
    FailingDisk,
    /// The disk is full; it is told to stop twice.
    FullDisk,
    /// The wall clock is set an hour forward, then it is killed.
    Clock,
}

impl Fault {
    fn name(self) -> &'static str {
        match self {
            Self::Kill => "kill -9",
            Self::Stop => "SIGTERM twice",
            Self::SlowDisk => "fsync takes 2 s, kill -9",
            Self::FailingDisk => "fsync fails, SIGTERM thrice",
            Self::FullDisk => "disk full, SIGTERM twice",
            Self::Clock => "clock set by +1 h, kill -9",
        }
    }
}

/// Injects them and prints a table; an error if something acknowledged was lost.
pub fn run(options: &Options) -> Result<()> {
    println!("SIPp on both sides, {} calls/s of 3 s, numbered by their Call-ID\n", options.rate);
    println!("| fault | started | answered | recorded | doubled | lost | wrong length |");
    println!("| --- | --- | --- | --- | --- | --- | --- |");
    let program = options.program.clone().map_or_else(crate::bench::build_server, Ok)?;
    let mut whole = Tally::default();
    for fault in chosen(options) {
        let rounds = if fault == Fault::Kill { options.rounds } else { 1 };
        let mut sum = Tally::default();
        for round in 0..rounds {
            sum.add(&inject(fault, round, options, &program)?);
        }
        println!("{}", sum.row(&format!("{}, {rounds} rounds", fault.name())));
        whole.add(&sum);
    }
    ensure!(whole.is_clean(), "something that was acknowledged is not as it should be");
    Ok(())
}

fn chosen(options: &Options) -> Vec<Fault> {
    match options.only.is_empty() {
        true => Fault::value_variants().to_vec(),
        false => options.only.clone(),
    }
}

fn inject(fault: Fault, round: u32, options: &Options, program: &std::path::Path) -> Result<Tally> {
    let disk = (fault == Fault::FullDisk).then(SmallDisk::mount).transpose()?;
    let mut place = Place::new(
        program,
        fault_library(fault)?,
        disk.as_ref().map(SmallDisk::folder),
        options.answer_budget_ms,
    )?;
    place.start()?;
    let traffic = Traffic::begin(&place, options.rate)?;
    sleep(Duration::from_millis(2_000 + u64::from(round) * 137 % 1_000));
    let ended_at = match fault {
        Fault::Kill => place.kill()?,
        Fault::Stop => place.stop(2)?,
        Fault::SlowDisk => {
            place.disk("2000")?;
            sleep(Duration::from_secs(6));
            place.kill()?
        }
        Fault::FailingDisk => {
            place.disk("fail")?;
            sleep(Duration::from_secs(6));
            place.stop(3)?
        }
        Fault::FullDisk => {
            let disk = disk.as_ref().expect("it was mounted for this");
            disk.fill()?;
            sleep(Duration::from_secs(options.full_seconds));
            let ended_at = place.stop(2)?;
            disk.free()?;
            ended_at
        }
        Fault::Clock => {
            place.clock("+1h")?;
            sleep(Duration::from_secs(4));
            place.kill()?
        }
    };
    let told = traffic.end()?;
    place.disk("0")?;
    place.start()?;
    let records = records::all(place.http()?)?;
    Ok(Tally::of(&told, &records, ended_at))
}

/// What is preloaded for it.
fn fault_library(fault: Fault) -> Result<place::Preload> {
    match fault {
        Fault::Clock => Ok(place::Preload::Clock),
        Fault::SlowDisk | Fault::FailingDisk => Ok(place::Preload::Disk),
        Fault::Kill | Fault::Stop | Fault::FullDisk => Ok(place::Preload::Nothing),
    }
}

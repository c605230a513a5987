//! Faults, injected into a server that carries numbered calls: what callers were told is held against what is
//! recorded afterwards. Each prints how many calls were started, answered, recorded, doubled and lost, of how many
//! the length is wrong by more than a second, the greatest difference, and how many were acknowledged before they
//! were on disk, as that took too long.

mod asking;
mod calls;
mod disk;
mod fault;
mod layouts;
mod memory;
mod place;
mod records;
mod tally;
mod transfers;

use std::{path::PathBuf, thread::sleep, time::Duration};

use anyhow::{Result, ensure};
use clap::{Args, ValueEnum};

use self::{
    calls::Traffic,
    disk::SmallDisk,
    fault::{Fault, Stage},
    place::Place,
    tally::Tally,
};

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

/// Injects them and prints a table; an error if something acknowledged was lost.
pub fn run(options: &Options) -> Result<()> {
    println!("SIPp on both sides, {} calls/s of 3 s, numbered by their Call-ID\n", options.rate);
    println!(
        "| fault | started | answered | recorded | doubled | lost | wrong length | most by, s | before commit |"
    );
    println!("| --- | --- | --- | --- | --- | --- | --- | --- | --- |");
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
    let disk = fault.needs_small_disk().then(SmallDisk::mount).transpose()?;
    let mut place = Place::new(
        program,
        fault.preload(),
        disk.as_ref().map(SmallDisk::folder),
        &fault.configuration(options.answer_budget_ms),
    )?;
    fault.prepare(&mut place)?;
    place.start()?;
    let _phones = fault.phones(&place)?;
    let pace = fault.pace(options.rate);
    let traffic = Traffic::begin(&place, &pace, fault.packets_lost())?;
    sleep(Duration::from_millis(2_000 + u64::from(round) * 137 % 1_000));
    let mut stage = Stage { place, traffic, disk, full: Duration::from_secs(options.full_seconds), pace };
    let end = fault.act(&mut stage)?;
    let Stage { mut place, traffic, .. } = stage;
    let told = traffic.end()?;
    end.stretches.iter().for_each(|stretch| println!("{}", tally::set_ups(&told, *stretch)));
    place.disk("0")?;
    fault.mend(&mut place)?;
    place.start()?;
    let records = records::all(place.http()?)?;
    let mut tally = Tally::of(&fault.judged(told, &end), &records, end.at, fault.judges_lengths());
    tally.before_commit = end.before_commit;
    Ok(tally)
}

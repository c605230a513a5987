//! What relaying costs: calls that talk in both directions, 50 packets a second each way, over loopback, with and
//! without encryption, beside rtpengine (Debian's `rtpengine-daemon`, in user space) on the same packets.
//!
//! `cargo bench -p switch-sip --bench media` prints a table; `-- --help` tells its options. Processor time is that of the
//! relay's threads, for rtpengine that of its process (Linux).
#![allow(clippy::print_stdout, reason = "its output is what it is for")]

mod ours;
mod phone;
mod rtpengine;
mod usage;

use std::{
    error::Error,
    process::{Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use clap::{Parser, ValueEnum};
use serde::{Deserialize, Serialize};

use ours::Ours;
use phone::{Phone, Way};
use rtpengine::Rtpengine;
use usage::Usage;

/// What went wrong is told, and ends the measurement.
pub type Result<T> = std::result::Result<T, Box<dyn Error>>;

const PACE: Duration = Duration::from_millis(20);
/// Slices of the pace, so that packets come evenly spread.
const SLICES: u32 = 20;

/// Options of the measurement.
#[derive(Debug, Parser)]
struct Options {
    /// Calls at a time.
    #[arg(long, default_value_t = 500)]
    calls: usize,
    /// Seconds that they talk.
    #[arg(long, default_value_t = 10)]
    seconds: u64,
    /// How often each is measured; what is printed is the run whose processor time is the median.
    #[arg(long, default_value_t = 5)]
    runs: usize,
    /// How the two parties of a call are protected.
    #[arg(long, value_delimiter = ',', default_value = "plain-plain,sdes-plain,dtls-plain,dtls-dtls")]
    ways: Vec<String>,
    /// Measures rtpengine, too.
    #[arg(long)]
    rtpengine: bool,
    /// Measures one relay once, and prints the figures alone: each measurement is a process of its own, so that none finds
    /// memory that another has left.
    #[arg(long, hide = true)]
    once: Option<Peer>,
    /// What cargo tells every benchmark.
    #[arg(long, hide = true)]
    bench: bool,
}

/// Which relay.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Peer {
    Trunkline,
    Rtpengine,
}

/// What relays.
pub trait Relay {
    /// Two phones that talk to each other over it.
    fn connect(&mut self, ways: [Way; 2]) -> Result<[Phone; 2]>;
    /// What it has used up to now.
    fn usage(&self) -> Result<Usage>;
}

/// What one measurement showed.
#[derive(Clone, Copy, Deserialize, Serialize)]
struct Run {
    sent: u64,
    received: u64,
    elapsed: Duration,
    time: Duration,
    /// Bytes that the calls take.
    memory: u64,
}

fn main() -> Result<()> {
    let options = Options::parse();
    match options.once {
        Some(peer) => once(peer, &options),
        None => table(&options),
    }
}

fn once(peer: Peer, options: &Options) -> Result<()> {
    rlimit::increase_nofile_limit(u64::MAX)?;
    let ways = Way::pair(&options.ways[0])?;
    let run = match peer {
        Peer::Trunkline => measure(Ours::new()?, ways, options)?,
        Peer::Rtpengine => measure(Rtpengine::start()?, ways, options)?,
    };
    println!("{}", serde_json::to_string(&run)?);
    Ok(())
}

fn table(options: &Options) -> Result<()> {
    println!("{} calls for {} s, median of {} runs\n", options.calls, options.seconds, options.runs);
    println!("| parties | relay | packets | lost | % of a core | % a call | us a packet | KB a call |");
    println!("| --- | --- | --- | --- | --- | --- | --- | --- |");
    let peers = [Some(Peer::Trunkline), options.rtpengine.then_some(Peer::Rtpengine)];
    for ways in &options.ways {
        for peer in peers.into_iter().flatten() {
            print(ways, peer, options, median(ways, peer, options)?);
        }
    }
    Ok(())
}

fn median(ways: &str, peer: Peer, options: &Options) -> Result<Run> {
    let mut runs = (0..options.runs).map(|_| apart(ways, peer, options)).collect::<Result<Vec<_>>>()?;
    runs.sort_by_key(|run| run.time);
    runs.get(runs.len() / 2).copied().ok_or_else(|| "--runs: found 0, accepted: 1 or more".into())
}

/// One measurement, in a process of its own.
fn apart(ways: &str, peer: Peer, options: &Options) -> Result<Run> {
    let (calls, seconds) = (options.calls.to_string(), options.seconds.to_string());
    let peer = format!("{peer:?}").to_lowercase();
    let measured = Command::new(std::env::current_exe()?)
        .args(["--once", &peer, "--ways", ways, "--calls", &calls, "--seconds", &seconds])
        .stderr(Stdio::inherit())
        .output()?;
    if !measured.status.success() {
        return Err(format!("{ways} over {peer}: {}", measured.status).into());
    }
    Ok(serde_json::from_slice(&measured.stdout)?)
}

fn measure(mut relay: impl Relay, ways: [Way; 2], options: &Options) -> Result<Run> {
    let empty = relay.usage()?;
    let mut phones = Vec::with_capacity(2 * options.calls);
    for _ in 0..options.calls {
        phones.extend(relay.connect(ways)?);
    }
    let before = relay.usage()?;
    let (sent, received, elapsed) = talk(&mut phones, Duration::from_secs(options.seconds))?;
    let after = relay.usage()?;
    let memory = after.memory.saturating_sub(empty.memory);
    Ok(Run { sent, received, elapsed, time: after.time.saturating_sub(before.time), memory })
}

fn print(ways: &str, peer: Peer, options: &Options, run: Run) {
    let (calls, share) = (options.calls as f64, run.time.as_secs_f64() / run.elapsed.as_secs_f64() * 100.0);
    println!(
        "| {ways} | {peer:?} | {} | {} | {share:.1} | {:.3} | {:.2} | {:.1} |",
        run.sent,
        run.sent - run.received,
        share / calls,
        run.time.as_secs_f64() * 1e6 / run.sent as f64,
        run.memory as f64 / 1e3 / calls,
    );
}

/// Packets that were sent, and those that came to whom they were for.
fn talk(phones: &mut [Phone], length: Duration) -> Result<(u64, u64, Duration)> {
    let (began, mut sent, mut received, mut slice) = (Instant::now(), 0, 0, 0);
    while began.elapsed() < length {
        for phone in phones.iter_mut().skip((slice % SLICES) as usize).step_by(SLICES as usize) {
            sent += u64::from(phone.say()?);
            received += phone.hear();
        }
        slice += 1;
        thread::sleep((PACE / SLICES * slice).saturating_sub(began.elapsed()));
    }
    let elapsed = began.elapsed();
    thread::sleep(PACE * 5);
    received += phones.iter_mut().map(Phone::hear).sum::<u64>();
    Ok((sent, received, elapsed))
}

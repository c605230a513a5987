//! How many records of finished calls the store takes in a second, in commits of a thousand; they are made beforehand.
//!
//! `cargo run --release -p history --example append_rate -- [records]`

use std::{
    env,
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::Result;
use history::{
    Batch, Journal, OpenOptions, SqliteHistory, Upkeep,
    conformance::calls::{self, Script},
};

/// Records of a commit.
const PORTION: usize = 1_000;

#[tokio::main]
#[allow(clippy::print_stdout, reason = "it prints what it measured")]
async fn main() -> Result<()> {
    let count: u64 = env::args().nth(1).map_or(Ok(100_000), |text| text.parse())?;
    let record = |number: u64| {
        let (from, to) = (1 + number % 100, 101 + number * 7 % 5);
        let start = calls::at(0) + Duration::from_micros(number * 500);
        Arc::new(Script::new(number, start, from as u32, to as u32).record())
    };
    let records: Vec<_> = (0..count).map(record).collect();
    let folder = tempfile::tempdir_in(env::current_dir()?)?;
    let history = SqliteHistory::open(OpenOptions::new(folder.path()))?;
    let (began, mut slowest) = (Instant::now(), Duration::ZERO);
    for portion in records.chunks(PORTION) {
        let start = Instant::now();
        history.append(Batch { records: portion.to_vec(), ..Batch::default() }).await?;
        slowest = slowest.max(start.elapsed());
    }
    let length = began.elapsed();
    println!("{count} records in {length:.1?}, slowest commit {slowest:.1?}");
    println!("{:.0} records/s", count as f64 / length.as_secs_f64());
    history.close().await;
    Ok(())
}

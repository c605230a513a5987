//! A long run of random calls and random verbs on the simulated switch, with everything behind it that a server
//! has, after which nothing may be left of them: no call, no slot, no row of the journal, no reader, no memory.

mod cast;
mod churn;

use std::{path::PathBuf, sync::Arc, time::Duration};

use history::{History, HistoryError, OpenError, OpenOptions, RecordQuery, SqliteHistory};
use switch::{SimulatedSwitch, SystemClock, event_channel};
use tokio::time::Instant;

use crate::{FeedItem, Live};
use churn::Churn;

/// Events that may wait for the writer before calls are refused.
const BACKLOG: usize = 100_000;
/// How long the last events may take to be written.
const PATIENCE: Duration = Duration::from_secs(30);

/// What is to be run.
#[derive(Clone, Debug)]
pub struct Soak {
    /// The folder of the store; empty before.
    pub folder: PathBuf,
    /// How long calls come and go.
    pub length: Duration,
    /// How many calls are up at once, about.
    pub at_once: usize,
    /// How many steps and commands are tried in a second.
    pub pace: u32,
    /// How many readers of the feed there are.
    pub readers: usize,
    /// The same seed makes the same choices.
    pub seed: u64,
    /// How many KiB the memory may grow between a first fifth of the time and the end.
    pub slack: u64,
}

/// How it went.
#[derive(Clone, Copy, Debug, Default)]
pub struct Outcome {
    /// Calls that began.
    pub calls: u64,
    /// Calls that were merged into others.
    pub merged: u64,
    /// Commands that were carried out.
    pub obeyed: u64,
    /// Commands that were refused, as they did not fit.
    pub refused: u64,
    /// The greatest number of calls at one time.
    pub most_at_once: usize,
    /// Memory in use after the first fifth, in KiB, where the system tells.
    pub memory_before: Option<u64>,
    /// Memory in use at the end, in KiB, where the system tells.
    pub memory_after: Option<u64>,
}

/// What went wrong.
#[derive(Debug, thiserror::Error)]
pub enum SoakError {
    /// The store cannot be opened.
    #[error("the store of the soak cannot be opened")]
    Open(#[from] OpenError),
    /// The store failed.
    #[error("the store of the soak failed")]
    History(#[from] HistoryError),
    /// Something is there that should not be.
    #[error("{found} {what}, and there should be {expected}")]
    Wrong {
        /// What.
        what: &'static str,
        /// How many.
        found: u64,
        /// How many there should be.
        expected: u64,
    },
    /// The memory grew.
    #[error("the memory in use grew from {before} KiB to {after} KiB")]
    Grown {
        /// KiB after the first fifth.
        before: u64,
        /// KiB at the end.
        after: u64,
    },
}

impl Soak {
    /// A minute of two hundred calls at once, three readers, 16 MiB of slack.
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        let length = Duration::from_secs(60);
        Self { folder: folder.into(), length, at_once: 200, pace: 2_000, readers: 3, seed: 1, slack: 16_384 }
    }
}

/// Runs it, and checks that all is back where it began.
pub async fn run(soak: Soak) -> Result<Outcome, SoakError> {
    let history = Arc::new(SqliteHistory::open(OpenOptions::new(&soak.folder))?);
    let (sink, source) = event_channel(BACKLOG);
    let switch =
        SimulatedSwitch::builder(sink).resolver(cast::resolve).manners(cast::manner).seed(soak.seed).build();
    let clock = Arc::new(SystemClock::default());
    let live = Live::start(source, Arc::new(switch.clone()), history.clone(), clock);
    let readers: Vec<_> = (0..soak.readers).map(|nth| tokio::spawn(read(live.clone(), nth))).collect();
    let mut churn = Churn::new(switch.clone(), live.clone(), &soak);
    churn.turn(Instant::now() + soak.length / 5).await;
    churn.end_all().await;
    let memory_before = memory();
    churn.turn(Instant::now() + soak.length * 4 / 5).await;
    churn.end_all().await;
    let outcome = Outcome { memory_before, memory_after: memory(), ..churn.outcome() };
    check_switch(&switch)?;
    live.stop(Duration::ZERO).await;
    for reader in readers {
        reader.abort();
        // It ends by being broken off, or by the end of the feed.
        let _ = reader.await;
    }
    check(&live, &*history, outcome).await?;
    check_memory(outcome, soak.slack)?;
    Ok(outcome)
}

/// Reads what one account may see, as one who never stops.
async fn read(live: Arc<Live>, nth: usize) {
    let mut feed = live.subscribe(cast::access(nth));
    drop(live);
    while let Some(FeedItem::Event(_) | FeedItem::Missed(_)) = feed.next().await {}
}

/// To be asked before the stop, which ends what is left.
fn check_switch(switch: &SimulatedSwitch) -> Result<(), SoakError> {
    none_wrong([
        ("calls are up in the switch", switch.call_count() as u64, 0),
        ("parking slots are taken", switch.parked_count() as u64, 0),
    ])
}

async fn check(live: &Live, history: &dyn History, outcome: Outcome) -> Result<(), SoakError> {
    let metrics = live.metrics();
    let all = RecordQuery { count: true, ..RecordQuery::newest(cast::accounts().collect(), 0) };
    let records = history.search(all).await?.total.unwrap_or_default();
    let journal = history.unfinished().await?.len();
    none_wrong([
        ("calls are live", live.snapshot().len() as u64, 0),
        ("events are left in the journal", journal as u64, 0),
        ("readers of the feed are left", live.published.feed.receiver_count() as u64, 0),
        ("events fitted nothing", metrics.unexpected_events.get(), 0),
        ("events came twice", metrics.stale_events.get(), 0),
        ("events or records were put aside", history.quarantined(), 0),
        ("calls were seen to begin", metrics.started.get(), outcome.calls),
        ("calls have a record", records, outcome.calls - outcome.merged),
    ])
}

/// What, how many there are, how many there should be.
fn none_wrong<const N: usize>(expected: [(&'static str, u64, u64); N]) -> Result<(), SoakError> {
    let wrong = expected.into_iter().find(|(_, found, expected)| found != expected);
    wrong.map_or(Ok(()), |(what, found, expected)| Err(SoakError::Wrong { what, found, expected }))
}

fn check_memory(outcome: Outcome, slack: u64) -> Result<(), SoakError> {
    match (outcome.memory_before, outcome.memory_after) {
        (Some(before), Some(after)) if after > before + slack => Err(SoakError::Grown { before, after }),
        _ => Ok(()),
    }
}

/// What the process has in memory, in KiB.
fn memory() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let resident = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    resident.trim().strip_suffix("kB")?.trim().parse().ok()
}

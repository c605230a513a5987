//! How the store and its disk are, and what follows: while they cannot be relied on, new calls are refused.

use std::{
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};

use parking_lot::Mutex;
use switch::{EventFlow, NoRoom};
use tokio::time::{Instant, MissedTickBehavior};
use tokio_util::sync::CancellationToken;

use crate::Phase;

/// How often it is looked.
const LOOK: Duration = Duration::from_millis(100);
/// From when on a writer that does not come round hangs.
const HANGS: Duration = Duration::from_secs(10);
/// A heartbeat comes twice a second: when the last commit is older by this than a store may fail, it fails.
const LATE: Duration = Duration::from_secs(3);

/// From when on what readers see is old.
const STALE: Duration = Duration::from_secs(1);

/// When new calls are refused for the store's sake.
#[derive(Clone, Debug)]
pub struct Limits {
    /// How long the store may take nothing.
    pub refuse_after: Duration,
    /// The file that it lies in, whose disk is looked at; `None` if it lies in none.
    pub file: Option<PathBuf>,
    /// Bytes that are to be free there.
    pub least_free: u64,
}

impl Default for Limits {
    /// Two seconds, and no disk.
    fn default() -> Self {
        Self { refuse_after: Duration::from_secs(2), file: None, least_free: 0 }
    }
}

/// How the store is, and whether new calls are taken.
#[derive(Clone, Debug)]
pub struct Health {
    /// How far the server is with its life.
    pub phase: Phase,
    /// Why no new calls are taken; `None` if they are.
    pub room: Option<NoRoom>,
    /// Events that are not durable yet.
    pub backlog: u64,
    /// How long ago the store last took something.
    pub since_commit: Duration,
    /// How long it has been behind the spill file; `None` if it is not.
    pub behind_for: Option<Duration>,
    /// Events are neither stored nor spilled at the moment: live lists show how things were before.
    pub is_losing_hold: bool,
    /// Bytes free on its disk, if that is looked at.
    pub free_bytes: Option<u64>,
}

/// How the store is doing, as the writer sees it.
pub(crate) struct StoreHealth {
    last_commit: Mutex<Instant>,
    /// Since when it has not everything.
    behind_since: Mutex<Option<Instant>>,
    /// Events that went to the spill file, ever.
    spilled: AtomicU64,
    spill_fails: AtomicBool,
    /// When the writer last came round.
    writer_seen: Mutex<Instant>,
    /// When it took what it is writing.
    writing_since: Mutex<Option<Instant>>,
    /// Bytes free on its disk; the greatest number if nobody looks.
    free: AtomicU64,
    /// The database file is not where it was opened.
    is_gone: AtomicBool,
    pub(crate) limits: Mutex<Limits>,
}

impl Default for StoreHealth {
    fn default() -> Self {
        Self {
            last_commit: Mutex::new(Instant::now()),
            behind_since: Mutex::default(),
            spilled: AtomicU64::new(0),
            spill_fails: AtomicBool::new(false),
            writer_seen: Mutex::new(Instant::now()),
            writing_since: Mutex::default(),
            free: AtomicU64::new(u64::MAX),
            is_gone: AtomicBool::new(false),
            limits: Mutex::default(),
        }
    }
}

impl StoreHealth {
    /// A commit has succeeded.
    pub(crate) fn committed(&self) {
        *self.last_commit.lock() = Instant::now();
    }

    pub(crate) fn fell_behind(&self) {
        self.behind_since.lock().get_or_insert_with(Instant::now);
    }

    pub(crate) fn caught_up(&self) {
        *self.behind_since.lock() = None;
        self.spill_fails.store(false, Ordering::Relaxed);
    }

    pub(crate) fn spilled(&self, events: usize) {
        self.spilled.fetch_add(events as u64, Ordering::Relaxed);
        self.spill_fails.store(false, Ordering::Relaxed);
    }

    pub(crate) fn spill_failed(&self) {
        self.spill_fails.store(true, Ordering::Relaxed);
    }

    /// The writer comes round.
    pub(crate) fn writer_works(&self) {
        *self.writer_seen.lock() = Instant::now();
    }

    /// The writer has taken events, which nobody sees before they are durable.
    pub(crate) fn writes(&self) {
        *self.writing_since.lock() = Some(Instant::now());
    }

    /// They are seen.
    pub(crate) fn has_written(&self) {
        *self.writing_since.lock() = None;
    }

    /// How old what readers see is; `None` if it is not.
    pub(crate) fn staleness(&self) -> Option<Duration> {
        self.writing_since.lock().map(|since| since.elapsed()).filter(|age| *age >= STALE)
    }

    /// Whether the writer works, or is known not to for the disk's sake: to start the server anew would not help.
    pub(crate) fn is_writer_alive(&self) -> bool {
        self.writer_seen.lock().elapsed() < HANGS || self.behind_for().is_some() || self.is_losing_hold()
    }

    /// How long ago the last commit was.
    pub(crate) fn since_commit(&self) -> Duration {
        self.last_commit.lock().elapsed()
    }

    /// How long the store has been behind; `None` if it is not.
    pub(crate) fn behind_for(&self) -> Option<Duration> {
        self.behind_since.lock().map(|since| since.elapsed())
    }

    pub(crate) fn spilled_events(&self) -> u64 {
        self.spilled.load(Ordering::Relaxed)
    }

    /// Whether events are neither stored nor spilled.
    pub(crate) fn is_losing_hold(&self) -> bool {
        self.spill_fails.load(Ordering::Relaxed)
    }

    /// Bytes free on the store's disk; `None` if nobody looks.
    pub(crate) fn free_bytes(&self) -> Option<u64> {
        Some(self.free.load(Ordering::Relaxed)).filter(|free| *free < u64::MAX)
    }

    fn verdict(&self, limits: &Limits) -> Option<NoRoom> {
        let late = self.since_commit() >= limits.refuse_after + LATE;
        let fails = late
            || self.is_gone.load(Ordering::Relaxed)
            || self.behind_for().is_some_and(|time| time >= limits.refuse_after);
        let is_full = self.free_bytes().is_some_and(|free| free < limits.least_free);
        match (fails, is_full) {
            (true, _) => Some(NoRoom::StoreFails),
            (false, true) => Some(NoRoom::DiskFull),
            (false, false) => None,
        }
    }

    fn look(&self, file: &Path) {
        match rustix::fs::statvfs(file.parent().unwrap_or(file)) {
            Ok(disk) => self.free.store(disk.f_bavail * disk.f_frsize, Ordering::Relaxed),
            Err(error) => tracing::debug!(%error, "the room on the disk is not known"),
        }
        let is_gone = !file.exists();
        if is_gone && !self.is_gone.swap(is_gone, Ordering::Relaxed) {
            tracing::error!(path = %file.display(), "the call history's database is gone from its folder");
        }
    }
}

/// Has new calls refused while the store fails or its disk is full.
pub(crate) async fn watch(health: Arc<StoreHealth>, flow: EventFlow, stopping: CancellationToken) {
    let mut ticks = tokio::time::interval(LOOK);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut known = None;
    loop {
        tokio::select! {
            _ = ticks.tick() => {}
            () = stopping.cancelled() => return,
        }
        let limits = health.limits.lock().clone();
        limits.file.iter().for_each(|file| health.look(file));
        let verdict = health.verdict(&limits);
        if verdict != known {
            flow.close(verdict);
            say(verdict);
            known = verdict;
        }
    }
}

fn say(verdict: Option<NoRoom>) {
    match verdict {
        Some(why) => tracing::error!(why = why.name(), "new calls are refused"),
        None => tracing::info!("new calls are taken again"),
    }
}

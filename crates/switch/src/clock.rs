//! Where time comes from. Wall time for instants, monotonic time for lengths.

use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use call::Timestamp;

/// Tells the time. Must never be asked under a lock.
pub trait Clock: Send + Sync + 'static {
    /// Now, by the wall clock.
    fn now(&self) -> Timestamp;

    /// Time since some fixed moment, by a clock that nobody sets.
    fn monotonic(&self) -> Duration;
}

/// The machine's clocks.
#[derive(Debug)]
pub struct SystemClock {
    began: Instant,
}

impl Default for SystemClock {
    fn default() -> Self {
        Self { began: Instant::now() }
    }
}

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Timestamp::from_micros(i64::try_from(since.as_micros()).unwrap_or(i64::MAX))
    }

    fn monotonic(&self) -> Duration {
        self.began.elapsed()
    }
}

/// A clock that stands still until it is moved; for tests.
#[derive(Debug, Default)]
pub struct ManualClock {
    micros: AtomicI64,
    /// How far the wall clock was set from that.
    set_by: AtomicI64,
}

impl ManualClock {
    /// A clock that stands at `at`.
    pub fn at(at: Timestamp) -> Self {
        Self { micros: AtomicI64::new(at.as_micros()), set_by: AtomicI64::new(0) }
    }

    /// Moves it.
    pub fn advance(&self, by: Duration) {
        self.micros.fetch_add(i64::try_from(by.as_micros()).unwrap_or(i64::MAX), Ordering::SeqCst);
    }

    /// Sets the wall clock forward by so many microseconds, or back; no time passes.
    pub fn set_wall(&self, by_micros: i64) {
        self.set_by.fetch_add(by_micros, Ordering::SeqCst);
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        let (micros, set_by) = (self.micros.load(Ordering::SeqCst), self.set_by.load(Ordering::SeqCst));
        Timestamp::from_micros(micros.saturating_add(set_by))
    }

    fn monotonic(&self) -> Duration {
        Duration::from_micros(u64::try_from(self.micros.load(Ordering::SeqCst)).unwrap_or(0))
    }
}

/// The clock of one call, or of one run of the server: the wall clock at its beginning plus monotonic time since then, so that its
/// events never run backwards, whatever is done to the wall clock.
#[derive(Clone)]
pub struct CallClock {
    clock: Arc<dyn Clock>,
    started_at: Timestamp,
    started: Duration,
}

impl CallClock {
    /// Starts now.
    pub fn start(clock: Arc<dyn Clock>) -> Self {
        let (started_at, started) = (clock.now(), clock.monotonic());
        Self { clock, started_at, started }
    }

    /// When it was started.
    pub fn started_at(&self) -> Timestamp {
        self.started_at
    }

    /// Now, for this call.
    pub fn now(&self) -> Timestamp {
        self.started_at + self.clock.monotonic().saturating_sub(self.started)
    }
}

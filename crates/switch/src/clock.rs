//! Where time comes from. Wall time for instants, monotonic time for lengths.

use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use call::Timestamp;
use tokio::sync::Notify;

/// Tells the time. Must never be asked under a lock.
pub trait Clock: Send + Sync + 'static {
    /// Now, by the wall clock.
    fn now(&self) -> Timestamp;

    /// Time since some fixed moment, by a clock that nobody sets.
    fn monotonic(&self) -> Duration;

    /// What tells that it was moved, of a clock that does not go by itself.
    fn moved(&self) -> Option<&Notify> {
        None
    }
}

/// Returns when a clock's monotonic time has come to `at`.
pub async fn wait_until(clock: &dyn Clock, at: Duration) {
    let Some(moved) = clock.moved() else {
        return tokio::time::sleep(at.saturating_sub(clock.monotonic())).await;
    };
    loop {
        let again = moved.notified();
        if clock.monotonic() >= at {
            return;
        }
        again.await;
    }
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
    moved: Notify,
}

impl ManualClock {
    /// A clock that stands at `at`.
    pub fn at(at: Timestamp) -> Self {
        Self { micros: AtomicI64::new(at.as_micros()), ..Self::default() }
    }

    /// Moves it, and wakes who waits for that.
    pub fn advance(&self, by: Duration) {
        self.micros.fetch_add(i64::try_from(by.as_micros()).unwrap_or(i64::MAX), Ordering::SeqCst);
        self.moved.notify_waiters();
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

    fn moved(&self) -> Option<&Notify> {
        Some(&self.moved)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn who_waits_for_a_time_is_woken_when_the_clock_is_moved_there() {
        let clock = Arc::new(ManualClock::default());
        let due = Duration::from_secs(3_600);
        let (woken, mut is_woken) = tokio::sync::mpsc::unbounded_channel();
        let waiting = {
            let clock = clock.clone();
            tokio::spawn(async move {
                wait_until(&*clock, due).await;
                woken.send(clock.monotonic()).unwrap();
            })
        };
        for _ in 0..2 {
            tokio::task::yield_now().await;
            assert!(is_woken.try_recv().is_err());
            clock.advance(due / 2);
        }
        waiting.await.unwrap();
        assert_eq!(is_woken.recv().await, Some(due));
    }
}

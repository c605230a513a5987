//! The timers of RFC 3261 table 4.

use std::time::Duration;

/// How long timers run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timing {
    /// An estimate of the round trip: what a message is repeated after, twice as long each time.
    pub t1: Duration,
    /// The longest that it is repeated after, but for an INVITE.
    pub t2: Duration,
    /// How long a message may stay on the way.
    pub t4: Duration,
    /// How long an INVITE may go unanswered after a provisional response (timer C).
    pub unanswered: Duration,
}

impl Timing {
    /// Those of RFC 3261 for this T1.
    #[must_use]
    pub fn of(t1: Duration) -> Self {
        Self { t1, t2: 8 * t1, t4: 10 * t1, unanswered: Duration::from_secs(180) }
    }

    /// How long a message is repeated before nobody is taken to be there, and how long repeats may come.
    #[must_use]
    pub fn patience(&self) -> Duration {
        64 * self.t1
    }
}

/// A message that is sent again and again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Repeat {
    pub(crate) at: Duration,
    interval: Duration,
}

impl Repeat {
    /// First after T1.
    pub(crate) fn first(timing: &Timing, now: Duration) -> Self {
        Self { at: now + timing.t1, interval: timing.t1 }
    }

    /// Always after as long.
    pub(crate) fn every(interval: Duration, now: Duration) -> Self {
        Self { at: now + interval, interval }
    }

    /// The next one, after twice as long, `longest` at most.
    pub(crate) fn next(self, longest: Duration, now: Duration) -> Self {
        let interval = (2 * self.interval).min(longest);
        Self { at: now + interval, interval }
    }
}

//! How much is held against somebody: failures add to it, time takes away.

use std::time::Duration;

use crate::Policy;

/// A leaking bucket, and when its last failure was.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Level {
    /// As of `at`.
    amount: f64,
    at: Duration,
    /// The latest failure that had to be paid for.
    failed_at: Duration,
}

impl Level {
    /// What is left of it at `now`, where `limit` would leak away within the window.
    pub(crate) fn at(&self, now: Duration, limit: u32, window: Duration) -> f64 {
        let leak = f64::from(limit) / window.as_secs_f64().max(1.0);
        (self.amount - leak * now.saturating_sub(self.at).as_secs_f64()).max(0.0)
    }

    /// Adds (or takes back) some; says how much it is now.
    pub(crate) fn add(&mut self, weight: f64, now: Duration, limit: u32, window: Duration) -> f64 {
        self.amount = (self.at(now, limit, window) + weight).clamp(0.0, f64::from(limit));
        self.at = now;
        if weight > 0.0 {
            self.failed_at = now;
        }
        self.amount
    }

    /// How long another try has to wait: nothing before half of the limit is reached, then twice as long each
    /// time.
    pub(crate) fn wait(&self, now: Duration, limit: u32, policy: &Policy) -> Duration {
        let beyond = self.at(now, limit, policy.window) - f64::from(limit / 2);
        if beyond <= 0.0 {
            return Duration::ZERO;
        }
        let wait = Duration::from_secs_f64(beyond.ceil().min(16.0).exp2() / 2.0).min(policy.longest_wait);
        (self.failed_at + wait).saturating_sub(now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn failures_leak_away_within_the_window() {
        let (mut level, window) = (Level::default(), Duration::from_secs(300));
        for _ in 0..10 {
            level.add(1.0, Duration::ZERO, 10, window);
        }
        assert_eq!(level.at(Duration::from_secs(150), 10, window), 5.0);
        assert_eq!(level.at(Duration::from_secs(300), 10, window), 0.0);
    }

    #[test]
    fn the_first_failures_do_not_wait_and_each_further_one_waits_longer() {
        let (mut level, policy) = (Level::default(), Policy::default());
        let waits = (0..10).map(|_| {
            level.add(1.0, Duration::ZERO, 10, policy.window);
            level.wait(Duration::ZERO, 10, &policy).as_secs()
        });
        assert_eq!(waits.collect::<Vec<_>>(), [0, 0, 0, 0, 0, 1, 2, 4, 8, 15]);
    }
}

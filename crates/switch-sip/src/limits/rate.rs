//! Calls in a second.

use std::time::Duration;

/// How many calls may begin at once: a second's worth.
const CAPACITY: Duration = Duration::from_secs(1);

/// A token bucket: a second's worth of calls, filled evenly. Kept as the moment at which it will be full
/// again, so that it needs no filling.
#[derive(Clone, Copy, Default)]
pub(super) struct Bucket {
    full_at: Duration,
}

impl Bucket {
    /// Whether a call may begin at `now`.
    pub(super) fn has_room(self, rate: u32, now: Duration) -> bool {
        self.after(rate, now) <= now + CAPACITY
    }

    /// Counts a call that begins at `now`.
    pub(super) fn take(&mut self, rate: u32, now: Duration) {
        self.full_at = self.after(rate, now);
    }

    /// When it will be full after one more call. A rate of 0 is none.
    fn after(self, rate: u32, now: Duration) -> Duration {
        self.full_at.max(now) + CAPACITY.checked_div(rate).unwrap_or(Duration::MAX / 2)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_s_worth_may_begin_at_once_and_the_rest_evenly() {
        let mut bucket = Bucket::default();
        let mut begins = |millis| {
            let now = Duration::from_secs(1000) + Duration::from_millis(millis);
            let has_room = bucket.has_room(4, now);
            if has_room {
                bucket.take(4, now);
            }
            has_room
        };
        assert_eq!([0, 0, 0, 0, 0].map(&mut begins), [true, true, true, true, false]);
        assert_eq!([249, 250, 251, 499, 500].map(&mut begins), [false, true, false, false, true]);
        assert_eq!([5000, 5000, 5000, 5000, 5000].map(begins), [true, true, true, true, false]);
    }
}

//! Active calls over time: intervals in, counts on a grid out.
//!
//! A call is active in `[start, end)`. Counting is one pass of +1 and −1 over the grid and a prefix sum,
//! so it is exact at any step.

use std::time::Duration;

use crate::time::Timestamp;

/// A half-open stretch of time, `[start, end)`. Empty if `end` is not after `start`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Interval {
    /// First instant inside.
    pub start: Timestamp,
    /// First instant no longer inside.
    pub end: Timestamp,
}

impl Interval {
    /// Whether `at` lies inside.
    pub fn contains(&self, at: Timestamp) -> bool {
        self.start <= at && at < self.end
    }

    /// What both have in common.
    pub fn intersect(&self, other: &Self) -> Self {
        Self { start: self.start.max(other.start), end: self.end.min(other.end) }
    }

    /// Whether nothing lies inside.
    pub fn is_empty(&self) -> bool {
        self.end <= self.start
    }
}

/// Evenly spaced instants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Grid {
    first: Timestamp,
    step: Duration,
    len: usize,
}

impl Grid {
    /// The multiples of `step` (counted from the epoch) in `[from, to]`, both ends included.
    pub fn aligned(from: Timestamp, to: Timestamp, step: Duration) -> Self {
        let micros = step_micros(step);
        let first = from.as_micros().saturating_add(micros - 1).div_euclid(micros).saturating_mul(micros);
        let last = to.as_micros().div_euclid(micros).saturating_mul(micros);
        let len = if last < first { 0 } else { (last - first) / micros + 1 };
        Self { first: Timestamp::from_micros(first), step, len: usize::try_from(len).unwrap_or(0) }
    }

    /// How many instants.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The instants, ascending.
    pub fn instants(&self) -> impl Iterator<Item = Timestamp> + use<> {
        let (first, step) = (self.first.as_micros(), step_micros(self.step));
        (0..self.len).map(move |index| Timestamp::from_micros(first + step * index as i64))
    }

    /// How many instants lie before `at`.
    fn before(&self, at: Timestamp) -> usize {
        let gap = at.as_micros().saturating_sub(self.first.as_micros());
        let steps = gap.saturating_add(step_micros(self.step) - 1).div_euclid(step_micros(self.step));
        usize::try_from(steps).unwrap_or(0).min(self.len)
    }
}

/// How many of the intervals contain each instant of the grid.
pub fn counts(intervals: impl IntoIterator<Item = Interval>, grid: &Grid) -> Vec<u32> {
    let mut change = vec![0_i64; grid.len() + 1];
    for interval in intervals.into_iter().filter(|interval| !interval.is_empty()) {
        change[grid.before(interval.start)] += 1;
        change[grid.before(interval.end)] -= 1;
    }
    let mut active = 0_i64;
    let sums = change.iter().take(grid.len()).map(|step| {
        active += step;
        u32::try_from(active).unwrap_or(0)
    });
    sums.collect()
}

fn step_micros(step: Duration) -> i64 {
    i64::try_from(step.as_micros()).unwrap_or(i64::MAX).max(1)
}

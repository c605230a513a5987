//! Active calls over time: intervals in, counts on a grid out.
//!
//! A call is active in `[start, end)`. Counting is one pass of +1 and −1 over the grid and a prefix sum,
//! so it is exact at any step.

use std::{ops::Range, time::Duration};

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
    /// All of time but its very last microsecond.
    pub const ALWAYS: Self = Self { start: Timestamp::MIN, end: Timestamp::MAX };

    /// From `start` on.
    pub const fn since(start: Timestamp) -> Self {
        Self { start, ..Self::ALWAYS }
    }

    /// Until just before `end`.
    pub const fn until(end: Timestamp) -> Self {
        Self { end, ..Self::ALWAYS }
    }

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

/// The least stretch of time.
const TICK: Duration = Duration::from_micros(1);

/// Evenly spaced instants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Grid {
    first: Timestamp,
    step: Duration,
    len: usize,
}

impl Grid {
    /// The multiples of `step` (counted from the epoch) in `[from, to]`, both ends included. Lengths below
    /// a microsecond count as one.
    pub fn aligned(from: Timestamp, to: Timestamp, step: Duration) -> Self {
        let micros = i128::from(step_micros(step));
        let first = -(-i128::from(from.as_micros())).div_euclid(micros);
        let last = i128::from(to.as_micros()).div_euclid(micros);
        let len = usize::try_from(last - first + 1).unwrap_or(if last < first { 0 } else { usize::MAX });
        let first = i64::try_from(first * micros).unwrap_or(i64::MAX);
        Self { first: Timestamp::from_micros(first), step, len }
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
        // Every sum lies between the grid's ends, so a product that wraps on the way there does no harm.
        let nth = move |index: usize| first.wrapping_add(step.wrapping_mul(index as i64));
        (0..self.len).map(move |index| Timestamp::from_micros(nth(index)))
    }

    /// From the first instant to just after the last; `None` if there is none.
    pub fn range(&self) -> Option<Range<Timestamp>> {
        let last = self.step.checked_mul(u32::try_from(self.len.checked_sub(1)?).ok()?)?;
        Some(self.first..self.first + last + TICK)
    }

    /// How many instants lie before `at`.
    fn before(&self, at: Timestamp) -> usize {
        if at < self.first {
            return 0;
        }
        let gap = at.as_micros().abs_diff(self.first.as_micros());
        let steps = gap.div_ceil(step_micros(self.step).unsigned_abs());
        usize::try_from(steps).map_or(self.len, |steps| steps.min(self.len))
    }
}

/// How many of the intervals contain each instant of the grid. Takes memory in proportion to the grid.
pub fn counts(intervals: impl IntoIterator<Item = Interval>, grid: &Grid) -> Vec<u32> {
    let mut change = vec![0_i64; grid.len().saturating_add(1)];
    for interval in intervals.into_iter().filter(|interval| !interval.is_empty()) {
        change[grid.before(interval.start)] += 1;
        change[grid.before(interval.end)] -= 1;
    }
    let mut active = 0_i64;
    let sums = change.iter().take(grid.len()).map(|step| {
        active += step;
        // An interval begins before it ends, so the sum is never negative.
        u32::try_from(active).unwrap_or(u32::MAX)
    });
    sums.collect()
}

fn step_micros(step: Duration) -> i64 {
    i64::try_from(step.as_micros()).unwrap_or(i64::MAX).max(1)
}

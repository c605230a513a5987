//! Active calls over time: intervals in, counts on a grid out.
//!
//! A call is active in `[start, end)`. Counting is one pass of +1 and −1 over the grid and a prefix sum,
//! so it is exact at any step. The greatest count within each step is found by going along every beginning and
//! end. What begins in each step is counted there alone.

mod peaks;

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

/// Evenly spaced instants, or the steps that begin with them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Grid {
    first: Timestamp,
    step: Duration,
    len: usize,
    counted: Counted,
}

/// What is counted on a grid.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Counted {
    /// At each instant.
    #[default]
    Instants,
    /// The most at any instant of each step.
    Peaks,
    /// What begins in each step.
    Starts,
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
        Self { first: Timestamp::from_micros(first), step, len, counted: Counted::Instants }
    }

    /// The same, but what is counted is the most at any time from each instant to just before the next.
    #[must_use]
    pub fn of_peaks(self) -> Self {
        Self { counted: Counted::Peaks, ..self }
    }

    /// The same, but what is counted is what begins from each instant to just before the next.
    #[must_use]
    pub fn of_starts(self) -> Self {
        Self { counted: Counted::Starts, ..self }
    }

    /// The whole seconds of the grid's steps: from its first instant to the end of its last step.
    pub fn seconds(&self) -> Self {
        let second = Duration::from_secs(1);
        let range = self.of_starts().range().unwrap_or(self.first..self.first);
        Self { counted: self.counted, ..Self::aligned(range.start, range.end - TICK, second) }
    }

    /// Grids of the same kind that follow one another and are this one together, each of which lasts about as long as
    /// this, and how many of their steps make one of this grid's.
    pub fn parts(self, long: Duration) -> (impl Iterator<Item = Self>, usize) {
        let (step, long) = (step_micros(self.step), step_micros(long));
        // Steps are whole seconds where they are longer than a part, and so divisible by small powers of two.
        let can_halve = |each: &i64| step / each > long && step % (each * 2) == 0;
        let each = std::iter::successors(Some(1_i64), |each| can_halve(each).then_some(each * 2)).last();
        let each = usize::try_from(each.unwrap_or(1)).unwrap_or(1);
        let finer = step / each as i64;
        let (len, of_part) =
            (self.len.saturating_mul(each), usize::try_from(long / finer).unwrap_or(1).max(1));
        let part = move |before: usize| Self {
            first: Timestamp::from_micros(
                self.first.as_micros().wrapping_add(finer.wrapping_mul(before as i64)),
            ),
            step: Duration::from_micros(finer.unsigned_abs()),
            len: (len - before).min(of_part),
            counted: self.counted,
        };
        ((0..len).step_by(of_part).map(part), each)
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

    /// From the first instant to just after the last, or to the end of the last step; `None` if there is none.
    pub fn range(&self) -> Option<Range<Timestamp>> {
        let last = self.step.checked_mul(u32::try_from(self.len.checked_sub(1)?).ok()?)?;
        let rest = match self.counted {
            Counted::Instants => TICK,
            Counted::Peaks | Counted::Starts => self.step.max(TICK),
        };
        Some(self.first..self.first + last + rest)
    }

    /// How many instants lie before `at`.
    fn before(&self, at: Timestamp) -> usize {
        if at < self.first {
            return 0;
        }
        let gap = at.as_micros().abs_diff(self.first.as_micros());
        let steps = steps(gap, step_micros(self.step).unsigned_abs());
        usize::try_from(steps).map_or(self.len, |steps| steps.min(self.len))
    }

    /// Where a change at `at` counts: from the first instant on that is not before it, or of what begins, in the step
    /// that it lies in.
    fn place(&self, at: Timestamp) -> usize {
        match self.counted {
            Counted::Starts => self.before(at + TICK).saturating_sub(1),
            Counted::Instants | Counted::Peaks => self.before(at),
        }
    }
}

/// How many intervals begin, less how many end, before each instant of a grid and not before the one ahead of it, or
/// only how many begin in each step: from some instant on, up to the last at which anything changes.
#[derive(Clone, Debug)]
pub struct Changes {
    first: usize,
    steps: Vec<i64>,
    /// Where it is peaks that are counted: each beginning and end by itself.
    moments: peaks::Moments,
}

impl Changes {
    /// Those of no interval yet, of such as do not begin before `from`.
    pub fn since(grid: &Grid, from: Timestamp) -> Self {
        Self { first: grid.place(from), steps: Vec::new(), moments: peaks::Moments::default() }
    }

    /// Adds an interval. What of it lies before the first instant is not looked at.
    pub fn add(&mut self, grid: &Grid, interval: Interval) {
        if interval.is_empty() {
            return;
        }
        match grid.counted {
            Counted::Peaks => self.moments.add(grid, interval),
            Counted::Instants => {
                self.change(grid, interval.start, 1);
                self.change(grid, interval.end, -1);
            }
            Counted::Starts if grid.range().is_some_and(|range| range.contains(&interval.start)) => {
                self.change(grid, interval.start, 1);
            }
            Counted::Starts => {}
        }
    }

    fn change(&mut self, grid: &Grid, at: Timestamp, by: i64) {
        let place = grid.place(at).max(self.first) - self.first;
        if self.steps.len() <= place {
            self.steps.resize(place + 1, 0);
        }
        self.steps[place] += by;
    }
}

/// How many of all intervals contain each instant of the grid, or begin in each step. Takes memory in proportion to the
/// grid; of peaks, to the number of intervals.
pub fn sums(changes: impl IntoIterator<Item = Changes>, grid: &Grid) -> Vec<u32> {
    match grid.counted {
        Counted::Instants => at_instants(&all(changes, grid)),
        Counted::Starts => all(changes, grid).iter().take(grid.len()).map(|count| number(*count)).collect(),
        Counted::Peaks => peaks::peaks(changes.into_iter().map(|changes| changes.moments), grid),
    }
}

/// What changes at each place, and one more: beyond the last instant.
fn all(changes: impl IntoIterator<Item = Changes>, grid: &Grid) -> Vec<i64> {
    let mut all = vec![0_i64; grid.len().saturating_add(1)];
    for Changes { first, steps, .. } in changes {
        all[first..].iter_mut().zip(steps).for_each(|(all, step)| *all += step);
    }
    all
}

fn at_instants(changes: &[i64]) -> Vec<u32> {
    let (_, changes) = changes.split_last().unwrap_or((&0, &[]));
    let active = changes.iter().scan(0_i64, |active, step| {
        *active += step;
        Some(*active)
    });
    active.map(number).collect()
}

/// An interval begins before it ends, so no sum is negative.
fn number(count: i64) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

/// How many of the intervals contain each instant of the grid. Takes memory in proportion to the grid.
pub fn counts(intervals: impl IntoIterator<Item = Interval>, grid: &Grid) -> Vec<u32> {
    sums([changes(intervals, grid)], grid)
}

/// What the intervals change.
pub fn changes(intervals: impl IntoIterator<Item = Interval>, grid: &Grid) -> Changes {
    let mut changes = Changes { first: 0, steps: Vec::new(), moments: peaks::Moments::default() };
    intervals.into_iter().for_each(|interval| changes.add(grid, interval));
    changes
}

/// How many steps it takes to get over a gap.
fn steps(gap: u64, step: u64) -> u64 {
    /// Every whole number up to this one is a floating point number, too. They are divided much quicker.
    const EXACT: u64 = 1 << f64::MANTISSA_DIGITS;
    if gap >= EXACT {
        return gap.div_ceil(step);
    }
    // Rounded, a quotient is never above the next whole number.
    let steps = (gap as f64 / step as f64) as u64;
    if steps * step < gap { steps + 1 } else { steps }
}

fn step_micros(step: Duration) -> i64 {
    i64::try_from(step.as_micros()).unwrap_or(i64::MAX).max(1)
}

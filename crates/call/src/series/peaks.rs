//! The greatest count within each step of a grid: each interval's beginning and end by itself, sorted, and gone along once.

use super::{Grid, Interval};
use crate::time::Timestamp;

/// Beginnings and ends within a grid, as microseconds after its first instant; the lowest bit tells a beginning from an
/// end. Of what happens at one instant, ends so come first: who begins as another ends is not there beside it.
#[derive(Clone, Debug, Default)]
pub(super) struct Moments(Vec<u64>);

const BEGINS: u64 = 1;

impl Moments {
    /// Adds an interval, as far as it lies within the grid.
    pub(super) fn add(&mut self, grid: &Grid, interval: Interval) {
        let Some(range) = grid.range() else { return };
        let within = interval.intersect(&Interval { start: range.start, end: range.end });
        if within.is_empty() {
            return;
        }
        let after = |at: Timestamp| at.as_micros().abs_diff(range.start.as_micros()) << 1;
        self.0.extend([after(within.start) | BEGINS, after(within.end)]);
    }
}

/// The most intervals that contain an instant, for each step.
pub(super) fn peaks(all: impl Iterator<Item = Moments>, grid: &Grid) -> Vec<u32> {
    let mut moments: Vec<u64> = all.flat_map(|moments| moments.0).collect();
    moments.sort_unstable();
    let step = u64::try_from(super::step_micros(grid.step)).unwrap_or(u64::MAX);
    let (mut active, mut moments) = (0_u32, moments.into_iter().peekable());
    let mut until = |at: u64, active: &mut u32| {
        let mut most = 0;
        while let Some(moment) = moments.next_if(|moment| *moment < at.saturating_mul(2)) {
            match moment & BEGINS {
                BEGINS => *active += 1,
                _ => *active = active.saturating_sub(1),
            }
            most = most.max(*active);
        }
        most
    };
    let steps = (0..grid.len as u64).map(|number| {
        let start = number.saturating_mul(step);
        // What happens at the step's first instant is so from then on.
        until(start.saturating_add(1), &mut active);
        let at_start = active;
        at_start.max(until(start.saturating_add(step), &mut active))
    });
    steps.collect()
}

//! Which instants a chart shows.
//!
//! Whole minutes at which an account had calls, and those beside them, so that a line falls to zero; not
//! those at which the server was down. If the chart reaches to the present, its last point is the present.

pub mod request;
pub mod view;

use call::{
    Timestamp,
    series::{Grid, Interval},
};

use super::{
    span::MINUTE,
    wire::{chart::PointWire, time::TimeWire},
};

/// What a chart spans, seen from now.
#[derive(Clone, Copy, Debug)]
pub struct Window {
    /// Where it begins.
    pub from: Timestamp,
    /// Where it ends.
    pub to: Timestamp,
    /// The present.
    pub now: Timestamp,
}

/// Calls at the whole minutes of [`Window::counted`].
#[derive(Debug)]
pub struct Counts {
    /// Calls that the account takes.
    pub terminated: Vec<u32>,
    /// Calls that the account sends.
    pub originated: Vec<u32>,
}

/// The points of a chart.
#[derive(Debug, PartialEq, Eq)]
pub struct Chart(Vec<Point>);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Point {
    at: Timestamp,
    terminated: u32,
    originated: u32,
}

impl Point {
    fn is_idle(&self) -> bool {
        self.terminated == 0 && self.originated == 0
    }
}

impl Window {
    /// The time in which calls are to be counted: a minute more at each end shows what the chart's own ends
    /// border on. Nothing is counted after the present.
    pub fn counted(&self) -> (Timestamp, Timestamp) {
        (self.from - MINUTE, self.now.min(self.to + MINUTE))
    }

    /// The chart, given the calls in the time to be counted, the calls that go on (those that the account
    /// takes, and those that it sends), and when the server was down.
    pub fn chart(&self, counts: &Counts, live: (u32, u32), outages: &[Interval]) -> Chart {
        let (from, to) = self.counted();
        let columns = counts.terminated.iter().zip(&counts.originated);
        let minutes = Grid::aligned(from, to, MINUTE).instants().zip(columns);
        let minutes: Vec<_> = minutes
            .map(|(at, (terminated, originated))| Point {
                at,
                terminated: *terminated,
                originated: *originated,
            })
            .collect();
        let is_up = |at: Timestamp| !outages.iter().any(|outage| outage.contains(at));
        let shown = minutes.iter().enumerate().filter(|(index, point)| {
            let is_inside = self.from <= point.at && point.at <= self.to;
            is_inside && !is_idle_around(&minutes, *index) && is_up(point.at)
        });
        let mut points: Vec<_> = shown.map(|(_, point)| *point).collect();
        if let Some(present) = self.present(live) {
            points.retain(|point| point.at < present.at);
            points.push(present);
        }
        Chart(points)
    }

    fn present(&self, (terminated, originated): (u32, u32)) -> Option<Point> {
        let reaches_present = self.from <= self.now && self.now <= self.to;
        reaches_present.then_some(Point { at: self.now, terminated, originated })
    }
}

/// Whether nobody calls at a minute, nor at the one before or after it.
fn is_idle_around(minutes: &[Point], index: usize) -> bool {
    let around = minutes[index.saturating_sub(1)..].iter().take(if index == 0 { 2 } else { 3 });
    around.into_iter().all(Point::is_idle)
}

impl Chart {
    /// How many calls the account takes.
    pub fn terminated(&self) -> Vec<PointWire<u32>> {
        self.0.iter().map(|point| PointWire { y: point.terminated, x: TimeWire(point.at) }).collect()
    }

    /// How many calls the account sends.
    pub fn originated(&self) -> Vec<PointWire<u32>> {
        self.0.iter().map(|point| PointWire { y: point.originated, x: TimeWire(point.at) }).collect()
    }
}

//! `origination-active-calls` and `termination-active-calls` (contract yeti.md, 6.2 and 6.5).

use serde::Serialize;

/// A report of active calls.
#[derive(Debug, Serialize)]
pub struct ActiveCallsWire {
    /// The points.
    pub data: SeriesWire,
    /// How many points.
    pub rows: usize,
}

/// Points, as two columns of equal length.
#[derive(Debug, Serialize)]
pub struct SeriesWire {
    /// Seconds since the epoch, ascending.
    pub t: Vec<i64>,
    /// How many calls.
    pub calls: Vec<u32>,
}

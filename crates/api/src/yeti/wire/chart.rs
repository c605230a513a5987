//! `chart-active-calls` (contract yeti.md, 6.1).

use serde::Serialize;

use super::time::TimeWire;

/// Attributes of a chart.
#[derive(Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct ChartWire {
    /// Where it begins.
    pub from_time: TimeWire,
    /// Where it ends.
    pub to_time: TimeWire,
    /// Calls that the account takes.
    pub terminated_calls: Vec<PointWire>,
    /// Calls that the account sends, at the same instants.
    pub originated_calls: Vec<PointWire>,
}

/// How many calls at one instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct PointWire {
    /// How many.
    pub y: u32,
    /// When.
    pub x: TimeWire,
}

//! `chart-active-calls` (contract yeti.md, 6.1).

use serde::Serialize;

use super::time::TimeWire;

/// How many calls at one instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct PointWire {
    /// How many.
    pub y: u32,
    /// When.
    pub x: TimeWire,
}

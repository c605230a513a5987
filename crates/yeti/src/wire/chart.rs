//! `chart-active-calls` and `chart-originated-cps` (contract yeti.md, 6.1 and 6.4).

use serde::Serialize;

use super::time::TimeWire;

/// What a chart shows at one instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct PointWire<Y> {
    /// How many.
    pub y: Y,
    /// When.
    pub x: TimeWire,
}

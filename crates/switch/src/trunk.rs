//! How a trunk is.

use call::TrunkId;

/// How a trunk is, as far as the switch looks after it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TrunkState {
    /// Which trunk.
    pub trunk: TrunkId,
    /// Whether it answers; `None` if it is never asked.
    pub is_up: Option<bool>,
    /// Whether we are registered there; `None` if we are not to be.
    pub is_registered: Option<bool>,
}

//! Series and balances.

use schemars::JsonSchema;
use serde::Serialize;

/// Calls over time.
#[derive(Serialize, JsonSchema)]
pub struct SeriesWire {
    /// Seconds between two instants.
    pub step_seconds: u64,
    /// The instants, in seconds since 1970: multiples of the step.
    pub at: Vec<i64>,
    /// How many calls were active then; with `measure=started`, how many began from then to just before the next instant.
    /// Null where the server was not running.
    pub calls: Vec<Option<u32>>,
    /// The most calls that were active at any time from then to just before the next instant; with `measure=started`,
    /// the most that began within one second of it. Null where the server was not running in all that time.
    pub peaks: Vec<Option<u32>>,
}

/// What an account has.
#[derive(Serialize, JsonSchema)]
pub struct BalanceWire {
    /// The account.
    pub account: u32,
    /// What it has.
    pub balance: String,
    /// What it may have at least.
    pub min_balance: String,
    /// When.
    pub as_of: String,
}

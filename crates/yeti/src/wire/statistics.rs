//! `origination-statistics`, `termination-statistics` and their quality forms (contract yeti.md, 6.7): columns
//! of equal length, and the same names once more for all calls together.
//!
//! Whole numbers are numbers, fractions are texts, what cannot be told is `null`.

use serde::Serialize;

use super::attribute::DecimalWire;

/// Statistics of calls.
#[derive(Debug, Serialize)]
pub struct StatisticsWire {
    /// The stretches.
    pub data: StatisticsColumnsWire,
    /// How many stretches.
    pub rows: usize,
    /// All calls.
    pub totals: StatisticsRowWire,
}

/// Stretches, column by column.
#[derive(Debug, Default, Serialize)]
pub struct StatisticsColumnsWire {
    /// When each begins, in seconds since the epoch, ascending.
    pub t: Vec<i64>,
    /// How many calls.
    pub total_calls: Vec<u64>,
    /// How many were answered.
    pub successful_calls: Vec<u64>,
    /// How many were not.
    pub failed_calls: Vec<u64>,
    /// Minutes, two places.
    pub total_duration: Vec<DecimalWire>,
    /// Seconds of an answered call on average, two places.
    pub acd: Vec<Option<DecimalWire>>,
    /// Percent answered, one place.
    pub asr: Vec<Option<DecimalWire>>,
    /// What they cost, two places.
    pub total_price: Vec<DecimalWire>,
}

/// One row.
#[derive(Debug, Serialize)]
pub struct StatisticsRowWire {
    /// When it begins; 0 for the totals.
    pub t: i64,
    /// How many calls.
    pub total_calls: u64,
    /// How many were answered.
    pub successful_calls: u64,
    /// How many were not.
    pub failed_calls: u64,
    /// Minutes, two places.
    pub total_duration: DecimalWire,
    /// Seconds of an answered call on average, two places.
    pub acd: Option<DecimalWire>,
    /// Percent answered, one place.
    pub asr: Option<DecimalWire>,
    /// What they cost, two places.
    pub total_price: DecimalWire,
}

/// Quality of calls.
#[derive(Debug, Serialize)]
pub struct QualityWire {
    /// The stretches.
    pub data: QualityColumnsWire,
    /// How many stretches.
    pub rows: usize,
    /// All calls.
    pub totals: QualityRowWire,
}

/// Stretches, column by column.
#[derive(Debug, Default, Serialize)]
pub struct QualityColumnsWire {
    /// When each begins, in seconds since the epoch, ascending.
    pub t: Vec<i64>,
    /// How many calls.
    pub total_calls: Vec<u64>,
    /// Seconds of an answered call on average, two places.
    pub acd: Vec<Option<DecimalWire>>,
    /// Percent answered, one place.
    pub asr: Vec<Option<DecimalWire>>,
    /// Calls per second, six places.
    pub cps: Vec<DecimalWire>,
}

/// One row.
#[derive(Debug, Serialize)]
pub struct QualityRowWire {
    /// When it begins; 0 for the totals.
    pub t: i64,
    /// How many calls.
    pub total_calls: u64,
    /// Seconds of an answered call on average, two places.
    pub acd: Option<DecimalWire>,
    /// Percent answered, one place.
    pub asr: Option<DecimalWire>,
    /// Calls per second, six places; of the totals, as if they all began in one stretch.
    pub cps: DecimalWire,
}

//! The rates of `check-rate` (contract yeti.md, 6.12). Unlike attributes, their members have underscores.

use serde::Serialize;

use super::{attribute::DecimalWire, time::TimeWire};

/// A rate.
#[derive(Clone, Debug, Serialize)]
pub struct CheckedRateWire {
    /// What the number begins with.
    pub prefix: String,
    /// Price per minute in the first step.
    pub initial_rate: DecimalWire,
    /// Seconds of the first step.
    pub initial_interval: u64,
    /// Price per minute later.
    pub next_rate: DecimalWire,
    /// Seconds of each later step.
    pub next_interval: u64,
    /// Price of an answered call as such.
    pub connect_fee: DecimalWire,
    /// Price of a call that is not answered.
    pub attempt_fee: DecimalWire,
    /// Whether calls are refused.
    pub reject_calls: bool,
    /// The first instant of its validity.
    pub valid_from: Option<TimeWire>,
    /// The first instant after its validity.
    pub valid_till: Option<TimeWire>,
    /// The prefix of a network that it is for.
    pub network_prefix_id: Option<u64>,
    /// The tags that calls must have.
    pub routing_tag_names: Vec<String>,
    /// Its id.
    pub id: String,
}

//! A page of events.

use events::{CloudEventWire, GapEventWire};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value};

/// A page of events.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct EventsWire {
    /// Events after the one asked for that are no longer kept.
    #[schemars(with = "Option<Map<String, Value>>")]
    pub gap: Option<GapEventWire>,
    /// The events, in order.
    #[schemars(with = "Vec<Map<String, Value>>")]
    pub events: Vec<CloudEventWire>,
    /// What to ask for next, as `after`.
    pub next: String,
    /// Whether this is all there is until now.
    pub is_last: bool,
}

//! A page of events.

use events::{CloudEventWire, GapEventWire};
use serde::Serialize;

/// A page of events.
#[derive(Clone, Debug, Serialize)]
pub struct EventsWire {
    /// Events after the one asked for that are no longer kept.
    pub gap: Option<GapEventWire>,
    /// The events, in order.
    pub events: Vec<CloudEventWire>,
    /// What to ask for next, as `after`.
    pub next: String,
    /// Whether this is all there is until now.
    pub is_last: bool,
}

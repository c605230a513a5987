//! What an export is asked for, as it is stored with the job.

use call::Timestamp;
use history::export::UnreadableRequest;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use crate::wire::{
    cdr_export::{FiltersWire, TimeFormatWire},
    time::TimeWire,
};

/// The request of an export. Stored as JSON: the names and kinds of its members are fixed.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredExportV1 {
    /// Begun at or after this, in microseconds since the epoch.
    pub started_from_micros: i64,
    /// Begun before this.
    pub started_before_micros: i64,
    /// Answered or not.
    pub answered: Option<bool>,
    /// Seconds from answer to end.
    pub seconds: Option<i64>,
    /// The least of them.
    pub seconds_from: Option<i64>,
    /// The most of them.
    pub seconds_to: Option<i64>,
    /// The caller's number as routed, as the client wrote it.
    pub caller: Option<String>,
    /// The called number as routed, as the client wrote it.
    pub called: Option<String>,
    /// How times are written, if the client said so.
    pub time_format: Option<TimeFormatWire>,
    /// The zone of the times.
    pub time_zone: StoredZoneV1,
    /// The names of the columns, if the client chose.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fields: Option<Vec<String>>,
}

/// What a client said about the zone of the times.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum StoredZoneV1 {
    /// Nothing.
    #[default]
    Unsaid,
    /// `null`: UTC.
    None,
    /// A name; UTC if empty.
    Named(String),
}

impl StoredExportV1 {
    /// Reads what [`print`](Self::print) printed.
    pub fn parse(text: &str) -> Result<Self, UnreadableRequest> {
        serde_json::from_str(text).map_err(|error| UnreadableRequest(error.to_string()))
    }

    /// The text to store.
    pub fn print(&self) -> String {
        serde_json::to_string(self).expect("a request has text keys and no failing parts")
    }

    /// The first instant at which a call may have begun.
    pub fn started_from(&self) -> Timestamp {
        Timestamp::from_micros(self.started_from_micros)
    }

    /// The first instant at which it is too late.
    pub fn started_before(&self) -> Timestamp {
        Timestamp::from_micros(self.started_before_micros)
    }

    /// How times are written.
    pub fn time_format(&self) -> TimeFormatWire {
        self.time_format.unwrap_or_default()
    }

    /// The zone of the times.
    pub fn zone(&self) -> Result<TimeZone, UnreadableRequest> {
        match &self.time_zone {
            StoredZoneV1::Named(name) if !name.is_empty() => {
                let zone = TimeZone::get(name);
                zone.map_err(|_| UnreadableRequest(format!("there is no time zone {name:?}")))
            }
            _ => Ok(TimeZone::UTC),
        }
    }

    /// The zone's name as it is shown: absent, `null` or a text.
    pub fn zone_name(&self) -> Option<Option<String>> {
        match &self.time_zone {
            StoredZoneV1::Unsaid => None,
            StoredZoneV1::None => Some(None),
            StoredZoneV1::Named(name) => Some(Some(name.clone())),
        }
    }

    /// The filters as they are shown.
    pub fn filters(&self) -> FiltersWire {
        FiltersWire {
            time_start_gteq: Some(TimeWire(self.started_from())),
            time_start_lt: Some(TimeWire(self.started_before())),
            success_eq: self.answered,
            duration_eq: self.seconds,
            duration_gteq: self.seconds_from,
            duration_lteq: self.seconds_to,
            src_prefix_routing_eq: self.caller.clone(),
            dst_prefix_routing_eq: self.called.clone(),
        }
    }
}

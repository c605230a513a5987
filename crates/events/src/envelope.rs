//! The envelope: CloudEvents 1.0 in JSON (github.com/cloudevents/spec, v1.0.2), with the extension "sequence".

use std::ops::Range;

use call::Timestamp;
use directory::Access;
use history::{Happening, LogEntry};
use serde::Serialize;

use crate::{
    data::{self, DataWire},
    kind,
};

/// What the names of all kinds begin with.
const PREFIX: &str = "trunkline.";
/// Whose numbers the ids are.
const SOURCE: &str = "/v1/events";
const JSON: &str = "application/json";
/// What to do about a gap.
const CATCH_UP: &str =
    "Read the live calls and the call records anew, then go on with the events that follow";

/// An event.
#[derive(Clone, Debug, Serialize)]
pub struct CloudEventWire {
    specversion: &'static str,
    /// Its number, as text.
    pub id: String,
    /// Whose number that is.
    source: &'static str,
    /// Its kind.
    #[serde(rename = "type")]
    kind: String,
    /// The call, the phone or what else it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    subject: Option<String>,
    /// RFC 3339, UTC.
    time: String,
    datacontenttype: &'static str,
    /// Its number in twenty digits, so that texts are in the order of the events.
    sequence: String,
    data: DataWire,
}

/// Says that events cannot be had.
#[derive(Clone, Debug, Serialize)]
pub struct GapEventWire {
    specversion: &'static str,
    id: String,
    source: &'static str,
    #[serde(rename = "type")]
    kind: &'static str,
    datacontenttype: &'static str,
    data: GapWire,
}

/// Which events cannot be had.
#[derive(Clone, Debug, Serialize)]
struct GapWire {
    /// The number of the first.
    from: u64,
    /// The number of the last.
    through: u64,
    /// What to do.
    catch_up: &'static str,
}

impl CloudEventWire {
    /// Its type, without what all begin with.
    pub fn name(&self) -> &str {
        self.kind.strip_prefix(PREFIX).unwrap_or(&self.kind)
    }
}

impl GapEventWire {
    /// The number of the last event that cannot be had, as text.
    pub fn through(&self) -> String {
        self.data.through.to_string()
    }
}

/// An event, as far as the reader may know it.
pub fn envelope(entry: &LogEntry, reader: &Access) -> CloudEventWire {
    let subject = subject(entry);
    CloudEventWire {
        specversion: "1.0",
        id: entry.number.to_string(),
        source: SOURCE,
        kind: format!("{PREFIX}{}", kind(entry)),
        subject,
        time: rfc3339(entry.at()),
        datacontenttype: JSON,
        sequence: format!("{:020}", entry.number),
        data: data::data(entry, reader),
    }
}

/// What is told of events that cannot be had.
pub fn gap(numbers: &Range<u64>) -> GapEventWire {
    let (from, through) = (numbers.start, numbers.end.saturating_sub(1));
    GapEventWire {
        specversion: "1.0",
        id: format!("gap-{from}-{through}"),
        source: SOURCE,
        kind: "trunkline.gap",
        datacontenttype: JSON,
        data: GapWire { from, through, catch_up: CATCH_UP },
    }
}

fn subject(entry: &LogEntry) -> Option<String> {
    let of_notice = || match &entry.what {
        Happening::Other(notice) => notice.kind.subject(),
        Happening::Call(_) => None,
    };
    entry.call().map(|call| call.to_string()).or_else(of_notice)
}

fn rfc3339(at: Timestamp) -> String {
    let at = jiff::Timestamp::from_microsecond(at.as_micros()).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
    format!("{at:.6}")
}

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

/// An event.
#[derive(Clone, Debug, Serialize)]
pub struct CloudEventWire {
    specversion: &'static str,
    /// Its number, as text.
    pub id: String,
    /// What it is about, below the address of the API.
    source: String,
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

/// Events that cannot be had.
#[derive(Clone, Debug, Serialize)]
pub struct GapWire {
    /// The number of the first.
    pub from: u64,
    /// The number of the last.
    pub through: u64,
    /// What to do.
    pub catch_up: &'static str,
}

/// An event, as far as the reader may know it.
pub fn envelope(entry: &LogEntry, reader: &Access) -> CloudEventWire {
    let subject = subject(entry);
    CloudEventWire {
        specversion: "1.0",
        id: entry.number.to_string(),
        source: "/v1/events".to_owned(),
        kind: format!("{PREFIX}{}", kind(entry)),
        subject,
        time: rfc3339(entry.at()),
        datacontenttype: "application/json",
        sequence: format!("{:020}", entry.number),
        data: data::data(entry, reader),
    }
}

/// What is told of events that cannot be had.
pub fn gap(numbers: &Range<u64>) -> GapWire {
    GapWire {
        from: numbers.start,
        through: numbers.end.saturating_sub(1),
        catch_up: "Read the live calls and the call records anew, then go on with the events that follow",
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

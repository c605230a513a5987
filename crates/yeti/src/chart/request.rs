//! What a chart is asked for: an account and a time (contract yeti.md, 6.1 and 6.4).

use std::time::Duration;

use call::{AccountId, Timestamp};
use directory::{Access, Snapshot};
use jiff::tz::TimeZone;
use serde_json::{Map, Value};

use super::Window;
use crate::{
    body::NewResource,
    convert,
    errors::{Refusal, invalid_attribute, invalid_relationship, invalid_whole},
    span::{LONGEST, LONGEST_DAYS},
    wire::error::ErrorWire,
};

const DAY: Duration = Duration::from_secs(86_400);

/// A chart that is asked for.
pub struct ChartRequest {
    /// Whose calls.
    pub account: AccountId,
    /// The time that it spans.
    pub window: Window,
}

impl ChartRequest {
    /// Reads it. Without times it is about the last day. All that is wrong is told at once.
    pub fn read(
        wanted: &NewResource,
        access: &Access,
        directory: &Snapshot,
        now: Timestamp,
        zone: &TimeZone,
    ) -> Result<Self, Refusal> {
        let mut errors = Vec::new();
        let mut bound = |name, default| {
            time(&wanted.attributes, name, default, zone).unwrap_or_else(|error| {
                errors.push(error);
                default
            })
        };
        let window = Window { from: bound("from-time", now - DAY), to: bound("to-time", now), now };
        let account = wanted.linked("account").and_then(|uuid| directory.account_by_uuid(uuid));
        let account = account.filter(|account| access.allows(account.id));
        if account.is_none() {
            errors.push(invalid_relationship("account", "can't be blank"));
        }
        if errors.is_empty() {
            errors.extend(window_error(&window));
        }
        match (account, Refusal::all(errors)) {
            (Some(account), None) => Ok(Self { account: account.id, window }),
            (_, refusal) => Err(refusal.unwrap_or_else(Refusal::internal)),
        }
    }
}

fn time(
    attributes: &Map<String, Value>,
    name: &str,
    default: Timestamp,
    zone: &TimeZone,
) -> Result<Timestamp, ErrorWire> {
    let Some(value) = attributes.get(name) else { return Ok(default) };
    let time = value.as_str().and_then(|text| convert::time_in(text, zone));
    time.ok_or_else(|| invalid_attribute(name, "is invalid"))
}

/// The first text is the original's, which says the reverse of what it means.
fn window_error(window: &Window) -> Option<ErrorWire> {
    if window.from > window.to {
        return Some(invalid_whole("from_time must be greater than to_time"));
    }
    let is_too_long = window.to.min(window.now).since(window.from) > LONGEST;
    let message = format!("must be at most {LONGEST_DAYS} days before to-time and the present");
    is_too_long.then(|| invalid_attribute("from-time", &message))
}

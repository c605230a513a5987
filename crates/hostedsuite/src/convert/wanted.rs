//! What a request for call records means (sections 1.1 to 1.6).

use std::{ops::RangeInclusive, time::Duration};

use call::Timestamp;
use jiff::tz::TimeZone;

use crate::{
    dates,
    dto::{Faults, read::Misfit},
    errors::{Failure, Fault},
    members::Members,
    sort::SortKey,
    wire::{
        base::{PagedRequest, SortDir},
        calls::{ListCallRecordsRequest, ReceptionCallTypesApi},
    },
};

/// Which records are wanted, in which order, and which part of them.
#[derive(Clone, Debug, PartialEq)]
pub struct Wanted {
    /// Calls that began then or later.
    pub from: Option<Timestamp>,
    /// Calls that began before.
    pub until: Option<Timestamp>,
    /// Those of one client.
    pub client_id: Option<String>,
    /// Those of the clients in one center.
    pub center_id: Option<String>,
    /// One record.
    pub call_record_id: Option<String>,
    /// How long was talked.
    pub talk: RangeInclusive<Duration>,
    /// Those of one direction.
    pub call_type: Option<ReceptionCallTypesApi>,
    /// Which page, from 0.
    pub page: u32,
    /// How many on a page; 0 = as configured.
    pub items_per_page: u32,
    /// Whether the totals are not wanted.
    pub disable_stats: bool,
    /// By what.
    pub sort_key: SortKey,
    /// Up or down.
    pub sort_dir: SortDir,
}

impl Wanted {
    /// From members; local dates are in `zone`. Every member that is not accepted is named.
    pub fn read(members: &Members, zone: &TimeZone) -> Result<Self, Failure> {
        let mut faults = Faults::new(&ListCallRecordsRequest::DTO, members);
        let asked = ListCallRecordsRequest::read(&mut faults);
        let paging = PagedRequest::read(&mut faults);
        let start = |text: &str| dates::parse_start(text, zone);
        let end = |text: &str| dates::parse_end(text, zone);
        let wanted = Self {
            from: faults.parsed("StartDate", asked.start_date.as_deref(), start),
            until: faults.parsed("EndDate", asked.end_date.as_deref(), end),
            client_id: filled(asked.client_id),
            center_id: filled(asked.center_id),
            call_record_id: filled(asked.call_record_id),
            talk: talk_bounds(&mut faults, asked.min_call_duration, asked.max_call_duration),
            call_type: asked.call_type,
            page: count(&mut faults, "Page", paging.page),
            items_per_page: count(&mut faults, "ItemsPerPage", paging.items_per_page),
            disable_stats: paging.disable_stats,
            sort_key: faults
                .parsed("SortField", paging.sort_field.as_deref(), SortKey::parse)
                .unwrap_or(SortKey::START),
            sort_dir: paging.sort_dir,
        };
        faults.finish(wanted)
    }
}

/// An empty text is none.
fn filled(text: Option<String>) -> Option<String> {
    text.filter(|text| !text.is_empty())
}

fn count(faults: &mut Faults<'_>, name: &'static str, number: i32) -> u32 {
    u32::try_from(number).unwrap_or_else(|_| {
        let accepted = "a whole number from 0 to 2147483647";
        faults.refuse(name, Misfit { fault: Fault::OutOfRange, accepted });
        0
    })
}

/// The bounds of `MinCallDuration` and `MaxCallDuration`; a maximum of 0 is none.
pub fn talk_bounds(faults: &mut Faults<'_>, min: f64, max: f64) -> RangeInclusive<Duration> {
    let min = length(faults, "MinCallDuration", min);
    let max = length(faults, "MaxCallDuration", max);
    min..=if max.is_zero() { Duration::MAX } else { max }
}

/// To the microsecond, which is what records keep. More than the longest length becomes the longest.
fn length(faults: &mut Faults<'_>, name: &'static str, seconds: f64) -> Duration {
    if !seconds.is_finite() || seconds < 0.0 {
        let accepted = "a finite number of seconds from 0 up";
        faults.refuse(name, Misfit { fault: Fault::OutOfRange, accepted });
    }
    Duration::from_micros((seconds * 1e6).round() as u64)
}

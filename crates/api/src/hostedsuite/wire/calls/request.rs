//! `ListCallRecordsRequest` (section 1.1).

use std::time::Duration;

use call::Timestamp;
use jiff::tz::TimeZone;

use crate::hostedsuite::{bind::Binder, dates, errors::Failure, members::Members, sort::SortKey};

/// Which records are asked for, and in which order and part.
#[derive(Clone, Debug, PartialEq)]
pub struct ListCallRecordsRequest {
    /// `StartDate`: calls that began then or later.
    pub from: Option<Timestamp>,
    /// From `EndDate`: calls that began before.
    pub until: Option<Timestamp>,
    /// `ClientId`.
    pub client_id: Option<String>,
    /// `CenterId`.
    pub center_id: Option<String>,
    /// `CallRecordId`.
    pub call_record_id: Option<String>,
    /// `MinCallDuration`, of talk time; zero = none.
    pub min_talk: Duration,
    /// `MaxCallDuration`, of talk time.
    pub max_talk: Option<Duration>,
    /// `CallType`.
    pub call_type: Option<CallType>,
    /// `Page`, from 0.
    pub page: u32,
    /// `ItemsPerPage`; 0 = as configured.
    pub items_per_page: u32,
    /// `DisableStats`: whether the totals are not wanted.
    pub disable_stats: bool,
    /// From `SortField`.
    pub sort_key: SortKey,
    /// `SortDir`.
    pub sort_dir: SortDir,
}

/// `ReceptionCallTypesApi`: a call as the client sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CallType {
    /// The client takes it.
    Incoming,
    /// The client sends it.
    Outgoing,
}

/// `SortDir`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SortDir {
    /// Least first.
    #[default]
    Asc,
    /// Greatest first.
    Desc,
}

impl ListCallRecordsRequest {
    /// From members; local dates are in `zone`. Every member that is not accepted is named.
    pub fn bind(members: &Members, zone: &TimeZone) -> Result<Self, Failure> {
        let mut binder = Binder::new(members);
        let bound = Self {
            from: binder.parsed("StartDate", |text| dates::parse_start(text, zone)),
            until: binder.parsed("EndDate", |text| dates::parse_end(text, zone)),
            client_id: binder.text("ClientId"),
            center_id: binder.text("CenterId"),
            call_record_id: binder.text("CallRecordId"),
            min_talk: length(binder.seconds("MinCallDuration")),
            max_talk: Some(binder.seconds("MaxCallDuration")).filter(|most| *most > 0.0).map(length),
            call_type: binder.choice("CallType", &CallType::NAMES, "Incoming, Outgoing"),
            page: binder.count("Page"),
            items_per_page: binder.count("ItemsPerPage"),
            disable_stats: binder.flag("DisableStats"),
            sort_key: binder.parsed("SortField", SortKey::parse).unwrap_or(SortKey::START),
            sort_dir: binder.choice("SortDir", &SortDir::NAMES, "Asc, Desc").unwrap_or_default(),
        };
        binder.finish(bound)
    }
}

/// To the microsecond, which is what records keep. More than the longest length becomes the longest.
fn length(seconds: f64) -> Duration {
    Duration::from_micros((seconds * 1e6).round() as u64)
}

impl CallType {
    const NAMES: [(&str, Self); 2] = [("Incoming", Self::Incoming), ("Outgoing", Self::Outgoing)];

    /// The vendor's word.
    pub fn name(self) -> &'static str {
        match self {
            Self::Incoming => "Incoming",
            Self::Outgoing => "Outgoing",
        }
    }
}

impl SortDir {
    const NAMES: [(&str, Self); 2] = [("Asc", Self::Asc), ("Desc", Self::Desc)];
}

//! `cdr-exports` (contract yeti.md, 6.3).

use serde::{Deserialize, Serialize};

use super::time::TimeWire;

/// Which calls an export holds. Members that were not given are absent.
#[derive(Clone, Default, PartialEq, Eq, Serialize)]
pub struct FiltersWire {
    /// Begun at or after this.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub time_start_gteq: Option<TimeWire>,
    /// Begun before this.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub time_start_lt: Option<TimeWire>,
    /// Answered or not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub success_eq: Option<bool>,
    /// Seconds from answer to end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub duration_eq: Option<i64>,
    /// The least of them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub duration_gteq: Option<i64>,
    /// The most of them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub duration_lteq: Option<i64>,
    /// The caller's number as routed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub src_prefix_routing_eq: Option<String>,
    /// The called number as routed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dst_prefix_routing_eq: Option<String>,
}

/// How far an export is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub enum StatusWire {
    /// Waiting or running.
    Pending,
    /// The file is there.
    Completed,
    /// It failed.
    Failed,
    /// The file was removed.
    Deleted,
}

/// How times are written in the file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TimeFormatWire {
    /// `2025-02-03 20:21:32.118457+00`
    #[default]
    WithTimezone,
    /// `2025-02-03 20:21:32.118457`
    WithoutTimezone,
    /// `2025-02-03 20:21:32`, truncated
    RoundToSeconds,
}

/// What the file is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum FileFormatWire {
    /// CSV, compressed with gzip.
    #[default]
    Csv,
    /// Apache Parquet.
    Parquet,
}

impl StatusWire {
    /// Its word on the wire.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Pending => "Pending",
            Self::Completed => "Completed",
            Self::Failed => "Failed",
            Self::Deleted => "Deleted",
        }
    }
}

impl FileFormatWire {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::Csv, Self::Parquet];

    /// Its word on the wire.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Parquet => "parquet",
        }
    }
}

impl TimeFormatWire {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::WithTimezone, Self::WithoutTimezone, Self::RoundToSeconds];

    /// Its word on the wire.
    pub const fn name(self) -> &'static str {
        match self {
            Self::WithTimezone => "with_timezone",
            Self::WithoutTimezone => "without_timezone",
            Self::RoundToSeconds => "round_to_seconds",
        }
    }
}

//! What lies in columns, and what was deleted for its age.

use history::SealedFigures;
use prometheus_client::{
    encoding::EncodeLabelSet,
    metrics::{counter::Counter, family::Family, gauge::Gauge},
    registry::Registry,
};

use super::set_counter;

/// Figures of sealed days.
#[derive(Default)]
pub(super) struct Sealed {
    days: Gauge,
    parts: Gauge,
    bytes: Gauge,
    sealed: Gauge,
    behind: Gauge,
    deleted_rows: Counter,
    deleted_recordings: Counter,
    damaged: Family<FileLabel, Gauge>,
    recent_rows: Gauge,
    recent_bytes: Gauge,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct FileLabel {
    file: String,
}

impl Sealed {
    pub(super) fn register(&self, registry: &mut Registry) {
        registry.register("history_sealed_days", "Days that lie in columns", self.days.clone());
        registry.register("history_sealed_parts", "Parts that they lie in", self.parts.clone());
        registry.register("history_sealed_bytes", "Size of their files", self.bytes.clone());
        registry.register(
            "history_sealed_timestamp_seconds",
            "When calls were sealed last, in seconds since 1970; 0 if none were",
            self.sealed.clone(),
        );
        registry.register(
            "history_days_behind",
            "Days that are over and are not sealed, though they were to be by now",
            self.behind.clone(),
        );
        registry.register(
            "history_deleted_rows",
            "Rows of calls that were deleted as they were older than they are kept, ever since the store was made",
            self.deleted_rows.clone(),
        );
        registry.register(
            "history_deleted_recordings",
            "Recordings that were deleted as they were older than they are kept, since the start",
            self.deleted_recordings.clone(),
        );
        registry.register(
            "history_recent_rows",
            "Rows of calls of the running day that are kept in memory, in columns",
            self.recent_rows.clone(),
        );
        registry.register("history_recent_bytes", "Memory that they take, about", self.recent_bytes.clone());
        registry.register(
            "history_damaged",
            "Sealed files that were found damaged since the start",
            self.damaged.clone(),
        );
    }

    pub(super) fn show(&self, figures: &SealedFigures) {
        let gauged = |count: u64| i64::try_from(count).unwrap_or(i64::MAX);
        self.days.set(gauged(figures.days));
        self.parts.set(gauged(figures.parts));
        self.bytes.set(gauged(figures.bytes));
        self.sealed.set(figures.sealed_at.map_or(0, |at| at.as_micros() / 1_000_000));
        self.behind.set(gauged(figures.days_behind));
        set_counter(&self.deleted_rows, figures.deleted_rows);
        set_counter(&self.deleted_recordings, figures.deleted_recordings);
        self.recent_rows.set(gauged(figures.recent_rows));
        self.recent_bytes.set(gauged(figures.recent_bytes));
        for file in &figures.damaged {
            self.damaged.get_or_create(&FileLabel { file: file.clone() }).set(1);
        }
    }
}

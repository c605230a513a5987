//! What metrics show of sealed days.

use std::sync::atomic::Ordering;

use call::Timestamp;
use rusqlite::{Connection, Row};

use super::Sealed;
use crate::{Figure, FigureKind, FigureValue, HistoryError, sqlite::deleted};

/// How much of a store lies in columns, and what became of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SealedFigures {
    /// Parts of days, as they were counted last: after each change of them, and once a minute.
    pub parts: u64,
    /// Days.
    pub days: u64,
    /// Bytes of their files.
    pub bytes: u64,
    /// When something was sealed last; `None` if nothing is.
    pub sealed_at: Option<Timestamp>,
    /// Days that are over, are to be sealed by now, and are not.
    pub days_behind: u64,
    /// Rows of calls that were ever deleted for their age.
    pub deleted_rows: u64,
    /// Recordings that were deleted for their age since the start.
    pub deleted_recordings: u64,
    /// Files that were found damaged since the start, by name.
    pub damaged: Vec<String>,
    /// Rows of the running day that are kept in memory, in columns.
    pub recent_rows: u64,
    /// About how many bytes they take.
    pub recent_bytes: u64,
    /// About how many bytes is what is kept of the pages of sealed files.
    pub page_index_bytes: u64,
}

impl SealedFigures {
    /// As operators are told.
    pub(in crate::sqlite) fn told(self) -> Vec<Figure> {
        use FigureKind::{Counter, Gauge};
        let number =
            |name, help, kind, number| Figure { name, help, kind, value: FigureValue::Number(number) };
        let sealed_at = self.sealed_at.map_or(0, |at| at.as_micros().unsigned_abs() / 1_000_000);
        let damaged = FigureValue::Each("file", self.damaged);
        vec![
            number("history_sealed_days", "Days that lie in columns", Gauge, self.days),
            number("history_sealed_parts", "Parts that they lie in", Gauge, self.parts),
            number("history_sealed_bytes", "Size of their files", Gauge, self.bytes),
            number("history_sealed_timestamp_seconds", SEALED_AT, Gauge, sealed_at),
            number("history_days_behind", BEHIND, Gauge, self.days_behind),
            number("history_deleted_rows", DELETED_ROWS, Counter, self.deleted_rows),
            number("history_deleted_recordings", DELETED_RECORDINGS, Counter, self.deleted_recordings),
            number("history_recent_rows", RECENT_ROWS, Gauge, self.recent_rows),
            number("history_recent_bytes", "Memory that they take, about", Gauge, self.recent_bytes),
            number("history_page_index_bytes", PAGE_INDEXES, Gauge, self.page_index_bytes),
            Figure { name: "history_damaged", help: DAMAGED, kind: Gauge, value: damaged },
        ]
    }
}

const SEALED_AT: &str = "When calls were sealed last, in seconds since 1970; 0 if none were";
const BEHIND: &str = "Days that are over and are not sealed, though they were to be by now";
const DELETED_ROWS: &str =
    "Rows of calls that were deleted as they were older than they are kept, ever since the store was made";
const DELETED_RECORDINGS: &str =
    "Recordings that were deleted as they were older than they are kept, since the start";
const RECENT_ROWS: &str = "Rows of calls of the running day that are kept in memory, in columns";
const PAGE_INDEXES: &str = "Memory that what is known of the pages of sealed files takes, about: which values they have, at least and at most";
const DAMAGED: &str = "Sealed files that were found damaged since the start";

/// Damaged files whose names are kept.
const MOST_DAMAGED: usize = 100;

impl Sealed {
    /// Counts what is sealed, while so many days that are over are not.
    pub(in crate::sqlite) fn tell(&self, connection: &Connection, behind: usize) -> rusqlite::Result<()> {
        let (deleted_rows, _) = deleted::count(connection)?;
        let mut select = connection.prepare_cached(
            "SELECT count(*), count(DISTINCT day), coalesce(sum(row_bytes + record_bytes), 0), max(sealed_at)
             FROM sealed_parts",
        )?;
        let count = |row: &Row<'_>, index| row.get::<_, i64>(index).map(i64::unsigned_abs);
        let counted = select.query_one([], |row| {
            Ok(SealedFigures {
                parts: count(row, 0)?,
                days: count(row, 1)?,
                bytes: count(row, 2)?,
                sealed_at: row.get::<_, Option<i64>>(3)?.map(Timestamp::from_micros),
                days_behind: behind as u64,
                deleted_rows: deleted_rows.unsigned_abs(),
                ..SealedFigures::default()
            })
        })?;
        *self.figures.lock() = counted;
        Ok(())
    }

    /// What was counted last.
    pub(in crate::sqlite) fn figures(&self) -> SealedFigures {
        SealedFigures {
            deleted_recordings: self.deleted_recordings.load(Ordering::Relaxed),
            damaged: self.damaged.lock().iter().cloned().collect(),
            page_index_bytes: self.page_indexes.bytes(),
            ..self.figures.lock().clone()
        }
    }

    /// Notes, and says once, that a file is damaged, if that is what went wrong.
    pub(in crate::sqlite) fn note_damage(&self, error: &HistoryError) {
        let HistoryError::Damaged { part: file } = error else { return };
        let mut damaged = self.damaged.lock();
        if damaged.len() < MOST_DAMAGED && damaged.insert(file.clone()) {
            tracing::error!(
                file,
                "a sealed file is damaged; `trunkline check` says more, and `trunkline restore` mends it"
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn so_many_damaged_files_are_told_by_name() {
        let sealed = Sealed::new("nowhere".into(), 1);
        for number in 0..2 * MOST_DAMAGED {
            let part = format!("part-{number:03}");
            sealed.note_damage(&HistoryError::Damaged { part: part.clone() });
            sealed.note_damage(&HistoryError::Damaged { part });
        }
        let told = sealed.figures().damaged;
        let (first, last) = (told.first().map(String::as_str), told.last().map(String::as_str));
        assert_eq!((told.len(), first, last), (MOST_DAMAGED, Some("part-000"), Some("part-099")));
    }
}

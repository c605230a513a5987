//! What metrics show of sealed days.

use std::sync::atomic::Ordering;

use call::Timestamp;
use rusqlite::{Connection, Row};

use super::Sealed;
use crate::{HistoryError, SealedFigures, sqlite::deleted};

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
            ..self.figures.lock().clone()
        }
    }

    /// Notes, and says once, that a file is damaged, if that is what went wrong.
    pub(in crate::sqlite) fn note_damage(&self, error: &HistoryError) {
        let HistoryError::Damaged { file } = error else { return };
        let mut damaged = self.damaged.lock();
        if damaged.len() < MOST_DAMAGED && damaged.insert(file.clone()) {
            tracing::error!(
                file,
                "a sealed file is damaged; `trunkline check` says more, and `trunkline restore` mends it"
            );
        }
    }
}

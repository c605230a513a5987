//! A sealed part of a day and its files.

use std::{
    ops::{Range, RangeInclusive},
    path::{Path, PathBuf},
    sync::Arc,
};

use call::{CallId, Timestamp};
use parking_lot::Mutex;

use crate::{
    HistoryError,
    columns::{PageIndexes, RecordFile, RowFile, Sums, name_of},
    sqlite::daily::DAY,
};

/// The folders of the files with rows and of those with records.
pub(super) const FOLDERS: [&str; 2] = ["calls", "records"];

/// A part, as a query sees it.
#[derive(Clone)]
pub(in crate::sqlite) struct Part {
    pub(super) id: i64,
    pub(super) files: Arc<Files>,
    /// When its calls started, in microseconds.
    pub(super) started: RangeInclusive<i64>,
    /// How many of its rows count, from the first on.
    pub(super) taken: u32,
    /// Rows that do not count, ascending.
    pub(super) dropped: Vec<u32>,
    /// Whether there are rows of parts of calls.
    pub(in crate::sqlite) has_parts: bool,
}

impl Part {
    /// The days, numbered from 1970 on. Parts of a call may have begun on the next.
    pub(in crate::sqlite) fn days(&self) -> RangeInclusive<i64> {
        self.started.start().div_euclid(DAY)..=self.started.end().div_euclid(DAY)
    }

    /// Those of these rows that may count.
    pub(super) fn counting(&self, rows: Range<u32>) -> Range<u32> {
        rows.start.min(self.taken)..rows.end.min(self.taken)
    }
}

/// The files of a part.
pub(in crate::sqlite) struct Files {
    paths: [PathBuf; 2],
    row_sums: Sums,
    record_sums: Sums,
    page_indexes: Arc<PageIndexes>,
    rows: Mutex<Option<Arc<RowFile>>>,
    records: Mutex<Option<Arc<RecordFile>>>,
}

/// A part that is ready to be listed.
#[derive(Clone, Debug)]
pub(in crate::sqlite) struct NewPart {
    pub(in crate::sqlite) id: i64,
    pub(in crate::sqlite) day: i64,
    pub(in crate::sqlite) name: String,
    pub(in crate::sqlite) first_started_at: i64,
    pub(in crate::sqlite) last_started_at: i64,
    pub(in crate::sqlite) last_ended_at: i64,
    pub(in crate::sqlite) first_call: CallId,
    pub(in crate::sqlite) last_call: CallId,
    pub(in crate::sqlite) first_serial: i64,
    pub(in crate::sqlite) last_serial: i64,
    pub(in crate::sqlite) rows: u32,
    /// Those that are no parts of calls.
    pub(in crate::sqlite) call_rows: u32,
    pub(in crate::sqlite) records: u32,
    /// The latest commit that it has seen.
    pub(in crate::sqlite) seq: i64,
    pub(in crate::sqlite) sealed_at: Timestamp,
    pub(in crate::sqlite) row_sums: Sums,
    pub(in crate::sqlite) record_sums: Sums,
}

/// Where the rows and the records of a part are.
pub(in crate::sqlite) fn paths(folder: &Path, day: i64, name: &str) -> [PathBuf; 2] {
    let day = format!("day={}", date(day));
    FOLDERS.map(|kind| folder.join(kind).join(&day).join(format!("{name}.parquet")))
}

/// A day as its date, `YYYY-MM-DD` (proleptic Gregorian).
pub(in crate::sqlite) fn date(day: i64) -> String {
    // Days since 0000-03-01, in eras of 400 years (Hinnant, chrono-compatible low-level date algorithms).
    let shifted = day + 719_468;
    let (era, day_of_era) = (shifted.div_euclid(146_097), shifted.rem_euclid(146_097));
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    format!("{year:04}-{month:02}-{day:02}")
}

impl Files {
    pub(super) fn new(
        paths: [PathBuf; 2],
        [row_sums, record_sums]: [Sums; 2],
        page_indexes: Arc<PageIndexes>,
    ) -> Self {
        let (rows, records) = (Mutex::default(), Mutex::default());
        Self { paths, row_sums, record_sums, page_indexes, rows, records }
    }

    /// The error for a record that is not there.
    pub(in crate::sqlite) fn incomplete(&self) -> HistoryError {
        HistoryError::Damaged { part: name_of(&self.paths[1]) }
    }

    /// The rows.
    pub(in crate::sqlite) fn rows(&self) -> Result<Arc<RowFile>, HistoryError> {
        let mut rows = self.rows.lock();
        if let Some(open) = &*rows {
            return Ok(open.clone());
        }
        let opened =
            Arc::new(RowFile::open(&self.paths[0], self.row_sums.clone(), self.page_indexes.clone())?);
        Ok(rows.insert(opened).clone())
    }

    /// The records.
    pub(in crate::sqlite) fn records(&self) -> Result<Arc<RecordFile>, HistoryError> {
        let mut records = self.records.lock();
        if let Some(open) = &*records {
            return Ok(open.clone());
        }
        let opened = Arc::new(RecordFile::open(&self.paths[1], self.record_sums.clone())?);
        Ok(records.insert(opened).clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_have_the_dates_of_the_calendar() {
        let cases = [(0, "1970-01-01"), (-1, "1969-12-31"), (11_016, "2000-02-29"), (20_786, "2026-11-29")];
        for (day, expected) in cases {
            assert_eq!(date(day), expected);
        }
    }
}

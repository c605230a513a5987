//! The sealed half of the history: which parts of days lie in columns, and how much of each counts.
//!
//! A part is listed before its rows are let go of here, and takes over from them in their order: its first `taken`
//! rows count, and the hot rows before that are gone, in the same transaction. So each row is on one side at any
//! instant. Rows of calls whose record was stored anew since then are dropped one by one.

mod exchange;
mod figures;
mod listing;
mod open_files;
mod part;
mod retired;
mod scan;
mod series;
mod superseding;
mod sweeping;
mod takeover;

use std::{
    collections::BTreeSet,
    ops::{Range, RangeInclusive},
    path::{Path, PathBuf},
    sync::{Arc, atomic::AtomicU64},
};

use call::{CallId, CallRecord, Timestamp};
use parking_lot::Mutex;
use rusqlite::Connection;

pub use self::figures::SealedFigures;
pub(super) use self::{
    exchange::{Arrival, Exchange, OldPart, arrive, exchange},
    listing::{
        dropped, latest_day, latest_seq_of, list, listed_files, listed_paths, next_part, parts_among,
        parts_before,
    },
    part::{Files, NewPart, Part, date, paths},
    retired::Reading,
    scan::{Candidate, Source, Wanted, compare},
    series::{CallsOf, add as add_billed, bill},
    takeover::{Taken, Takeover, Unfinished, take, unfinished},
};
use self::{
    listing::{parts_of, sums},
    open_files::OpenFiles,
    retired::RetiredFiles,
};
use super::{fault::Fault, id};
use crate::columns::PageIndexes;

/// The sealed half.
pub(super) struct Sealed {
    folder: PathBuf,
    threads: usize,
    open: OpenFiles,
    page_indexes: Arc<PageIndexes>,
    retired: RetiredFiles,
    figures: Mutex<SealedFigures>,
    /// Files that were found damaged, by name.
    damaged: Mutex<BTreeSet<String>>,
    pub(super) deleted_recordings: AtomicU64,
}

impl Sealed {
    /// Those in a folder. Queries read `threads` days at once.
    pub(super) fn new(folder: PathBuf, threads: usize) -> Arc<Self> {
        Arc::new(Self {
            folder,
            threads: threads.max(1),
            open: OpenFiles::default(),
            page_indexes: Arc::default(),
            retired: RetiredFiles::default(),
            figures: Mutex::default(),
            damaged: Mutex::default(),
            deleted_recordings: AtomicU64::default(),
        })
    }

    /// How many days a query reads at once.
    pub(super) fn threads(&self) -> usize {
        self.threads
    }

    /// The folder of the history.
    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    /// To be held from before the database is asked for parts until their files are read.
    pub(super) fn reading(&self) -> Reading {
        self.retired.reading()
    }

    /// The database lists these parts no longer; their files go once nobody reads them.
    pub(super) fn retire(&self, parts: &[(i64, [PathBuf; 2])]) {
        parts.iter().for_each(|(part, _)| self.open.forget(*part));
        self.retired.retire(parts.iter().flat_map(|(_, paths)| paths.clone()).collect());
        self.retired.clear();
    }

    /// Removes the files of parts that went, as far as nobody reads them any more.
    pub(super) fn clear_retired(&self) {
        self.retired.clear();
    }

    /// The parts with calls that started in a span of time (in microseconds), oldest first.
    pub(super) fn parts(
        &self,
        connection: &Connection,
        started: &RangeInclusive<i64>,
    ) -> Result<Vec<Part>, Fault> {
        self.select(connection, started, i64::MIN)
    }

    /// The parts with calls that went on at some time of a range, oldest first.
    pub(super) fn parts_with_active(
        &self,
        connection: &Connection,
        range: &Range<Timestamp>,
    ) -> Result<Vec<Part>, Fault> {
        self.select(connection, &(i64::MIN..=range.end.as_micros() - 1), range.start.as_micros())
    }

    fn select(
        &self,
        connection: &Connection,
        started: &RangeInclusive<i64>,
        ended_after: i64,
    ) -> Result<Vec<Part>, Fault> {
        let mut select = connection.prepare_cached(
            "SELECT id, first_started_at, last_started_at, taken, rows > call_rows FROM sealed_parts
             WHERE last_started_at >= ?1 AND first_started_at <= ?2 AND last_ended_at > ?3 AND taken > 0
             ORDER BY first_started_at, id",
        )?;
        let mut rows = select.query([*started.start(), *started.end(), ended_after])?;
        let mut parts = Vec::new();
        while let Some(row) = rows.next()? {
            let id = row.get(0)?;
            parts.push(Part {
                id,
                files: self.files(connection, id)?,
                started: row.get(1)?..=row.get(2)?,
                taken: row.get(3)?,
                dropped: dropped(connection, id)?,
                has_parts: row.get(4)?,
            });
        }
        Ok(parts)
    }

    /// The record of a call with its serial number, if it was sealed and not stored anew since.
    pub(super) fn find(
        &self,
        connection: &Connection,
        call: CallId,
    ) -> Result<Option<(i64, CallRecord)>, Fault> {
        for part in parts_of(connection, call)? {
            if let Some(found) = self.files(connection, part)?.records()?.cursor().find(call)? {
                return Ok(Some(found));
            }
        }
        Ok(None)
    }

    /// Whether a call has a record, hot or sealed.
    pub(super) fn is_recorded(&self, connection: &Connection, call: CallId) -> Result<bool, Fault> {
        if connection.prepare_cached("SELECT 1 FROM calls WHERE call_id = ?1")?.exists([id::bytes(&call)])? {
            return Ok(true);
        }
        for part in parts_of(connection, call)? {
            if self.files(connection, part)?.records()?.cursor().has(call)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// The record with a serial number.
    pub(super) fn by_serial(
        &self,
        connection: &Connection,
        serial: i64,
    ) -> Result<Option<CallRecord>, Fault> {
        let mut select = connection.prepare_cached(
            "SELECT id FROM sealed_parts WHERE first_serial <= ?1 AND last_serial >= ?1 ORDER BY id DESC",
        )?;
        let parts: Vec<i64> = select.query_map([serial], |row| row.get(0))?.collect::<Result<_, _>>()?;
        for part in parts {
            let records = self.files(connection, part)?.records()?;
            if let Some(place) = records.serials()?.iter().position(|found| *found == serial) {
                return Ok(Some(records.cursor().at(place as u32)?.1));
            }
        }
        Ok(None)
    }

    /// The files of a part, opened as they are needed and kept.
    pub(super) fn files(&self, connection: &Connection, part: i64) -> Result<Arc<Files>, Fault> {
        match self.open.get(part) {
            Some(files) => Ok(files),
            None => Ok(self.open.keep(part, Arc::new(self.listed(connection, part)?))),
        }
    }

    fn listed(&self, connection: &Connection, part: i64) -> Result<Files, Fault> {
        let mut select = connection.prepare_cached(
            "SELECT day, name, row_bytes, row_sums, record_bytes, record_sums FROM sealed_parts WHERE id = ?1",
        )?;
        let files = select.query_row([part], |row| {
            let name: String = row.get(1)?;
            let paths = paths(&self.folder, row.get(0)?, &name);
            Ok(Files::new(paths, [sums(row, 2)?, sums(row, 4)?], self.page_indexes.clone()))
        })?;
        Ok(files)
    }
}

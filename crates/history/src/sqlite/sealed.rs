//! The sealed half of the history: which parts of days lie in columns, and how much of each counts.
//!
//! A part is listed before its rows are let go of here, and takes over from them in their order: its first `taken`
//! rows count, and the hot rows before that are gone, in the same transaction. So each row is on one side at any
//! instant. Rows of calls whose record was stored anew since then are dropped one by one.

mod exchange;
mod part;
mod retired;
mod scan;
mod series;
mod superseding;

use std::{
    collections::{BTreeSet, HashSet, VecDeque},
    ffi::OsStr,
    fs, io,
    ops::{Range, RangeInclusive},
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use call::{CallId, CallRecord, Timestamp};
use parking_lot::Mutex;
use rusqlite::{Connection, OptionalExtension, Row, params};

use self::retired::RetiredFiles;
pub(super) use self::{
    exchange::{Arrival, Exchange, OldPart, arrive, exchange},
    part::{Files, NewPart, Part, date, paths},
    retired::Reading,
    scan::{Candidate, Source, Wanted, compare},
    series::{CallsOf, add as add_billed, bill},
};
use super::{
    deleted,
    fault::Fault,
    id::{self, RowKey},
};
use crate::{HistoryError, SealedFigures, columns::Sums};

/// The sealed half.
pub(super) struct Sealed {
    folder: PathBuf,
    threads: usize,
    open: OpenFiles,
    retired: RetiredFiles,
    figures: Mutex<SealedFigures>,
    /// Files that were found damaged, by name.
    damaged: Mutex<BTreeSet<String>>,
    pub(super) deleted_recordings: AtomicU64,
}

/// Parts whose files are kept open between questions, at most.
const MOST_OPEN: usize = 128;

/// Damaged files whose names are kept.
const MOST_DAMAGED: usize = 100;

/// Files that are kept open, the least lately asked ones first.
#[derive(Default)]
struct OpenFiles(Mutex<VecDeque<(i64, Arc<Files>)>>);

impl OpenFiles {
    fn get(&self, part: i64) -> Option<Arc<Files>> {
        let mut open = self.0.lock();
        let place = open.iter().position(|(id, _)| *id == part)?;
        let (_, files) = open.remove(place)?;
        open.push_back((part, files.clone()));
        Some(files)
    }

    fn forget(&self, part: i64) {
        self.0.lock().retain(|(id, _)| *id != part);
    }

    fn keep(&self, part: i64, files: Arc<Files>) -> Arc<Files> {
        if let Some(known) = self.get(part) {
            return known;
        }
        let mut open = self.0.lock();
        open.push_back((part, files.clone()));
        if open.len() > MOST_OPEN {
            open.pop_front();
        }
        files
    }
}

/// Tells when a query is to be broken off.
#[derive(Clone)]
pub(super) struct Deadline(Arc<dyn Fn() -> bool + Send + Sync>);

impl Deadline {
    /// When `is_over` says so.
    pub(super) fn new(is_over: impl Fn() -> bool + Send + Sync + 'static) -> Self {
        Self(Arc::new(is_over))
    }

    /// Whether it is over.
    pub(super) fn is_over(&self) -> bool {
        (self.0)()
    }

    /// An error once it is over.
    pub(super) fn check(&self) -> Result<(), HistoryError> {
        if self.is_over() { Err(HistoryError::TooSlow { what: "read sealed days" }) } else { Ok(()) }
    }
}

impl Sealed {
    /// Those in a folder. Queries read `threads` days at once.
    pub(super) fn new(folder: PathBuf, threads: usize) -> Arc<Self> {
        Arc::new(Self {
            folder,
            threads: threads.max(1),
            open: OpenFiles::default(),
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

    /// Counts what is sealed, while so many days that are over are not.
    pub(super) fn tell(&self, connection: &Connection, behind: usize) -> rusqlite::Result<()> {
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
    pub(super) fn figures(&self) -> SealedFigures {
        SealedFigures {
            deleted_recordings: self.deleted_recordings.load(Ordering::Relaxed),
            damaged: self.damaged.lock().iter().cloned().collect(),
            ..self.figures.lock().clone()
        }
    }

    /// Notes, and says once, that a file is damaged, if that is what went wrong.
    pub(super) fn note_damage(&self, error: &HistoryError) {
        let HistoryError::Damaged { file } = error else { return };
        let mut damaged = self.damaged.lock();
        if damaged.len() < MOST_DAMAGED && damaged.insert(file.clone()) {
            tracing::error!(
                file,
                "a sealed file is damaged; `trunkline check` says more, and `trunkline restore` mends it"
            );
        }
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
            Ok(Files::new(&self.folder, row.get(0)?, &name, sums(row, 2)?, sums(row, 4)?))
        })?;
        Ok(files)
    }

    /// Removes files that no part lists: what a stop in the middle of something has left.
    pub(super) fn sweep(&self, connection: &Connection) -> Result<(), Fault> {
        let mut select = connection.prepare("SELECT day, name FROM sealed_parts")?;
        let listed: HashSet<PathBuf> = select
            .query_map([], |row| Ok((row.get(0)?, row.get::<_, String>(1)?)))?
            .flat_map(|row| {
                row.map(|(day, name)| part::paths(&self.folder, day, &name)).into_iter().flatten()
            })
            .collect();
        let swept = part::FOLDERS.iter().try_for_each(|folder| sweep(&self.folder.join(folder), &listed));
        if let Err(error) = swept {
            tracing::warn!(
                error = &error as &dyn std::error::Error,
                "old sealed files cannot be cleared away"
            );
        }
        Ok(())
    }
}

fn sweep(folder: &Path, listed: &HashSet<PathBuf>) -> io::Result<()> {
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        entries => entries?,
    };
    for entry in entries {
        let path = entry?.path();
        if is_of_day(&path) && path.is_dir() {
            sweep_day(&path, listed)?;
            // One that is not empty stays.
            let _ = fs::remove_dir(&path);
        }
    }
    Ok(())
}

fn sweep_day(folder: &Path, listed: &HashSet<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if is_of_part(&path) && !listed.contains(&path) {
            fs::remove_file(&path)?;
        }
    }
    Ok(())
}

/// Whether a folder is called as one of ours: what else lies there is somebody's.
fn is_of_day(folder: &Path) -> bool {
    folder.file_name().and_then(OsStr::to_str).is_some_and(|name| name.starts_with("day="))
}

/// The same, of a file: that of a part, or what is to become one.
fn is_of_part(file: &Path) -> bool {
    let number = file.file_stem().and_then(OsStr::to_str).and_then(|name| name.strip_prefix("part-"));
    let is_ours = number.is_some_and(|number| number.parse::<i64>().is_ok());
    is_ours && file.extension().is_some_and(|extension| extension == "parquet" || extension == "part")
}

/// Every file of the parts that a database lists, in a folder, with its sums.
pub(super) fn listed_files(connection: &Connection, folder: &Path) -> rusqlite::Result<Vec<(PathBuf, Sums)>> {
    let mut select = connection.prepare(
        "SELECT day, name, row_bytes, row_sums, record_bytes, record_sums FROM sealed_parts ORDER BY id",
    )?;
    let files = select.query_map([], |row| {
        let paths = part::paths(folder, row.get(0)?, &row.get::<_, String>(1)?);
        Ok(paths.into_iter().zip([sums(row, 2)?, sums(row, 4)?]).collect::<Vec<_>>())
    })?;
    Ok(files.collect::<rusqlite::Result<Vec<_>>>()?.into_iter().flatten().collect())
}

/// The checksums in column `index + 1`, of a file with the length in column `index`.
fn sums(row: &Row<'_>, index: usize) -> rusqlite::Result<Sums> {
    let length: i64 = row.get(index)?;
    Ok(Sums::from_bytes(length.unsigned_abs(), row.get_ref(index + 1)?.as_blob()?))
}

/// The parts that may have a call, the latest first.
fn parts_of(connection: &Connection, call: CallId) -> rusqlite::Result<Vec<i64>> {
    let mut select = connection.prepare_cached(
        "SELECT id FROM sealed_parts WHERE first_call <= ?1 AND last_call >= ?1 ORDER BY id DESC",
    )?;
    select.query_map([id::bytes(&call)], |row| row.get(0))?.collect()
}

/// The parts that may have one of the calls from `first` to `last`.
pub(super) fn parts_among(
    connection: &Connection,
    first: CallId,
    last: CallId,
) -> rusqlite::Result<Vec<i64>> {
    let mut select = connection
        .prepare_cached("SELECT id FROM sealed_parts WHERE first_call <= ?2 AND last_call >= ?1")?;
    select.query_map([id::bytes(&first), id::bytes(&last)], |row| row.get(0))?.collect()
}

/// The parts of days before `day`, with their days, oldest first.
pub(super) fn parts_before(connection: &Connection, day: i64) -> rusqlite::Result<Vec<(i64, i64)>> {
    let mut select =
        connection.prepare_cached("SELECT id, day FROM sealed_parts WHERE day < ?1 ORDER BY day, id")?;
    select.query_map([day], |row| Ok((row.get(0)?, row.get(1)?)))?.collect()
}

/// The latest day of which something is sealed.
pub(super) fn latest_day(connection: &Connection) -> rusqlite::Result<Option<i64>> {
    connection.query_one("SELECT max(day) FROM sealed_parts", [], |row| row.get(0))
}

/// Where the files of a part are that is listed; `None` if it is not.
pub(super) fn listed_paths(
    connection: &Connection,
    folder: &Path,
    part: i64,
) -> rusqlite::Result<Option<[PathBuf; 2]>> {
    let mut select = connection.prepare_cached("SELECT day, name FROM sealed_parts WHERE id = ?1")?;
    select.query_row([part], |row| Ok(part::paths(folder, row.get(0)?, &row.get::<_, String>(1)?))).optional()
}

/// Calls that were merged into another, and that one.
pub(super) fn merged_calls(connection: &Connection) -> rusqlite::Result<Vec<(CallId, CallId)>> {
    let mut select = connection
        .prepare_cached("SELECT call_id, into_call FROM merged_calls WHERE into_call IS NOT NULL")?;
    let pair = |row: &Row<'_>| Ok((id::uuid(row, 0)?, id::uuid(row, 1)?));
    let pairs = select.query_map([], pair)?;
    pairs
        .map(|pair| pair.map(|(merged, into)| (CallId::from_uuid(merged), CallId::from_uuid(into))))
        .collect()
}

/// The rows of a part that do not count, ascending.
pub(super) fn dropped(connection: &Connection, part: i64) -> rusqlite::Result<Vec<u32>> {
    let mut select = connection.prepare_cached("SELECT row FROM superseded WHERE part = ?1 ORDER BY row")?;
    select.query_map([part], |row| row.get(0))?.collect()
}

/// The latest commit that a part has seen.
pub(super) fn latest_seq_of(connection: &Connection, part: i64) -> rusqlite::Result<i64> {
    connection
        .prepare_cached("SELECT seq FROM sealed_parts WHERE id = ?1")?
        .query_one([part], |row| row.get(0))
}

/// The number for the next part. None is given twice, as its files are named by it: it is noted before they are made.
pub(super) fn next_part(connection: &Connection) -> rusqlite::Result<i64> {
    let listed = "SELECT coalesce(max(id), 0) FROM sealed_parts";
    let gone = "SELECT last_part FROM history_counts";
    connection.query_one(&format!("SELECT max(({listed}), ({gone})) + 1"), [], |row| row.get(0))
}

/// Lists a part none of whose rows count yet.
pub(super) fn list(connection: &Connection, part: &NewPart) -> rusqlite::Result<()> {
    let length = |sums: &Sums| i64::try_from(sums.length()).unwrap_or(i64::MAX);
    connection
        .prepare_cached(
            "INSERT INTO sealed_parts VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, 0, 0, ?14, ?15,
             ?16, ?17, ?18, ?19)",
        )?
        .execute(params![
            part.id,
            part.day,
            part.name,
            part.first_started_at,
            part.last_started_at,
            part.last_ended_at,
            id::bytes(&part.first_call),
            id::bytes(&part.last_call),
            part.first_serial,
            part.last_serial,
            part.rows,
            part.call_rows,
            part.records,
            part.seq,
            part.sealed_at.as_micros(),
            length(&part.row_sums),
            part.row_sums.to_bytes(),
            length(&part.record_sums),
            part.record_sums.to_bytes(),
        ])?;
    Ok(())
}

/// Some of a part's rows, or of its records, that take over from the hot ones.
#[derive(Clone, Debug)]
pub(super) struct Takeover {
    pub(super) part: i64,
    /// Records that were stored later are others.
    pub(super) seq: i64,
    /// The first of them in the file.
    pub(super) first: u32,
    pub(super) what: Taken,
}

/// What takes over.
#[derive(Clone, Debug)]
pub(super) enum Taken {
    /// Rows by account, start and call.
    Rows(Vec<(u32, i64, RowKey)>),
    /// Whole records.
    Records(Vec<CallId>),
}

impl Takeover {
    /// When the last of its rows started, in microseconds.
    pub(super) fn latest_start(&self) -> Option<i64> {
        match &self.what {
            Taken::Rows(rows) => rows.iter().map(|(_, started_at, _)| *started_at).max(),
            Taken::Records(_) => None,
        }
    }
}

/// Lets them count, and lets go of the hot ones.
pub(super) fn take(connection: &Connection, takeover: &Takeover) -> rusqlite::Result<()> {
    match &takeover.what {
        Taken::Rows(rows) => take_rows(connection, takeover, rows),
        Taken::Records(calls) => take_records(connection, takeover, calls),
    }
}

fn take_rows(
    connection: &Connection,
    takeover: &Takeover,
    rows: &[(u32, i64, RowKey)],
) -> rusqlite::Result<()> {
    let mut delete = connection.prepare_cached(
        "DELETE FROM account_calls WHERE account_id = ?1 AND started_at = ?2 AND call_id = ?3
         AND (SELECT seq FROM calls WHERE id = call) <= ?4",
    )?;
    for (row, (account, started_at, key)) in (takeover.first..).zip(rows) {
        if delete.execute(params![account, started_at, key.bytes(), takeover.seq])? == 0 {
            superseding::drop_row(connection, takeover.part, row, key.part == 0)?;
        }
    }
    let taken = takeover.first + rows.len() as u32;
    connection
        .prepare_cached("UPDATE sealed_parts SET taken = ?2 WHERE id = ?1")?
        .execute(params![takeover.part, taken])?;
    Ok(())
}

fn take_records(connection: &Connection, takeover: &Takeover, calls: &[CallId]) -> rusqlite::Result<()> {
    let journal = oldest_commit(connection)?;
    let mut delete =
        connection.prepare_cached("DELETE FROM calls WHERE call_id = ?1 AND seq <= ?2 RETURNING id")?;
    for call in calls {
        let id = id::bytes(call);
        note_end(connection, *call, journal)?;
        let deleted: Option<i64> =
            delete.query_row(params![id, takeover.seq], |row| row.get(0)).optional()?;
        if let Some(row) = deleted {
            forget_parts(connection, row, *call)?;
        }
    }
    let taken = takeover.first + calls.len() as u32;
    connection
        .prepare_cached("UPDATE sealed_parts SET records_taken = ?2 WHERE id = ?1")?
        .execute(params![takeover.part, taken])?;
    Ok(())
}

/// That a call is over is known from its record, as long as there are events of it in the journal; where that goes,
/// the list of merged calls says so.
pub(super) fn note_end(connection: &Connection, call: CallId, journal: Option<i64>) -> rusqlite::Result<()> {
    let Some(journal) = journal else { return Ok(()) };
    let mut note = connection.prepare_cached(
        "INSERT OR REPLACE INTO merged_calls (call_id, seq) SELECT call_id, seq FROM calls
         WHERE call_id = ?1 AND seq >= ?2",
    )?;
    note.execute(params![id::bytes(&call), journal])?;
    Ok(())
}

/// The first commit that the journal has events of; `None` if it has none.
pub(super) fn oldest_commit(connection: &Connection) -> rusqlite::Result<Option<i64>> {
    connection
        .prepare_cached("SELECT seq FROM journal WHERE seq IS NOT NULL ORDER BY first LIMIT 1")?
        .query_row([], |row| row.get(0))
        .optional()
}

/// What is kept of the parts of a call for its hot rows.
fn forget_parts(connection: &Connection, row: i64, call: CallId) -> rusqlite::Result<()> {
    let mut delete = connection.prepare_cached("DELETE FROM parts WHERE call = ?1 RETURNING part")?;
    let parts: Vec<u16> = delete.query_map([row], |row| row.get(0))?.collect::<Result<_, _>>()?;
    for part in parts {
        connection.prepare_cached("DELETE FROM rows_ahead WHERE call_id = ?1")?.execute([RowKey {
            call,
            part,
        }
        .bytes()])?;
    }
    Ok(())
}

/// A part that has not taken over whole.
pub(super) struct Unfinished {
    pub(super) part: i64,
    pub(super) seq: i64,
    pub(super) taken: u32,
    pub(super) records_taken: u32,
}

/// The first part after `last` that has not taken over whole.
pub(super) fn unfinished(connection: &Connection, last: i64) -> rusqlite::Result<Option<Unfinished>> {
    let mut select = connection.prepare_cached(
        "SELECT id, seq, taken, records_taken FROM sealed_parts
         WHERE id > ?1 AND (taken < rows OR records_taken < records) ORDER BY id LIMIT 1",
    )?;
    select
        .query_row([last], |row| {
            Ok(Unfinished {
                part: row.get(0)?,
                seq: row.get(1)?,
                taken: row.get(2)?,
                records_taken: row.get(3)?,
            })
        })
        .optional()
}

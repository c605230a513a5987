//! Writing the files of a part: aside, then read back, then under their names.

use std::{
    collections::BTreeSet,
    fs::{self, File},
    io,
    path::{Path, PathBuf},
    sync::Arc,
};

use call::{AccountRow, CallId, CallRecord, Timestamp};
use rusqlite::{Connection, params};

use super::Workbench;
use crate::{
    HistoryError,
    columns::{RecordFile, RecordsWriter, Row as ColumnRow, RowFile, RowsWriter, Sums, name_of},
    sqlite::{
        daily::DAY,
        fault::Fault,
        id::{self, RowKey},
        journal, records,
        sealed::{self, NewPart},
        writer::Change,
    },
};

/// A call of the day.
struct Call {
    id: CallId,
    /// Its row in the table of calls.
    serial: i64,
}

/// What is to be known of a part.
pub(super) struct Extent {
    started: [i64; 2],
    last_ended_at: i64,
    serials: [i64; 2],
    pub(super) rows: u32,
    call_rows: u32,
}

/// A part that is being written.
pub(super) struct Draft {
    id: i64,
    day: i64,
    name: String,
    paths: [PathBuf; 2],
    /// Where its files are until they are whole.
    pub(super) asides: [PathBuf; 2],
}

/// What was written of it.
pub(super) struct Content {
    pub(super) extent: Extent,
    /// The first and the last call, by id.
    pub(super) calls: [CallId; 2],
    pub(super) records: u32,
    /// The latest commit that it has seen.
    pub(super) seq: i64,
    pub(super) sums: [Sums; 2],
}

impl Draft {
    /// A part of a day under a number that none had.
    pub(super) fn new(workbench: &Workbench, day: i64) -> Result<Self, Fault> {
        let id = sealed::next_part(&workbench.connection)?;
        workbench.change(Change::GivePart(id))?;
        let name = format!("part-{id}");
        let paths = sealed::paths(workbench.sealed.folder(), day, &name);
        let asides = [aside(&paths[0])?, aside(&paths[1])?];
        Ok(Self { id, day, name, paths, asides })
    }

    /// Publishes what was written of it, if anything was; else, or if that fails, nothing of it stays.
    pub(super) fn finish(
        self,
        written: Result<Option<Content>, Fault>,
        sealed_at: Timestamp,
    ) -> Result<Option<NewPart>, Fault> {
        let asides = self.asides.clone();
        let published = written.and_then(|content| {
            let published = content.map(|content| self.publish(content, sealed_at));
            Ok(published.transpose()?)
        });
        if !matches!(published, Ok(Some(_))) {
            // What is left is swept at the next start.
            asides.iter().for_each(|path| drop(fs::remove_file(path)));
        }
        published
    }

    /// Reads the files back and gives them their names.
    fn publish(self, content: Content, sealed_at: Timestamp) -> Result<NewPart, HistoryError> {
        let Content { extent, calls: [first_call, last_call], records, seq, sums } = content;
        verify(&self.asides, &sums, extent.rows, records)?;
        put(&self.asides, &self.paths)?;
        let [row_sums, record_sums] = sums;
        Ok(NewPart {
            id: self.id,
            day: self.day,
            name: self.name,
            first_started_at: extent.started[0],
            last_started_at: extent.started[1],
            last_ended_at: extent.last_ended_at,
            first_call,
            last_call,
            first_serial: extent.serials[0],
            last_serial: extent.serials[1],
            rows: extent.rows,
            call_rows: extent.call_rows,
            records,
            seq,
            sealed_at,
            row_sums,
            record_sums,
        })
    }
}

/// Writes the hot calls of a day; `None` if there are none, or it was halted.
pub(super) fn write(
    workbench: &Workbench,
    day: i64,
    is_halted: impl Fn() -> bool,
) -> Result<Option<NewPart>, Fault> {
    let draft = Draft::new(workbench, day)?;
    let seq = journal::latest_seq(&workbench.connection)?;
    let written = write_content(&workbench.connection, &draft, seq, &is_halted);
    draft.finish(written, (workbench.now)())
}

fn write_content(
    connection: &Connection,
    draft: &Draft,
    seq: i64,
    is_halted: &impl Fn() -> bool,
) -> Result<Option<Content>, Fault> {
    let [rows_path, records_path] = &draft.asides;
    let Some((extent, mut calls, row_sums)) = write_rows(connection, draft.day, seq, rows_path, is_halted)?
    else {
        return Ok(None);
    };
    calls.sort_unstable_by_key(|call| call.id);
    calls.dedup_by_key(|call| call.id);
    let Some((records, record_sums)) = write_records(connection, &calls, seq, records_path, is_halted)?
    else {
        return Ok(None);
    };
    let (Some(first), Some(last)) = (calls.first(), calls.last()) else { return Ok(None) };
    let (calls, sums) = ([first.id, last.id], [row_sums, record_sums]);
    Ok(Some(Content { extent, calls, records, seq, sums }))
}

type Written = (Extent, Vec<Call>, Sums);

/// The rows of all calls that started on the day. Parts of them may have started later, for other accounts.
fn write_rows(
    connection: &Connection,
    day: i64,
    seq: i64,
    path: &Path,
    is_halted: &impl Fn() -> bool,
) -> Result<Option<Written>, Fault> {
    let mut writer = RowsWriter::create(path)?;
    let mut extent = Extent::default();
    let mut calls = Vec::new();
    let mut with_parts = parts_of(connection, day, seq)?;
    let mut accounts: BTreeSet<u32> = with_parts.iter().map(|place| place.account).collect();
    accounts.extend(accounts_of(connection, day)?);
    for account in accounts {
        let mut places = places_of(connection, account, day)?;
        places.extend(with_parts.extract_if(.., |place| place.account == account));
        places.sort_unstable_by_key(|place| (place.started_at, place.key));
        for place in places {
            if is_halted() {
                return Ok(None);
            }
            let Some(record) = load(connection, place.call, seq)? else { continue };
            let rows = record.rows();
            let is_it = |row: &&AccountRow<&CallRecord>| {
                (row.owner.account.0, row.part) == (place.account, place.key.part)
            };
            for row in rows.iter().filter(is_it) {
                writer.push(&ColumnRow::new(row, id::serial(place.call, row.part)))?;
                extent.take(row, place.call);
                calls.push(Call { id: record.call_id, serial: place.call });
            }
        }
    }
    if calls.is_empty() {
        return Ok(None);
    }
    Ok(Some((extent, calls, writer.finish()?)))
}

/// Where a row is among those of the file.
struct Place {
    account: u32,
    started_at: i64,
    key: RowKey,
    /// The row of the table of calls.
    call: i64,
}

/// The rows of an account that are calls which started on the day.
fn places_of(connection: &Connection, account: u32, day: i64) -> rusqlite::Result<Vec<Place>> {
    let mut select = connection.prepare_cached(
        "SELECT started_at, call_id, call FROM account_calls
         WHERE account_id = ?1 AND started_at >= ?2 AND started_at < ?3 AND sides < 16",
    )?;
    let place = |row: &rusqlite::Row<'_>| {
        let (started_at, key, call) = (row.get(0)?, RowKey::read(row, 1)?, row.get(2)?);
        Ok(Place { account, started_at, key, call })
    };
    select.query_map(params![account, day * DAY, (day + 1) * DAY], place)?.collect()
}

/// The rows of all accounts that are parts of calls which started on the day. Few calls have any.
fn parts_of(connection: &Connection, day: i64, seq: i64) -> Result<Vec<Place>, Fault> {
    let mut select = connection.prepare_cached(
        "SELECT DISTINCT call FROM parts JOIN calls ON calls.id = call
         WHERE calls.started_at >= ?1 AND calls.started_at < ?2",
    )?;
    let calls: Vec<i64> =
        select.query_map(params![day * DAY, (day + 1) * DAY], |row| row.get(0))?.collect::<Result<_, _>>()?;
    let mut places = Vec::new();
    for call in calls {
        let Some(record) = load(connection, call, seq)? else { continue };
        places.extend(record.rows().iter().filter(|row| row.part > 0).map(|row| Place {
            account: row.owner.account.0,
            started_at: row.call.started_at.as_micros(),
            key: records::key(row),
            call,
        }));
    }
    Ok(places)
}

impl Default for Extent {
    fn default() -> Self {
        let nothing = [i64::MAX, i64::MIN];
        Self { started: nothing, last_ended_at: i64::MIN, serials: nothing, rows: 0, call_rows: 0 }
    }
}

impl Extent {
    /// A row of a call with this serial number.
    pub(super) fn take(&mut self, row: &AccountRow<&CallRecord>, serial: i64) {
        let lasted = [row.call.started_at.as_micros(), row.call.ended_at.as_micros()];
        self.take_row(lasted, serial, row.part == 0);
    }

    /// The same, with its start and end in microseconds, and whether it is no part of the call.
    pub(super) fn take_row(&mut self, [started_at, ended_at]: [i64; 2], serial: i64, is_call: bool) {
        self.started = [self.started[0].min(started_at), self.started[1].max(started_at)];
        self.last_ended_at = self.last_ended_at.max(ended_at);
        self.serials = [self.serials[0].min(serial), self.serials[1].max(serial)];
        self.rows += 1;
        self.call_rows += u32::from(is_call);
    }
}

fn write_records(
    connection: &Connection,
    calls: &[Call],
    seq: i64,
    path: &Path,
    is_halted: &impl Fn() -> bool,
) -> Result<Option<(u32, Sums)>, Fault> {
    let mut writer = RecordsWriter::create(path)?;
    let mut count = 0;
    for call in calls {
        if is_halted() {
            return Ok(None);
        }
        let Some(record) = load(connection, call.serial, seq)? else { continue };
        writer.push(&record, call.serial)?;
        count += 1;
    }
    Ok(Some((count, writer.finish()?)))
}

/// The record in a row of the table of calls, if no later commit than `seq` brought it.
fn load(connection: &Connection, serial: i64, seq: i64) -> Result<Option<CallRecord>, Fault> {
    let mut select =
        connection.prepare_cached("SELECT format, record FROM calls WHERE id = ?1 AND seq <= ?2")?;
    let mut rows = select.query(params![serial, seq])?;
    rows.next()?.map(|row| records::read(row, 0)).transpose()
}

fn accounts_of(connection: &Connection, day: i64) -> rusqlite::Result<Vec<u32>> {
    let mut select = connection.prepare_cached(
        "SELECT DISTINCT account_id FROM daily_calls WHERE day = ?1 AND calls > 0 ORDER BY account_id",
    )?;
    select.query_map([day], |row| row.get(0))?.collect()
}

/// A name that no file has that counts.
fn aside(path: &Path) -> Result<PathBuf, HistoryError> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(failed)?;
    }
    Ok(path.with_extension("part"))
}

/// Reads back what was written, and compares.
fn verify(paths: &[PathBuf; 2], sums: &[Sums; 2], rows: u32, records: u32) -> Result<(), HistoryError> {
    let row_file = RowFile::open(&paths[0], sums[0].clone(), Arc::default())?;
    let record_file = RecordFile::open(&paths[1], sums[1].clone())?;
    row_file.verify()?;
    record_file.verify()?;
    if row_file.rows() == rows && record_file.len() == records {
        return Ok(());
    }
    Err(HistoryError::Damaged { part: name_of(&paths[0]) })
}

fn put(asides: &[PathBuf; 2], paths: &[PathBuf; 2]) -> Result<(), HistoryError> {
    for (aside, path) in asides.iter().zip(paths) {
        fs::rename(aside, path).map_err(failed)?;
        for folder in path.ancestors().skip(1).take(3) {
            File::open(folder).and_then(|folder| folder.sync_all()).map_err(failed)?;
        }
    }
    Ok(())
}

fn failed(source: io::Error) -> HistoryError {
    HistoryError::Store { what: "write a sealed file", source: Box::new(source) }
}

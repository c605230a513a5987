//! The list of sealed parts, as the database has it.

use std::path::{Path, PathBuf};

use call::CallId;
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::part::{self, NewPart};
use crate::{columns::Sums, sqlite::id};

/// Every file of the parts that a database lists, in a folder, with its sums.
pub(in crate::sqlite) fn listed_files(
    connection: &Connection,
    folder: &Path,
) -> rusqlite::Result<Vec<(PathBuf, Sums)>> {
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
pub(super) fn sums(row: &Row<'_>, index: usize) -> rusqlite::Result<Sums> {
    let length: i64 = row.get(index)?;
    Ok(Sums::from_bytes(length.unsigned_abs(), row.get_ref(index + 1)?.as_blob()?))
}

/// The parts that may have a call, the latest first.
pub(super) fn parts_of(connection: &Connection, call: CallId) -> rusqlite::Result<Vec<i64>> {
    let mut select = connection.prepare_cached(
        "SELECT id FROM sealed_parts WHERE first_call <= ?1 AND last_call >= ?1 ORDER BY id DESC",
    )?;
    select.query_map([id::bytes(&call)], |row| row.get(0))?.collect()
}

/// The parts that may have one of the calls from `first` to `last`.
pub(in crate::sqlite) fn parts_among(
    connection: &Connection,
    first: CallId,
    last: CallId,
) -> rusqlite::Result<Vec<i64>> {
    let mut select = connection
        .prepare_cached("SELECT id FROM sealed_parts WHERE first_call <= ?2 AND last_call >= ?1")?;
    select.query_map([id::bytes(&first), id::bytes(&last)], |row| row.get(0))?.collect()
}

/// The parts of days before `day`, with their days, oldest first.
pub(in crate::sqlite) fn parts_before(
    connection: &Connection,
    day: i64,
) -> rusqlite::Result<Vec<(i64, i64)>> {
    let mut select =
        connection.prepare_cached("SELECT id, day FROM sealed_parts WHERE day < ?1 ORDER BY day, id")?;
    select.query_map([day], |row| Ok((row.get(0)?, row.get(1)?)))?.collect()
}

/// The latest day of which something is sealed.
pub(in crate::sqlite) fn latest_day(connection: &Connection) -> rusqlite::Result<Option<i64>> {
    connection.query_one("SELECT max(day) FROM sealed_parts", [], |row| row.get(0))
}

/// Where the files of a part are that is listed; `None` if it is not.
pub(in crate::sqlite) fn listed_paths(
    connection: &Connection,
    folder: &Path,
    part: i64,
) -> rusqlite::Result<Option<[PathBuf; 2]>> {
    let mut select = connection.prepare_cached("SELECT day, name FROM sealed_parts WHERE id = ?1")?;
    select.query_row([part], |row| Ok(part::paths(folder, row.get(0)?, &row.get::<_, String>(1)?))).optional()
}

/// The rows of a part that do not count, ascending.
pub(in crate::sqlite) fn dropped(connection: &Connection, part: i64) -> rusqlite::Result<Vec<u32>> {
    let mut select = connection.prepare_cached("SELECT row FROM superseded WHERE part = ?1 ORDER BY row")?;
    select.query_map([part], |row| row.get(0))?.collect()
}

/// The latest commit that a part has seen.
pub(in crate::sqlite) fn latest_seq_of(connection: &Connection, part: i64) -> rusqlite::Result<i64> {
    connection
        .prepare_cached("SELECT seq FROM sealed_parts WHERE id = ?1")?
        .query_one([part], |row| row.get(0))
}

/// The number for the next part. None is given twice, as its files are named by it: it is noted before they are made.
pub(in crate::sqlite) fn next_part(connection: &Connection) -> rusqlite::Result<i64> {
    let listed = "SELECT coalesce(max(id), 0) FROM sealed_parts";
    let gone = "SELECT last_part FROM history_counts";
    connection.query_one(&format!("SELECT max(({listed}), ({gone})) + 1"), [], |row| row.get(0))
}

/// Lists a part none of whose rows count yet.
pub(in crate::sqlite) fn list(connection: &Connection, part: &NewPart) -> rusqlite::Result<()> {
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

//! When the server ran.

use std::ops::Range;

use call::{Timestamp, series::Interval};
use rusqlite::{Connection, params};

use super::fault::Fault;

/// The number that the run which begins now will have.
pub(super) fn next(connection: &Connection) -> rusqlite::Result<i64> {
    connection.query_row("SELECT coalesce(max(id), 0) + 1 FROM runs", [], |row| row.get(0))
}

/// Says that `run` goes on at `at`; the first time begins it. It never goes back.
pub(super) fn beat(connection: &Connection, run: i64, at: Timestamp) -> rusqlite::Result<()> {
    connection
        .prepare_cached(
            "INSERT INTO runs (id, started_at, last_seen_at) VALUES (?1, ?2, ?2)
             ON CONFLICT (id) DO UPDATE SET last_seen_at = max(last_seen_at, excluded.last_seen_at)",
        )?
        .execute(params![run, at.as_micros()])?;
    Ok(())
}

/// The latest heartbeat before `run`.
pub(super) fn last_before(connection: &Connection, run: i64) -> Result<Option<Timestamp>, Fault> {
    let mut select = connection.prepare_cached("SELECT max(last_seen_at) FROM runs WHERE id < ?1")?;
    let micros: Option<i64> = select.query_one([run], |row| row.get(0))?;
    Ok(micros.map(Timestamp::from_micros))
}

/// The gaps between runs that lie in `range`, as far as they do. Before the first run and after the last
/// heartbeat there is none.
pub(super) fn gaps(connection: &Connection, range: &Range<Timestamp>) -> Result<Vec<Interval>, Fault> {
    let mut select =
        connection.prepare_cached("SELECT started_at, last_seen_at FROM runs ORDER BY started_at")?;
    let mut rows = select.query([])?;
    let whole = Interval { start: range.start, end: range.end };
    let mut gaps = Vec::new();
    let mut seen = None;
    while let Some(row) = rows.next()? {
        let (started_at, last_seen_at) =
            (Timestamp::from_micros(row.get(0)?), Timestamp::from_micros(row.get(1)?));
        let gap = Interval { start: seen.unwrap_or(started_at), end: started_at }.intersect(&whole);
        gaps.extend(Some(gap).filter(|gap| !gap.is_empty()));
        seen = seen.max(Some(last_seen_at));
    }
    Ok(gaps)
}

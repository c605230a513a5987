//! When the server ran.

use std::ops::Range;

use call::{Timestamp, series::Interval};
use rusqlite::{Connection, OptionalExtension, params};

use super::fault::Fault;
use crate::{Batch, Heartbeat, RunSpan};

/// The number that the run which begins now will have.
pub(super) fn next(connection: &Connection) -> rusqlite::Result<i64> {
    connection.query_row("SELECT coalesce(max(id), 0) + 1 FROM runs", [], |row| row.get(0))
}

/// Says that `run` goes on; the first time begins it. It never goes back.
pub(super) fn beat(connection: &Connection, run: i64, beat: &Heartbeat) -> rusqlite::Result<()> {
    let wall_offset = beat.wall_at.as_micros().saturating_sub(beat.at.as_micros());
    connection
        .prepare_cached(
            "INSERT INTO runs (id, started_at, last_seen_at, wall_offset, clock_steps)
             VALUES (?1, ?2, ?2, ?3, ?4)
             ON CONFLICT (id) DO UPDATE SET last_seen_at = max(last_seen_at, excluded.last_seen_at),
                 wall_offset = excluded.wall_offset, clock_steps = excluded.clock_steps",
        )?
        .execute(params![run, beat.at.as_micros(), wall_offset, beat.clock_steps])?;
    Ok(())
}

/// A batch without content says that its run went on until then.
pub(super) fn note_alive(connection: &Connection, batch: &Batch) -> rusqlite::Result<()> {
    let (Some(run), Some(at), []) = (batch.run, batch.taken_at, &batch.events[..]) else { return Ok(()) };
    connection
        .prepare_cached("UPDATE runs SET last_seen_at = max(last_seen_at, ?2) WHERE id = ?1")?
        .execute(params![run, at.as_micros()])?;
    Ok(())
}

/// From when to when a run lasted; without its number, the latest that is known. `None` if it said nothing.
pub(super) fn span(connection: &Connection, run: Option<i64>) -> rusqlite::Result<Option<RunSpan>> {
    connection
        .prepare_cached(
            "SELECT started_at, last_seen_at FROM runs WHERE id = coalesce(?1, (SELECT max(id) FROM runs))",
        )?
        .query_one([run], |row| {
            let instant = |column| row.get(column).map(Timestamp::from_micros);
            Ok(RunSpan { started_at: instant(0)?, last_seen_at: instant(1)? })
        })
        .optional()
}

/// The gaps between runs that lie in `range`, as far as they do. Before the first run and after the last
/// heartbeat there is none. A run during which the wall clock was set covers its time by either setting.
pub(super) fn gaps(connection: &Connection, range: &Range<Timestamp>) -> Result<Vec<Interval>, Fault> {
    let mut select = connection.prepare_cached(
        "SELECT started_at, last_seen_at FROM runs
         UNION SELECT started_at + wall_offset, last_seen_at + wall_offset FROM runs ORDER BY 1",
    )?;
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

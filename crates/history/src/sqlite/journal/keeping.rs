//! How far back the event log reaches.

use call::Timestamp;
use rusqlite::{Connection, params};

use super::rows;

/// Rows that one commit removes at most: more than come in the time between two heartbeats.
const AT_ONCE: i64 = 512;

/// The number of the first event that is kept, with all that came after it.
pub(in crate::sqlite) fn floor(connection: &Connection) -> rusqlite::Result<u64> {
    let floor = "SELECT coalesce(max(floor), 1) FROM event_log";
    connection.query_one(floor, [], |row| row.get::<_, i64>(0)).map(i64::unsigned_abs)
}

/// Removes what was taken before `before`, apart from what calls that go on hold in place, and the latest row, which
/// tells the number of the next; a few rows at a time. Says whether there was anything.
pub(in crate::sqlite) fn remove_old(connection: &Connection, before: Timestamp) -> rusqlite::Result<bool> {
    let mut select = connection.prepare_cached(
        "SELECT first, count, first IN (SELECT first FROM unfinished) FROM journal
         WHERE first < (SELECT max(first) FROM journal) AND coalesce(taken_at, 0) < ?1
         ORDER BY first LIMIT ?2",
    )?;
    let old = select.query_map(params![before.as_micros(), AT_ONCE], |row| {
        Ok((row.get::<_, i64>(0)?.unsigned_abs(), row.get::<_, i64>(1)?.unsigned_abs(), row.get(2)?))
    })?;
    let old: Vec<(u64, u64, bool)> = old.collect::<rusqlite::Result<_>>()?;
    for (first, _, is_held) in &old {
        if !is_held {
            rows::remove(connection, *first)?;
        }
    }
    let reached = old.iter().map(|(first, count, _)| first + count).max().unwrap_or(0);
    if reached > floor(connection)? {
        let note = "INSERT OR REPLACE INTO event_log (id, floor) VALUES (1, ?1)";
        connection.prepare_cached(note)?.execute([rows::number(reached)])?;
    }
    Ok(old.iter().any(|(_, _, is_held)| !is_held))
}

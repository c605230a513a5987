//! How far back the event log reaches.

use call::Timestamp;
use rusqlite::Connection;

use super::{oldest_commit, rows};

/// Rows that one commit removes at most: more than come in the time between two heartbeats.
const AT_ONCE: i64 = 512;

/// Notes of ended calls that one commit removes at most: more than as many calls end in that time.
const NOTES_AT_ONCE: i64 = 8_192;

/// The number of the first event that is kept, with all that came after it.
pub(in crate::sqlite) fn floor(connection: &Connection) -> rusqlite::Result<u64> {
    let floor = "SELECT coalesce(max(floor), 1) FROM event_log";
    connection.query_one(floor, [], |row| row.get::<_, i64>(0)).map(i64::unsigned_abs)
}

/// Removes what was taken before `before`, apart from what calls that go on hold in place, and the latest row, which
/// tells the number of the next; a few rows at a time. Says whether there was anything.
pub(in crate::sqlite) fn remove_old(connection: &Connection, before: Timestamp) -> rusqlite::Result<bool> {
    let old = old_rows(connection, before)?;
    for (first, _) in &old {
        rows::remove(connection, *first)?;
    }
    let reached = old.last().map_or(0, |(first, count)| first + count);
    if reached > floor(connection)? {
        let note = "INSERT OR REPLACE INTO event_log (id, floor) VALUES (1, ?1)";
        connection.prepare_cached(note)?.execute([rows::number(reached)])?;
    }
    Ok(forget_ends(connection)? || !old.is_empty())
}

/// Forgets that calls have ended of which the journal has no events any more. Says whether there was anything.
fn forget_ends(connection: &Connection) -> rusqlite::Result<bool> {
    let mut delete = connection.prepare_cached(
        "DELETE FROM merged_calls WHERE call_id IN
         (SELECT call_id FROM merged_calls WHERE into_call IS NULL AND seq < ?1 ORDER BY seq LIMIT ?2)",
    )?;
    let oldest = oldest_commit(connection)?.unwrap_or(0);
    Ok(delete.execute([oldest, NOTES_AT_ONCE])? > 0)
}

/// The first rows that may go, with how many events each has. Looks no further than to the first that may not: there is
/// no index by time, and rows are in its order, about.
fn old_rows(connection: &Connection, before: Timestamp) -> rusqlite::Result<Vec<(u64, u64)>> {
    let mut select = connection.prepare_cached(
        "SELECT first, count, coalesce(taken_at, 0) FROM journal
         WHERE first < (SELECT max(first) FROM journal) AND first NOT IN (SELECT first FROM unfinished)
         ORDER BY first LIMIT ?1",
    )?;
    let (mut rows, mut old) = (select.query([AT_ONCE])?, Vec::new());
    while let Some(row) = rows.next()? {
        if row.get::<_, i64>(2)? >= before.as_micros() {
            break;
        }
        old.push((row.get::<_, i64>(0)?.unsigned_abs(), row.get::<_, i64>(1)?.unsigned_abs()));
    }
    Ok(old)
}

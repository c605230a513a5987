//! Parts that take over from hot rows and records, a portion at a time.

use call::CallId;
use rusqlite::{Connection, OptionalExtension, params};

use super::superseding;
use crate::sqlite::{
    id::{self, RowKey},
    journal::{note_end, oldest_commit},
};

/// Some of a part's rows, or of its records, that take over from the hot ones.
#[derive(Clone, Debug)]
pub(in crate::sqlite) struct Takeover {
    pub(in crate::sqlite) part: i64,
    /// Records that were stored later are others.
    pub(in crate::sqlite) seq: i64,
    /// The first of them in the file.
    pub(in crate::sqlite) first: u32,
    pub(in crate::sqlite) what: Taken,
}

/// What takes over.
#[derive(Clone, Debug)]
pub(in crate::sqlite) enum Taken {
    /// Rows by account, start and call.
    Rows(Vec<(u32, i64, RowKey)>),
    /// Whole records.
    Records(Vec<CallId>),
}

impl Takeover {
    /// When the last of its rows started, in microseconds.
    pub(in crate::sqlite) fn latest_start(&self) -> Option<i64> {
        match &self.what {
            Taken::Rows(rows) => rows.iter().map(|(_, started_at, _)| *started_at).max(),
            Taken::Records(_) => None,
        }
    }
}

/// Lets them count, and lets go of the hot ones.
pub(in crate::sqlite) fn take(connection: &Connection, takeover: &Takeover) -> rusqlite::Result<()> {
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
pub(in crate::sqlite) struct Unfinished {
    pub(in crate::sqlite) part: i64,
    pub(in crate::sqlite) seq: i64,
    pub(in crate::sqlite) taken: u32,
    pub(in crate::sqlite) records_taken: u32,
}

/// The first part after `last` that has not taken over whole.
pub(in crate::sqlite) fn unfinished(
    connection: &Connection,
    last: i64,
) -> rusqlite::Result<Option<Unfinished>> {
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

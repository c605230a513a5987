//! Deleting hot calls for their age, and what was noted about calls.

use call::{AccountId, CallId, CallRecord};
use rusqlite::{Connection, OptionalExtension, params};

use super::{
    balances::Movement,
    daily::Group,
    deleted::{self, Deleted},
    fault::Fault,
    id::{self, RowKey},
    journal, records,
};
use crate::bits::Bits;

/// A row of an account's calls.
#[derive(Clone, Copy, Debug)]
pub(super) struct HotRow {
    pub(super) account: AccountId,
    pub(super) started_at: i64,
    pub(super) key: RowKey,
}

/// Accounts with hot rows, after `last`.
pub(super) fn next_account(
    connection: &Connection,
    last: Option<AccountId>,
) -> rusqlite::Result<Option<AccountId>> {
    connection
        .prepare_cached("SELECT min(account_id) FROM account_calls WHERE account_id > ?1")?
        .query_one([last.map_or(-1, |last| i64::from(last.0))], |row| {
            Ok(row.get::<_, Option<u32>>(0)?.map(AccountId))
        })
}

/// The first `most` rows of an account that started before an instant, in microseconds.
pub(super) fn rows_before(
    connection: &Connection,
    account: AccountId,
    before: i64,
    most: u32,
) -> rusqlite::Result<Vec<HotRow>> {
    let mut select = connection.prepare_cached(
        "SELECT started_at, call_id FROM account_calls WHERE account_id = ?1 AND started_at < ?2
         ORDER BY started_at LIMIT ?3",
    )?;
    let row =
        |row: &rusqlite::Row<'_>| Ok(HotRow { account, started_at: row.get(0)?, key: RowKey::read(row, 1)? });
    select.query_map(params![account.0, before, most], row)?.collect()
}

/// Deletes rows, with commit number `seq`; and the records none of whose rows is left.
pub(super) fn forget_rows(connection: &Connection, seq: i64, rows: &[HotRow]) -> Result<(), Fault> {
    let mut deleted = Deleted::default();
    for row in rows {
        if let Some(call) = delete_row(connection, row, &mut deleted)? {
            forget_record(connection, call, &mut deleted)?;
        }
    }
    // The rows that tell the latest commit may go.
    journal::note_commit(connection, seq)?;
    Ok(deleted.write(connection)?)
}

/// Gives the row of the table of calls that it was about; `None` if it has gone already.
fn delete_row(connection: &Connection, row: &HotRow, deleted: &mut Deleted) -> rusqlite::Result<Option<i64>> {
    let HotRow { account, started_at, key } = *row;
    let mut delete = connection.prepare_cached(
        "DELETE FROM account_calls WHERE account_id = ?1 AND started_at = ?2 AND call_id = ?3
         RETURNING call, sides, other_account_id, origination_price, termination_price",
    )?;
    let gone = delete.query_row(params![account.0, started_at, key.bytes()], |row| {
        let (bits, other) = (Bits(row.get(1)?), row.get::<_, Option<u32>>(2)?.map(AccountId));
        let moved = Movement {
            originates: bits.has(Bits::ORIGINATED),
            terminates: bits.has(Bits::TERMINATED),
            origination_price: row.get(3)?,
            termination_price: row.get(4)?,
        };
        Ok((row.get(0)?, Group { account, started_at, sides: bits.0, other }, moved.amount()))
    });
    let Some((call, group, moved)) = gone.optional()? else { return Ok(None) };
    deleted.row(group, moved);
    forget_notes(connection, &[(account, key.call)])?;
    Ok(Some(call))
}

/// The record in a row of the table of calls goes, if no account has a row of it any more.
fn forget_record(connection: &Connection, call: i64, deleted: &mut Deleted) -> Result<(), Fault> {
    let mut select = connection.prepare_cached("SELECT format, record FROM calls WHERE id = ?1")?;
    let Some(record) = select.query_row([call], |row| Ok(records::read(row, 0))).optional()? else {
        return Ok(());
    };
    let record = record?;
    if has_row(connection, &record)? {
        return Ok(());
    }
    journal::note_end(connection, record.call_id, journal::oldest_commit(connection)?)?;
    connection.prepare_cached("DELETE FROM calls WHERE id = ?1")?.execute([call])?;
    records::remove_parts(connection, call, &record)?;
    forget_merged(connection, &record.absorbed)?;
    deleted::note_given(connection, call, 0)?;
    deleted.records(1);
    Ok(())
}

fn has_row(connection: &Connection, record: &CallRecord) -> rusqlite::Result<bool> {
    let mut select = connection.prepare_cached(
        "SELECT 1 FROM account_calls WHERE account_id = ?1 AND started_at = ?2 AND call_id = ?3",
    )?;
    for row in record.rows() {
        let place = params![row.owner.account.0, row.call.started_at.as_micros(), records::key(&row).bytes()];
        if select.exists(place)? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Nothing leads from these calls to the one that they were merged into any more. That they are over is known as long as
/// the journal has events of them.
pub(super) fn forget_merged(connection: &Connection, calls: &[CallId]) -> rusqlite::Result<()> {
    let oldest = journal::oldest_commit(connection)?.unwrap_or(i64::MAX);
    let mut note = connection
        .prepare_cached("UPDATE merged_calls SET into_call = NULL WHERE call_id = ?1 AND seq >= ?2")?;
    let mut delete = connection.prepare_cached("DELETE FROM merged_calls WHERE call_id = ?1 AND seq < ?2")?;
    for call in calls {
        note.execute(params![id::bytes(call), oldest])?;
        delete.execute(params![id::bytes(call), oldest])?;
    }
    Ok(())
}

/// Deletes what accounts noted about their calls, and how it came about.
pub(super) fn forget_notes(connection: &Connection, calls: &[(AccountId, CallId)]) -> rusqlite::Result<()> {
    for table in ["annotations", "annotation_changes"] {
        let delete = format!("DELETE FROM {table} WHERE call_id = ?1 AND account_id = ?2");
        let mut delete = connection.prepare_cached(&delete)?;
        for (account, call) in calls {
            delete.execute(params![id::bytes(call), account.0])?;
        }
    }
    Ok(())
}

/// Those of these calls that something was noted about.
pub(super) fn noted(
    connection: &Connection,
    calls: impl Iterator<Item = (AccountId, CallId)>,
) -> rusqlite::Result<Vec<(AccountId, CallId)>> {
    let mut select = connection.prepare_cached(
        "SELECT 1 FROM annotation_changes WHERE call_id = ?1 AND account_id = ?2
             UNION ALL SELECT 1 FROM annotations WHERE call_id = ?1 AND account_id = ?2",
    )?;
    let mut noted = Vec::new();
    for (account, call) in calls {
        if select.exists(params![id::bytes(&call), account.0])? {
            noted.push((account, call));
        }
    }
    Ok(noted)
}

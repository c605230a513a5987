//! Records that are stored anew after they were sealed.

use call::{AccountId, AccountRow, CallRecord};
use rusqlite::{Connection, params};

use super::Sealed;
use crate::{
    HistoryError, RecordField,
    columns::{Column, Columns, RowFile},
    sqlite::{fault::Fault, id::RowKey},
};

/// A row of a part counts no longer.
pub(super) fn drop_row(
    connection: &Connection,
    part: i64,
    row: u32,
    is_call: bool,
) -> rusqlite::Result<bool> {
    let dropped = connection
        .prepare_cached("INSERT OR IGNORE INTO superseded (part, row, is_call) VALUES (?1, ?2, ?3)")?
        .execute(params![part, row, is_call])?;
    Ok(dropped > 0)
}

impl Sealed {
    /// The sealed one of a row counts no longer; false if there is none that does.
    pub(in crate::sqlite) fn supersede(
        &self,
        connection: &Connection,
        row: &AccountRow<&CallRecord>,
        key: RowKey,
    ) -> Result<bool, Fault> {
        let started_at = row.call.started_at.as_micros();
        for part in self.parts(connection, &(started_at..=started_at))? {
            let file = part.files.rows()?;
            for place in places_of(&file, row.owner.account, started_at, key)? {
                if place < part.taken && drop_row(connection, part.id, place, key.part == 0)? {
                    return Ok(true);
                }
            }
        }
        Ok(false)
    }
}

/// The rows with a key.
fn places_of(
    file: &RowFile,
    account: AccountId,
    started_at: i64,
    key: RowKey,
) -> Result<Vec<u32>, HistoryError> {
    let rows = file.rows_of(account);
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let starts = file.numbers(Column::Field(RecordField::StartedAt), rows.clone())?;
    let first = rows.start + starts.partition_point(|start| start < started_at) as u32;
    let end = rows.start + starts.partition_point(|start| start <= started_at) as u32;
    if first == end {
        return Ok(Vec::new());
    }
    let (ids, parts) = (file.call_ids(first..end)?, file.numbers(Column::Part, first..end)?);
    let is_it = |place: &u32| {
        ids.call_id(place - first) == key.call && parts.number(place - first) == i64::from(key.part)
    };
    Ok((first..end).filter(is_it).collect())
}

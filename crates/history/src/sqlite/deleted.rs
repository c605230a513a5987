//! What is deleted for its age: it is counted on its day no longer, and what it moved is noted, so that the balances
//! stay as they are and can be accounted for.

use std::collections::HashMap;

use call::AccountId;
use rusqlite::{Connection, params};

use super::daily::{self, Group};

/// What one transaction deletes.
#[derive(Clone, Debug, Default)]
pub(super) struct Deleted {
    rows: HashMap<Group, i64>,
    moved: HashMap<AccountId, i64>,
    records: i64,
}

impl Deleted {
    /// A row goes, which has moved the balance of its account by so much (in millionths).
    pub(super) fn row(&mut self, group: Group, moved: i64) {
        *self.rows.entry(group.of_day()).or_default() += 1;
        let sum = self.moved.entry(group.account).or_default();
        *sum = sum.saturating_add(moved);
    }

    /// Whole records go.
    pub(super) fn records(&mut self, records: usize) {
        self.records += i64::try_from(records).unwrap_or(i64::MAX);
    }

    /// How many rows go.
    pub(super) fn row_count(&self) -> i64 {
        self.rows.values().sum()
    }

    /// Notes it.
    pub(super) fn write(&self, connection: &Connection) -> rusqlite::Result<()> {
        for (group, rows) in &self.rows {
            daily::add(connection, *group, -rows)?;
        }
        let mut note = connection.prepare_cached(
            "INSERT INTO deleted_movements (account_id, movement) VALUES (?1, ?2)
             ON CONFLICT DO UPDATE SET movement = movement + excluded.movement",
        )?;
        for (account, moved) in self.moved.iter().filter(|(_, moved)| **moved != 0) {
            note.execute(params![account.0, moved])?;
        }
        connection
            .prepare_cached("UPDATE history_counts SET deleted_rows = deleted_rows + ?1, deleted_records = deleted_records + ?2")?
            .execute(params![self.row_count(), self.records])?;
        Ok(())
    }
}

/// A serial number and the number of a part that are not to be given again, though nothing may bear them any more.
pub(super) fn note_given(connection: &Connection, serial: i64, part: i64) -> rusqlite::Result<()> {
    connection
        .prepare_cached(
            "UPDATE history_counts SET last_serial = max(last_serial, ?1), last_part = max(last_part, ?2)",
        )?
        .execute(params![serial, part])?;
    Ok(())
}

/// How many rows and records were ever deleted.
pub(super) fn count(connection: &Connection) -> rusqlite::Result<(i64, i64)> {
    let select = "SELECT deleted_rows, deleted_records FROM history_counts";
    connection.query_one(select, [], |row| Ok((row.get(0)?, row.get(1)?)))
}

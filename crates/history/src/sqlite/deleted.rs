//! What is deleted for its age: it is counted on its day no longer, and what it moved is noted, so that the balances
//! stay as they are and can be accounted for.

use std::collections::HashMap;

use call::{AccountId, CallRecord};
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

    /// Up to where each account has deleted calls now.
    fn note_days(&self, connection: &Connection) -> rusqlite::Result<()> {
        let mut note = connection.prepare_cached(
            "INSERT INTO deleted_before (account_id, day) VALUES (?1, ?2)
             ON CONFLICT DO UPDATE SET day = max(day, excluded.day)",
        )?;
        for group in self.rows.keys() {
            note.execute(params![group.account.0, group.started_at.div_euclid(daily::DAY) + 1])?;
        }
        Ok(())
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
        self.note_days(connection)?;
        connection
            .prepare_cached("UPDATE history_counts SET deleted_rows = deleted_rows + ?1, deleted_records = deleted_records + ?2")?
            .execute(params![self.row_count(), self.records])?;
        Ok(())
    }
}

/// What is deleted of an account.
pub(super) struct Reach(HashMap<AccountId, i64>);

impl Reach {
    /// As it is noted.
    pub(super) fn read(connection: &Connection) -> rusqlite::Result<Self> {
        let mut select = connection.prepare_cached("SELECT account_id, day FROM deleted_before")?;
        let days = select.query_map([], |row| Ok((AccountId(row.get(0)?), row.get(1)?)))?;
        Ok(Self(days.collect::<rusqlite::Result<_>>()?))
    }

    /// Whether a call may be one of those that are gone: each of its accounts has deleted calls of its day, or later
    /// ones. None of which a row is left is said to be.
    pub(super) fn may_have(&self, record: &CallRecord) -> bool {
        let day = record.started_at.as_micros().div_euclid(daily::DAY);
        let accounts = record.rows();
        accounts.iter().all(|row| self.0.get(&row.owner.account).is_some_and(|before| day < *before))
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

//! The journal: what has happened, in the order in which it became durable.
//!
//! A row holds the events of one commit, whatever calls they belong to, and notices of what happened beside calls;
//! its number is that of its first event. Rows are kept as long as the event log is to reach back. Those that hold
//! events of calls that go on are listed in `unfinished`, and kept as long as they are. What such a row still holds
//! of calls that ended before is passed over: their records say in which commit they ended.

mod calls;
mod change;
mod keeping;
mod reading;
mod rows;

use std::collections::HashMap;

use call::CallId;
use rusqlite::{Connection, OptionalExtension, params};

use super::{fault::Fault, id, quarantine};
use crate::Batch;

pub use calls::JournalCalls;
pub(super) use calls::Survey;
pub(super) use change::JournalChange;
pub(super) use keeping::remove_old;
pub(super) use reading::page;
pub(super) use rows::{append_events, open_rows, read, read_by_run, remove, take_orphans};

/// Which calls hold which rows in place, and what the next row will be.
#[derive(Default)]
pub(super) struct Journal {
    /// The run that appends.
    run: i64,
    /// The number of the latest commit of events.
    seq: i64,
    /// The number of the latest event.
    latest: u64,
    rows_of: HashMap<CallId, Vec<u64>>,
    calls_in: HashMap<u64, usize>,
}

impl Journal {
    /// The journal as the database has it, to which `run` appends. What of it cannot be read is put aside.
    pub(super) fn load(connection: &mut Connection, run: i64) -> Result<Self, Fault> {
        quarantine::unreadable_rows(connection)?;
        let (seq, latest) = (latest_seq(connection)?, rows::latest_number(connection)?);
        let mut journal = Self { run, seq, latest, ..Self::default() };
        for (row, event) in rows::read_rows(connection)? {
            journal.hold(row.first, event.call_id);
        }
        Ok(journal)
    }

    /// What a commit of these batches changes. A record settles what was said of its call, and of those that were
    /// merged into it, until then.
    pub(super) fn change<'a>(&self, batches: impl Iterator<Item = &'a Batch>) -> JournalChange<'a> {
        let mut change = JournalChange::new(self.seq + 1, self.latest + 1, self.run);
        for batch in batches {
            change.take(batch);
        }
        change.emptied = self.emptied(&change.ended);
        change
    }

    /// The rows that only calls among `ended` hold.
    fn emptied(&self, ended: &[CallId]) -> Vec<u64> {
        let mut left = HashMap::new();
        for row in ended.iter().filter_map(|call| self.rows_of.get(call)).flatten() {
            *left.entry(*row).or_insert_with(|| self.calls_in.get(row).copied().unwrap_or(0)) -= 1;
        }
        left.into_iter().filter(|(_, calls)| *calls == 0).map(|(row, _)| row).collect()
    }

    /// The number of the latest commit of events.
    pub(super) fn latest(&self) -> i64 {
        self.seq
    }

    /// The number of the latest event.
    pub(super) fn latest_event(&self) -> u64 {
        self.latest
    }

    /// The change is durable.
    pub(super) fn settle(&mut self, change: &JournalChange<'_>) {
        if change.has_content {
            self.seq = change.seq;
        }
        self.latest = change.latest();
        for call in &change.ended {
            for row in self.rows_of.remove(call).unwrap_or_default() {
                if let Some(calls) = self.calls_in.get_mut(&row) {
                    *calls -= 1;
                }
            }
        }
        for row in &change.emptied {
            self.calls_in.remove(row);
        }
        for call in change.going_on() {
            self.hold(change.first, call);
        }
    }

    /// `call` has an event in row `row`, which is the latest row.
    fn hold(&mut self, row: u64, call: CallId) {
        let rows = self.rows_of.entry(call).or_default();
        if rows.last() != Some(&row) {
            rows.push(row);
            *self.calls_in.entry(row).or_default() += 1;
        }
    }
}

/// Commits of records are numbered too; the last new record has the greatest number of them.
pub(super) fn latest_seq(connection: &Connection) -> rusqlite::Result<i64> {
    let journal =
        "SELECT coalesce((SELECT seq FROM journal WHERE seq IS NOT NULL ORDER BY first DESC LIMIT 1), 0)";
    let calls = "SELECT coalesce((SELECT seq FROM calls ORDER BY id DESC LIMIT 1), 0)";
    let others = "SELECT coalesce(max(seq), 0) FROM latest_commit";
    connection.query_one(&format!("SELECT max(({journal}), ({calls}), ({others}))"), [], |row| row.get(0))
}

/// Notes the number of a commit that ends a call without a new row in the table of calls.
pub(super) fn note_commit(connection: &Connection, seq: i64) -> rusqlite::Result<()> {
    connection
        .prepare_cached("INSERT OR REPLACE INTO latest_commit (id, seq) VALUES (1, ?1)")?
        .execute([seq])?;
    Ok(())
}

/// The number of the commit with which the call ended; events in the same commit came after it.
pub(super) fn end_of(connection: &Connection, call: CallId) -> rusqlite::Result<Option<i64>> {
    connection
        .prepare_cached(
            "SELECT max(seq) FROM (SELECT seq FROM calls WHERE call_id = ?1
             UNION ALL SELECT seq FROM merged_calls WHERE call_id = ?1)",
        )?
        .query_one([id::bytes(&call)], |row| row.get(0))
}

/// That a call is over is known from its record, as long as there are events of it in the journal; where that goes,
/// the list of merged calls says so, until the journal lets go of its events too.
pub(super) fn note_end(connection: &Connection, call: CallId, journal: Option<i64>) -> rusqlite::Result<()> {
    let Some(journal) = journal else { return Ok(()) };
    let mut note = connection.prepare_cached(
        "INSERT OR REPLACE INTO merged_calls (call_id, seq) SELECT call_id, seq FROM calls
         WHERE call_id = ?1 AND seq >= ?2",
    )?;
    note.execute(params![id::bytes(&call), journal])?;
    Ok(())
}

/// The first commit that the journal has events of; `None` if it has none.
pub(super) fn oldest_commit(connection: &Connection) -> rusqlite::Result<Option<i64>> {
    connection
        .prepare_cached("SELECT seq FROM journal WHERE seq IS NOT NULL ORDER BY first LIMIT 1")?
        .query_row([], |row| row.get(0))
        .optional()
}

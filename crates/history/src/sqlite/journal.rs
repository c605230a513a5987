//! Events of calls that have not ended.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use call::{CallEvent, CallId};
use rusqlite::{Connection, params};

use super::{fault::Fault, id};
use crate::{Batch, stored};

/// What one commit changes in the journal.
#[derive(Default)]
pub(super) struct JournalChange {
    rows: Vec<(CallId, Vec<u8>)>,
    row_of: HashMap<CallId, usize>,
    ended: HashSet<CallId>,
    events: u32,
}

impl JournalChange {
    /// Takes in a batch, after those before it: a record removes what was said of its call until then.
    pub(super) fn add(&mut self, batch: &Batch) {
        let ending: HashSet<CallId> = batch.records.iter().flat_map(|record| calls_of(record)).collect();
        for event in batch.events.iter().filter(|event| !ending.contains(&event.call_id)) {
            self.append(event);
        }
        for call in ending {
            if let Some(row) = self.row_of.remove(&call) {
                self.rows[row].1.clear();
            }
            self.ended.insert(call);
        }
    }

    /// Each event is written with its place in the commit, so that the order across calls is kept.
    fn append(&mut self, event: &CallEvent) {
        let row = *self.row_of.entry(event.call_id).or_insert_with(|| {
            self.rows.push((event.call_id, Vec::with_capacity(1_024)));
            self.rows.len() - 1
        });
        let events = &mut self.rows[row].1;
        events.extend_from_slice(if events.is_empty() { b"[[" } else { b",[" });
        events.extend_from_slice(self.events.to_string().as_bytes());
        events.push(b',');
        stored::write_event(event, events);
        events.push(b']');
        self.events += 1;
    }

    /// Writes it, as commit number `seq`.
    pub(super) fn write(&mut self, seq: i64, connection: &Connection) -> rusqlite::Result<()> {
        let mut delete = connection.prepare_cached("DELETE FROM journal WHERE call_id = ?1")?;
        for call in self.ended.drain() {
            delete.execute([id::bytes(&call)])?;
        }
        let mut insert = connection.prepare_cached("INSERT INTO journal VALUES (?1, ?2, ?3, ?4)")?;
        for (call, mut events) in self.rows.drain(..).filter(|(_, events)| !events.is_empty()) {
            events.push(b']');
            insert.execute(params![id::bytes(&call), seq, stored::FORMAT, events])?;
        }
        Ok(())
    }
}

fn calls_of(record: &call::CallRecord) -> impl Iterator<Item = CallId> {
    std::iter::once(record.call_id).chain(record.absorbed.iter().copied())
}

/// The number of the latest commit that left something in the journal.
pub(super) fn latest_seq(connection: &Connection) -> rusqlite::Result<i64> {
    connection.query_row("SELECT coalesce(max(seq), 0) FROM journal", [], |row| row.get(0))
}

/// All events, in the order in which they were appended.
pub(super) fn read(connection: &Connection) -> Result<Vec<Arc<CallEvent>>, Fault> {
    let mut select = connection.prepare_cached("SELECT seq, format, events FROM journal")?;
    let mut rows = select.query([])?;
    let mut events = Vec::new();
    while let Some(row) = rows.next()? {
        let seq: i64 = row.get(0)?;
        let stored = stored::read_events(row.get(1)?, row.get_ref(2)?.as_blob()?)?;
        events.extend(stored.into_iter().map(|(place, event)| ((seq, place), event)));
    }
    events.sort_by_key(|(place, _)| *place);
    Ok(events.into_iter().map(|(_, event)| event).collect())
}

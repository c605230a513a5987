//! Events of calls that have not ended.
//!
//! A row holds the events of one commit, whatever calls they belong to, and is removed when the last of
//! these calls has ended. What it still holds of calls that ended before is passed over: their records say
//! in which commit they ended.

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    sync::Arc,
};

use call::{CallEvent, CallId, CallRecord, EventKind, Timestamp};
use rusqlite::{Connection, params};

use super::{
    fault::Fault,
    id,
    quarantine::{self, Outcast},
    runs,
};
use crate::{Batch, JournalEvent, LeftByRun, stored};

/// Which calls hold which rows in place, and the number of the latest commit.
#[derive(Default)]
pub(super) struct Journal {
    /// The run that appends.
    run: i64,
    seq: i64,
    rows_of: HashMap<CallId, Vec<i64>>,
    calls_in: HashMap<i64, usize>,
}

/// What one commit changes in the journal.
pub(super) struct JournalChange<'a> {
    /// The number of the commit.
    pub(super) seq: i64,
    /// Whether a row will bear that number.
    has_content: bool,
    run: i64,
    taken_at: Option<Timestamp>,
    events: Vec<&'a CallEvent>,
    ended: Vec<CallId>,
    emptied: Vec<i64>,
}

impl Journal {
    /// The journal as the database has it, to which `run` appends. What of it cannot be read is put aside.
    pub(super) fn load(connection: &mut Connection, run: i64) -> Result<Self, Fault> {
        quarantine::unreadable_rows(connection)?;
        let mut journal = Self { run, seq: latest_seq(connection)?, ..Self::default() };
        for (row, event) in read_rows(connection)? {
            journal.hold(row.seq, event.call_id);
        }
        Ok(journal)
    }

    /// What a commit of these batches changes. A record removes what was said of its call, and of those
    /// that were merged into it, until then.
    pub(super) fn change<'a>(&self, batches: impl Iterator<Item = &'a Batch>) -> JournalChange<'a> {
        let mut change = JournalChange {
            seq: self.seq + 1,
            has_content: false,
            run: self.run,
            taken_at: None,
            events: Vec::new(),
            ended: Vec::new(),
            emptied: Vec::new(),
        };
        for batch in batches {
            change.seq = change.seq.max(batch.number.unwrap_or_default());
            change.run = batch.run.unwrap_or(self.run);
            change.has_content |= !batch.events.is_empty() || !batch.records.is_empty();
            change.taken_at = change.taken_at.max(batch.taken_at);
            change.events.extend(batch.events.iter().map(|event| &**event));
            let ending: HashSet<CallId> = batch.records.iter().flat_map(|record| calls_of(record)).collect();
            if !ending.is_empty() {
                change.events.retain(|event| !ending.contains(&event.call_id));
                change.ended.extend(ending);
            }
        }
        change.emptied = self.emptied(&change.ended);
        change
    }

    /// The rows that only calls among `ended` hold.
    fn emptied(&self, ended: &[CallId]) -> Vec<i64> {
        let mut left = HashMap::new();
        for seq in ended.iter().filter_map(|call| self.rows_of.get(call)).flatten() {
            *left.entry(*seq).or_insert_with(|| self.calls_in.get(seq).copied().unwrap_or(0)) -= 1;
        }
        left.into_iter().filter(|(_, calls)| *calls == 0).map(|(seq, _)| seq).collect()
    }

    /// The number of the latest commit that a row bears.
    pub(super) fn latest(&self) -> i64 {
        self.seq
    }

    /// The change is durable.
    pub(super) fn settle(&mut self, change: &JournalChange<'_>) {
        if change.has_content {
            self.seq = change.seq;
        }
        for call in &change.ended {
            for seq in self.rows_of.remove(call).unwrap_or_default() {
                if let Some(calls) = self.calls_in.get_mut(&seq) {
                    *calls -= 1;
                }
            }
        }
        for seq in &change.emptied {
            self.calls_in.remove(seq);
        }
        for event in &change.events {
            self.hold(change.seq, event.call_id);
        }
    }

    /// `call` has an event in row `seq`, which is the latest row.
    fn hold(&mut self, seq: i64, call: CallId) {
        let rows = self.rows_of.entry(call).or_default();
        if rows.last() != Some(&seq) {
            rows.push(seq);
            *self.calls_in.entry(seq).or_default() += 1;
        }
    }
}

impl JournalChange<'_> {
    /// Writes it.
    pub(super) fn write(&self, connection: &Connection) -> rusqlite::Result<()> {
        let mut delete = connection.prepare_cached("DELETE FROM journal WHERE seq = ?1")?;
        for seq in &self.emptied {
            delete.execute([seq])?;
        }
        self.insert(connection, &self.events)
    }

    /// Writes it without the events that can never be stored; gives those, put aside.
    pub(super) fn write_what_can_be(&mut self, connection: &Connection) -> Result<Vec<Outcast>, Fault> {
        let Err(_) = quarantine::attempt(connection, || Ok(self.write(connection)?))? else {
            return Ok(Vec::new());
        };
        let (mut outcasts, mut sound) = (Vec::new(), Vec::new());
        for event in std::mem::take(&mut self.events) {
            let alone = quarantine::attempt(connection, || {
                self.insert(connection, &[event])?;
                Ok(connection
                    .prepare_cached("DELETE FROM journal WHERE seq = ?1")?
                    .execute([self.seq])
                    .map(drop)?)
            })?;
            match alone {
                Ok(()) => sound.push(event),
                Err(fault) => outcasts.push(quarantine::event(connection, event, &fault)?),
            }
        }
        self.events = sound;
        self.write(connection)?;
        Ok(outcasts)
    }

    fn insert(&self, connection: &Connection, events: &[&CallEvent]) -> rusqlite::Result<()> {
        if events.is_empty() {
            return Ok(());
        }
        let mut bytes = Vec::with_capacity(events.len() * 512);
        stored::write_events(events, &mut bytes);
        connection
            .prepare_cached(
                "INSERT INTO journal (seq, format, events, run, taken_at) VALUES (?1, ?2, ?3, ?4, ?5)",
            )?
            .execute(params![
                self.seq,
                stored::JSON,
                bytes,
                self.run,
                self.taken_at.map(Timestamp::as_micros)
            ])?;
        Ok(())
    }
}

fn calls_of(record: &CallRecord) -> impl Iterator<Item = CallId> {
    std::iter::once(record.call_id).chain(record.absorbed.iter().copied())
}

/// Commits of records are numbered too; the last new record has the greatest number of them.
pub(super) fn latest_seq(connection: &Connection) -> rusqlite::Result<i64> {
    let journal = "SELECT coalesce(max(seq), 0) FROM journal";
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

/// Removes the events of calls whose beginning is not there, and gives them. Of rows that held others too, those of
/// calls that have not ended stay.
pub(super) fn take_orphans(connection: &Connection) -> Result<Vec<CallEvent>, Fault> {
    let (mut begun, mut orphans) = (HashSet::new(), Vec::new());
    let mut left: BTreeMap<i64, (Vec<CallEvent>, bool)> = BTreeMap::new();
    for (row, event) in read_rows(connection)? {
        if matches!(event.kind, EventKind::CallStarted(_)) {
            begun.insert(event.call_id);
        }
        let (others, is_touched) = left.entry(row.seq).or_default();
        if begun.contains(&event.call_id) {
            others.push(event);
        } else {
            *is_touched = true;
            orphans.push(event);
        }
    }
    for (seq, (others, _)) in left.into_iter().filter(|(_, (_, is_touched))| *is_touched) {
        rewrite(connection, seq, &others)?;
    }
    Ok(orphans)
}

fn rewrite(connection: &Connection, seq: i64, events: &[CallEvent]) -> rusqlite::Result<()> {
    if events.is_empty() {
        return connection.execute("DELETE FROM journal WHERE seq = ?1", [seq]).map(drop);
    }
    let mut bytes = Vec::new();
    stored::write_events(&events.iter().collect::<Vec<_>>(), &mut bytes);
    let update = "UPDATE journal SET format = ?2, events = ?3 WHERE seq = ?1";
    connection.execute(update, params![seq, stored::JSON, bytes]).map(drop)
}

/// All events of calls that have not ended, in the order in which they were appended.
pub(super) fn read(connection: &Connection) -> Result<Vec<Arc<CallEvent>>, Fault> {
    Ok(read_rows(connection)?.into_iter().map(|(_, event)| Arc::new(event)).collect())
}

/// The same, by the run that appended it.
pub(super) fn read_by_run(connection: &Connection) -> Result<Vec<LeftByRun>, Fault> {
    let mut runs: BTreeMap<Option<i64>, Vec<JournalEvent>> = BTreeMap::new();
    for (row, event) in read_rows(connection)? {
        let event = JournalEvent { event: Arc::new(event), taken_at: row.taken_at };
        runs.entry(row.run).or_default().push(event);
    }
    let left = |(run, events)| Ok(LeftByRun { span: runs::span(connection, run)?, events });
    runs.into_iter().map(left).collect()
}

/// A row of the journal, besides its events.
#[derive(Clone, Copy)]
struct Row {
    seq: i64,
    /// `None` in a row of an earlier release.
    run: Option<i64>,
    taken_at: Option<Timestamp>,
}

fn read_rows(connection: &Connection) -> Result<Vec<(Row, CallEvent)>, Fault> {
    let mut select =
        connection.prepare_cached("SELECT seq, format, events, run, taken_at FROM journal ORDER BY seq")?;
    let mut rows = select.query([])?;
    let mut ends = HashMap::new();
    let mut events = Vec::new();
    while let Some(row) = rows.next()? {
        let seq: i64 = row.get(0)?;
        let taken_at = row.get::<_, Option<i64>>(4)?.map(Timestamp::from_micros);
        let about = Row { seq, run: row.get(3)?, taken_at };
        for event in stored::read_events(row.get(1)?, row.get_ref(2)?.as_blob()?)? {
            let end = match ends.get(&event.call_id) {
                Some(end) => *end,
                None => end_of(connection, event.call_id)?,
            };
            ends.insert(event.call_id, end);
            if end.is_none_or(|end| end <= seq) {
                events.push((about, event));
            }
        }
    }
    Ok(events)
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

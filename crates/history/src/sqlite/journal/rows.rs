//! The rows of the journal, and what of them is of calls that go on.

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    sync::Arc,
};

use call::{CallEvent, EventKind, Notice, Timestamp};
use rusqlite::{Connection, OptionalExtension, params};

use super::end_of;
use crate::{
    Concerned, JournalEvent, LeftByRun,
    sqlite::{fault::Fault, runs},
    stored::{self, StoredAsideV1},
};

/// A row to be written.
pub(super) struct NewRow<'a> {
    pub(super) first: u64,
    /// The commit; `None` if nothing of it is of the writer.
    pub(super) seq: Option<i64>,
    pub(super) run: Option<i64>,
    pub(super) taken_at: Option<Timestamp>,
    pub(super) events: Vec<&'a CallEvent>,
    pub(super) concerned: Vec<&'a Concerned>,
    pub(super) notices: &'a [Notice],
    /// The places of the events whose calls are over with this commit.
    pub(super) settled: Vec<usize>,
}

impl NewRow<'_> {
    /// Writes it, unless it holds nothing.
    pub(super) fn insert(&self, connection: &Connection) -> rusqlite::Result<()> {
        let count = self.events.len() + self.notices.len();
        if count == 0 {
            return Ok(());
        }
        let mut events = Vec::with_capacity(self.events.len() * 512);
        stored::write_events(&self.events, &mut events);
        let aside = StoredAsideV1::new(self.concerned.iter().copied(), self.notices.iter());
        connection
            .prepare_cached(
                "INSERT INTO journal (first, count, seq, run, taken_at, format, events, aside, accounts, settled)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
            )?
            .execute(params![
                number(self.first),
                number(count as u64),
                self.seq,
                self.run,
                self.taken_at.map(Timestamp::as_micros),
                stored::JSON,
                stored::pack(events),
                stored::pack(stored::write_aside(&aside)),
                self.accounts(),
                places(&self.settled),
            ])?;
        if self.settled.len() < self.events.len() {
            list(connection, self.first)?;
        }
        Ok(())
    }

    /// Whom it concerns, so that others need not look into it: the numbers of the accounts, four bytes each.
    fn accounts(&self) -> Vec<u8> {
        let of_calls = self.concerned.iter().flat_map(|concerned| &concerned.accounts);
        let of_notices = self.notices.iter().flat_map(|notice| &notice.accounts);
        let mut accounts: Vec<u32> = of_calls.chain(of_notices).map(|account| account.0).collect();
        accounts.sort_unstable();
        accounts.dedup();
        accounts.into_iter().flat_map(u32::to_le_bytes).collect()
    }
}

/// A number of an event in the database.
pub(super) fn number(of: u64) -> i64 {
    i64::try_from(of).unwrap_or(i64::MAX)
}

/// Places in a row, four bytes each; nothing for none.
fn places(of: &[usize]) -> Option<Vec<u8>> {
    let bytes = |place: &usize| u32::try_from(*place).unwrap_or(u32::MAX).to_le_bytes();
    (!of.is_empty()).then(|| of.iter().flat_map(bytes).collect())
}

pub(super) fn read_places(bytes: &[u8]) -> HashSet<usize> {
    let (chunks, _) = bytes.as_chunks();
    chunks.iter().map(|chunk| u32::from_le_bytes(*chunk) as usize).collect()
}

fn list(connection: &Connection, first: u64) -> rusqlite::Result<()> {
    let mut insert = connection.prepare_cached("INSERT INTO unfinished (first) VALUES (?1)")?;
    insert.execute([number(first)]).map(drop)
}

/// No call holds these rows any longer.
pub(super) fn release(connection: &Connection, rows: &[u64]) -> rusqlite::Result<()> {
    let mut delete = connection.prepare_cached("DELETE FROM unfinished WHERE first = ?1")?;
    rows.iter().try_for_each(|first| delete.execute([number(*first)]).map(drop))
}

/// As if a row had never been.
pub(in crate::sqlite) fn remove(connection: &Connection, first: u64) -> rusqlite::Result<()> {
    release(connection, &[first])?;
    connection.prepare_cached("DELETE FROM journal WHERE first = ?1")?.execute([number(first)]).map(drop)
}

/// The number of the latest event.
pub(super) fn latest_number(connection: &Connection) -> rusqlite::Result<u64> {
    let latest = "SELECT first + count - 1 FROM journal ORDER BY first DESC LIMIT 1";
    let latest: Option<i64> = connection.query_row(latest, [], |row| row.get(0)).optional()?;
    Ok(latest.unwrap_or(0).unsigned_abs())
}

/// Appends a row of the stored form of events, which concern nobody.
pub(in crate::sqlite) fn append_events(
    connection: &Connection,
    seq: i64,
    events: &[CallEvent],
) -> rusqlite::Result<()> {
    let row = NewRow {
        first: latest_number(connection)? + 1,
        seq: Some(seq),
        run: None,
        taken_at: None,
        events: events.iter().collect(),
        concerned: Vec::new(),
        notices: &[],
        settled: Vec::new(),
    };
    row.insert(connection)
}

/// The rows that calls hold: number, format and events as stored.
pub(in crate::sqlite) fn open_rows(connection: &Connection) -> rusqlite::Result<Vec<(u64, i64, Vec<u8>)>> {
    let mut select =
        connection.prepare("SELECT first, format, events FROM journal JOIN unfinished USING (first)")?;
    let rows =
        select.query_map([], |row| Ok((row.get::<_, i64>(0)?.unsigned_abs(), row.get(1)?, row.get(2)?)))?;
    rows.collect()
}

/// A row of the journal, besides its events.
#[derive(Clone, Copy)]
pub(super) struct Row {
    pub(super) first: u64,
    seq: i64,
    /// `None` in a row of an earlier release.
    run: Option<i64>,
    taken_at: Option<Timestamp>,
    /// The place of the event in it.
    place: usize,
}

/// All events of calls that have not ended, in the order in which they were appended.
pub(in crate::sqlite) fn read(connection: &Connection) -> Result<Vec<Arc<CallEvent>>, Fault> {
    Ok(read_rows(connection)?.into_iter().map(|(_, event)| Arc::new(event)).collect())
}

/// The same, by the run that appended it.
pub(in crate::sqlite) fn read_by_run(connection: &Connection) -> Result<Vec<LeftByRun>, Fault> {
    let mut runs: BTreeMap<Option<i64>, Vec<JournalEvent>> = BTreeMap::new();
    for (row, event) in read_rows(connection)? {
        let event = JournalEvent { event: Arc::new(event), taken_at: row.taken_at };
        runs.entry(row.run).or_default().push(event);
    }
    let left = |(run, events)| Ok(LeftByRun { span: runs::span(connection, run)?, events });
    runs.into_iter().map(left).collect()
}

pub(super) fn read_rows(connection: &Connection) -> Result<Vec<(Row, CallEvent)>, Fault> {
    let mut select = connection.prepare_cached(
        "SELECT first, seq, format, events, run, taken_at, settled FROM journal JOIN unfinished USING (first)
         ORDER BY first",
    )?;
    let mut rows = select.query([])?;
    let mut ends = HashMap::new();
    let mut events = Vec::new();
    while let Some(row) = rows.next()? {
        let settled = row.get_ref(6)?.as_blob_or_null()?.map(read_places).unwrap_or_default();
        let mut about = Row {
            first: row.get::<_, i64>(0)?.unsigned_abs(),
            seq: row.get::<_, Option<i64>>(1)?.unwrap_or(0),
            run: row.get(4)?,
            taken_at: row.get::<_, Option<i64>>(5)?.map(Timestamp::from_micros),
            place: 0,
        };
        for (place, event) in (0..).zip(stored::read_events(row.get(2)?, row.get_ref(3)?.as_blob()?)?) {
            let end = match ends.get(&event.call_id) {
                Some(end) => *end,
                None => end_of(connection, event.call_id)?,
            };
            ends.insert(event.call_id, end);
            if is_unfinished(&settled, place, end, about.seq) {
                about.place = place;
                events.push((about, event));
            }
        }
    }
    Ok(events)
}

/// Whether an event is of a call that goes on: its row says that nothing has settled it, and the call has not ended in a
/// later commit than the row's.
pub(super) fn is_unfinished(settled: &HashSet<usize>, place: usize, end: Option<i64>, seq: i64) -> bool {
    !settled.contains(&place) && end.is_none_or(|end| end <= seq)
}

/// Settles the events of calls whose beginning is not there, and gives them. Of rows that hold others too, those of
/// calls that have not ended go on.
pub(in crate::sqlite) fn take_orphans(connection: &Connection) -> Result<Vec<CallEvent>, Fault> {
    let (mut begun, mut orphans) = (HashSet::new(), Vec::new());
    let mut touched: BTreeMap<u64, Vec<usize>> = BTreeMap::new();
    let mut held = HashSet::new();
    for (row, event) in read_rows(connection)? {
        if matches!(event.kind, EventKind::CallStarted(_)) {
            begun.insert(event.call_id);
        }
        if begun.contains(&event.call_id) {
            held.insert(row.first);
        } else {
            touched.entry(row.first).or_default().push(row.place);
            orphans.push(event);
        }
    }
    for (first, orphaned) in touched {
        settle(connection, first, &orphaned)?;
        if !held.contains(&first) {
            release(connection, &[first])?;
        }
    }
    Ok(orphans)
}

fn settle(connection: &Connection, first: u64, more: &[usize]) -> rusqlite::Result<()> {
    let update = "UPDATE journal SET settled = CAST(coalesce(settled, x'') || ?2 AS BLOB) WHERE first = ?1";
    connection.execute(update, params![number(first), places(more)]).map(drop)
}

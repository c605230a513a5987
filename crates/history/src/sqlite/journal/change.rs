//! What one commit changes in the journal.

use std::{collections::HashSet, sync::Arc};

use call::{AccountId, CallId, CallRecord, Notice, NoticeKind, Timestamp};
use rusqlite::Connection;

use super::{
    keeping,
    rows::{self, NewRow},
};
use crate::{
    Batch, Concerned, Happening, LogEntry, Told,
    sqlite::{
        fault::Fault,
        quarantine::{self, Outcast},
    },
};

/// What one commit changes in the journal.
pub(in crate::sqlite) struct JournalChange<'a> {
    /// The number of the commit.
    pub(in crate::sqlite) seq: i64,
    /// Whether anything of calls will bear that number.
    pub(super) has_content: bool,
    /// The number of its first event.
    pub(super) first: u64,
    run: i64,
    taken_at: Option<Timestamp>,
    lines: Vec<Line<'a>>,
    notices: Vec<Notice>,
    /// What happened beside calls by this commit itself; a row of its own.
    later: Vec<Notice>,
    /// The oldest events are to make room for this.
    pub(in crate::sqlite) is_short_of_room: bool,
    pub(super) ended: Vec<CallId>,
    /// Rows that no call holds any longer.
    pub(super) emptied: Vec<u64>,
}

/// An event, and whether its call is over with this very commit.
#[derive(Clone, Copy)]
struct Line<'a> {
    told: &'a Told,
    is_settled: bool,
}

impl<'a> JournalChange<'a> {
    pub(super) fn new(seq: i64, first: u64, run: i64) -> Self {
        Self {
            seq,
            has_content: false,
            first,
            run,
            taken_at: None,
            lines: Vec::new(),
            notices: Vec::new(),
            later: Vec::new(),
            is_short_of_room: false,
            ended: Vec::new(),
            emptied: Vec::new(),
        }
    }

    /// Adds a batch.
    pub(super) fn take(&mut self, batch: &'a Batch) {
        self.seq = self.seq.max(batch.number.unwrap_or_default());
        self.run = batch.run.unwrap_or(self.run);
        self.has_content |=
            !batch.events.is_empty() || !batch.records.is_empty() || !batch.notices.is_empty();
        self.taken_at = self.taken_at.max(batch.taken_at);
        self.lines.extend(batch.events.iter().map(|told| Line { told, is_settled: false }));
        self.notices.extend(batch.notices.iter().cloned());
        let ending: HashSet<CallId> = batch.records.iter().flat_map(|record| calls_of(record)).collect();
        if !ending.is_empty() {
            let settled = self.lines.iter_mut().filter(|line| ending.contains(&line.told.event.call_id));
            settled.for_each(|line| line.is_settled = true);
            self.ended.extend(ending);
        }
    }

    /// The number of the latest event, with those of this commit.
    pub(super) fn latest(&self) -> u64 {
        self.first_later() - 1 + self.later.len() as u64
    }

    fn first_later(&self) -> u64 {
        self.first + (self.lines.len() + self.notices.len()) as u64
    }

    /// Adds what happened by this commit itself.
    pub(in crate::sqlite) fn note(&mut self, at: Timestamp, accounts: Vec<AccountId>, kind: NoticeKind) {
        self.later.push(Notice { at, accounts, kind });
    }

    /// Writes what happened by this commit itself.
    pub(in crate::sqlite) fn write_notes(&self, connection: &Connection) -> rusqlite::Result<()> {
        self.insert(connection, (self.first_later(), None), &[], &self.later)
    }

    /// The calls of its events that go on after it.
    pub(super) fn going_on(&self) -> impl Iterator<Item = CallId> {
        self.lines.iter().filter(|line| !line.is_settled).map(|line| line.told.event.call_id)
    }

    /// The same for readers.
    pub(in crate::sqlite) fn entries(&self) -> impl Iterator<Item = LogEntry> {
        let calls = self
            .lines
            .iter()
            .map(|Line { told, .. }| (told.concerned.clone(), Happening::Call(Arc::clone(&told.event))));
        let others = self
            .notices
            .iter()
            .chain(&self.later)
            .map(|notice| (Concerned::from(notice), Happening::Other(notice.clone())));
        let numbered = (self.first..).zip(calls.chain(others));
        numbered.map(|(number, (concerned, what))| LogEntry { number, concerned, what })
    }

    /// Writes it.
    pub(in crate::sqlite) fn write(&self, connection: &Connection) -> rusqlite::Result<()> {
        rows::release(connection, &self.emptied)?;
        if self.is_short_of_room {
            keeping::remove_old(connection, Timestamp::MAX)?;
        }
        self.insert(connection, (self.first, Some(self.seq)), &self.lines, &self.notices)
    }

    /// Writes it without the events that can never be stored; gives those, put aside.
    pub(in crate::sqlite) fn write_what_can_be(
        &mut self,
        connection: &Connection,
    ) -> Result<Vec<Outcast>, Fault> {
        let Err(_) = quarantine::attempt(connection, || Ok(self.write(connection)?))? else {
            return Ok(Vec::new());
        };
        let (mut outcasts, mut sound) = (Vec::new(), Vec::new());
        for line in std::mem::take(&mut self.lines) {
            let alone = quarantine::attempt(connection, || {
                self.insert(connection, (self.first, Some(self.seq)), &[line], &[])?;
                Ok(rows::remove(connection, self.first)?)
            })?;
            match alone {
                Ok(()) => sound.push(line),
                Err(fault) => outcasts.push(quarantine::event(connection, &line.told.event, &fault)?),
            }
        }
        self.lines = sound;
        self.write(connection)?;
        Ok(outcasts)
    }

    fn insert(
        &self,
        connection: &Connection,
        (first, seq): (u64, Option<i64>),
        lines: &[Line<'_>],
        notices: &[Notice],
    ) -> rusqlite::Result<()> {
        let settled = (0..).zip(lines).filter(|(_, line)| line.is_settled).map(|(place, _)| place);
        let row = NewRow {
            first,
            seq,
            run: Some(self.run),
            taken_at: self.taken_at.or_else(|| notices.first().map(|notice| notice.at)),
            events: lines.iter().map(|line| &*line.told.event).collect(),
            concerned: lines.iter().map(|line| &line.told.concerned).collect(),
            notices,
            settled: settled.collect(),
        };
        row.insert(connection)
    }
}

fn calls_of(record: &CallRecord) -> impl Iterator<Item = CallId> {
    std::iter::once(record.call_id).chain(record.absorbed.iter().copied())
}

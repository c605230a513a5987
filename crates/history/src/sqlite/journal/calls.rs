//! Whether each call that has begun has ended or goes on.

use std::collections::HashSet;

use call::{CallId, EventKind};
use rusqlite::{Connection, Row, params};

use super::{
    end_of,
    rows::{is_unfinished, read_places},
};
use crate::{
    sqlite::{fault::Fault, id},
    stored,
};

/// What became of the calls that the journal has begun. Each has ended, or goes on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct JournalCalls {
    /// Calls whose beginning is in the journal.
    pub started: u64,
    /// Those of them that have a record, are part of one, or were put aside.
    pub ended: u64,
    /// Those that go on.
    pub live: u64,
}

/// Goes through the journal.
#[derive(Default)]
pub(in crate::sqlite) struct Survey {
    pub(in crate::sqlite) calls: JournalCalls,
    /// Calls that go on, as far as they were met.
    met: HashSet<CallId>,
    /// Calls that have begun, and neither ended nor go on: the first, and how many.
    lost: Strays,
    /// Calls that go on, and have not begun.
    orphans: Strays,
    unreadable: Vec<String>,
}

#[derive(Default)]
struct Strays {
    first: Option<CallId>,
    count: u64,
}

impl Survey {
    /// Of all rows that there are. `progress` is told how many of them were looked at.
    pub(in crate::sqlite) fn of(
        connection: &Connection,
        mut progress: impl FnMut(u64, u64),
    ) -> Result<Self, Fault> {
        let all: i64 = connection.query_one("SELECT count(*) FROM journal", [], |row| row.get(0))?;
        let mut survey = Self::default();
        let mut select = connection.prepare(
            "SELECT first, coalesce(seq, 0), format, events, settled, first IN (SELECT first FROM unfinished)
             FROM journal ORDER BY first",
        )?;
        let mut rows = select.query([])?;
        for place in 1.. {
            let Some(row) = rows.next()? else { break };
            survey.take(connection, row)?;
            progress(place, all.unsigned_abs());
        }
        Ok(survey)
    }

    fn take(&mut self, connection: &Connection, row: &Row<'_>) -> Result<(), Fault> {
        let (seq, is_held): (i64, bool) = (row.get(1)?, row.get(5)?);
        let settled = row.get_ref(4)?.as_blob_or_null()?.map(read_places).unwrap_or_default();
        let events = match stored::read_events(row.get(2)?, row.get_ref(3)?.as_blob()?) {
            Ok(events) => events,
            Err(error) => {
                let first: i64 = row.get(0)?;
                self.unreadable.push(format!("the journal cannot be read at event {first}: {error}"));
                return Ok(());
            }
        };
        for (place, event) in (0..).zip(events) {
            let is_beginning = matches!(event.kind, EventKind::CallStarted(_));
            if !is_beginning && !is_held {
                continue;
            }
            let end = end_of(connection, event.call_id)?;
            let goes_on = is_held && is_unfinished(&settled, place, end, seq);
            match (is_beginning, goes_on) {
                (true, _) => self.begin(event.call_id, goes_on, end.is_some()),
                (false, true) => self.go_on(connection, event.call_id)?,
                (false, false) => {}
            }
        }
        Ok(())
    }

    fn begin(&mut self, call: CallId, goes_on: bool, has_ended: bool) {
        self.calls.started += 1;
        if goes_on {
            self.calls.live += 1;
            self.met.insert(call);
        } else if has_ended {
            self.calls.ended += 1;
        } else {
            self.lost.add(call);
        }
    }

    /// Of a call whose beginning cannot be stored, the rest is in the journal until the next start.
    fn go_on(&mut self, connection: &Connection, call: CallId) -> Result<(), Fault> {
        if self.met.insert(call) && !is_put_aside(connection, call)? {
            self.orphans.add(call);
        }
        Ok(())
    }

    /// What is wrong, in a line each.
    pub(in crate::sqlite) fn findings(self) -> Vec<String> {
        let mut findings = self.unreadable;
        findings.extend(self.lost.told("have begun, and have neither ended nor go on"));
        findings.extend(self.orphans.told("go on, and their beginning is not in the journal"));
        findings
    }
}

impl Strays {
    fn add(&mut self, call: CallId) {
        self.first.get_or_insert(call);
        self.count += 1;
    }

    fn told(self, what: &str) -> Option<String> {
        let first = self.first?;
        Some(format!("{} calls {what}, {first} the first of them", self.count))
    }
}

fn is_put_aside(connection: &Connection, call: CallId) -> rusqlite::Result<bool> {
    let mut select = connection.prepare_cached("SELECT 1 FROM quarantine WHERE call_id = ?1")?;
    select.exists(params![id::bytes(&call)])
}

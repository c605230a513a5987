//! One export job: from the stored request to the rows of its file.

use std::{io, ops::Range, sync::Arc};

use call::Timestamp;
use rusqlite::Connection;

use super::{file::Out, printing::Printing, running::Running};
use crate::{
    Export, HistoryError,
    export::{ExportFormat, Opened, RowPrinter, UnreadableRequest},
    query::{Condition, RecordField, RecordQuery, Test, Value},
    sqlite::{
        daily::DAY,
        deadline::Deadline,
        fault::Fault,
        sealed::{Candidate, Sealed},
        search::{Mixed, Search},
    },
};

/// Records that are read on one state of the database. A reader holds back the clean-up of the write-ahead
/// log, so a long export reads in portions.
const PORTION: usize = 1_000;

/// Calls whose places are held in memory at the same time, about: a day that may have more is written in pieces.
const MOST_HELD: u64 = 50_000;

/// A piece of a day that is not cut any more, in microseconds.
const SHORTEST: i64 = 60_000_000;

/// Why an export failed.
#[derive(Debug, thiserror::Error)]
pub(super) enum ExportError {
    /// No dialect brought the format.
    #[error("there is no export format {0:?}")]
    UnknownFormat(String),
    /// The dialect does not understand its own request any more.
    #[error(transparent)]
    Request(#[from] UnreadableRequest),
    /// The records cannot be read.
    #[error(transparent)]
    Records(#[from] HistoryError),
    /// The file cannot be written.
    #[error("the file cannot be written")]
    File(#[from] io::Error),
    /// The format did.
    #[error("the format panicked")]
    Panicked,
    /// The store is being closed, or the export was cancelled.
    #[error("it was stopped")]
    Stopped,
}

impl From<Fault> for ExportError {
    fn from(fault: Fault) -> Self {
        fault.during("read the records of an export").into()
    }
}

/// A job, understood.
pub(super) struct Job {
    query: RecordQuery,
    printer: Box<dyn RowPrinter>,
}

/// A stretch of time with calls that are exported.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Stretch {
    /// None of them is sealed.
    Hot(Range<i64>),
    /// Some are: those of one day.
    Mixed(Range<i64>),
}

impl Job {
    /// Reads the request. Whatever it says, the job finds records of the export's own account only.
    pub(super) fn open(format: &dyn ExportFormat, export: &Export) -> Result<Self, ExportError> {
        let Opened { mut query, printer } = format.open(export.account, &export.request)?;
        query.accounts = vec![export.account];
        Ok(Self { query, printer })
    }

    /// Writes everything; says how many rows there are. Never holds more than a portion of records in memory.
    pub(super) fn write(
        self,
        connection: &Connection,
        sealed: &Sealed,
        running: &Arc<Running>,
        out: &Out,
    ) -> Result<u64, ExportError> {
        let Self { query, printer } = self;
        let search = Search::new(&query)?;
        let halted = running.clone();
        let deadline = Deadline::new(move || halted.is_halted());
        let mixed = Mixed::new(connection, sealed, &search, &query, &deadline)?;
        running.expect(mixed.count()?);
        let days = mixed.days();
        drop(mixed);
        let mut rows = Rows {
            printing: Printing::begin(printer, running, out),
            portion: Vec::with_capacity(PORTION),
            deadline,
        };
        if !search.can_go_on() {
            rows.write_mixed(connection, sealed, &query)?;
            return rows.end();
        }
        for stretch in stretches(&days, query.sort.descending) {
            match stretch {
                Stretch::Hot(range) => rows.write_hot(connection, &within(&query, range))?,
                Stretch::Mixed(range) => rows.write_day(connection, sealed, &query, range)?,
            }
        }
        rows.end()
    }
}

/// All of time, cut at the days (numbered from 1970 on, ascending) that have sealed calls.
fn stretches(days: &[i64], descending: bool) -> Vec<Stretch> {
    let mut stretches = Vec::new();
    let mut from = i64::MIN;
    for day in days {
        let (start, end) = (day * DAY, (day + 1) * DAY);
        if from < start {
            stretches.push(Stretch::Hot(from..start));
        }
        stretches.push(Stretch::Mixed(start..end));
        from = end;
    }
    stretches.push(Stretch::Hot(from..i64::MAX));
    if descending {
        stretches.reverse();
    }
    stretches
}

/// Gives a day in pieces that are small, in their order.
fn in_pieces<E>(
    range: Range<i64>,
    descending: bool,
    is_small: &impl Fn(&Range<i64>) -> Result<bool, E>,
    take: &mut impl FnMut(Range<i64>) -> Result<(), E>,
) -> Result<(), E> {
    if range.end - range.start < 2 * SHORTEST || is_small(&range)? {
        return take(range);
    }
    let middle = range.start + (range.end - range.start) / 2;
    let mut halves = [range.start..middle, middle..range.end];
    if descending {
        halves.reverse();
    }
    halves.into_iter().try_for_each(|half| in_pieces(half, descending, is_small, take))
}

/// The query for what started in a stretch of time.
fn within(query: &RecordQuery, range: Range<i64>) -> RecordQuery {
    let bound = |test: fn(Value) -> Test, micros| Condition {
        field: RecordField::StartedAt,
        test: test(Value::Time(Timestamp::from_micros(micros))),
    };
    let mut query = query.clone();
    if range.start > i64::MIN {
        query.conditions.push(bound(Test::AtLeast, range.start));
    }
    if range.end < i64::MAX {
        query.conditions.push(bound(Test::Below, range.end));
    }
    query
}

/// The rows on their way into the file.
struct Rows<'a> {
    printing: Printing<'a>,
    /// Calls that are not printed yet, in the order of the export.
    portion: Vec<Candidate>,
    /// Tells when to stop.
    deadline: Deadline,
}

impl Rows<'_> {
    /// Writes what is hot, a portion after the other.
    fn write_hot(&mut self, connection: &Connection, query: &RecordQuery) -> Result<(), ExportError> {
        let search = Search::new(query)?;
        let mut last = None;
        loop {
            let snapshot = connection.unchecked_transaction().map_err(Fault::from)?;
            search.each(&snapshot, last, 0..PORTION as u64, |found| {
                last = Some(found.place);
                self.portion.push(found.into());
                Ok::<_, ExportError>(())
            })?;
            let is_last = self.portion.len() < PORTION;
            self.printing.print(&snapshot, &self.portion)?;
            self.portion.clear();
            if is_last {
                return Ok(());
            }
        }
    }

    /// Writes what is hot and what is sealed of a day, piece by piece.
    fn write_day(
        &mut self,
        connection: &Connection,
        sealed: &Sealed,
        query: &RecordQuery,
        day: Range<i64>,
    ) -> Result<(), ExportError> {
        let deadline = self.deadline.clone();
        let is_small = |piece: &Range<i64>| {
            let query = within(query, piece.clone());
            let search = Search::new(&query)?;
            let held = Mixed::new(connection, sealed, &search, &query, &deadline)?.at_most()?;
            Ok::<_, ExportError>(held <= MOST_HELD)
        };
        in_pieces(day, query.sort.descending, &is_small, &mut |piece| {
            self.write_mixed(connection, sealed, &within(query, piece))
        })
    }

    /// Writes what is hot and what is sealed, of which the places are held in memory.
    fn write_mixed(
        &mut self,
        connection: &Connection,
        sealed: &Sealed,
        query: &RecordQuery,
    ) -> Result<(), ExportError> {
        let snapshot = connection.unchecked_transaction().map_err(Fault::from)?;
        let search = Search::new(query)?;
        let mixed = Mixed::new(&snapshot, sealed, &search, query, &self.deadline)?;
        self.printing.print(&snapshot, &mixed.first(usize::MAX)?)
    }

    /// Gives how many rows there are.
    fn end(self) -> Result<u64, ExportError> {
        self.printing.end()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_is_cut_at_sealed_days_without_a_gap() {
        let [hot, mixed] = [Stretch::Hot, Stretch::Mixed];
        let expected = [
            hot(i64::MIN..3 * DAY),
            mixed(3 * DAY..4 * DAY),
            mixed(4 * DAY..5 * DAY),
            hot(5 * DAY..8 * DAY),
            mixed(8 * DAY..9 * DAY),
            hot(9 * DAY..i64::MAX),
        ];
        assert_eq!(stretches(&[3, 4, 8], false), expected);
        assert_eq!(stretches(&[], true), [hot(i64::MIN..i64::MAX)]);
        assert_eq!(stretches(&[3], true)[0], hot(4 * DAY..i64::MAX));
    }

    #[test]
    fn a_day_is_cut_where_it_has_much_and_no_further_than_needed() {
        let pieces = |descending, most| {
            let mut pieces = Vec::new();
            let is_small = |piece: &Range<i64>| Ok::<_, ()>(piece.start > 0 || piece.end <= most);
            let mut take = |piece| {
                pieces.push(piece);
                Ok(())
            };
            in_pieces(0..DAY, descending, &is_small, &mut take).unwrap();
            pieces
        };
        let quarter = DAY / 4;
        let ascending = vec![0..quarter, quarter..2 * quarter, 2 * quarter..DAY];
        assert_eq!(pieces(false, quarter), ascending);
        assert_eq!(pieces(true, quarter), ascending.into_iter().rev().collect::<Vec<_>>());
        assert_eq!(pieces(false, DAY), vec![0..DAY]);
        let least = pieces(false, 0);
        assert!((SHORTEST..2 * SHORTEST).contains(&least[0].end), "{least:?}");
    }
}

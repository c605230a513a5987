//! Columns in memory: the calls of an account that were stored of late, in the order in which they were.
//!
//! They are those that charts and statistics look at, and those that are searched and sorted by most, so that these
//! cost no rows of the database.

mod kept;
mod legs;

use std::{ops::Range, sync::Arc, time::Duration};

use call::{CallId, Timestamp, event::Side, record::LegFacts, time::whole_seconds};

use self::{
    kept::{Lines, Repeated, picked},
    legs::LegColumns,
};
use super::{
    Columns,
    array::Array,
    layout::Column,
    place::{Place, place},
    texts::Texts,
};
use crate::{HistoryError, RecordField, bits::Bits, scaled};

/// What is kept of a row.
#[derive(Clone, Debug)]
pub(crate) struct RecentRow {
    /// The row of the table of calls that it is of.
    pub(crate) call: i64,
    pub(crate) call_id: CallId,
    pub(crate) part: u16,
    pub(crate) started_at: i64,
    pub(crate) ended_at: i64,
    pub(crate) answered_at: Option<i64>,
    pub(crate) wait: i64,
    pub(crate) talk: i64,
    /// See [`Bits`].
    pub(crate) sides: i64,
    pub(crate) other: Option<u32>,
    pub(crate) center: Option<u32>,
    /// See [`Column::Ahead`].
    pub(crate) ahead: Option<Arc<str>>,
    /// Of the caller and of the called party, like what follows.
    pub(crate) countries: [Option<u16>; 2],
    pub(crate) received: [Box<str>; 2],
    pub(crate) routed: [Box<str>; 2],
    pub(crate) legs: [Option<LegFacts>; 2],
    /// In JSON.
    pub(crate) rates: [Option<Arc<str>>; 2],
    /// In millionths.
    pub(crate) prices: [Option<i64>; 2],
}

/// The rows of an account.
#[derive(Default)]
pub(crate) struct RecentColumns {
    /// The commits that brought them, ascending.
    seqs: Vec<i64>,
    calls: Vec<i64>,
    ids: Vec<[u8; 16]>,
    parts: Vec<u16>,
    starts: Vec<i64>,
    ends: Vec<i64>,
    answers: Vec<i64>,
    waits: Vec<i64>,
    talks: Vec<i64>,
    sides: Vec<u8>,
    others: Vec<u32>,
    centers: Vec<u32>,
    ahead: Repeated,
    countries: [Vec<u16>; 2],
    received: [Lines; 2],
    /// Of rows whose number was routed as it was received, nothing.
    routed: [Lines; 2],
    legs: [LegColumns; 2],
    rates: [Repeated; 2],
    prices: [Vec<i64>; 2],
    /// Rows that count no longer from a commit on, in the order of the commits.
    removed: Vec<(i64, u32)>,
}

/// Nothing, in a column of instants or prices.
const NO_NUMBER: i64 = i64::MIN;

/// Nothing, in a column of countries or codes.
const NO_CODE: u16 = u16::MAX;

/// Nothing, in a column of accounts or centers.
const NO_ID: u32 = u32::MAX;

/// Bytes that a row takes, without its texts.
const ROW: usize = 9 * size_of::<i64>() + 16 + 1 + 3 * size_of::<u16>() + 2 * size_of::<u32>();

impl RecentColumns {
    /// Takes a row, which a commit brought.
    pub(crate) fn push(&mut self, seq: i64, row: &RecentRow) {
        self.seqs.push(seq);
        self.calls.push(row.call);
        self.ids.push(*row.call_id.as_uuid().as_bytes());
        self.parts.push(row.part);
        self.starts.push(row.started_at);
        self.ends.push(row.ended_at);
        self.answers.push(row.answered_at.unwrap_or(NO_NUMBER));
        self.waits.push(row.wait);
        self.talks.push(row.talk);
        self.sides.push(u8::try_from(row.sides).unwrap_or_default());
        self.others.push(row.other.unwrap_or(NO_ID));
        self.centers.push(row.center.unwrap_or(NO_ID));
        self.ahead.push(row.ahead.as_deref());
        for side in 0..2 {
            self.countries[side].push(row.countries[side].unwrap_or(NO_CODE));
            self.received[side].push(Some(&row.received[side]));
            let routed = Some(&*row.routed[side]).filter(|routed| *routed != &*row.received[side]);
            self.routed[side].push(routed);
            self.legs[side].push(row.legs[side].as_ref());
            self.rates[side].push(row.rates[side].as_deref());
            self.prices[side].push(row.prices[side].unwrap_or(NO_NUMBER));
        }
    }

    /// From a commit on, the rows of a call count no longer.
    pub(crate) fn remove(&mut self, seq: i64, call: i64) {
        let rows = (0..).zip(&self.calls).filter(|(_, found)| **found == call).map(|(row, _)| row);
        let gone: Vec<u32> = rows.filter(|row| !self.removed.iter().any(|(_, gone)| gone == row)).collect();
        self.removed.extend(gone.into_iter().map(|row| (seq, row)));
    }

    /// The rows that commits up to `seq` have brought.
    pub(crate) fn rows_until(&self, seq: i64) -> Range<u32> {
        0..self.seqs.partition_point(|brought| *brought <= seq) as u32
    }

    /// Those of them that counted no longer, ascending.
    pub(crate) fn removed_until(&self, seq: i64) -> Vec<u32> {
        let mut removed: Vec<_> =
            self.removed.iter().take_while(|(gone, _)| *gone <= seq).map(|(_, row)| *row).collect();
        removed.sort_unstable();
        removed
    }

    /// The same without rows that count no longer, and without those that started before an instant.
    pub(crate) fn since(&self, started_at: i64) -> Self {
        let removed = self.removed_until(i64::MAX);
        let is_kept =
            |row: &u32| self.starts[*row as usize] >= started_at && removed.binary_search(row).is_err();
        self.picked(&(0..self.starts.len() as u32).filter(is_kept).collect::<Vec<_>>())
    }

    /// The same of these rows alone.
    fn picked(&self, rows: &[u32]) -> Self {
        Self {
            seqs: picked(&self.seqs, rows),
            calls: picked(&self.calls, rows),
            ids: picked(&self.ids, rows),
            parts: picked(&self.parts, rows),
            starts: picked(&self.starts, rows),
            ends: picked(&self.ends, rows),
            answers: picked(&self.answers, rows),
            waits: picked(&self.waits, rows),
            talks: picked(&self.talks, rows),
            sides: picked(&self.sides, rows),
            others: picked(&self.others, rows),
            centers: picked(&self.centers, rows),
            ahead: self.ahead.picked(rows),
            countries: self.countries.each_ref().map(|column| picked(column, rows)),
            received: self.received.each_ref().map(|column| column.picked(rows)),
            routed: self.routed.each_ref().map(|column| column.picked(rows)),
            legs: self.legs.each_ref().map(|column| column.picked(rows)),
            rates: self.rates.each_ref().map(|column| column.picked(rows)),
            prices: self.prices.each_ref().map(|column| picked(column, rows)),
            removed: Vec::new(),
        }
    }

    /// When its rows started.
    pub(crate) fn starts(&self) -> &[i64] {
        &self.starts
    }

    /// About how many bytes it takes.
    pub(crate) fn bytes(&self) -> usize {
        let lines = self.received.iter().chain(&self.routed).map(Lines::bytes).sum::<usize>();
        let repeated = self.rates.iter().chain([&self.ahead]).map(Repeated::bytes).sum::<usize>();
        let legs = self.legs.iter().map(LegColumns::bytes).sum::<usize>();
        self.starts.len() * ROW + self.removed.len() * size_of::<(i64, u32)>() + lines + repeated + legs
    }

    /// The row of the table of calls that a row is of.
    pub(crate) fn call(&self, row: u32) -> i64 {
        self.calls[row as usize]
    }
}

fn of(side: Side) -> usize {
    match side {
        Side::Origination => 0,
        Side::Termination => 1,
    }
}

/// Whether a field is kept.
pub(crate) fn keeps(field: RecordField) -> bool {
    let none = RecentColumns::default();
    match place(field) {
        Place::Numbers => none.numbers_of(Column::Field(field), 0..0).is_some(),
        Place::Texts => none.texts_of(Column::Field(field), 0..0).is_some(),
        Place::Id | Place::Rate(..) => true,
        Place::Noted(_) => false,
    }
}

impl RecentColumns {
    fn numbers_of(&self, column: Column, rows: Range<usize>) -> Option<Array<i64>> {
        use RecordField::{
            AnsweredAt, Center, Connected, ConnectedSeconds, EndedAt, IsAnswered, IsOutbound, Leg, Price,
            StartedAt, Talk, Total, Wait,
        };
        let all = |numbers: &[i64]| Array { values: numbers[rows.clone()].to_vec(), present: None };
        let each = |number: &dyn Fn(usize) -> i64| Array {
            values: rows.clone().map(number).collect(),
            present: None,
        };
        Some(match column {
            Column::Field(StartedAt) => all(&self.starts),
            Column::Field(EndedAt) => all(&self.ends),
            Column::Field(AnsweredAt) => some(&self.answers[rows], NO_NUMBER),
            Column::Field(IsAnswered) => each(&|row| (self.answers[row] != NO_NUMBER).into()),
            Column::Field(IsOutbound) => {
                each(&|row| (i64::from(self.sides[row]) & Bits::ORIGINATED != 0).into())
            }
            Column::Field(Total) => each(&|row| self.length(self.starts[row], row)),
            Column::Field(Connected) => each(&|row| self.connected(row)),
            Column::Field(ConnectedSeconds) => each(&|row| {
                let connected = Duration::from_micros(self.connected(row).unsigned_abs());
                i64::try_from(whole_seconds(connected)).unwrap_or(i64::MAX)
            }),
            Column::Field(Wait) => all(&self.waits),
            Column::Field(Talk) => all(&self.talks),
            Column::Field(Center) => some(&self.centers[rows], NO_ID),
            Column::Field(Price(side)) => some(&self.prices[of(side)][rows], NO_NUMBER),
            Column::Field(Leg(side, field)) => return self.legs[of(side)].numbers(field, rows),
            Column::Sides => each(&|row| self.sides[row].into()),
            Column::Part => each(&|row| self.parts[row].into()),
            Column::OtherAccount => some(&self.others[rows], NO_ID),
            Column::Country(side) => some(&self.countries[of(side)][rows], NO_CODE),
            _ => return None,
        })
    }

    /// From an instant until the end of the call of a row.
    fn length(&self, since: i64, row: usize) -> i64 {
        let [since, end] = [since, self.ends[row]].map(Timestamp::from_micros);
        scaled::stored_length(end.since(since))
    }

    fn connected(&self, row: usize) -> i64 {
        match self.answers[row] {
            NO_NUMBER => 0,
            answered_at => self.length(answered_at, row),
        }
    }

    fn texts_of(&self, column: Column, rows: Range<u32>) -> Option<Texts> {
        use RecordField::{CalledReceived, CalledRouted, CallerReceived, CallerRouted, Leg};
        Some(match column {
            Column::Field(CallerReceived) => self.received[0].texts(rows),
            Column::Field(CalledReceived) => self.received[1].texts(rows),
            Column::Field(CallerRouted) => self.routed[0].texts_or(&self.received[0], rows),
            Column::Field(CalledRouted) => self.routed[1].texts_or(&self.received[1], rows),
            Column::Field(Leg(side, field)) => return self.legs[of(side)].texts(field, rows),
            Column::Ahead => self.ahead.texts(rows),
            Column::Rate(side) => self.rates[of(side)].texts(rows),
            _ => return None,
        })
    }
}

/// Numbers of which one means that there is none.
fn some<T: Copy + PartialEq + Into<i64>>(numbers: &[T], none: T) -> Array<i64> {
    let present = numbers.iter().map(|number| *number != none).collect();
    Array { values: numbers.iter().map(|number| (*number).into()).collect(), present: Some(present) }
}

/// The error for a column that is not kept: who asks for one has a bug.
fn not_kept(column: Column) -> HistoryError {
    let reason = format!("{column:?} is not kept in memory");
    HistoryError::Unreadable { what: "column", reason }
}

impl Columns for RecentColumns {
    fn numbers(&self, column: Column, rows: Range<u32>) -> Result<Array<i64>, HistoryError> {
        let rows = rows.start as usize..rows.end as usize;
        self.numbers_of(column, rows).ok_or_else(|| not_kept(column))
    }

    fn texts(&self, column: Column, rows: Range<u32>) -> Result<Texts, HistoryError> {
        self.texts_of(column, rows).ok_or_else(|| not_kept(column))
    }

    fn call_ids(&self, rows: Range<u32>) -> Result<Array<[u8; 16]>, HistoryError> {
        Ok(Array { values: self.ids[rows.start as usize..rows.end as usize].to_vec(), present: None })
    }
}

//! Columns in memory: the calls of an account that were stored of late, in the order in which they were.
//!
//! They are those that charts and statistics look at, so that these cost no rows of the database.

use std::{collections::HashMap, ops::Range, sync::Arc};

use call::event::Side;

use super::{
    Columns,
    array::Array,
    layout::Column,
    matcher::Matching,
    texts::{Texts, TextsBuilder},
};
use crate::{HistoryError, LegField, RecordField};

/// What is kept of a row.
#[derive(Clone, Debug)]
pub(crate) struct RecentRow {
    /// The row of the table of calls that it is of.
    pub(crate) call: i64,
    pub(crate) started_at: i64,
    pub(crate) ended_at: i64,
    pub(crate) answered_at: Option<i64>,
    /// See [`Bits`](crate::bits::Bits).
    pub(crate) sides: i64,
    /// Of the caller and of the called party, like what follows.
    pub(crate) countries: [Option<u16>; 2],
    pub(crate) routed: [Box<str>; 2],
    /// The caller's.
    pub(crate) address: Option<Arc<str>>,
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
    starts: Vec<i64>,
    ends: Vec<i64>,
    answers: Vec<i64>,
    sides: Vec<u8>,
    countries: [Vec<u16>; 2],
    routed: [Lines; 2],
    addresses: Repeated,
    rates: [Repeated; 2],
    prices: [Vec<i64>; 2],
    /// Rows that count no longer from a commit on, in the order of the commits.
    removed: Vec<(i64, u32)>,
}

/// Nothing, in a column of instants or prices.
const NO_NUMBER: i64 = i64::MIN;

/// Nothing, in a column of countries.
const NO_COUNTRY: u16 = u16::MAX;

/// Nothing, in a column of texts.
const NO_TEXT: u32 = u32::MAX;

/// Bytes that a row takes, without its texts.
const ROW: usize =
    5 * size_of::<i64>() + 1 + 2 * size_of::<u16>() + 2 * size_of::<i64>() + 5 * size_of::<u32>();

/// Bytes that a text of which many rows have the same takes, beside its own.
const REPEATED: usize = 2 * size_of::<Arc<str>>() + 2 * size_of::<u64>();

/// Texts, one for each row, one after the other.
#[derive(Default)]
struct Lines {
    text: String,
    ends: Vec<u32>,
}

/// Texts of which many rows have the same.
#[derive(Default)]
struct Repeated {
    texts: Vec<Arc<str>>,
    known: HashMap<Arc<str>, u32>,
    places: Vec<u32>,
    /// Bytes of the texts.
    length: usize,
}

impl RecentColumns {
    /// Takes a row, which a commit brought.
    pub(crate) fn push(&mut self, seq: i64, row: &RecentRow) {
        self.seqs.push(seq);
        self.calls.push(row.call);
        self.starts.push(row.started_at);
        self.ends.push(row.ended_at);
        self.answers.push(row.answered_at.unwrap_or(NO_NUMBER));
        self.sides.push(u8::try_from(row.sides).unwrap_or_default());
        for side in 0..2 {
            self.countries[side].push(row.countries[side].unwrap_or(NO_COUNTRY));
            self.routed[side].push(&row.routed[side]);
            self.rates[side].push(row.rates[side].as_ref());
            self.prices[side].push(row.prices[side].unwrap_or(NO_NUMBER));
        }
        self.addresses.push(row.address.as_ref());
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
        let mut kept = Self::default();
        for row in 0..self.starts.len() {
            if self.starts[row] >= started_at && removed.binary_search(&(row as u32)).is_err() {
                kept.push(self.seqs[row], &self.row(row));
            }
        }
        kept
    }

    /// When its rows started.
    pub(crate) fn starts(&self) -> &[i64] {
        &self.starts
    }

    /// About how many bytes it takes.
    pub(crate) fn bytes(&self) -> usize {
        let lines: usize = self.routed.iter().map(|lines| lines.text.len()).sum();
        let repeated: usize = self.rates.iter().chain([&self.addresses]).map(|texts| texts.length).sum();
        self.starts.len() * ROW + lines + repeated
    }

    fn row(&self, row: usize) -> RecentRow {
        let number = |numbers: &[i64]| Some(numbers[row]).filter(|number| *number != NO_NUMBER);
        RecentRow {
            call: self.calls[row],
            started_at: self.starts[row],
            ended_at: self.ends[row],
            answered_at: number(&self.answers),
            sides: self.sides[row].into(),
            countries: [0, 1]
                .map(|side| Some(self.countries[side][row]).filter(|country| *country != NO_COUNTRY)),
            routed: [0, 1].map(|side| self.routed[side].at(row).into()),
            address: self.addresses.at(row),
            rates: [0, 1].map(|side| self.rates[side].at(row)),
            prices: [0, 1].map(|side| number(&self.prices[side])),
        }
    }
}

impl Lines {
    fn push(&mut self, text: &str) {
        self.text.push_str(text);
        self.ends.push(u32::try_from(self.text.len()).unwrap_or(u32::MAX));
    }

    fn at(&self, row: usize) -> &str {
        let start = row.checked_sub(1).map_or(0, |before| self.ends[before]);
        self.text.get(start as usize..self.ends[row] as usize).unwrap_or_default()
    }

    fn texts(&self, rows: Range<u32>) -> Texts {
        let mut texts = TextsBuilder::default();
        for row in rows {
            let place = texts.text(self.at(row as usize));
            texts.row(Some(place));
        }
        texts.finish()
    }
}

impl Repeated {
    fn push(&mut self, text: Option<&Arc<str>>) {
        let place = text.map_or(NO_TEXT, |text| {
            *self.known.entry(text.clone()).or_insert_with(|| {
                self.texts.push(text.clone());
                self.length += text.len() + REPEATED;
                (self.texts.len() - 1) as u32
            })
        });
        self.places.push(place);
    }

    fn at(&self, row: usize) -> Option<Arc<str>> {
        self.texts.get(self.places[row] as usize).cloned()
    }

    fn texts(&self, rows: Range<u32>) -> Texts {
        let mut texts = TextsBuilder::default();
        for text in &self.texts {
            texts.text(text);
        }
        for place in &self.places[rows.start as usize..rows.end as usize] {
            texts.row(Some(*place).filter(|place| *place != NO_TEXT));
        }
        texts.finish()
    }
}

fn place(side: Side) -> usize {
    match side {
        Side::Origination => 0,
        Side::Termination => 1,
    }
}

impl RecentColumns {
    fn numbers_of(&self, column: Column, rows: Range<usize>) -> Option<Array<i64>> {
        use RecordField::{AnsweredAt, EndedAt, Price, StartedAt};
        let all = |numbers: &[i64]| Array { values: numbers[rows.clone()].to_vec(), present: None };
        let some = |numbers: &[i64]| {
            let present = numbers[rows.clone()].iter().map(|number| *number != NO_NUMBER).collect();
            Array { present: Some(present), ..all(numbers) }
        };
        Some(match column {
            Column::Field(StartedAt) => all(&self.starts),
            Column::Field(EndedAt) => all(&self.ends),
            Column::Field(AnsweredAt) => some(&self.answers),
            Column::Field(Price(side)) => some(&self.prices[place(side)]),
            Column::Sides => {
                let sides = self.sides[rows].iter().map(|sides| (*sides).into());
                Array { values: sides.collect(), present: None }
            }
            Column::Country(side) => {
                let countries = &self.countries[place(side)][rows];
                let present = countries.iter().map(|country| *country != NO_COUNTRY).collect();
                let values = countries.iter().map(|country| (*country).into()).collect();
                Array { values, present: Some(present) }
            }
            _ => return None,
        })
    }

    fn texts_of(&self, column: Column, rows: Range<u32>) -> Option<Texts> {
        Some(match column {
            Column::Field(RecordField::CallerRouted) => self.routed[0].texts(rows),
            Column::Field(RecordField::CalledRouted) => self.routed[1].texts(rows),
            Column::Field(RecordField::Leg(Side::Origination, LegField::Address)) => {
                self.addresses.texts(rows)
            }
            Column::Rate(side) => self.rates[place(side)].texts(rows),
            _ => return None,
        })
    }
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

    fn call_ids(&self, _: Range<u32>) -> Result<Array<[u8; 16]>, HistoryError> {
        Err(not_kept(Column::Field(RecordField::CallId)))
    }

    fn may_pass(&self, _: Column, _: Range<u32>, _: &Matching) -> bool {
        true
    }
}

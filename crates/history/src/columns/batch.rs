//! Some rows, of which each column is read once.

use std::{
    collections::{HashMap, hash_map::Entry},
    ops::Range,
};

use call::{AccountId, CallId, event::Side, rating::Rate};
use uuid::Uuid;

use super::{
    Columns,
    array::Array,
    layout::{self, Column},
    selection::Selection,
    texts::Texts,
};
use crate::{HistoryError, RecordField, stored};

/// Rows that are looked at together, if all are looked at.
const MOST: u32 = 8 * layout::PAGE as u32;

/// Rows that are looked at together, if a page of them is all that is asked for.
const LEAST: u32 = layout::PAGE as u32;

/// One row of so many is few.
const FEW_IN: u32 = 512;

/// Some rows of a file, of which each column is read once.
pub(crate) struct Batch<'a> {
    pub(super) file: &'a dyn Columns,
    rows: Range<u32>,
    numbers: HashMap<Column, Array<i64>>,
    texts: HashMap<Column, Texts>,
    ids: Option<Array<[u8; 16]>>,
}

/// The rates of some rows: each rate once, and which of them a row has.
pub(crate) struct Rates {
    pub(super) rates: Vec<Rate>,
    pub(super) of_rows: Vec<Option<usize>>,
}

/// Cuts rows into batches, of which some may be enough if no more than `wanted` rows are.
pub(crate) fn batches(rows: Range<u32>, wanted: usize) -> impl DoubleEndedIterator<Item = Range<u32>> {
    let step = if wanted < LEAST as usize { LEAST } else { MOST };
    let (first, last) = (rows.start / step, rows.end.div_ceil(step));
    (first..last.max(first)).map(move |part| (part * step).max(rows.start)..((part + 1) * step).min(rows.end))
}

impl<'a> Batch<'a> {
    pub(crate) fn new(file: &'a dyn Columns, rows: Range<u32>) -> Self {
        Self { file, rows, numbers: HashMap::new(), texts: HashMap::new(), ids: None }
    }

    /// The rows of the file.
    pub(crate) fn rows(&self) -> Range<u32> {
        self.rows.clone()
    }

    pub(super) fn len(&self) -> u32 {
        self.rows.end - self.rows.start
    }

    /// If few of its rows are selected: the pages with these, as batches of their own, each with the rows of it that
    /// are selected. Not more is read then.
    pub(crate) fn pages_of(&self, selection: &Selection) -> Option<Vec<(Self, Selection)>> {
        if selection.0.len() as u32 > self.len() / FEW_IN {
            return None;
        }
        let page_of = |row: &u32| (self.rows.start + row) / LEAST;
        let pages = selection.0.chunk_by(|one, other| page_of(one) == page_of(other)).map(|selected| {
            let first = (page_of(&selected[0]) * LEAST).max(self.rows.start);
            let rows = first..((page_of(&selected[0]) + 1) * LEAST).min(self.rows.end);
            let offset = first - self.rows.start;
            (Self::new(self.file, rows), Selection(selected.iter().map(|row| row - offset).collect()))
        });
        Some(pages.collect())
    }

    /// The values of a column of numbers.
    pub(crate) fn numbers(&mut self, column: Column) -> Result<&Array<i64>, HistoryError> {
        Ok(match self.numbers.entry(column) {
            Entry::Occupied(read) => read.into_mut(),
            Entry::Vacant(unread) => unread.insert(self.file.numbers(column, self.rows.clone())?),
        })
    }

    /// The values of a field that is a column of numbers.
    pub(crate) fn field(&mut self, field: RecordField) -> Result<&Array<i64>, HistoryError> {
        self.numbers(Column::Field(field))
    }

    /// A column that was read before.
    pub(crate) fn read(&self, column: Column) -> &Array<i64> {
        &self.numbers[&column]
    }

    /// The values of a column of texts.
    pub(crate) fn texts(&mut self, column: Column) -> Result<&Texts, HistoryError> {
        Ok(match self.texts.entry(column) {
            Entry::Occupied(read) => read.into_mut(),
            Entry::Vacant(unread) => unread.insert(self.file.texts(column, self.rows.clone())?),
        })
    }

    /// The call of a row.
    pub(crate) fn call_id(&mut self, row: u32) -> Result<CallId, HistoryError> {
        if self.ids.is_none() {
            self.ids = Some(self.file.call_ids(self.rows.clone())?);
        }
        let id = self.ids.as_ref().map(|ids| ids.values[row as usize]).unwrap_or_default();
        Ok(CallId::from_uuid(Uuid::from_bytes(id)))
    }

    /// The part of the call that a row is; 0 for the call itself.
    pub(crate) fn part(&mut self, row: u32) -> Result<u16, HistoryError> {
        Ok(u16::try_from(self.numbers(Column::Part)?.number(row)).unwrap_or(0))
    }

    /// The account of a row.
    pub(crate) fn account(&mut self, row: u32) -> Result<AccountId, HistoryError> {
        let accounts = self.field(RecordField::Account)?;
        Ok(AccountId(u32::try_from(accounts.values[row as usize]).unwrap_or(0)))
    }

    /// The rates of a side.
    pub(crate) fn rates(&mut self, side: Side) -> Result<Rates, HistoryError> {
        let rows = self.len();
        let texts = self.texts(Column::Rate(side))?;
        let mut known: HashMap<&str, usize> = HashMap::new();
        let (mut rates, mut of_texts) = (Vec::new(), Vec::with_capacity(texts.len()));
        for text in (0..texts.len()).map(|place| texts.at(place)) {
            of_texts.push(match known.entry(text) {
                Entry::Occupied(place) => *place.get(),
                Entry::Vacant(unknown) => {
                    rates.push(stored::read_rate(stored::JSON, text.as_bytes())?);
                    *unknown.insert(rates.len() - 1)
                }
            });
        }
        let of_rows = (0..rows).map(|row| texts.place(row).map(|place| of_texts[place])).collect();
        Ok(Rates { rates, of_rows })
    }
}

impl Rates {
    /// The rate of a row.
    pub(crate) fn of(&self, row: u32) -> Option<&Rate> {
        self.of_rows[row as usize].map(|rate| &self.rates[rate])
    }
}

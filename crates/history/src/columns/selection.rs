//! Rows that passed so far.

use call::filter::TextTest;

use super::{array::Array, batch::Batch, texts::Texts};
use crate::HistoryError;

/// Rather than to look at one text of so many, all are gone through at once.
const FEW: usize = 8;

/// Rows of a batch, ascending and counted from its first.
pub(crate) struct Selection(pub(super) Vec<u32>);

impl Selection {
    /// All but those among `dropped`, which are rows of the file.
    pub(crate) fn of(batch: &Batch<'_>, dropped: &[u32]) -> Self {
        let rows = batch.rows();
        let from = dropped.partition_point(|row| *row < rows.start);
        let until = dropped.partition_point(|row| *row < rows.end);
        if from == until {
            return Self((0..batch.len()).collect());
        }
        let mut dropped = dropped[from..].iter().map(|row| row - rows.start).peekable();
        let is_kept = |row: &u32| dropped.next_if_eq(row).is_none();
        Self((0..batch.len()).filter(is_kept).collect())
    }

    pub(crate) fn rows(&self) -> &[u32] {
        &self.0
    }

    /// Keeps those rows whose number is in a range.
    pub(crate) fn keep_numbers(&mut self, array: &Array<i64>, is_kept: impl Fn(i64) -> bool) {
        let values = &array.values;
        match &array.present {
            None => self.retain(|row| is_kept(values[row as usize])),
            Some(present) => self.retain(|row| present[row as usize] & is_kept(values[row as usize])),
        }
    }

    /// Keeps some rows, without a branch for each: whether one is kept cannot be foretold.
    fn retain(&mut self, is_kept: impl Fn(u32) -> bool) {
        let mut kept = 0;
        for place in 0..self.0.len() {
            let row = self.0[place];
            self.0[kept] = row;
            kept += usize::from(is_kept(row));
        }
        self.0.truncate(kept);
    }

    /// Keeps those rows whose text passes. Where there are fewer texts than rows, each text is looked at once.
    pub(crate) fn keep_texts(&mut self, texts: &Texts, is_kept: impl Fn(Option<&str>) -> bool) {
        if texts.len() < self.0.len() {
            let passing = (0..texts.len()).map(|place| is_kept(Some(texts.at(place)))).collect::<Vec<_>>();
            self.keep_passing(texts, &passing, is_kept(None));
        } else {
            self.retain(|row| is_kept(texts.get(row)));
        }
    }

    /// Keeps those rows whose text passes a test.
    pub(crate) fn keep_tested(&mut self, texts: &Texts, test: &TextTest) {
        let is_worth_it = texts.len() < self.0.len().saturating_mul(FEW);
        match is_worth_it.then(|| texts.containing(test)).flatten() {
            Some(passing) => self.keep_passing(texts, &passing, false),
            None => self.keep_texts(texts, |text| text.is_some_and(|text| test.accepts(text))),
        }
    }

    /// Keeps the rows whose text is one of those that pass; those without a text if `without`.
    fn keep_passing(&mut self, texts: &Texts, passing: &[bool], without: bool) {
        self.retain(|row| texts.place(row).map_or(without, |place| passing[place]));
    }

    pub(super) fn keep(
        &mut self,
        mut is_kept: impl FnMut(u32) -> Result<bool, HistoryError>,
    ) -> Result<(), HistoryError> {
        let mut kept = Vec::new();
        for row in &self.0 {
            if is_kept(*row)? {
                kept.push(*row);
            }
        }
        self.0 = kept;
        Ok(())
    }
}

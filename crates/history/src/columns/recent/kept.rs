//! Texts of rows in memory.

use std::{collections::HashMap, ops::Range, sync::Arc};

use crate::columns::texts::{Texts, TextsBuilder};

/// Nothing, in a column of texts.
const NO_TEXT: u32 = u32::MAX;

/// Bytes that a text of which many rows have the same takes, beside its own.
const REPEATED: usize = 2 * size_of::<Arc<str>>() + 2 * size_of::<u64>();

/// Texts, one for each row or none, one after the other.
#[derive(Default)]
pub(super) struct Lines {
    text: String,
    ends: Vec<u32>,
    /// Rows without a text, ascending.
    absent: Vec<u32>,
}

/// Texts of which many rows have the same.
#[derive(Default)]
pub(super) struct Repeated {
    texts: Vec<Arc<str>>,
    known: HashMap<Arc<str>, u32>,
    places: Vec<u32>,
    /// Bytes of the texts.
    pub(super) length: usize,
}

impl Lines {
    pub(super) fn push(&mut self, text: Option<&str>) {
        match text {
            Some(text) => self.text.push_str(text),
            None => self.absent.push(self.ends.len() as u32),
        }
        self.ends.push(u32::try_from(self.text.len()).unwrap_or(u32::MAX));
    }

    pub(super) fn at(&self, row: usize) -> Option<&str> {
        if self.absent.binary_search(&(row as u32)).is_ok() {
            return None;
        }
        let start = row.checked_sub(1).map_or(0, |before| self.ends[before]);
        self.text.get(start as usize..self.ends[row] as usize)
    }

    pub(super) fn texts(&self, rows: Range<u32>) -> Texts {
        let mut texts = TextsBuilder::default();
        for row in rows {
            let place = self.at(row as usize).map(|text| texts.text(text));
            texts.row(place);
        }
        texts.finish()
    }

    /// Bytes of the texts.
    pub(super) fn length(&self) -> usize {
        self.text.len() + self.absent.len() * size_of::<u32>()
    }
}

impl Repeated {
    pub(super) fn push(&mut self, text: Option<&Arc<str>>) {
        let place = text.map_or(NO_TEXT, |text| {
            *self.known.entry(text.clone()).or_insert_with(|| {
                self.texts.push(text.clone());
                self.length += text.len() + REPEATED;
                (self.texts.len() - 1) as u32
            })
        });
        self.places.push(place);
    }

    pub(super) fn at(&self, row: usize) -> Option<Arc<str>> {
        self.texts.get(self.places[row] as usize).cloned()
    }

    pub(super) fn texts(&self, rows: Range<u32>) -> Texts {
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

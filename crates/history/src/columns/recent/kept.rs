//! Texts of rows in memory.

use std::{collections::HashMap, ops::Range, sync::Arc};

use crate::columns::texts::{Texts, TextsBuilder};

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
    rows: usize,
    /// Which of the texts each row has, up to the last row that has one.
    places: Places,
    /// Bytes of the texts.
    length: usize,
}

/// Numbers that are as narrow as the greatest of them allows, or nothing.
enum Places {
    Narrow(Vec<u16>),
    Wide(Vec<u32>),
}

impl Default for Places {
    fn default() -> Self {
        Self::Narrow(Vec::new())
    }
}

/// Those of `numbers` that stand in `rows`.
pub(super) fn picked<T: Copy>(numbers: &[T], rows: &[u32]) -> Vec<T> {
    rows.iter().map(|row| numbers[*row as usize]).collect()
}

impl Lines {
    pub(super) fn push(&mut self, text: Option<&str>) {
        match text {
            Some(text) => self.text.push_str(text),
            None => self.absent.push(self.ends.len() as u32),
        }
        self.ends.push(u32::try_from(self.text.len()).unwrap_or(u32::MAX));
    }

    fn at(&self, row: u32) -> Option<&str> {
        if self.absent.binary_search(&row).is_ok() {
            return None;
        }
        let start = row.checked_sub(1).map_or(0, |before| self.ends[before as usize]);
        self.text.get(start as usize..self.ends[row as usize] as usize)
    }

    pub(super) fn texts(&self, rows: Range<u32>) -> Texts {
        one_by_one(rows, |row| self.at(row))
    }

    /// The same; where a row has none, that of `others`.
    pub(super) fn texts_or(&self, others: &Self, rows: Range<u32>) -> Texts {
        one_by_one(rows, |row| self.at(row).or_else(|| others.at(row)))
    }

    /// The same of these rows alone.
    pub(super) fn picked(&self, rows: &[u32]) -> Self {
        let mut picked = Self::default();
        rows.iter().for_each(|row| picked.push(self.at(*row)));
        picked.text.shrink_to_fit();
        picked.ends.shrink_to_fit();
        picked.absent.shrink_to_fit();
        picked
    }

    /// About how many bytes they take.
    pub(super) fn bytes(&self) -> usize {
        self.text.len() + (self.ends.len() + self.absent.len()) * size_of::<u32>()
    }
}

impl Repeated {
    pub(super) fn push(&mut self, text: Option<&str>) {
        if let Some(text) = text {
            let place = self.place_of(text);
            self.places.put(self.rows, place);
        }
        self.rows += 1;
    }

    fn place_of(&mut self, text: &str) -> u32 {
        if let Some(place) = self.known.get(text) {
            return *place;
        }
        let (text, place): (Arc<str>, u32) = (text.into(), self.texts.len() as u32);
        self.length += text.len() + REPEATED;
        self.texts.push(text.clone());
        self.known.insert(text, place);
        place
    }

    fn at(&self, row: u32) -> Option<&str> {
        self.places.at(row).map(|place| &*self.texts[place as usize])
    }

    /// Each text once, unless there are more of them than rows.
    pub(super) fn texts(&self, rows: Range<u32>) -> Texts {
        if self.texts.len() > rows.len() {
            return one_by_one(rows, |row| self.at(row));
        }
        let mut texts = TextsBuilder::default();
        for text in &self.texts {
            texts.text(text);
        }
        rows.for_each(|row| texts.row(self.places.at(row)));
        texts.finish()
    }

    /// The same of these rows alone.
    pub(super) fn picked(&self, rows: &[u32]) -> Self {
        let mut picked = Self::default();
        rows.iter().for_each(|row| picked.push(self.at(*row)));
        picked.places.shrink();
        picked
    }

    /// About how many bytes they take.
    pub(super) fn bytes(&self) -> usize {
        self.length + self.places.bytes()
    }
}

impl Places {
    /// Of a row that comes after all that have one.
    fn put(&mut self, row: usize, place: u32) {
        if let Self::Narrow(places) = &*self
            && place >= u16::MAX.into()
        {
            let wide = |place: &u16| if *place == u16::MAX { u32::MAX } else { (*place).into() };
            *self = Self::Wide(places.iter().map(wide).collect());
        }
        match self {
            Self::Narrow(places) => {
                places.resize(row, u16::MAX);
                places.push(place as u16);
            }
            Self::Wide(places) => {
                places.resize(row, u32::MAX);
                places.push(place);
            }
        }
    }

    fn shrink(&mut self) {
        match self {
            Self::Narrow(places) => places.shrink_to_fit(),
            Self::Wide(places) => places.shrink_to_fit(),
        }
    }

    fn at(&self, row: u32) -> Option<u32> {
        match self {
            Self::Narrow(places) => {
                places.get(row as usize).filter(|place| **place != u16::MAX).map(|place| (*place).into())
            }
            Self::Wide(places) => places.get(row as usize).filter(|place| **place != u32::MAX).copied(),
        }
    }

    fn bytes(&self) -> usize {
        match self {
            Self::Narrow(places) => places.len() * size_of::<u16>(),
            Self::Wide(places) => places.len() * size_of::<u32>(),
        }
    }
}

fn one_by_one<'a>(rows: Range<u32>, at: impl Fn(u32) -> Option<&'a str>) -> Texts {
    let mut texts = TextsBuilder::default();
    for row in rows {
        let place = at(row).map(|text| texts.text(text));
        texts.row(place);
    }
    texts.finish()
}

#[cfg(test)]
mod tests {
    use proptest::{collection::vec, option, prelude::*};

    use super::*;

    fn read(texts: &Texts) -> Vec<Option<String>> {
        (0..texts.rows() as u32).map(|row| texts.get(row).map(str::to_owned)).collect()
    }

    proptest! {
        #[test]
        fn texts_are_what_was_put_in(
            texts in vec(option::of("[ab]{0,2}|[a-z]{9}"), 0..40),
            cut in any::<(prop::sample::Index, prop::sample::Index)>(),
        ) {
            let (one, other) = (cut.0.index(texts.len() + 1), cut.1.index(texts.len() + 1));
            let rows = one.min(other) as u32..one.max(other) as u32;
            let (mut lines, mut repeated) = (Lines::default(), Repeated::default());
            for text in &texts {
                lines.push(text.as_deref());
                repeated.push(text.as_deref());
            }
            let expected = &texts[rows.start as usize..rows.end as usize];
            prop_assert_eq!(read(&lines.texts(rows.clone())), expected);
            prop_assert_eq!(read(&repeated.texts(rows.clone())), expected);
            let picked: Vec<u32> = rows.collect();
            let all = 0..picked.len() as u32;
            prop_assert_eq!(read(&lines.picked(&picked).texts(all.clone())), expected);
            prop_assert_eq!(read(&repeated.picked(&picked).texts(all)), expected);
        }
    }

    #[test]
    fn there_may_be_more_texts_than_a_narrow_number_tells() {
        let mut repeated = Repeated::default();
        let rows = 0..u32::from(u16::MAX) + 2;
        repeated.push(None);
        rows.clone().for_each(|number| repeated.push(Some(&number.to_string())));
        assert_eq!(repeated.at(0), None);
        assert!(rows.clone().all(|number| repeated.at(number + 1) == Some(&number.to_string())));
        assert_eq!(repeated.at(rows.end + 1), None);
    }
}

//! Texts of a column, as they lie in its pages: each text of a dictionary once, else that of each row.

use std::{borrow::Cow, ops::Range};

use bytes::{Buf, Bytes};
use call::filter::{TextKind, TextOperator, TextTest};
use memchr::memmem;
use parquet::{
    basic::{Encoding, PageType},
    column::page::Page,
    errors::{ParquetError, Result},
};

use super::{delta, hybrid};

/// The texts of some rows.
#[derive(Default)]
pub(crate) struct Texts {
    /// The texts, each behind a zero at least: that is its length, in four bytes, or nothing.
    bytes: Vec<u8>,
    /// Where each of them lies, ascending.
    spans: Vec<Range<u32>>,
    /// Which of them each row has.
    places: Vec<u32>,
}

/// The place of no text.
const NONE: u32 = u32::MAX;

/// Bytes of a length.
const LENGTH: usize = 4;

/// Reads the texts of one group of rows.
pub(super) struct TextReader<'a> {
    into: &'a mut Texts,
    is_optional: bool,
    /// Where the texts of the dictionary begin.
    dictionary: u32,
}

impl Texts {
    /// Those of so many rows, of which none has one.
    pub(super) fn absent(rows: usize) -> Self {
        Self { places: vec![NONE; rows], ..Self::default() }
    }

    /// How many rows there are.
    pub(super) fn rows(&self) -> usize {
        self.places.len()
    }

    /// How many texts there are: those of a dictionary, whether a row has them or not, and those of rows.
    pub(super) fn len(&self) -> usize {
        self.spans.len()
    }

    /// Which text a row has.
    pub(super) fn place(&self, row: u32) -> Option<usize> {
        let place = self.places[row as usize];
        (place != NONE).then_some(place as usize)
    }

    /// The text of a row.
    pub(crate) fn get(&self, row: u32) -> Option<&str> {
        self.place(row).map(|place| self.at(place))
    }

    /// A text. What is no UTF-8 says nothing.
    pub(super) fn at(&self, place: usize) -> &str {
        let span = &self.spans[place];
        std::str::from_utf8(&self.bytes[span.start as usize..span.end as usize]).unwrap_or_default()
    }

    /// Which of the texts pass, found by going through all of them at once; `None` if they must be looked at one by
    /// one. What it does is what [`TextTest::accepts`] says: texts of ASCII have no other letters in lower case than
    /// these, and no `+` in front of a number hides a value, as none begins with it.
    pub(super) fn containing(&self, test: &TextTest) -> Option<Vec<bool>> {
        let is_searchable = |value: &str| !value.is_empty() && !value.contains('\0');
        let is_told = test.operator() == TextOperator::Contains && test.kind() != TextKind::Address;
        if !is_told || !test.values().all(is_searchable) || !self.bytes.is_ascii() {
            return None;
        }
        let has_letters = test.values().any(|value| value.bytes().any(|byte| byte.is_ascii_alphabetic()));
        let bytes: Cow<'_, [u8]> = match has_letters {
            true => self.bytes.to_ascii_lowercase().into(),
            false => (&self.bytes).into(),
        };
        let mut passing = vec![false; self.spans.len()];
        test.values().for_each(|value| self.mark(&bytes, value, &mut passing));
        Some(passing)
    }

    /// There are zeros before each text, so that nothing found begins in one and ends in the next.
    fn mark(&self, bytes: &[u8], value: &str, passing: &mut [bool]) {
        let mut place = 0;
        for found in memmem::find_iter(bytes, value) {
            while self.spans.get(place).is_some_and(|span| (span.end as usize) <= found) {
                place += 1;
            }
            let Some(span) = self.spans.get(place) else { return };
            if span.start as usize <= found && found + value.len() <= span.end as usize {
                passing[place] = true;
            }
        }
    }

    /// Of the rows that were taken after the first `before`, keeps so many from `first` on.
    pub(super) fn cut(&mut self, before: usize, first: usize, rows: usize) -> Result<()> {
        if self.places.len() < before + first + rows {
            return Err(cut_off());
        }
        self.places.drain(before..before + first);
        self.places.truncate(before + rows);
        Ok(())
    }

    /// Takes so many texts; gives the place of the first.
    fn take(&mut self, bytes: &[u8], count: usize) -> Result<u32> {
        let (place, base) = (self.spans.len() as u32, self.bytes.len());
        let mut at = 0;
        for _ in 0..count {
            let length = bytes.get(at..at + LENGTH).ok_or_else(cut_off)?;
            let start = at + LENGTH;
            at = start + u32::from_le_bytes([length[0], length[1], length[2], length[3]]) as usize;
            let end = u32::try_from(base + at).map_err(|_| cut_off())?;
            self.spans.push((base + start) as u32..end);
        }
        self.bytes.extend_from_slice(bytes.get(..at).ok_or_else(cut_off)?);
        Ok(place)
    }

    /// Takes so many texts that begin as the one before them does, up to some length; gives the place of the first.
    fn take_delta(&mut self, mut bytes: &[u8], count: usize) -> Result<u32> {
        let place = self.spans.len() as u32;
        let shared = delta::lengths(&mut bytes, count).ok_or_else(cut_off)?;
        let own = delta::lengths(&mut bytes, count).ok_or_else(cut_off)?;
        if shared.len() != count || own.len() != count {
            return Err(cut_off());
        }
        let total = length_of_all(&shared, &own).filter(|_| bytes.len() >= sum(&own)).ok_or_else(cut_off)?;
        let base = self.bytes.len();
        u32::try_from(base + total).map_err(|_| cut_off())?;
        self.spans.reserve(count);
        self.bytes.resize(base + total + STEP, 0);
        let (mut last, mut at) = (base, base);
        for (shared, own) in shared.into_iter().zip(own) {
            let (shared, own) = (shared as usize, own as usize);
            // What was copied beyond the end of the text before is no zero.
            self.bytes[at] = 0;
            let start = at + 1;
            copy_within(&mut self.bytes, last, start, shared);
            copy(bytes, &mut self.bytes[start + shared..], own);
            bytes = &bytes[own..];
            (last, at) = (start, start + shared + own);
            self.spans.push(start as u32..at as u32);
        }
        self.bytes.truncate(base + total);
        Ok(place)
    }
}

/// Bytes that are copied at once: most texts are no longer, and to copy a known number of bytes takes no call.
const STEP: usize = 16;

/// Copies `length` bytes to the front of `to`, and perhaps some more, for which there is room.
fn copy(from: &[u8], to: &mut [u8], length: usize) {
    match (from.first_chunk::<STEP>(), to.first_chunk_mut::<STEP>()) {
        (Some(from), Some(to)) if length <= STEP => *to = *from,
        _ => to[..length].copy_from_slice(&from[..length]),
    }
}

/// The same of what lies further ahead in `bytes`.
fn copy_within(bytes: &mut [u8], from: usize, to: usize, length: usize) {
    let (before, after) = bytes.split_at_mut(to);
    match before[from..].first_chunk::<STEP>() {
        Some(step) if length <= STEP && after.len() >= STEP => after[..STEP].copy_from_slice(step),
        _ => after[..length].copy_from_slice(&before[from..from + length]),
    }
}

fn sum(lengths: &[u32]) -> usize {
    lengths.iter().map(|length| *length as usize).sum()
}

/// How long texts are together, each behind a zero; `None` if one of them shares more than the one before it has.
fn length_of_all(shared: &[u32], own: &[u32]) -> Option<usize> {
    let (mut last, mut total) = (0_usize, 0_usize);
    for (shared, own) in shared.iter().zip(own) {
        let shared = *shared as usize;
        if shared > last {
            return None;
        }
        last = shared + *own as usize;
        total = total.checked_add(1 + last)?;
    }
    Some(total)
}

/// Makes texts of what lies elsewhere.
#[derive(Default)]
pub(super) struct TextsBuilder(Texts);

impl TextsBuilder {
    /// One more text; gives its place.
    pub(super) fn text(&mut self, text: &str) -> u32 {
        let Texts { bytes, spans, .. } = &mut self.0;
        bytes.extend_from_slice(&u32::try_from(text.len()).unwrap_or(u32::MAX).to_le_bytes());
        let start = bytes.len() as u32;
        bytes.extend_from_slice(text.as_bytes());
        spans.push(start..bytes.len() as u32);
        (spans.len() - 1) as u32
    }

    /// One more row, with the text at a place.
    pub(super) fn row(&mut self, place: Option<u32>) {
        self.0.places.push(place.unwrap_or(NONE));
    }

    pub(super) fn finish(self) -> Texts {
        self.0
    }
}

impl<'a> TextReader<'a> {
    pub(super) fn new(into: &'a mut Texts, is_optional: bool) -> Self {
        Self { into, is_optional, dictionary: 0 }
    }

    /// Takes the next page of the group.
    pub(super) fn take(&mut self, page: Page) -> Result<()> {
        let rows = page.num_values() as usize;
        match page {
            Page::DictionaryPage { buf, .. } => {
                self.dictionary = self.into.take(&buf, rows)?;
                Ok(())
            }
            Page::DataPage { mut buf, encoding, .. } => {
                let levels = if self.is_optional { split_levels(&mut buf)? } else { Bytes::new() };
                self.take_rows(&levels, &buf, encoding, rows)
            }
            Page::DataPageV2 { .. } => Err(ParquetError::General("no such page is written".to_owned())),
        }
    }

    fn take_rows(&mut self, levels: &[u8], values: &[u8], encoding: Encoding, rows: usize) -> Result<()> {
        let mut has_text = Vec::new();
        if self.is_optional {
            has_text = hybrid::read(levels, 1, rows).ok_or_else(cut_off)?;
        }
        let count = if self.is_optional { has_text.iter().filter(|has| **has > 0).count() } else { rows };
        let places = self.places(values, encoding, count)?;
        if count == rows {
            self.into.places.extend(places);
            return Ok(());
        }
        let mut places = places.into_iter();
        let spread = has_text.iter().map(|has| if *has > 0 { places.next().unwrap_or(NONE) } else { NONE });
        self.into.places.extend(spread);
        Ok(())
    }

    /// The places of so many texts.
    fn places(&mut self, values: &[u8], encoding: Encoding, count: usize) -> Result<Vec<u32>> {
        match encoding {
            Encoding::PLAIN => {
                let first = self.into.take(values, count)?;
                Ok((first..first + count as u32).collect())
            }
            Encoding::DELTA_BYTE_ARRAY => {
                let first = self.into.take_delta(values, count)?;
                Ok((first..first + count as u32).collect())
            }
            Encoding::RLE_DICTIONARY | Encoding::PLAIN_DICTIONARY => {
                let (width, indices) =
                    values.split_first().map_or((0, values), |(width, rest)| (*width, rest));
                let mut places = hybrid::read(indices, width.into(), count).ok_or_else(cut_off)?;
                places.iter_mut().for_each(|place| *place = place.saturating_add(self.dictionary));
                let known = self.into.len();
                if places.iter().any(|place| *place as usize >= known) { Err(cut_off()) } else { Ok(places) }
            }
            other => Err(ParquetError::General(format!("texts are not written in {other}"))),
        }
    }
}

/// The levels before the values of a page, which their length precedes.
fn split_levels(buf: &mut Bytes) -> Result<Bytes> {
    if buf.len() < LENGTH {
        return Err(cut_off());
    }
    let length = buf.get_u32_le() as usize;
    (length <= buf.len()).then(|| buf.split_to(length)).ok_or_else(cut_off)
}

fn cut_off() -> ParquetError {
    ParquetError::EOF("a page of texts is too short".to_owned())
}

/// Whether a page is a dictionary.
pub(super) fn is_dictionary(page: &Page) -> bool {
    page.page_type() == PageType::DICTIONARY_PAGE
}

#[cfg(test)]
mod tests {
    use std::{path::Path, sync::Arc};

    use parquet::{
        data_type::{ByteArray, ByteArrayType},
        file::{
            properties::{EnabledStatistics, WriterProperties},
            writer::SerializedFileWriter,
        },
        schema::parser::parse_message_type,
    };
    use proptest::{collection::vec, prelude::*};

    use super::*;
    use crate::columns::{
        array::Values,
        checked::{Summing, Sums},
        row_file::ParquetFile,
    };

    /// Writes groups of texts: with a dictionary, which soon has no more room, or by what they share.
    fn write(path: &Path, groups: &[Vec<Option<String>>], has_dictionary: bool) -> Sums {
        let properties = WriterProperties::builder()
            .set_dictionary_enabled(has_dictionary)
            .set_encoding(if has_dictionary { Encoding::PLAIN } else { Encoding::DELTA_BYTE_ARRAY })
            .set_data_page_row_count_limit(7)
            .set_write_batch_size(7)
            .set_dictionary_page_size_limit(64)
            .set_statistics_enabled(EnabledStatistics::Page)
            .build();
        let schema = Arc::new(parse_message_type("message m { optional binary text (STRING); }").unwrap());
        let mut file =
            SerializedFileWriter::new(Summing::new(Vec::new()), schema, properties.into()).unwrap();
        for texts in groups {
            let levels: Vec<_> = texts.iter().map(|text| i16::from(text.is_some())).collect();
            let values: Vec<_> = texts.iter().flatten().map(|text| ByteArray::from(text.as_str())).collect();
            let mut group = file.next_row_group().unwrap();
            let mut column = group.next_column().unwrap().unwrap();
            column.typed::<ByteArrayType>().write_batch(&values, Some(&levels), None).unwrap();
            column.close().unwrap();
            group.close().unwrap();
        }
        let (bytes, sums) = file.into_inner().unwrap().finish();
        std::fs::write(path, bytes).unwrap();
        sums
    }

    proptest! {
        #[test]
        fn texts_are_read_as_they_were_written(
            groups in vec(vec(proptest::option::of("[a-c]{0,2}|[a-z]{9}|ü*"), 1..60), 1..4),
            cut in any::<(prop::sample::Index, prop::sample::Index)>(),
            has_dictionary in any::<bool>(),
        ) {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("texts");
            let file = ParquetFile::open(&path, write(&path, &groups, has_dictionary), Arc::default()).unwrap();
            let all: Vec<_> = groups.concat();
            let (one, other) = (cut.0.index(all.len() + 1), cut.1.index(all.len() + 1));
            let rows = one.min(other)..one.max(other);
            let read = file.texts(0, rows.start as u32..rows.end as u32).unwrap();
            let found: Vec<_> = (0..rows.len() as u32).map(|row| read.get(row).map(str::to_owned)).collect();
            prop_assert_eq!(&found, &all[rows.clone()]);
            prop_assert_eq!(read.rows(), rows.len());
            let Values::Texts(array) = file.read(0, rows.start as u32..rows.end as u32).unwrap() else { unreachable!() };
            prop_assert!((0..rows.len()).all(|row| array.get(row).map(|text| text.as_utf8().unwrap()) == all[rows.start + row].as_deref()));
        }

        #[test]
        fn what_is_found_in_all_texts_at_once_is_what_each_of_them_passes(
            texts in vec("[+0-5aAbB]{0,12}|[5a\0]{70}|[a5]{130}|K|k|é", 0..40),
            values in vec("[+0-5aAb]{0,3}|k|é", 1..3),
            is_number in any::<bool>(),
        ) {
            let mut found = Texts::default();
            let bytes: Vec<u8> = texts.iter().flat_map(|text| {
                [&(text.len() as u32).to_le_bytes(), text.as_bytes()].concat()
            }).collect();
            found.take(&bytes, texts.len()).unwrap();
            let kind = if is_number { TextKind::Number } else { TextKind::Plain };
            let test = TextTest::new(kind, TextOperator::Contains, &values);
            if let Some(passing) = found.containing(&test) {
                let expected: Vec<_> = texts.iter().map(|text| test.accepts(text)).collect();
                prop_assert_eq!(passing, expected);
            }
        }
    }

    #[test]
    fn texts_of_ascii_are_gone_through_at_once() {
        let mut texts = Texts::default();
        texts.take(b"\x03\0\0\0+AB\x02\0\0\x005A", 2).unwrap();
        let contains = |value| TextTest::new(TextKind::Plain, TextOperator::Contains, [value]);
        assert_eq!(texts.containing(&contains("a")), Some(vec![true, true]));
        assert_eq!(texts.containing(&contains("B")), Some(vec![true, false]));
        let is = TextTest::new(TextKind::Plain, TextOperator::Is, ["5A"]);
        assert_eq!(texts.containing(&is), None);
        assert!(texts.take(b"\x03\0\0\0+A", 1).is_err());
    }
}

//! Groups and pages of rows that need not be read, as their statistics say that nothing in them passes.

use std::{
    collections::{HashMap, hash_map::Entry},
    ops::Range,
    sync::Arc,
};

use parquet::{
    bloom_filter::Sbbf,
    file::{
        metadata::ColumnChunkMetaData,
        page_index::{column_index::ColumnIndexMetaData, index_reader::decode_column_index},
    },
};

use super::{
    layout::{self, Column},
    matcher::Matching,
    page_indexes::PageIndexKey,
    row_file::{ParquetFile, RowFile},
    statistics::Known,
};
use crate::HistoryError;

/// A test of the values of a column, by its place in the file.
type Test<'a> = (usize, &'a Matching);

impl RowFile {
    /// Of these rows those that may pass all tests. A column that the file does not have tells nothing.
    pub(crate) fn passing(
        &self,
        ranges: impl IntoIterator<Item = Range<u32>>,
        tests: &[(Column, &Matching)],
    ) -> Result<Vec<Range<u32>>, HistoryError> {
        let place = |column| self.places[layout::place(column)];
        let tests: Vec<Test<'_>> =
            tests.iter().filter_map(|(column, test)| Some((place(*column)?, *test))).collect();
        let mut groups: HashMap<usize, bool> = HashMap::new();
        let mut passing = Vec::new();
        for (group, rows) in ranges.into_iter().flat_map(|rows| self.parquet.groups_of(rows)) {
            let may_pass = match groups.entry(group) {
                Entry::Occupied(known) => *known.get(),
                Entry::Vacant(unknown) => *unknown.insert(self.parquet.may_pass(group, &tests)?),
            };
            if may_pass {
                self.parquet.add_pages(group, rows, &tests, &mut passing)?;
            }
        }
        Ok(passing)
    }
}

impl ParquetFile {
    /// The groups that have some of these rows, and which of them.
    fn groups_of(&self, rows: Range<u32>) -> impl Iterator<Item = (usize, Range<u32>)> {
        let groups = self.firsts.windows(2).enumerate();
        groups.filter_map(move |(group, bounds)| {
            let rows = rows.start.max(bounds[0])..rows.end.min(bounds[1]);
            (!rows.is_empty()).then_some((group, rows))
        })
    }

    /// Whether some row of a group may pass all tests.
    fn may_pass(&self, group: usize, tests: &[Test<'_>]) -> Result<bool, HistoryError> {
        for (column, test) in tests {
            let chunk = self.metadata.row_group(group).column(*column);
            let known = Known::of_group(chunk.statistics());
            if !known.may_pass(test) || !self.may_have(chunk, &known, test)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Whether a group may have one of the texts that a test names, as its filter says.
    fn may_have(
        &self,
        chunk: &ColumnChunkMetaData,
        known: &Known<'_>,
        test: &Matching,
    ) -> Result<bool, HistoryError> {
        let Matching::Texts(test) = test else { return Ok(true) };
        let Some(texts) = known.spelled(test) else { return Ok(true) };
        let Some(filter) = self.filter(chunk)? else { return Ok(true) };
        Ok(texts.iter().any(|text| filter.check(text.as_bytes())))
    }

    fn filter(&self, chunk: &ColumnChunkMetaData) -> Result<Option<Sbbf>, HistoryError> {
        let Some((start, length)) = chunk.bloom_filter_offset().zip(chunk.bloom_filter_length()) else {
            return Ok(None);
        };
        let bytes = self.file.read(start as u64, length as usize)?;
        Sbbf::from_bytes(&bytes).map(Some).map_err(|_| self.damaged())
    }

    /// Adds those of the rows of a group whose pages may pass all tests.
    fn add_pages(
        &self,
        group: usize,
        rows: Range<u32>,
        tests: &[Test<'_>],
        into: &mut Vec<Range<u32>>,
    ) -> Result<(), HistoryError> {
        let page = layout::PAGE as u32;
        for first in (rows.start / page * page..rows.end).step_by(layout::PAGE) {
            let rows = first.max(rows.start)..(first + page).min(rows.end);
            if self.pages_may_pass(group, &rows, tests)? {
                match into.last_mut() {
                    Some(last) if last.end == rows.start => last.end = rows.end,
                    _ => into.push(rows),
                }
            }
        }
        Ok(())
    }

    fn pages_may_pass(
        &self,
        group: usize,
        rows: &Range<u32>,
        tests: &[Test<'_>],
    ) -> Result<bool, HistoryError> {
        let begin = self.firsts[group];
        let within = (rows.start - begin) as usize..(rows.end - begin) as usize;
        for (column, test) in tests {
            let Some(index) = self.page_index(group, *column)? else { continue };
            let mut pages = wanted(&self.pages[group][*column], &within);
            if !pages.any(|page| Known::of_page(&index, page).may_pass(test)) {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// What is known of each page of a column.
    fn page_index(
        &self,
        group: usize,
        column: usize,
    ) -> Result<Option<Arc<ColumnIndexMetaData>>, HistoryError> {
        let key = PageIndexKey { file: self.number, group, column };
        if let Some(known) = self.page_indexes.get(key) {
            return Ok(Some(known));
        }
        let chunk = self.metadata.row_group(group).column(column);
        let Some((start, length)) = chunk.column_index_offset().zip(chunk.column_index_length()) else {
            return Ok(None);
        };
        let bytes = self.file.read(start as u64, length as usize)?;
        let index = decode_column_index(&bytes, chunk.column_type()).map_err(|_| self.damaged())?;
        let index = Arc::new(index);
        self.page_indexes.keep(key, index.clone(), bytes.len());
        Ok(Some(index))
    }
}

/// The pages with these rows of a group.
pub(super) fn wanted(
    pages: &[parquet::file::page_index::offset_index::PageLocation],
    rows: &Range<usize>,
) -> Range<usize> {
    let first = pages.partition_point(|page| page.first_row_index as usize <= rows.start);
    let end = pages.partition_point(|page| (page.first_row_index as usize) < rows.end);
    first.saturating_sub(1)..end
}

#[cfg(test)]
#[allow(clippy::single_range_in_vec_init, reason = "rows come in ranges, and one may be all")]
mod tests {
    use call::{
        AccountId, Timestamp,
        event::Side,
        filter::{TextKind, TextOperator, TextTest},
    };

    use super::*;
    use crate::{
        LegField, RecordField,
        columns::{Row, RowsWriter, matcher::NumberTest},
        conformance::calls::Script,
    };

    const ROWS: u32 = 2 * layout::PAGE as u32 + 100;

    /// A file with a call a second, from 1970 on; every number is in its own page's hundreds.
    fn file(folder: &std::path::Path) -> RowFile {
        let path = folder.join("rows");
        let mut writer = RowsWriter::create(&path).unwrap();
        let mut record = Script::new(1, Timestamp::from_seconds(0), 1, 2).record();
        for number in 0..ROWS {
            record.started_at = Timestamp::from_seconds(number.into());
            record.called_received = format!("+{}00{number}", 1 + number / layout::PAGE as u32).into();
            record.caller_leg.sip_call_id = Some(format!("{number}@pbx.example").into());
            let rows = record.rows();
            let row = rows.iter().find(|row| row.owner.account == AccountId(1)).unwrap();
            writer.push(&Row::new(row, number.into())).unwrap();
        }
        RowFile::open(&path, writer.finish().unwrap(), Arc::default()).unwrap()
    }

    #[test]
    fn pages_in_which_nothing_can_pass_are_not_read() {
        let folder = tempfile::tempdir().unwrap();
        let file = file(folder.path());
        let page = layout::PAGE as u32;
        let passing =
            |field, test: Matching| file.passing([10..ROWS - 10], &[(Column::Field(field), &test)]).unwrap();
        let started = |seconds: Range<i64>| {
            let micros = seconds.start * 1_000_000..=seconds.end * 1_000_000;
            passing(RecordField::StartedAt, Matching::Numbers(NumberTest::Within(micros)))
        };
        assert_eq!(started(20..30), [10..page]);
        assert_eq!(started(i64::from(page) + 1..i64::from(page) + 9), [page..2 * page]);
        assert_eq!(started(5..i64::from(page)), [10..2 * page]);
        assert_eq!(started(100_000..100_001), []);
        let number = |operator, number: &str| {
            let test = TextTest::new(TextKind::Number, operator, [number]);
            passing(RecordField::CalledReceived, Matching::Texts(test))
        };
        assert_eq!(number(TextOperator::StartsWith, "200"), [page..2 * page]);
        assert_eq!(number(TextOperator::StartsWith, "+4"), []);
        assert_eq!(number(TextOperator::Is, "10077"), [10..page]);
        assert_eq!(number(TextOperator::Contains, "9"), [10..ROWS - 10]);
        let call_id = |operator, text: &str| {
            let field = RecordField::Leg(Side::Origination, LegField::SipCallId);
            passing(field, Matching::Texts(TextTest::new(TextKind::Plain, operator, [text])))
        };
        assert!(!call_id(TextOperator::Is, "77@pbx.example").is_empty());
        let elsewhere =
            (0..100).filter(|number| call_id(TextOperator::Is, &format!("{number}@elsewhere")).is_empty());
        assert!(elsewhere.count() > 80, "the filter tells most that are not there");
        assert_eq!(call_id(TextOperator::IsNot, "77@elsewhere"), [10..ROWS - 10]);
        assert_eq!(passing(RecordField::CallerReceived, Matching::Absence), []);
    }
}

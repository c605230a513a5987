//! Reading columns of a rows file.

use std::{ops::Range, path::Path, sync::Arc};

use call::AccountId;
use parquet::{
    basic::Type,
    column::{
        page::PageReader,
        reader::{ColumnReader, ColumnReaderImpl, get_column_reader},
    },
    data_type::{ByteArray, DataType, FixedLenByteArray},
    errors::ParquetError,
    file::{
        metadata::{ColumnChunkMetaData, ParquetMetaData, ParquetMetaDataReader},
        page_index::{index_reader::decode_offset_index, offset_index::PageLocation},
    },
};

use super::{
    Columns,
    array::{Array, Values},
    checked::{Checked, Sums},
    layout::{self, Column},
    page_indexes::PageIndexes,
    skipping,
    texts::{TextReader, Texts, is_dictionary},
    unpacking::UnpackedPages,
    window::Window,
};
use crate::{HistoryError, RecordField};

/// A Parquet file that is open: where what lies is in memory, what lies there is not.
pub(super) struct ParquetFile {
    pub(super) file: Checked,
    pub(super) metadata: ParquetMetaData,
    /// The pages of each column of each group.
    pub(super) pages: Vec<Vec<Vec<PageLocation>>>,
    /// The first row of each group, and the row after the last.
    pub(super) firsts: Vec<u32>,
    /// What is known of the pages of columns, and its number there.
    pub(super) page_indexes: Arc<PageIndexes>,
    pub(super) number: u64,
}

/// A rows file that is open.
pub(crate) struct RowFile {
    pub(super) parquet: ParquetFile,
    /// Where each column of the layout is in this file; `None` for one that came with a later release.
    pub(super) places: Vec<Option<usize>>,
    /// Each account with its first row.
    accounts: Vec<(AccountId, u32)>,
}

/// A file's last bytes: the length of what precedes them, and a mark.
const TAIL: usize = 8;

impl ParquetFile {
    pub(super) fn open(
        path: &Path,
        sums: Sums,
        page_indexes: Arc<PageIndexes>,
    ) -> Result<Self, HistoryError> {
        let file = Checked::open(path, sums)?;
        let metadata = read_metadata(&file)?;
        let pages = read_pages(&file, &metadata)?;
        let mut firsts = vec![0];
        for group in metadata.row_groups() {
            let rows = u32::try_from(group.num_rows()).map_err(|_| file.damaged())?;
            firsts.push(firsts.last().copied().unwrap_or(0) + rows);
        }
        let number = page_indexes.next_file();
        Ok(Self { file, metadata, pages, firsts, page_indexes, number })
    }

    pub(super) fn rows(&self) -> u32 {
        self.firsts.last().copied().unwrap_or(0)
    }

    pub(super) fn verify(&self) -> Result<(), HistoryError> {
        self.file.verify()
    }

    pub(super) fn damaged(&self) -> HistoryError {
        self.file.damaged()
    }

    /// The rows of the page of a column that has a row.
    pub(super) fn page_of(&self, column: usize, row: u32) -> Range<u32> {
        let group = self.firsts.partition_point(|first| *first <= row).saturating_sub(1);
        let (first, end) = (self.firsts[group], self.firsts[group + 1]);
        let pages = &self.pages[group][column];
        let next = pages.partition_point(|page| first + page.first_row_index as u32 <= row);
        let start = first + pages[next - 1].first_row_index as u32;
        start..pages.get(next).map_or(end, |page| first + page.first_row_index as u32)
    }

    /// The values of a column in `rows`.
    pub(super) fn read(&self, column: usize, rows: Range<u32>) -> Result<Values, HistoryError> {
        let descriptor = self.metadata.file_metadata().schema_descr().column(column);
        let (count, is_optional) = ((rows.end - rows.start) as usize, descriptor.max_def_level() > 0);
        let mut values = match descriptor.physical_type() {
            Type::BYTE_ARRAY => Values::Texts(Array::with_capacity(count, is_optional)),
            Type::FIXED_LEN_BYTE_ARRAY => Values::Uuids(Array::with_capacity(count, is_optional)),
            _ => Values::Numbers(Array::with_capacity(count, is_optional)),
        };
        for chunk in self.chunks(column, rows) {
            let reader = get_column_reader(chunk.metadata.column_descr_ptr(), Box::new(self.pages(&chunk)?));
            let read = read_values(reader, chunk.rows, is_optional, &mut values);
            read.map_err(|_| self.damaged())?;
        }
        Ok(values)
    }

    /// The texts of a column in `rows`.
    pub(super) fn texts(&self, column: usize, rows: Range<u32>) -> Result<Texts, HistoryError> {
        let mut texts = Texts::default();
        for chunk in self.chunks(column, rows) {
            let pages = self.pages(&chunk)?;
            read_texts(pages, &chunk, &mut texts).map_err(|_| self.damaged())?;
        }
        Ok(texts)
    }

    /// What of each group has a column of `rows`.
    fn chunks(&self, column: usize, rows: Range<u32>) -> impl Iterator<Item = Chunk<'_>> {
        (0..self.metadata.num_row_groups()).filter_map(move |group| {
            let (begin, end) = (self.firsts[group], self.firsts[group + 1]);
            let (first, end) = (begin.max(rows.start), end.min(rows.end));
            (first < end).then(|| Chunk {
                metadata: self.metadata.row_group(group).column(column),
                pages: &self.pages[group][column],
                rows: (first - begin) as usize..(end - begin) as usize,
                of: self.metadata.row_group(group).num_rows() as usize,
            })
        })
    }

    /// The pages of a chunk. The reader takes what precedes the first page for a dictionary, so it gets to know every
    /// page up to the last that is wanted; those before the first are not there, and to be stepped over.
    fn pages(&self, chunk: &Chunk<'_>) -> Result<UnpackedPages, HistoryError> {
        let (wanted, pages) = (chunk.wanted(), chunk.pages);
        let end = wanted.end;
        let read = pages.get(wanted).filter(|pages| !pages.is_empty()).ok_or_else(|| self.damaged())?;
        let until = pages.get(end).map_or(chunk.of, |next| next.first_row_index as usize);
        let window = Arc::new(self.window(chunk.metadata, read)?);
        let reader = UnpackedPages::new(window, chunk.metadata, until, pages[..end].to_vec());
        reader.map_err(|_| self.damaged())
    }

    /// The bytes of these pages, and of the dictionary that they may need.
    fn window(&self, chunk: &ColumnChunkMetaData, pages: &[PageLocation]) -> Result<Window, HistoryError> {
        let (first, last) = (&pages[0], &pages[pages.len() - 1]);
        let (begin, end) = (first.offset as u64, (last.offset + i64::from(last.compressed_page_size)) as u64);
        let mut parts = Vec::with_capacity(2);
        if let Some(dictionary) = chunk.dictionary_page_offset() {
            let after = chunk.data_page_offset() as u64;
            let dictionary = dictionary as u64;
            parts.push((dictionary, self.file.read(dictionary, (after - dictionary) as usize)?));
        }
        parts.push((begin, self.file.read(begin, (end - begin) as usize)?));
        Ok(Window::new(self.file.length(), parts))
    }
}

/// Part of a column: some rows of one group.
struct Chunk<'a> {
    metadata: &'a ColumnChunkMetaData,
    pages: &'a [PageLocation],
    /// Counted from the first of the group.
    rows: Range<usize>,
    /// The rows of the group.
    of: usize,
}

impl Chunk<'_> {
    /// The pages with its rows.
    fn wanted(&self) -> Range<usize> {
        skipping::wanted(self.pages, &self.rows)
    }
}

fn read_texts(mut pages: UnpackedPages, chunk: &Chunk<'_>, into: &mut Texts) -> Result<(), ParquetError> {
    let wanted = chunk.wanted();
    let before = into.rows();
    let mut reader = TextReader::new(into, chunk.metadata.column_descr().max_def_level() > 0);
    if chunk.metadata.dictionary_page_offset().is_some() {
        let dictionary = pages.get_next_page()?.filter(is_dictionary);
        reader.take(dictionary.ok_or_else(|| ParquetError::EOF("a dictionary is missing".to_owned()))?)?;
    }
    (0..wanted.start).try_for_each(|_| pages.skip_next_page())?;
    while let Some(page) = pages.get_next_page()? {
        reader.take(page)?;
    }
    let first = chunk.pages[wanted.start].first_row_index as usize;
    into.cut(before, chunk.rows.start - first, chunk.rows.len())
}

fn read_metadata(file: &Checked) -> Result<ParquetMetaData, HistoryError> {
    let before = file.length().checked_sub(TAIL as u64).ok_or_else(|| file.damaged())?;
    let tail = file.read(before, TAIL)?;
    let length = u32::from_le_bytes([tail[0], tail[1], tail[2], tail[3]]);
    let start = before.checked_sub(length.into()).ok_or_else(|| file.damaged())?;
    let bytes = file.read(start, length as usize)?;
    ParquetMetaDataReader::decode_metadata(&bytes).map_err(|_| file.damaged())
}

/// Where the pages of every column lie, which stands together before the metadata.
fn read_pages(
    file: &Checked,
    metadata: &ParquetMetaData,
) -> Result<Vec<Vec<Vec<PageLocation>>>, HistoryError> {
    let range = |chunk: &ColumnChunkMetaData| {
        let start = u64::try_from(chunk.offset_index_offset()?).ok()?;
        Some(start..start + u64::try_from(chunk.offset_index_length()?).ok()?)
    };
    let chunks = || metadata.row_groups().iter().flat_map(|group| group.columns());
    let starts = chunks().filter_map(|chunk| Some(range(chunk)?.start)).min();
    let Some((start, end)) = starts.zip(chunks().filter_map(|chunk| Some(range(chunk)?.end)).max()) else {
        return Ok(Vec::new());
    };
    let bytes = file.read(start, (end - start) as usize)?;
    let pages = |chunk: &ColumnChunkMetaData| {
        let range = range(chunk)?;
        let bytes = &bytes[(range.start - start) as usize..(range.end - start) as usize];
        Some(decode_offset_index(bytes).ok()?.page_locations().clone())
    };
    let groups = metadata.row_groups().iter().map(|group| group.columns().iter().map(pages).collect());
    groups.collect::<Option<Vec<_>>>().ok_or_else(|| file.damaged())
}

fn read_values(
    reader: ColumnReader,
    rows: Range<usize>,
    is_optional: bool,
    into: &mut Values,
) -> Result<(), ParquetError> {
    match (reader, into) {
        (ColumnReader::Int64ColumnReader(reader), Values::Numbers(array)) => {
            read_typed(reader, rows, is_optional, array, |number| number)
        }
        (ColumnReader::Int32ColumnReader(reader), Values::Numbers(array)) => {
            read_typed(reader, rows, is_optional, array, i64::from)
        }
        (ColumnReader::BoolColumnReader(reader), Values::Numbers(array)) => {
            read_typed(reader, rows, is_optional, array, i64::from)
        }
        (ColumnReader::ByteArrayColumnReader(reader), Values::Texts(array)) => {
            read_typed(reader, rows, is_optional, array, |text: ByteArray| text)
        }
        (ColumnReader::FixedLenByteArrayColumnReader(reader), Values::Uuids(array)) => {
            read_typed(reader, rows, is_optional, array, uuid)
        }
        _ => Err(ParquetError::General("a column has another type".to_owned())),
    }
}

fn uuid(bytes: FixedLenByteArray) -> [u8; 16] {
    bytes.data().try_into().unwrap_or_default()
}

fn read_typed<T: DataType, V: Clone + Default>(
    mut reader: ColumnReaderImpl<T>,
    rows: Range<usize>,
    is_optional: bool,
    into: &mut Array<V>,
    convert: impl Fn(T::T) -> V,
) -> Result<(), ParquetError> {
    let mut values = Vec::with_capacity(rows.len());
    let mut levels = Vec::with_capacity(if is_optional { rows.len() } else { 0 });
    let skipped = reader.skip_records(rows.start)?;
    let (read, ..) =
        reader.read_records(rows.len(), is_optional.then_some(&mut levels), None, &mut values)?;
    if skipped != rows.start || read != rows.len() {
        return Err(ParquetError::EOF("a column is too short".to_owned()));
    }
    into.extend(values.into_iter().map(convert).collect(), is_optional.then_some(&levels));
    Ok(())
}

impl RowFile {
    /// Opens a file. What is found out about its pages is kept with that of other files.
    pub(crate) fn open(
        path: &Path,
        sums: Sums,
        page_indexes: Arc<PageIndexes>,
    ) -> Result<Self, HistoryError> {
        let parquet = ParquetFile::open(path, sums, page_indexes)?;
        let schema = parquet.metadata.file_metadata().schema_descr();
        let find = |name: &str| schema.columns().iter().position(|column| column.name() == name);
        let places = layout::COLUMNS.iter().map(|described| find(&described.name)).collect();
        let mut file = Self { parquet, places, accounts: Vec::new() };
        file.accounts = file.find_accounts()?;
        Ok(file)
    }

    /// How many rows there are.
    pub(crate) fn rows(&self) -> u32 {
        self.parquet.rows()
    }

    /// Reads every byte.
    pub(crate) fn verify(&self) -> Result<(), HistoryError> {
        self.parquet.verify()
    }

    /// The rows of an account.
    pub(crate) fn rows_of(&self, account: AccountId) -> Range<u32> {
        let Ok(place) = self.accounts.binary_search_by_key(&account, |(account, _)| *account) else {
            return 0..0;
        };
        let end = self.accounts.get(place + 1).map_or(self.rows(), |(_, next)| *next);
        self.accounts[place].1..end
    }

    /// Every account that has a row, ascending.
    pub(crate) fn accounts(&self) -> impl Iterator<Item = AccountId> {
        self.accounts.iter().map(|(account, _)| *account)
    }

    /// The error for something in it that cannot be.
    pub(super) fn damaged(&self) -> HistoryError {
        self.parquet.damaged()
    }

    pub(super) fn values(&self, column: Column, rows: Range<u32>) -> Result<Values, HistoryError> {
        let place = layout::place(column);
        match self.places[place] {
            Some(found) => self.parquet.read(found, rows),
            None => Ok(Values::absent(layout::COLUMNS[place].shape, (rows.end - rows.start) as usize)),
        }
    }

    fn find_accounts(&self) -> Result<Vec<(AccountId, u32)>, HistoryError> {
        let mut accounts: Vec<(AccountId, u32)> = Vec::new();
        for start in (0..self.rows()).step_by(layout::GROUP) {
            let rows = start..self.rows().min(start + layout::GROUP as u32);
            let numbers = self.numbers(Column::Field(RecordField::Account), rows)?;
            for (row, account) in (start..).zip(numbers.values) {
                let account = AccountId(u32::try_from(account).map_err(|_| self.parquet.damaged())?);
                match accounts.last() {
                    Some((last, _)) if *last == account => {}
                    Some((last, _)) if *last > account => return Err(self.parquet.damaged()),
                    _ => accounts.push((account, row)),
                }
            }
        }
        Ok(accounts)
    }
}

impl Columns for RowFile {
    fn numbers(&self, column: Column, rows: Range<u32>) -> Result<Array<i64>, HistoryError> {
        match self.values(column, rows)? {
            Values::Numbers(array) => Ok(array),
            Values::Texts(_) | Values::Uuids(_) => Err(self.parquet.damaged()),
        }
    }

    fn texts(&self, column: Column, rows: Range<u32>) -> Result<Texts, HistoryError> {
        match self.places[layout::place(column)] {
            Some(found) => self.parquet.texts(found, rows),
            None => Ok(Texts::absent(rows.len())),
        }
    }

    fn call_ids(&self, rows: Range<u32>) -> Result<Array<[u8; 16]>, HistoryError> {
        match self.values(Column::Field(RecordField::CallId), rows)? {
            Values::Uuids(array) => Ok(array),
            Values::Numbers(_) | Values::Texts(_) => Err(self.parquet.damaged()),
        }
    }
}

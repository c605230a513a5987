//! Whole records, one at a time.

use std::{ops::Range, path::Path, sync::Arc};

use call::{CallId, CallRecord};
use parquet::data_type::ByteArray;
use uuid::Uuid;

use super::{
    array::{Array, Values},
    checked::Sums,
    row_file::ParquetFile,
};
use crate::{HistoryError, stored};

/// A records file that is open.
pub(crate) struct RecordFile {
    parquet: ParquetFile,
    /// The last call of each page of ids, with the rows of the page.
    pages: Vec<(CallId, Range<u32>)>,
}

/// Finds one record after the other. Keeps the pages that it read last, so that records that lie together are read
/// together.
pub(crate) struct RecordCursor<'a> {
    file: &'a RecordFile,
    ids: Option<(Range<u32>, Vec<CallId>)>,
    serials: Option<(Range<u32>, Array<i64>)>,
    records: Option<(Range<u32>, Array<ByteArray>)>,
}

const CALL_ID: usize = 0;
const SERIAL: usize = 1;
const RECORD: usize = 2;

impl RecordFile {
    /// Opens a file.
    pub(crate) fn open(path: &Path, sums: Sums) -> Result<Self, HistoryError> {
        let parquet = ParquetFile::open(path, sums, Arc::default())?;
        let mut file = Self { parquet, pages: Vec::new() };
        file.pages = file.find_pages()?;
        Ok(file)
    }

    /// How many records there are.
    pub(crate) fn len(&self) -> u32 {
        self.parquet.rows()
    }

    /// The error for something in it that cannot be.
    pub(super) fn damaged(&self) -> HistoryError {
        self.parquet.damaged()
    }

    /// Reads every byte.
    pub(crate) fn verify(&self) -> Result<(), HistoryError> {
        self.parquet.verify()
    }

    /// Finds records.
    pub(crate) fn cursor(&self) -> RecordCursor<'_> {
        RecordCursor { file: self, ids: None, serials: None, records: None }
    }

    /// The ids of the calls in `rows`.
    pub(crate) fn ids(&self, rows: Range<u32>) -> Result<Vec<CallId>, HistoryError> {
        match self.parquet.read(CALL_ID, rows)? {
            Values::Uuids(ids) => {
                Ok(ids.values.into_iter().map(|id| CallId::from_uuid(Uuid::from_bytes(id))).collect())
            }
            Values::Numbers(_) | Values::Texts(_) => Err(self.parquet.damaged()),
        }
    }

    /// The serial numbers of all records.
    pub(crate) fn serials(&self) -> Result<Vec<i64>, HistoryError> {
        Ok(self.serials_in(0..self.len())?.values)
    }

    fn serials_in(&self, rows: Range<u32>) -> Result<Array<i64>, HistoryError> {
        match self.parquet.read(SERIAL, rows)? {
            Values::Numbers(serials) => Ok(serials),
            Values::Uuids(_) | Values::Texts(_) => Err(self.parquet.damaged()),
        }
    }

    fn records_in(&self, rows: Range<u32>) -> Result<Array<ByteArray>, HistoryError> {
        match self.parquet.read(RECORD, rows)? {
            Values::Texts(records) => Ok(records),
            Values::Uuids(_) | Values::Numbers(_) => Err(self.parquet.damaged()),
        }
    }

    fn find_pages(&self) -> Result<Vec<(CallId, Range<u32>)>, HistoryError> {
        let mut pages = Vec::new();
        let mut row = 0;
        while row < self.len() {
            let rows = self.parquet.page_of(CALL_ID, row);
            let last = self.ids(rows.end - 1..rows.end)?;
            row = rows.end;
            pages.push((last[0], rows));
        }
        Ok(pages)
    }
}

impl RecordCursor<'_> {
    /// Where it looks.
    pub(super) fn file(&self) -> &RecordFile {
        self.file
    }

    /// The record of a call, with its serial number.
    pub(crate) fn find(&mut self, call: CallId) -> Result<Option<(i64, CallRecord)>, HistoryError> {
        match self.place_of(call)? {
            Some(place) => self.at(place).map(Some),
            None => Ok(None),
        }
    }

    /// Whether there is a record of a call.
    pub(crate) fn has(&mut self, call: CallId) -> Result<bool, HistoryError> {
        Ok(self.place_of(call)?.is_some())
    }

    fn place_of(&mut self, call: CallId) -> Result<Option<u32>, HistoryError> {
        let page = self.file.pages.partition_point(|(last, _)| *last < call);
        let Some((_, rows)) = self.file.pages.get(page) else { return Ok(None) };
        let (rows, ids) = kept(&mut self.ids, rows.clone(), |rows| self.file.ids(rows))?;
        Ok(ids.binary_search(&call).ok().map(|place| rows.start + place as u32))
    }

    /// The record at a place, with its serial number.
    pub(crate) fn at(&mut self, place: u32) -> Result<(i64, CallRecord), HistoryError> {
        let (serial, record) = self.stored_at(place)?;
        Ok((serial, stored::read_record(stored::MESSAGE_PACK, record.data())?))
    }

    /// The record of a call as it is stored, with its serial number.
    pub(super) fn stored(&mut self, call: CallId) -> Result<Option<(i64, ByteArray)>, HistoryError> {
        match self.place_of(call)? {
            Some(place) => self.stored_at(place).map(Some),
            None => Ok(None),
        }
    }

    fn stored_at(&mut self, place: u32) -> Result<(i64, ByteArray), HistoryError> {
        let file = self.file;
        let page = file.parquet.page_of(SERIAL, place);
        let (rows, serials) = kept(&mut self.serials, page, |rows| file.serials_in(rows))?;
        let serial = serials.number(place - rows.start);
        let page = file.parquet.page_of(RECORD, place);
        let (rows, records) = kept(&mut self.records, page, |rows| file.records_in(rows))?;
        let record = records.get((place - rows.start) as usize).ok_or_else(|| file.parquet.damaged())?;
        Ok((serial, record.clone()))
    }
}

/// What was read last, if it is that; else it is read.
fn kept<T>(
    last: &mut Option<(Range<u32>, T)>,
    rows: Range<u32>,
    read: impl FnOnce(Range<u32>) -> Result<T, HistoryError>,
) -> Result<(Range<u32>, &T), HistoryError> {
    let read = match last.take() {
        Some((found, values)) if found == rows => values,
        _ => read(rows.clone())?,
    };
    let (_, values) = last.insert((rows.clone(), read));
    Ok((rows, values))
}

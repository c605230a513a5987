//! Writing the files of a sealed part of a day.

use std::{
    fs::File,
    io::{BufWriter, Write},
    ops::Range,
    path::Path,
    sync::Arc,
};

use call::{CallId, CallRecord};
use parquet::{
    basic::{Compression, Encoding, ZstdLevel},
    data_type::{ByteArray, ByteArrayType, FixedLenByteArrayType, Int64Type},
    errors::ParquetError,
    file::{
        properties::{EnabledStatistics, WriterProperties},
        writer::SerializedFileWriter,
    },
    schema::{parser::parse_message_type, types::ColumnPath},
};

use super::{
    cell::Row,
    checked::{Summing, Sums},
    held::Held,
    layout::{self, COLUMNS, GROUP},
    record_file::RecordCursor,
    row_file::RowFile,
};
use crate::{HistoryError, stored};

type Out = SerializedFileWriter<Summing<BufWriter<File>>>;

/// Writes a rows file. Holds a group of rows in memory.
pub(crate) struct RowsWriter {
    file: Out,
    held: Vec<Held>,
    rows: usize,
}

/// Writes a records file.
pub(crate) struct RecordsWriter {
    file: Out,
    call_ids: Vec<u8>,
    serials: Vec<i64>,
    bytes: Vec<u8>,
    ends: Vec<usize>,
}

/// Bytes of records that are written together.
const RECORDS_GROUP: usize = 32 * 1_024 * 1_024;

/// Bytes of records that are packed together, and so unpacked to get one of them.
const RECORDS_PAGE: usize = 128 * 1_024;

/// Records between two looks at whether a page is full.
const RECORDS_BATCH: usize = 16;

impl RowsWriter {
    /// Begins a file.
    pub(crate) fn create(path: &Path) -> Result<Self, HistoryError> {
        let out = Summing::new(BufWriter::new(File::create(path).map_err(failed)?));
        let properties = Arc::new(layout::properties());
        let file = SerializedFileWriter::new(out, layout::schema(), properties).map_err(failed)?;
        Ok(Self { file, held: COLUMNS.iter().map(Held::of).collect(), rows: 0 })
    }

    /// Takes a row; they come by account, start and call.
    pub(crate) fn push(&mut self, row: &Row<'_>) -> Result<(), HistoryError> {
        for (held, described) in self.held.iter_mut().zip(COLUMNS.iter()) {
            held.take(row.value(described.column));
        }
        self.rows += 1;
        if self.rows == GROUP { self.write_group().map_err(failed) } else { Ok(()) }
    }

    /// Takes rows of other files as they are: each by the place of its file among `files`, and its own there. Of each
    /// file they ascend.
    pub(crate) fn copy(&mut self, files: &[&RowFile], rows: &[(u32, u32)]) -> Result<(), HistoryError> {
        let mut left = rows;
        while !left.is_empty() {
            let (now, later) = left.split_at(left.len().min(GROUP - self.rows));
            self.copy_into_group(files, now)?;
            left = later;
        }
        Ok(())
    }

    fn copy_into_group(&mut self, files: &[&RowFile], rows: &[(u32, u32)]) -> Result<(), HistoryError> {
        let spans: Vec<_> = (0..).zip(files).map(|(file, _)| span_of(file, rows)).collect();
        for (held, described) in self.held.iter_mut().zip(COLUMNS.iter()) {
            let read =
                files.iter().zip(&spans).map(|(file, span)| file.values(described.column, span.clone()));
            let read = read.collect::<Result<Vec<_>, _>>()?;
            for (file, row) in rows {
                let file = *file as usize;
                if !held.copy(&read[file], (row - spans[file].start) as usize) {
                    return Err(files[file].damaged());
                }
            }
        }
        self.rows += rows.len();
        if self.rows == GROUP { self.write_group().map_err(failed) } else { Ok(()) }
    }

    /// Everything is on the disk.
    pub(crate) fn finish(mut self) -> Result<Sums, HistoryError> {
        if self.rows > 0 {
            self.write_group().map_err(failed)?;
        }
        finish(self.file)
    }

    fn write_group(&mut self) -> Result<(), ParquetError> {
        let mut group = self.file.next_row_group()?;
        for held in &mut self.held {
            let mut column = group.next_column()?.expect("a group has as many columns as the schema");
            held.write(&mut column)?;
            column.close()?;
        }
        group.close()?;
        self.rows = 0;
        Ok(())
    }
}

impl RecordsWriter {
    /// Begins a file.
    pub(crate) fn create(path: &Path) -> Result<Self, HistoryError> {
        let out = Summing::new(BufWriter::new(File::create(path).map_err(failed)?));
        let schema = "message records { required fixed_len_byte_array(16) call_id (UUID); \
                      required int64 serial; required binary record; }";
        let schema = Arc::new(parse_message_type(schema).expect("the notation is right"));
        let file = SerializedFileWriter::new(out, schema, Arc::new(properties())).map_err(failed)?;
        Ok(Self { file, call_ids: Vec::new(), serials: Vec::new(), bytes: Vec::new(), ends: Vec::new() })
    }

    /// Takes a record; they come by call.
    pub(crate) fn push(&mut self, record: &CallRecord, serial: i64) -> Result<(), HistoryError> {
        stored::write_record(record, &mut self.bytes);
        self.end_record(record.call_id, serial)
    }

    /// Takes the record of a call from another file as it is.
    pub(crate) fn copy(&mut self, from: &mut RecordCursor<'_>, call: CallId) -> Result<(), HistoryError> {
        let (serial, record) = from.stored(call)?.ok_or_else(|| from.file().damaged())?;
        self.bytes.extend_from_slice(record.data());
        self.end_record(call, serial)
    }

    fn end_record(&mut self, call: CallId, serial: i64) -> Result<(), HistoryError> {
        self.call_ids.extend_from_slice(call.as_uuid().as_bytes());
        self.serials.push(serial);
        self.ends.push(self.bytes.len());
        if self.bytes.len() >= RECORDS_GROUP { self.write_group().map_err(failed) } else { Ok(()) }
    }

    /// Everything is on the disk.
    pub(crate) fn finish(mut self) -> Result<Sums, HistoryError> {
        if !self.ends.is_empty() {
            self.write_group().map_err(failed)?;
        }
        finish(self.file)
    }

    fn write_group(&mut self) -> Result<(), ParquetError> {
        let mut group = self.file.next_row_group()?;
        let missing = "a group has as many columns as the schema";
        let mut column = group.next_column()?.expect(missing);
        let ids: Vec<_> =
            self.call_ids.chunks_exact(16).map(|id| ByteArray::from(id.to_vec()).into()).collect();
        column.typed::<FixedLenByteArrayType>().write_batch(&ids, None, None)?;
        column.close()?;
        let mut column = group.next_column()?.expect(missing);
        column.typed::<Int64Type>().write_batch(&self.serials, None, None)?;
        column.close()?;
        let mut column = group.next_column()?.expect(missing);
        let bytes = bytes::Bytes::from(std::mem::take(&mut self.bytes));
        let starts = std::iter::once(0).chain(self.ends.iter().copied());
        let records: Vec<ByteArray> =
            starts.zip(&self.ends).map(|(start, end)| bytes.slice(start..*end).into()).collect();
        column.typed::<ByteArrayType>().write_batch(&records, None, None)?;
        column.close()?;
        group.close()?;
        self.call_ids.clear();
        self.serials.clear();
        self.ends.clear();
        Ok(())
    }
}

/// From the first to the last row of a file, among ascending ones of several.
fn span_of(file: u32, rows: &[(u32, u32)]) -> Range<u32> {
    let mut of_file = rows.iter().filter(|(of, _)| *of == file).map(|(_, row)| *row);
    let Some(first) = of_file.next() else { return 0..0 };
    first..of_file.next_back().unwrap_or(first) + 1
}

fn properties() -> WriterProperties {
    let record = ColumnPath::from("record");
    WriterProperties::builder()
        .set_created_by("trunkline".to_owned())
        .set_compression(Compression::ZSTD(ZstdLevel::try_new(6).expect("there is a level 6")))
        .set_dictionary_enabled(false)
        .set_statistics_enabled(EnabledStatistics::Page)
        .set_column_encoding(ColumnPath::from("serial"), Encoding::DELTA_BINARY_PACKED)
        .set_column_statistics_enabled(record, EnabledStatistics::None)
        .set_data_page_size_limit(RECORDS_PAGE)
        .set_write_batch_size(RECORDS_BATCH)
        .build()
}

fn finish(file: Out) -> Result<Sums, HistoryError> {
    let (out, sums) = file.into_inner().map_err(failed)?.finish();
    let mut out = out;
    out.flush().map_err(failed)?;
    out.get_ref().sync_all().map_err(failed)?;
    Ok(sums)
}

fn failed(source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> HistoryError {
    HistoryError::Store { what: "write a sealed file", source: source.into() }
}

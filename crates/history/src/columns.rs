//! Days that are over, sealed in columns: files in Apache Parquet that any engine can read in place.
//!
//! A sealed part of a day is two files. The *rows* file has one row for each account that has a side of a call,
//! by account and start, with every [`RecordField`](crate::RecordField) as a column; questions about many calls
//! read a few of its columns. The *records* file has the whole records by call id; one of them is got without
//! reading the others.
//!
//! Nothing here knows which files there are, nor where the rest of the history lies.

mod array;
mod batch;
mod cell;
mod checked;
mod delta;
mod fields;
mod held;
mod hybrid;
mod layout;
mod matcher;
mod page_indexes;
mod place;
mod recent;
mod record_file;
mod row_file;
mod scan;
mod selection;
mod skipping;
mod statistics;
mod texts;
mod unpacking;
mod window;
mod writer;

use std::ops::Range;

use self::{array::Array, texts::Texts};
use crate::HistoryError;

pub(crate) use self::{
    batch::{Batch, batches},
    cell::{Row, ahead_text},
    checked::{Sums, is_whole, name_of},
    fields::{FieldBatch, with_values},
    layout::Column,
    matcher::{Kind, Matcher, Matching, NumberTest, kind, span},
    page_indexes::PageIndexes,
    recent::{RecentColumns, RecentRow, keeps as keeps_in_memory},
    record_file::RecordFile,
    row_file::RowFile,
    scan::{Key, Noted, Scan},
    selection::Selection,
    writer::{RecordsWriter, RowsWriter},
};

/// Rows that lie in columns, wherever these are.
pub(crate) trait Columns {
    /// The numbers of a column in `rows`.
    fn numbers(&self, column: Column, rows: Range<u32>) -> Result<Array<i64>, HistoryError>;

    /// The texts of a column in `rows`.
    fn texts(&self, column: Column, rows: Range<u32>) -> Result<Texts, HistoryError>;

    /// The ids of the calls in `rows`.
    fn call_ids(&self, rows: Range<u32>) -> Result<Array<[u8; 16]>, HistoryError>;
}

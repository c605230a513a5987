//! Days that are over, sealed in columns: files in Apache Parquet that any engine can read in place.
//!
//! A sealed part of a day is two files. The *rows* file has one row for each account that has a side of a call,
//! by account and start, with every [`RecordField`](crate::RecordField) as a column; questions about many calls
//! read a few of its columns. The *records* file has the whole records by call id; one of them is got without
//! reading the others.
//!
//! Nothing here knows which files there are, nor where the rest of the history lies.

mod array;
mod cell;
mod checked;
mod fields;
mod held;
mod hybrid;
mod layout;
mod matcher;
mod record_file;
mod row_file;
mod scan;
mod statistics;
mod texts;
mod unpacking;
mod window;
mod writer;

pub(crate) use self::{
    cell::Row,
    checked::{Sums, is_whole, name_of},
    fields::{FieldBatch, with_values},
    layout::Column,
    matcher::{Matcher, Matching, span},
    record_file::RecordFile,
    row_file::RowFile,
    scan::{Batch, Key, Noted, Scan, Selection, batches},
    writer::{RecordsWriter, RowsWriter},
};

//! Export jobs: a search whose whole result is streamed into a compressed file.
//!
//! What the rows look like is a dialect's business: it registers an [`ExportFormat`] by name, and the job
//! stores that name and the dialect's own text of the request, so that it can be resumed after a restart.

use std::{fmt, time::Duration};

use call::{AccountId, CallId, CustomerId, Timestamp};
use rust_decimal::Decimal;
use uuid::Uuid;

use crate::query::{RecordField, RecordQuery};

/// An export job's id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ExportId(pub Uuid);

/// A job to be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewExport {
    /// The tenant.
    pub customer: CustomerId,
    /// Whose records.
    pub account: AccountId,
    /// Name of the format.
    pub format: String,
    /// The request in the words of the dialect; stored as it is and given to the format.
    pub request: String,
    /// Now.
    pub created_at: Timestamp,
}

/// A job.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Export {
    /// Its id.
    pub id: ExportId,
    /// The tenant.
    pub customer: CustomerId,
    /// Whose records.
    pub account: AccountId,
    /// Name of the format.
    pub format: String,
    /// The request in the words of the dialect.
    pub request: String,
    /// How far it is.
    pub status: ExportStatus,
    /// Rows written, without a header; `None` until it is completed.
    pub rows: Option<u64>,
    /// How far it is, while it is being carried out.
    pub progress: Option<Progress>,
    /// The file; `None` until it is completed, and for exports of releases that did not say.
    pub file: Option<FileFacts>,
    /// When it was asked for.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

/// How far a job is that is being carried out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// Rows written.
    pub rows: u64,
    /// Rows that there were to write when it began.
    pub expected: u64,
}

/// What can be said of a file without looking into it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FileFacts {
    /// Its length.
    pub bytes: u64,
    /// The SHA-256 of all of it.
    pub sha256: [u8; 32],
}

/// How far a job is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ExportStatus {
    /// Waiting or running.
    Pending,
    /// The file is there.
    Completed,
    /// It failed; the log says why.
    Failed,
    /// It was cancelled, or its file was removed.
    Deleted,
}

/// Exports that an account may have at one time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ExportBounds {
    /// That wait or are being made.
    pub waiting: u32,
    /// Those, and the ones whose files are there.
    pub kept: u32,
}

impl Default for ExportBounds {
    /// 10 and 200.
    fn default() -> Self {
        Self { waiting: 10, kept: 200 }
    }
}

/// Exports that an account has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct ExportCounts {
    pub(crate) waiting: u32,
    pub(crate) kept: u32,
}

impl ExportBounds {
    /// The bound that one more would exceed, and what of.
    pub(crate) fn exceeded(self, had: ExportCounts) -> Option<(u32, &'static str)> {
        match had {
            ExportCounts { waiting, .. } if waiting >= self.waiting => Some((self.waiting, "that wait")),
            ExportCounts { kept, .. } if kept >= self.kept => Some((self.kept, "whose files are kept")),
            _ => None,
        }
    }
}

/// A page of jobs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ExportPage {
    /// The jobs.
    pub exports: Vec<Export>,
    /// How many there are in all.
    pub total: u64,
}

/// A way to write records into a file.
pub trait ExportFormat: Send + Sync + 'static {
    /// Its name, as stored with jobs.
    fn name(&self) -> &'static str;

    /// What its files are.
    fn file_type(&self) -> FileType;

    /// Reads a stored request. The `limit`, `offset` and `count` of the query are not used.
    fn open(&self, account: AccountId, request: &str) -> Result<Opened, UnreadableRequest>;
}

/// What the files of a format are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FileType {
    /// What their names end with, behind the point.
    pub extension: &'static str,
    /// What the store does to the bytes of the format.
    pub packing: Packing,
}

/// What the store does to the bytes of a format.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Packing {
    /// It compresses them with gzip.
    Gzip,
    /// It writes them as they are.
    Plain,
}

/// A request, ready to be carried out.
pub struct Opened {
    /// Which records, in which order.
    pub query: RecordQuery,
    /// How each is written.
    pub printer: Box<dyn RowPrinter>,
}

/// Writes records as bytes. It says what it needs of each, so that a store need not read the rest.
pub trait RowPrinter: Send {
    /// The fields that it prints. What is noted about calls is no part of a record, and absent.
    fn fields(&self) -> Vec<RecordField>;

    /// What comes before the rows.
    fn header(&mut self, out: &mut Vec<u8>);

    /// One row: what its record says in each of the [`fields`](Self::fields). It may be held back, as long as what is
    /// held back does not grow with the number of rows.
    fn row(&mut self, values: &[FieldValue<'_>], out: &mut Vec<u8>);

    /// What comes after the rows, those that were held back first.
    fn footer(&mut self, out: &mut Vec<u8>);
}

/// What a record says in a field.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum FieldValue<'a> {
    /// Nothing.
    Absent,
    /// Yes or no.
    Flag(bool),
    /// An instant.
    Time(Timestamp),
    /// A length of time.
    Length(Duration),
    /// A whole number.
    Number(i64),
    /// An amount of money.
    Amount(Decimal),
    /// A text.
    Text(&'a str),
    /// A call's id.
    Call(CallId),
}

/// A stored request that its format does not understand.
#[derive(Debug, thiserror::Error)]
#[error("the stored request cannot be read: {0}")]
pub struct UnreadableRequest(pub String);

impl fmt::Display for ExportId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

//! Export jobs: a search whose whole result is streamed into a compressed file.
//!
//! What the rows look like is a dialect's business: it registers an [`ExportFormat`] by name, and the job
//! stores that name and the dialect's own text of the request, so that it can be resumed after a restart.

use std::fmt;

use call::{AccountId, CallRecord, CustomerId, Timestamp};
use uuid::Uuid;

use crate::query::RecordQuery;

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
    /// When it was asked for.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
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
    /// The file was removed.
    Deleted,
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

    /// Reads a stored request. The `limit`, `offset` and `count` of the query are not used.
    fn open(&self, account: AccountId, request: &str) -> Result<Opened, UnreadableRequest>;
}

/// A request, ready to be carried out.
pub struct Opened {
    /// Which records, in which order.
    pub query: RecordQuery,
    /// How each is written.
    pub printer: Box<dyn RowPrinter>,
}

/// Writes records as bytes.
pub trait RowPrinter: Send {
    /// What comes before the rows.
    fn header(&self, out: &mut Vec<u8>);

    /// One row.
    fn row(&mut self, record: &CallRecord, out: &mut Vec<u8>);
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

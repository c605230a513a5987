//! Whole searches, written into files.

use std::fs::File;

use async_trait::async_trait;
use call::{AccountId, Timestamp};

use crate::{Export, ExportId, ExportPage, HistoryError, NewExport};

/// The file of an export, open for reading.
#[derive(Debug)]
pub struct ExportFile {
    /// Its bytes.
    pub file: File,
    /// What its name ends with, `csv.gz` say.
    pub extension: &'static str,
}

/// Carries out export jobs, one after the other, in the background; those that were under way at a restart begin anew.
#[async_trait]
pub trait Exports: Send + Sync + 'static {
    /// Stores an export job and starts it.
    async fn create_export(&self, export: NewExport) -> Result<Export, HistoryError>;

    /// One export, if it belongs to one of `accounts`.
    async fn export(&self, accounts: Vec<AccountId>, id: ExportId) -> Result<Option<Export>, HistoryError>;

    /// The exports of `accounts`, newest first.
    async fn exports(
        &self,
        accounts: Vec<AccountId>,
        offset: u64,
        limit: u32,
    ) -> Result<ExportPage, HistoryError>;

    /// Cancels an export of one of `accounts`, or removes its file; it stays in the list as
    /// [`ExportStatus::Deleted`](crate::ExportStatus::Deleted). False if there is none. A repeat changes nothing.
    async fn delete_export(
        &self,
        accounts: Vec<AccountId>,
        id: ExportId,
        now: Timestamp,
    ) -> Result<bool, HistoryError>;

    /// Deletes the exports that were done before an instant, with their files. How many.
    async fn expire_exports(&self, before: Timestamp, now: Timestamp) -> Result<u64, HistoryError>;

    /// The file of a completed export of one of `accounts`; `None` if there is none, not yet or no longer.
    async fn export_file(
        &self,
        accounts: Vec<AccountId>,
        id: ExportId,
    ) -> Result<Option<ExportFile>, HistoryError>;
}

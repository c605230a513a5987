//! Export jobs, in the database, and their files beside it.

use std::{
    fs::File,
    io::{self, ErrorKind},
    path::Path,
    sync::atomic::Ordering,
};

use async_trait::async_trait;
use call::{AccountId, Timestamp};
use uuid::Uuid;

use crate::{
    Export, ExportFile, ExportId, ExportPage, ExportStatus, Exports, HistoryError, NewExport,
    sqlite::{SqliteHistory, export_jobs, exporter, lanes::Lane, readers::Asked, writer::Change},
};

#[async_trait]
impl Exports for SqliteHistory {
    async fn create_export(&self, export: NewExport) -> Result<Export, HistoryError> {
        let _turn = self.creating.lock().await;
        self.refuse_too_many_exports(export.account).await?;
        let export = Export {
            id: ExportId(Uuid::new_v4()),
            customer: export.customer,
            account: export.account,
            format: export.format,
            request: export.request,
            status: ExportStatus::Pending,
            rows: None,
            progress: None,
            file: None,
            created_at: export.created_at,
            updated_at: export.created_at,
        };
        self.writer.write(Change::BeginExport(export.clone())).await?;
        self.exporter.take(export.clone());
        Ok(export)
    }

    async fn export(&self, accounts: Vec<AccountId>, id: ExportId) -> Result<Option<Export>, HistoryError> {
        let asked = Asked { what: "read an export", lane: Lane::LookUp, account: accounts.first().copied() };
        let find = move |database: &_| export_jobs::find(database, &accounts, id);
        let found = self.readers.read(asked, find).await?;
        Ok(found.map(|export| self.watched(export)))
    }

    async fn exports(
        &self,
        accounts: Vec<AccountId>,
        offset: u64,
        limit: u32,
    ) -> Result<ExportPage, HistoryError> {
        let asked = Asked { what: "list exports", lane: Lane::Page, account: accounts.first().copied() };
        let page = move |database: &_| export_jobs::page(database, &accounts, offset, limit);
        let ExportPage { exports, total } = self.readers.read(asked, page).await?;
        Ok(ExportPage { exports: exports.into_iter().map(|export| self.watched(export)).collect(), total })
    }

    async fn delete_export(
        &self,
        accounts: Vec<AccountId>,
        id: ExportId,
        now: Timestamp,
    ) -> Result<bool, HistoryError> {
        let Some(export) = self.export(accounts, id).await? else { return Ok(false) };
        self.writer.write(Change::DeleteExport { id, now }).await?;
        self.exporter.cancel(id);
        if let Some((path, _)) = self.exporter.shelf().file_of(&export) {
            aside("remove the file of an export", move || exporter::remove(&path)).await?;
        }
        Ok(true)
    }

    async fn expire_exports(&self, before: Timestamp, now: Timestamp) -> Result<u64, HistoryError> {
        let asked = Asked { what: "find old exports", lane: Lane::Page, account: None };
        let old =
            self.readers.read(asked, move |database: &_| export_jobs::done_before(database, before)).await?;
        let mut expired = 0;
        for export in old {
            expired += u64::from(self.delete_export(vec![export.account], export.id, now).await?);
        }
        self.exports_expired.fetch_add(expired, Ordering::Relaxed);
        Ok(expired)
    }

    async fn export_file(
        &self,
        accounts: Vec<AccountId>,
        id: ExportId,
    ) -> Result<Option<ExportFile>, HistoryError> {
        let export = self.export(accounts, id).await?;
        let completed = export.filter(|export| export.status == ExportStatus::Completed);
        let Some((path, file_type)) = completed.and_then(|export| self.exporter.shelf().file_of(&export))
        else {
            return Ok(None);
        };
        let file = aside("open the file of an export", move || open(&path)).await?;
        Ok(file.map(|file| ExportFile { file, extension: file_type.extension }))
    }
}

/// A file that somebody has removed is none.
fn open(path: &Path) -> io::Result<Option<File>> {
    match File::open(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        opened => opened.map(Some),
    }
}

/// Does something with files, off the asynchronous threads.
async fn aside<T: Send + 'static>(
    what: &'static str,
    work: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> Result<T, HistoryError> {
    let failed = |source: Box<dyn std::error::Error + Send + Sync>| HistoryError::Store { what, source };
    let done = tokio::task::spawn_blocking(work).await.map_err(|error| failed(error.into()))?;
    done.map_err(|error| failed(error.into()))
}

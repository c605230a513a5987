//! The history in one SQLite database.
//!
//! One thread writes, in commits that take together what has queued up; readers have connections of
//! their own and see what was committed when they began.

mod activity;
mod export_jobs;
mod fault;
mod id;
mod journal;
mod predicate;
mod readers;
mod records;
mod runs;
mod scaled;
mod schema;
mod search;
mod writer;

use std::{
    fs::{self, File, TryLockError},
    io,
    ops::Range,
    path::PathBuf,
    sync::Arc,
    thread::JoinHandle,
    time::Duration,
};

use async_trait::async_trait;
use call::{
    AccountId, CallEvent, CallId, CallRecord, Timestamp,
    activity::{ActiveCall, ActivityFilter},
    event::Side,
    series::Interval,
};
use uuid::Uuid;

use self::{
    readers::Readers,
    writer::{Change, Writer},
};
use crate::{
    Batch, Export, ExportId, ExportPage, ExportStatus, History, HistoryError, NewExport, RecordPage,
    RecordQuery, export::ExportFormat,
};

/// How to open a store.
pub struct OpenOptions {
    /// The folder of the database and of the exports; made if it is not there. One process at a time.
    pub folder: PathBuf,
    /// The formats that exports can have.
    pub formats: Vec<Arc<dyn ExportFormat>>,
    /// Queries that run at the same time, at most; others wait.
    pub readers: usize,
    /// How long a query may take before it is broken off. Exports have no limit.
    pub query_limit: Duration,
}

impl OpenOptions {
    /// The usual: no formats, four readers, ten seconds.
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self { folder: folder.into(), formats: Vec::new(), readers: 4, query_limit: Duration::from_secs(10) }
    }
}

/// Why a store cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// A file or folder cannot be made or opened.
    #[error("cannot open {path}")]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// Another process has it open.
    #[error("{path} is in use by another process; a data folder belongs to one server")]
    InUse {
        /// The folder.
        path: PathBuf,
    },
    /// A later release wrote it.
    #[error(
        "the call history has version {found} and this release knows versions up to {known}; \
         run a release that is at least as new as the one that wrote it"
    )]
    Newer {
        /// The version of the file.
        found: i64,
        /// The latest version that is known.
        known: i64,
    },
    /// SQLite cannot use it.
    #[error("the call history's database cannot be opened")]
    Database(#[from] rusqlite::Error),
    /// A thread cannot be started.
    #[error("cannot start a thread")]
    Thread(#[from] io::Error),
}

/// The history on disk. Dropping it writes what is under way and closes the files.
pub struct SqliteHistory {
    readers: Arc<Readers>,
    writer: Option<Writer>,
    thread: Option<JoinHandle<()>>,
    run: i64,
    folder: PathBuf,
    _lock: File,
}

impl SqliteHistory {
    /// Opens the store in a folder; a new one if there is none.
    pub fn open(options: OpenOptions) -> Result<Self, OpenError> {
        let folder = options.folder;
        let lock = lock(&folder)?;
        let database = folder.join("history.db");
        let (writer, thread) = Writer::start(&database)?;
        let run = runs::next(&schema::open_reader(&database)?)?;
        let readers = Readers::new(database, options.readers, options.query_limit);
        Ok(Self { readers, writer: Some(writer), thread: Some(thread), run, folder, _lock: lock })
    }

    async fn write(&self, change: Change) -> Result<(), HistoryError> {
        match &self.writer {
            Some(writer) => writer.write(change).await,
            None => Err(HistoryError::Closed),
        }
    }
}

impl Drop for SqliteHistory {
    fn drop(&mut self) {
        self.writer = None;
        if let Some(thread) = self.thread.take() {
            // It has nothing to say that was not answered to whoever asked.
            let _ = thread.join();
        }
    }
}

/// Makes the folder and takes it for this process, as long as the file is held.
fn lock(folder: &PathBuf) -> Result<File, OpenError> {
    let failed = |path: PathBuf| move |source| OpenError::File { path, source };
    fs::create_dir_all(folder).map_err(failed(folder.clone()))?;
    let path = folder.join("history.lock");
    let file =
        File::options().create(true).truncate(false).write(true).open(&path).map_err(failed(path.clone()))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(OpenError::InUse { path: folder.clone() }),
        Err(TryLockError::Error(source)) => Err(OpenError::File { path, source }),
    }
}

#[async_trait]
impl History for SqliteHistory {
    async fn append(&self, batch: Batch) -> Result<(), HistoryError> {
        self.write(Change::Append(batch)).await
    }

    async fn unfinished(&self) -> Result<Vec<Arc<CallEvent>>, HistoryError> {
        self.readers.read("read its journal", journal::read).await
    }

    async fn search(&self, query: RecordQuery) -> Result<RecordPage, HistoryError> {
        self.readers.read("search its records", move |database| search::page(database, &query)).await
    }

    async fn record(
        &self,
        accounts: Vec<AccountId>,
        call: CallId,
    ) -> Result<Option<Arc<CallRecord>>, HistoryError> {
        self.readers.read("read a record", move |database| records::find(database, &accounts, call)).await
    }

    async fn active_calls(
        &self,
        account: AccountId,
        side: Side,
        range: Range<Timestamp>,
        filter: ActivityFilter,
    ) -> Result<Vec<ActiveCall>, HistoryError> {
        let find = move |database: &_| activity::find(database, account, side, &range, &filter);
        self.readers.read("find the calls of a series", find).await
    }

    async fn outages(&self, range: Range<Timestamp>) -> Result<Vec<Interval>, HistoryError> {
        self.readers.read("find outages", move |database| runs::gaps(database, &range)).await
    }

    async fn heartbeat(&self, at: Timestamp) -> Result<(), HistoryError> {
        self.write(Change::Heartbeat { run: self.run, at }).await
    }

    async fn last_heartbeat(&self) -> Result<Option<Timestamp>, HistoryError> {
        let run = self.run;
        self.readers.read("read the last heartbeat", move |database| runs::last_before(database, run)).await
    }

    async fn create_export(&self, export: NewExport) -> Result<Export, HistoryError> {
        let export = Export {
            id: ExportId(Uuid::new_v4()),
            customer: export.customer,
            account: export.account,
            format: export.format,
            request: export.request,
            status: ExportStatus::Pending,
            rows: None,
            created_at: export.created_at,
            updated_at: export.created_at,
        };
        self.write(Change::PutExport(export.clone())).await?;
        Ok(export)
    }

    async fn export(&self, accounts: Vec<AccountId>, id: ExportId) -> Result<Option<Export>, HistoryError> {
        self.readers.read("read an export", move |database| export_jobs::find(database, &accounts, id)).await
    }

    async fn exports(
        &self,
        accounts: Vec<AccountId>,
        offset: u64,
        limit: u32,
    ) -> Result<ExportPage, HistoryError> {
        let page = move |database: &_| export_jobs::page(database, &accounts, offset, limit);
        self.readers.read("list exports", page).await
    }

    async fn export_file(
        &self,
        accounts: Vec<AccountId>,
        id: ExportId,
    ) -> Result<Option<PathBuf>, HistoryError> {
        let export = self.export(accounts, id).await?;
        let completed = export.filter(|export| export.status == ExportStatus::Completed);
        Ok(completed.map(|export| self.folder.join("exports").join(format!("{}.csv.gz", export.id))))
    }
}

//! The history in one SQLite database.
//!
//! One thread writes, in commits that take together what has queued up; readers have connections of
//! their own and see what was committed when they began.

mod activity;
mod annotations;
mod backup;
mod balances;
mod billing;
mod calls_of;
mod check;
mod daily;
mod deadline;
mod deleted;
mod desk;
mod export_jobs;
mod exporter;
mod fault;
mod forgetting;
mod functions;
mod id;
mod joined;
mod journal;
mod lanes;
mod latest;
mod opening;
mod predicate;
mod quarantine;
mod readers;
mod recent;
mod records;
mod runs;
mod schema;
mod sealed;
mod sealing;
mod search;
mod statistics;
mod tail;
mod text;
mod words;
mod writer;
mod yielding;

use std::{
    collections::HashMap,
    fs::{self, File},
    ops::Range,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use async_trait::async_trait;
use call::{
    AccountId, CallEvent, CallId, CallRecord, Timestamp,
    activity::ActiveCall,
    event::Side,
    filter::CallFilter,
    series::{Grid, Interval},
    statistics::{Sampling, Statistics},
};
use parking_lot::Mutex;
use rusqlite::Connection;
use rust_decimal::Decimal;
use tokio::sync::watch;
use uuid::Uuid;

pub use desk::{PutAside, QuarantineDesk, Replayed};

use self::{
    activity::Active,
    deadline::Deadline,
    exporter::{Exporter, Shelf, Workshop},
    fault::Fault,
    joined::Joined,
    lanes::Lane,
    opening::{lock, make_folder},
    readers::{Asked, Readers},
    recent::Recent,
    sealed::Sealed,
    sealing::{Sealer, Task, Workbench},
    writer::{Change, Writer},
};
pub use self::{
    backup::{BackupError, Mended, back_up, copy_database, mend, restore},
    check::{CheckReport, check},
    latest::latest_noted,
    opening::{LOCK, OpenError, OpenOptions},
    sealing::{Retaining, Sealing},
};
use crate::{
    Annotation, AnnotationChange, Annotations, Batch, Billed, BillingQuery, Census, Export, ExportId,
    ExportPage, ExportStatus, Heartbeat, History, HistoryError, LeftByRun, LogPage, LogQuery, NewExport,
    RecordPage, RecordQuery, SealedFigures, StoreFigures, export::ExportBounds, scaled,
};

/// The name of the database in its folder.
pub const DATABASE: &str = "history.db";

/// The history on disk. Dropping it writes what is under way and closes the files.
pub struct SqliteHistory {
    readers: Arc<Readers>,
    sealed: Arc<Sealed>,
    recent: Arc<Recent>,
    // Dropped in this order: the sealer and the exporter write, the writer is waited for, then the folder is free.
    sealer: Sealer,
    exporter: Exporter,
    export_bounds: ExportBounds,
    /// Held while it is looked whether an account may have one more, and until it has.
    creating: tokio::sync::Mutex<()>,
    exports_refused: AtomicU64,
    exports_expired: AtomicU64,
    writer: Writer,
    thread: Mutex<Option<Joined>>,
    _lock: File,
}

impl SqliteHistory {
    /// Opens the store in a folder; a new one if there is none. Exports that were under way begin anew.
    pub fn open(options: OpenOptions) -> Result<Self, OpenError> {
        let lock = lock(&options.folder)?;
        let exports = options.folder.join("exports");
        make_folder(&exports)?;
        let path = options.folder.join(DATABASE);
        let sealed = Sealed::new(options.folder.clone(), options.readers);
        let recent = Arc::new(Recent::new(options.now.clone()));
        let halves = (sealed.clone(), recent.clone());
        let (writer, thread) = Writer::start(&path, options.size_limit, halves, options.keep_events)?;
        let connection = schema::open_reader(&path)?;
        let pending = export_jobs::pending(&connection)?;
        let shelf = Shelf::new(exports, options.formats);
        sealed.sweep(&connection).map_err(|fault| fault.during_at("list sealed days", &path))?;
        let workbench = Workbench {
            connection: schema::open_reader(&path)?,
            writer: writer.clone(),
            sealed: sealed.clone(),
            recent: recent.clone(),
            now: options.now.clone(),
            sealing: options.sealing,
            retention: options.retention,
            recordings: options.recordings,
        };
        let sealer = Sealer::start(workbench)?;
        let workshop =
            Workshop { shelf, connection, writer: writer.clone(), sealed: sealed.clone(), now: options.now };
        let exporter = Exporter::start(workshop, pending)?;
        let readers = Readers::new(path, options.readers, options.query_limit);
        Ok(Self {
            readers,
            sealed,
            recent,
            sealer,
            exporter,
            export_bounds: options.export_bounds,
            creating: tokio::sync::Mutex::default(),
            exports_refused: AtomicU64::new(0),
            exports_expired: AtomicU64::new(0),
            writer,
            thread: Mutex::new(Some(thread)),
            _lock: lock,
        })
    }
}

impl SqliteHistory {
    /// Seals every day that ended before an instant, at once: what is not sealed of it yet. Says how many parts of
    /// days were written.
    pub async fn seal_before(&self, before: Timestamp) -> Result<u64, HistoryError> {
        self.sealer.order(Task::Seal { before }).await
    }

    /// Makes the parts of each day that ended before an instant into one, at once. Says how many parts went.
    pub async fn fold_before(&self, before: Timestamp) -> Result<u64, HistoryError> {
        self.sealer.order(Task::Fold { before }).await
    }

    /// Deletes the calls and recordings that are older than they are kept, at once. Says how many rows of calls went.
    pub async fn delete_expired(&self) -> Result<u64, HistoryError> {
        self.sealer.order(Task::DeleteExpired).await
    }

    /// Stores those of these records whose calls have none: of days that are over, sealed at once; all of a day or
    /// nothing. Says how many that were.
    ///
    /// Nothing may be appended meanwhile.
    pub async fn import(&self, records: Vec<CallRecord>) -> Result<u64, HistoryError> {
        self.sealer.order(Task::Import(records)).await
    }

    /// Asks both halves of the history.
    async fn read<T: Send + 'static>(
        &self,
        asked: Asked,
        query: impl FnOnce(&Connection, &Sealed, &Deadline) -> Result<T, Fault> + Send + 'static,
    ) -> Result<T, HistoryError> {
        let (sealed, reading) = (self.sealed.clone(), self.sealed.reading());
        let query = move |database: &_, deadline: &_| {
            let _reading = reading;
            query(database, &sealed, deadline)
        };
        let answer = self.readers.read_until(asked, query).await;
        answer.inspect_err(|error| self.sealed.note_damage(error))
    }

    async fn refuse_too_many_exports(&self, account: AccountId) -> Result<(), HistoryError> {
        let asked = Asked { what: "count exports", lane: Lane::LookUp, account: Some(account) };
        let counted =
            self.readers.read(asked, move |database: &_| Ok(export_jobs::counts(database, account)?));
        let Some((most, of)) = self.export_bounds.exceeded(counted.await?) else { return Ok(()) };
        self.exports_refused.fetch_add(1, Ordering::Relaxed);
        Err(HistoryError::TooManyExports { most, of })
    }

    /// The export with how far it is.
    fn watched(&self, export: Export) -> Export {
        Export { progress: self.exporter.progress_of(export.id), ..export }
    }
}

#[async_trait]
impl History for SqliteHistory {
    async fn append(&self, batch: Batch) -> Result<(), HistoryError> {
        self.writer.write(Change::Append(batch)).await
    }

    fn latest_append(&self) -> i64 {
        self.writer.latest_append()
    }

    fn figures(&self) -> StoreFigures {
        let size = |path: &Path| fs::metadata(path).map_or(0, |file| file.len());
        let path = self.readers.path();
        let (recent_rows, recent_bytes) = self.recent.figures();
        StoreFigures {
            database_bytes: size(path),
            wal_bytes: size(&path.with_extension("db-wal")),
            exports_waiting: self.exporter.waiting(),
            exports_refused: self.exports_refused.load(Ordering::Relaxed),
            exports_expired: self.exports_expired.load(Ordering::Relaxed),
            unanswered_without_files: self.readers.without_files(),
            backed_up_at: path.parent().and_then(backup::backed_up_at),
            sealed: SealedFigures { recent_rows, recent_bytes, ..self.sealed.figures() },
        }
    }

    fn run(&self) -> i64 {
        self.writer.run()
    }

    fn quarantined(&self) -> u64 {
        self.writer.quarantined()
    }

    async fn unfinished(&self) -> Result<Vec<Arc<CallEvent>>, HistoryError> {
        let asked = Asked { what: "read its journal", lane: Lane::Search, account: None };
        self.readers.read(asked, journal::read).await
    }

    async fn left_by_runs(&self) -> Result<Vec<LeftByRun>, HistoryError> {
        let asked = Asked { what: "read its journal", lane: Lane::Search, account: None };
        self.readers.read(asked, journal::read_by_run).await
    }

    async fn events(&self, query: LogQuery) -> Result<LogPage, HistoryError> {
        if let Some(page) = self.writer.tail().and_then(|tail| tail.page(&query)) {
            return Ok(page);
        }
        let account = query.filter.accounts.first().copied();
        let asked = Asked { what: "read its events", lane: Lane::Page, account };
        let page = self.readers.read(asked, move |database| journal::page(database, &query)).await?;
        // What was read may be committed and not told yet: whoever asks on is not to know more than the tail does.
        let _ = self.latest_event().wait_for(|latest| *latest >= page.through).await;
        Ok(page)
    }

    fn latest_event(&self) -> watch::Receiver<u64> {
        // Of a store that is closed: one that tells nothing any more.
        self.writer.tail().map_or_else(|| watch::channel(0).1, |tail| tail.latest())
    }

    async fn close(&self) {
        self.sealer.close().await;
        self.exporter.close().await;
        self.readers.close().await;
        self.writer.close().await;
        let thread = self.thread.lock().take();
        // It has ended, or will: what it panicked over is told already.
        let _ = tokio::task::spawn_blocking(move || drop(thread)).await;
    }

    async fn census(&self) -> Result<Census, HistoryError> {
        let asked = Asked { what: "count its records", lane: Lane::LookUp, account: None };
        self.readers.read(asked, records::census).await
    }

    async fn search(&self, query: RecordQuery) -> Result<RecordPage, HistoryError> {
        let asked = Asked {
            what: "search its records",
            lane: search::lane(&query),
            account: query.accounts.first().copied(),
        };
        let page =
            move |database: &_, sealed: &_, deadline: &_| search::page(database, sealed, &query, deadline);
        self.read(asked, page).await
    }

    async fn record(
        &self,
        accounts: Vec<AccountId>,
        call: CallId,
    ) -> Result<Option<Arc<CallRecord>>, HistoryError> {
        let asked = Asked { what: "read a record", lane: Lane::LookUp, account: accounts.first().copied() };
        let find = move |database: &_, sealed: &_, _: &_| records::find(database, sealed, &accounts, call);
        self.read(asked, find).await
    }

    async fn billed(&self, query: BillingQuery) -> Result<Vec<Billed>, HistoryError> {
        let asked =
            Asked { what: "sum up calls", lane: Lane::Search, account: query.accounts.first().copied() };
        let sum =
            move |database: &_, sealed: &_, deadline: &_| billing::sum(database, sealed, &query, deadline);
        self.read(asked, sum).await
    }

    async fn balance_movements(
        &self,
        accounts: Vec<AccountId>,
    ) -> Result<HashMap<AccountId, Decimal>, HistoryError> {
        let asked = Asked {
            what: "read the movement of balances",
            lane: Lane::LookUp,
            account: accounts.first().copied(),
        };
        let read = move |database: &_| balances::read(database, &accounts);
        self.readers.read(asked, read).await
    }

    async fn active_calls(
        &self,
        account: AccountId,
        side: Side,
        grid: Grid,
        filter: CallFilter,
        live: Vec<ActiveCall>,
    ) -> Result<Vec<u32>, HistoryError> {
        let active = Active { account, side, grid, filter, live };
        let recent = self.recent.clone();
        let count =
            move |database: &_, sealed: &_, deadline: &_| active.count(database, (sealed, &recent), deadline);
        let asked = Asked { what: "count the calls of a series", lane: Lane::Search, account: Some(account) };
        self.read(asked, count).await
    }

    async fn statistics(
        &self,
        account: AccountId,
        side: Side,
        range: Range<Timestamp>,
        filter: CallFilter,
        sampling: Sampling,
    ) -> Result<Statistics, HistoryError> {
        let calls = statistics::Calls { account, side, range, filter };
        let recent = self.recent.clone();
        let gather = move |database: &_, sealed: &_, deadline: &_| {
            calls.gather(database, (sealed, &recent), sampling, deadline)
        };
        let asked = Asked { what: "gather statistics", lane: Lane::Search, account: Some(account) };
        self.read(asked, gather).await
    }

    async fn outages(&self, range: Range<Timestamp>) -> Result<Vec<Interval>, HistoryError> {
        let asked = Asked { what: "find outages", lane: Lane::Page, account: None };
        self.readers.read(asked, move |database| runs::gaps(database, &range)).await
    }

    async fn heartbeat(&self, beat: Heartbeat) -> Result<(), HistoryError> {
        self.writer.write(Change::Heartbeat(beat)).await
    }

    async fn annotate(
        &self,
        accounts: Vec<AccountId>,
        call: CallId,
        change: AnnotationChange,
    ) -> Result<(), HistoryError> {
        self.writer.write(Change::Annotate(Annotation { accounts, call, change })).await
    }

    async fn annotations(&self, calls: Vec<(AccountId, CallId)>) -> Result<Vec<Annotations>, HistoryError> {
        let asked = Asked {
            what: "read annotations",
            lane: Lane::Page,
            account: calls.first().map(|(account, _)| *account),
        };
        let find = move |database: &_| {
            calls.iter().map(|(account, call)| annotations::find(database, *account, *call)).collect()
        };
        self.readers.read(asked, find).await
    }

    async fn annotation_changes(
        &self,
        account: AccountId,
        call: CallId,
        limit: u32,
    ) -> Result<Vec<AnnotationChange>, HistoryError> {
        let asked = Asked { what: "read changes of annotations", lane: Lane::Page, account: Some(account) };
        let changes = move |database: &_| annotations::changes(database, account, call, limit);
        self.readers.read(asked, changes).await
    }

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
        match self.exporter.shelf().file_of(&export) {
            Some(path) => remove(path).await.map(|()| true),
            None => Ok(true),
        }
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
    ) -> Result<Option<PathBuf>, HistoryError> {
        let export = self.export(accounts, id).await?;
        let completed = export.filter(|export| export.status == ExportStatus::Completed);
        Ok(completed.and_then(|export| self.exporter.shelf().file_of(&export)))
    }
}

/// Removes a file of an export, off the asynchronous threads.
async fn remove(path: PathBuf) -> Result<(), HistoryError> {
    let what = "remove the file of an export";
    let failed = |source: Box<dyn std::error::Error + Send + Sync>| HistoryError::Store { what, source };
    let removed = tokio::task::spawn_blocking(move || exporter::remove(&path)).await;
    removed.map_err(|error| failed(error.into()))?.map_err(|error| failed(error.into()))
}

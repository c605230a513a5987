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
mod lately;
mod latest;
mod moved;
mod opening;
mod port;
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
    fs::File,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use call::{AccountId, CallRecord, Timestamp};
use parking_lot::Mutex;
use rusqlite::Connection;

pub use desk::{PutAside, QuarantineDesk, Replayed};

pub use self::{
    backup::{BackupError, Mended, back_up, copy_database, mend, restore},
    check::{CheckReport, check},
    journal::JournalCalls,
    latest::latest_noted,
    opening::{LOCK, OpenError, OpenOptions},
    sealed::SealedFigures,
    sealing::{Retaining, Sealing},
};
use self::{
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
    writer::Writer,
};
use crate::{Export, HistoryError, export::ExportBounds, scaled};

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

    /// How much of it lies in columns.
    pub fn sealed_figures(&self) -> SealedFigures {
        let (recent_rows, recent_bytes) = self.recent.figures();
        SealedFigures { recent_rows, recent_bytes, ..self.sealed.figures() }
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

//! Carries out export jobs, one after another, in a thread of its own.

mod file;
mod job;

use std::{
    collections::HashMap,
    panic::{self, AssertUnwindSafe},
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
        mpsc,
    },
    thread,
};

use call::Timestamp;
use rusqlite::Connection;

pub(super) use self::file::path;
use self::job::{ExportError, Job};
use super::{
    OpenError,
    joined::Joined,
    writer::{Change, Writer},
};
use crate::{Export, ExportStatus, export::ExportFormat};

/// Tells the time.
pub type Now = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// Steps of SQLite's machine between two looks at whether to stop.
const STEPS: i32 = 1_000;

/// Hands jobs to the thread. Dropping it stops the thread; what is not done then is done after the next
/// start.
pub(super) struct Exporter {
    jobs: mpsc::Sender<Export>,
    stopping: Arc<AtomicBool>,
    _thread: Joined,
}

/// What the thread works with.
pub(super) struct Workshop {
    /// Where the files go.
    pub(super) folder: PathBuf,
    pub(super) formats: Vec<Arc<dyn ExportFormat>>,
    /// A connection that reads.
    pub(super) connection: Connection,
    pub(super) writer: Writer,
    pub(super) now: Now,
}

struct Worker {
    folder: PathBuf,
    formats: HashMap<&'static str, Arc<dyn ExportFormat>>,
    connection: Connection,
    writer: Writer,
    now: Now,
    stopping: Arc<AtomicBool>,
}

impl Exporter {
    /// Starts the thread; it begins with `pending`.
    pub(super) fn start(workshop: Workshop, pending: Vec<Export>) -> Result<Self, OpenError> {
        let stopping = Arc::new(AtomicBool::new(false));
        let (sender, jobs) = mpsc::channel();
        let worker = Worker::new(workshop, stopping.clone())?;
        let thread = thread::Builder::new()
            .name("history-exporter".into())
            .spawn(move || pending.into_iter().chain(jobs).for_each(|export| worker.carry_out(export)))?;
        Ok(Self { jobs: sender, stopping, _thread: thread.into() })
    }

    /// Takes a job that is stored already.
    pub(super) fn take(&self, export: Export) {
        // A thread that is gone leaves the job to the next start.
        let _ = self.jobs.send(export);
    }
}

impl Drop for Exporter {
    fn drop(&mut self) {
        self.stopping.store(true, Ordering::Relaxed);
    }
}

impl Worker {
    /// A query that finds little may run for long without giving a row, so SQLite itself looks at
    /// `stopping`.
    fn new(workshop: Workshop, stopping: Arc<AtomicBool>) -> rusqlite::Result<Self> {
        let formats = workshop.formats.into_iter().map(|format| (format.name(), format)).collect();
        let Workshop { folder, mut connection, writer, now, .. } = workshop;
        let stop = stopping.clone();
        connection.progress_handler(STEPS, Some(move || stop.load(Ordering::Relaxed)))?;
        Ok(Self { folder, formats, connection, writer, now, stopping })
    }

    fn carry_out(&self, export: Export) {
        // A format that panics is a bug, which must not stop the exports that come after.
        let written = panic::catch_unwind(AssertUnwindSafe(|| self.write_file(&export)));
        let rows = match written.unwrap_or(Err(ExportError::Panicked)) {
            _ if self.stopping.load(Ordering::Relaxed) => return,
            Ok(rows) => Some(rows),
            Err(error) => {
                tracing::error!(
                    export = %export.id,
                    error = &error as &dyn std::error::Error,
                    "an export failed"
                );
                None
            }
        };
        let status = if rows.is_some() { ExportStatus::Completed } else { ExportStatus::Failed };
        self.store(Export { status, rows, updated_at: (self.now)(), ..export });
    }

    fn write_file(&self, export: &Export) -> Result<u64, ExportError> {
        let format = self.formats.get(export.format.as_str());
        let format = format.ok_or_else(|| ExportError::UnknownFormat(export.format.clone()))?;
        let job = Job::open(&**format, export)?;
        file::write(&self.folder, export.id, |out| job.write(&self.connection, &self.stopping, out))
    }

    fn store(&self, export: Export) {
        let id = export.id;
        let answer = self.writer.send(Change::PutExport(export)).blocking_recv();
        if let Ok(Err(error)) = answer {
            tracing::error!(
                export = %id,
                error = &error as &dyn std::error::Error,
                "the end of an export is not stored; it will be done again after the next start"
            );
        }
    }
}

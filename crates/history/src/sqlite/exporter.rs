//! Carries out export jobs, one after another, in a thread of its own.

mod file;
mod job;
mod printing;
mod running;

use std::{
    collections::HashMap,
    panic::{self, AssertUnwindSafe},
    path::PathBuf,
    sync::{Arc, mpsc},
    thread,
};

use call::Timestamp;
use parking_lot::Mutex;
use rusqlite::Connection;

use self::{
    job::{ExportError, Job},
    running::Running,
};
use super::{
    OpenError, export_jobs,
    joined::Joined,
    sealed::Sealed,
    writer::{Change, Writer},
    yielding::yield_to_calls,
};
use crate::{
    Export, ExportId, ExportStatus, Progress,
    export::{ExportFormat, FileFacts, FileType},
};

pub(super) use self::file::remove;

/// Tells the time.
pub type Now = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// Steps of SQLite's machine between two looks at whether to stop.
const STEPS: i32 = 1_000;

/// Hands jobs to the thread. Dropping it stops the thread; what is not done then is done after the next
/// start.
pub(super) struct Exporter {
    /// Gone once it is closed.
    jobs: Mutex<Option<mpsc::Sender<Export>>>,
    running: Arc<Running>,
    shelf: Shelf,
    thread: Mutex<Option<Joined>>,
}

/// Where the files are.
#[derive(Clone)]
pub(super) struct Shelf {
    pub(super) folder: PathBuf,
    formats: Arc<HashMap<&'static str, Arc<dyn ExportFormat>>>,
}

/// What the thread works with.
pub(super) struct Workshop {
    pub(super) shelf: Shelf,
    /// A connection that reads.
    pub(super) connection: Connection,
    pub(super) writer: Writer,
    pub(super) sealed: Arc<Sealed>,
    pub(super) now: Now,
}

struct Worker {
    workshop: Workshop,
    running: Arc<Running>,
}

impl Shelf {
    /// Files of these formats in `folder`.
    pub(super) fn new(folder: PathBuf, formats: Vec<Arc<dyn ExportFormat>>) -> Self {
        let formats = formats.into_iter().map(|format| (format.name(), format)).collect();
        Self { folder, formats: Arc::new(formats) }
    }

    fn format(&self, name: &str) -> Result<&dyn ExportFormat, ExportError> {
        let format = self.formats.get(name).ok_or_else(|| ExportError::UnknownFormat(name.to_owned()))?;
        Ok(&**format)
    }

    /// The file that an export has when it is completed; `None` if nobody knows its format.
    pub(super) fn file_of(&self, export: &Export) -> Option<(PathBuf, FileType)> {
        let file_type = self.format(&export.format).ok()?.file_type();
        Some((file::path(&self.folder, export.id, file_type), file_type))
    }
}

impl Exporter {
    /// Starts the thread; it begins with `pending`.
    pub(super) fn start(workshop: Workshop, pending: Vec<Export>) -> Result<Self, OpenError> {
        let running = Arc::new(Running::default());
        let shelf = workshop.shelf.clone();
        let (sender, jobs) = mpsc::channel();
        running.expect_jobs(pending.len());
        let worker = Worker::new(workshop, running.clone())?;
        let work = move || {
            yield_to_calls();
            worker.sweep();
            for export in pending.into_iter().chain(jobs) {
                worker.carry_out(export);
                worker.running.job_done();
            }
        };
        let thread = thread::Builder::new().name("history-exporter".into()).spawn(work)?;
        Ok(Self { jobs: Mutex::new(Some(sender)), running, shelf, thread: Mutex::new(Some(thread.into())) })
    }

    /// Takes a job that is stored already.
    pub(super) fn take(&self, export: Export) {
        self.running.expect_jobs(1);
        // A thread that is gone leaves the job to the next start.
        if let Some(jobs) = &*self.jobs.lock() {
            let _ = jobs.send(export);
        }
    }

    /// Stops the thread, and returns when it has ended.
    pub(super) async fn close(&self) {
        self.running.close();
        drop(self.jobs.lock().take());
        let thread = self.thread.lock().take();
        // What it panicked over is told already.
        let _ = tokio::task::spawn_blocking(move || drop(thread)).await;
    }

    /// How many jobs wait or are being carried out.
    pub(super) fn waiting(&self) -> u64 {
        self.running.waiting()
    }

    /// How far a job is that is being carried out.
    pub(super) fn progress_of(&self, id: ExportId) -> Option<Progress> {
        self.running.progress_of(id)
    }

    /// Stops a job that was deleted.
    pub(super) fn cancel(&self, id: ExportId) {
        self.running.cancel(id);
    }

    /// Where the files are.
    pub(super) fn shelf(&self) -> &Shelf {
        &self.shelf
    }
}

impl Drop for Exporter {
    fn drop(&mut self) {
        self.running.close();
        // The thread ends with the way to it.
        drop(self.jobs.lock().take());
    }
}

impl Worker {
    /// A query that finds little may run for long without giving a row, so SQLite itself looks at whether
    /// to stop.
    fn new(mut workshop: Workshop, running: Arc<Running>) -> rusqlite::Result<Self> {
        let seen = running.clone();
        workshop.connection.progress_handler(STEPS, Some(move || seen.is_halted()))?;
        Ok(Self { workshop, running })
    }

    /// Removes what a stop in the middle of something has left.
    fn sweep(&self) {
        let has_file = |id| {
            let status = export_jobs::status_of(&self.workshop.connection, id);
            !matches!(status, Ok(None | Some(ExportStatus::Deleted | ExportStatus::Failed)))
        };
        if let Err(error) = file::sweep(&self.workshop.shelf.folder, has_file) {
            tracing::warn!(error = &error as &dyn std::error::Error, "old exports cannot be cleared away");
        }
    }

    /// It may have been deleted since it was handed over; from `begin` on, who deletes it stops it.
    fn carry_out(&self, export: Export) {
        self.running.begin(export.id);
        match self.status_of(export.id) {
            Some(ExportStatus::Pending) => self.make(&export),
            _ => drop(self.running.end()),
        }
    }

    fn make(&self, export: &Export) {
        // A format that panics is a bug, which must not stop the exports that come after.
        let written = panic::catch_unwind(AssertUnwindSafe(|| self.write_file(export)));
        let was_cancelled = self.running.end();
        let (status, made) = match written.unwrap_or(Err(ExportError::Panicked)) {
            _ if self.running.is_closing() => return,
            Ok(made) => (ExportStatus::Completed, Some(made)),
            Err(_) if was_cancelled => return,
            Err(error) => {
                report(export.id, &error);
                (ExportStatus::Failed, None)
            }
        };
        let (rows, file) = made.unzip();
        self.store(Export { status, rows, file, updated_at: (self.workshop.now)(), ..export.clone() });
        if self.status_of(export.id) == Some(ExportStatus::Deleted) {
            self.remove_file(export);
        }
    }

    fn write_file(&self, export: &Export) -> Result<(u64, FileFacts), ExportError> {
        let Workshop { shelf, connection, sealed, .. } = &self.workshop;
        let format = shelf.format(&export.format)?;
        let job = Job::open(format, export)?;
        let _reading = sealed.reading();
        let fill = |out: &_| job.write(connection, sealed, &self.running, out);
        file::write(&shelf.folder, export.id, format.file_type(), fill)
    }

    fn status_of(&self, id: ExportId) -> Option<ExportStatus> {
        export_jobs::status_of(&self.workshop.connection, id).ok().flatten()
    }

    fn remove_file(&self, export: &Export) {
        let removed = self.workshop.shelf.file_of(export).map_or(Ok(()), |(path, _)| file::remove(&path));
        if let Err(error) = removed {
            report(export.id, &ExportError::File(error));
        }
    }

    fn store(&self, export: Export) {
        let id = export.id;
        let answer = self.workshop.writer.send(Change::EndExport(export)).blocking_recv();
        if let Ok(Err(error)) = answer {
            tracing::error!(
                export = %id,
                error = &error as &dyn std::error::Error,
                "the end of an export is not stored; it will be done again after the next start"
            );
        }
    }
}

fn report(id: ExportId, error: &ExportError) {
    tracing::error!(export = %id, error = error as &dyn std::error::Error, "an export failed");
}

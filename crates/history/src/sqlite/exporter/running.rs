//! What the exporter is doing, and whether it shall go on: seen by its thread, by SQLite in the middle of a
//! query, and by those who ask or cancel.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use parking_lot::Mutex;

use crate::{ExportId, Progress};

/// The job that runs, if there is one.
#[derive(Default)]
pub(super) struct Running {
    job: Mutex<Option<ExportId>>,
    /// Jobs that are not done.
    waiting: AtomicU64,
    rows: AtomicU64,
    expected: AtomicU64,
    is_cancelled: AtomicBool,
    is_closing: AtomicBool,
}

impl Running {
    /// So many more jobs are to be done.
    pub(super) fn expect_jobs(&self, jobs: usize) {
        self.waiting.fetch_add(jobs as u64, Ordering::Relaxed);
    }

    /// One is done, or need not be.
    pub(super) fn job_done(&self) {
        self.waiting.fetch_sub(1, Ordering::Relaxed);
    }

    /// How many are not done.
    pub(super) fn waiting(&self) -> u64 {
        self.waiting.load(Ordering::Relaxed)
    }

    /// `id` begins.
    pub(super) fn begin(&self, id: ExportId) {
        let mut job = self.job.lock();
        self.expect(0);
        self.wrote(0);
        self.is_cancelled.store(false, Ordering::Relaxed);
        *job = Some(id);
    }

    /// The job is over; says whether it was cancelled.
    pub(super) fn end(&self) -> bool {
        *self.job.lock() = None;
        self.is_cancelled.swap(false, Ordering::Relaxed)
    }

    /// So many rows are to be written.
    pub(super) fn expect(&self, rows: u64) {
        self.expected.store(rows, Ordering::Relaxed);
    }

    /// So many rows are written.
    pub(super) fn wrote(&self, rows: u64) {
        self.rows.store(rows, Ordering::Relaxed);
    }

    /// Stops the job if it is `id`.
    pub(super) fn cancel(&self, id: ExportId) {
        if *self.job.lock() == Some(id) {
            self.is_cancelled.store(true, Ordering::Relaxed);
        }
    }

    /// Stops the job for good; it begins anew after the next start.
    pub(super) fn close(&self) {
        self.is_closing.store(true, Ordering::Relaxed);
    }

    /// Whether the store is being closed.
    pub(super) fn is_closing(&self) -> bool {
        self.is_closing.load(Ordering::Relaxed)
    }

    /// Whether the job shall not go on.
    pub(super) fn is_halted(&self) -> bool {
        self.is_closing() || self.is_cancelled.load(Ordering::Relaxed)
    }

    /// How far `id` is, if it runs.
    pub(super) fn progress_of(&self, id: ExportId) -> Option<Progress> {
        let is_running = *self.job.lock() == Some(id);
        is_running.then(|| Progress {
            rows: self.rows.load(Ordering::Relaxed),
            expected: self.expected.load(Ordering::Relaxed),
        })
    }
}

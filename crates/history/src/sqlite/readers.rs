//! The connections that read. Each query has one to itself and a limited time, counted from its arrival; whoever
//! asked and has gone is not read for any longer.

use std::{
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use call::AccountId;
use parking_lot::Mutex;
use rusqlite::Connection;

use super::{
    deadline::Deadline,
    fault::Fault,
    lanes::{Gate, Lane},
    schema,
    yielding::yield_to_calls,
};
use crate::HistoryError;

/// Steps of SQLite's machine between two looks at the clock: some tens of microseconds.
const STEPS: i32 = 1_000;
/// Look-ups, and pages, at the same time.
const QUICK: usize = 4;

/// A pool of reading connections, opened as they are needed.
pub(super) struct Readers {
    path: PathBuf,
    limit: Duration,
    idle: Mutex<Vec<Connection>>,
    look_ups: Arc<Gate>,
    pages: Arc<Gate>,
    searches: Arc<Gate>,
    /// Queries that were not done as no more files can be opened.
    without_files: AtomicU64,
}

/// Who asks, and how much there is to read.
#[derive(Clone, Copy, Debug)]
pub(super) struct Asked {
    /// What is done, as an error says it.
    pub(super) what: &'static str,
    pub(super) lane: Lane,
    /// Whose turn it takes.
    pub(super) account: Option<AccountId>,
}

impl Readers {
    pub(super) fn new(path: PathBuf, searches: usize, limit: Duration) -> Arc<Self> {
        Arc::new(Self {
            path,
            limit,
            idle: Mutex::default(),
            look_ups: Gate::new(QUICK),
            pages: Gate::new(QUICK),
            searches: Gate::new(searches),
            without_files: AtomicU64::default(),
        })
    }

    /// The database.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// How many queries were not done as no more files can be opened.
    pub(super) fn without_files(&self) -> u64 {
        self.without_files.load(Ordering::Relaxed)
    }

    /// Runs `query` off the asynchronous threads, on one state of the database.
    pub(super) async fn read<T: Send + 'static>(
        self: &Arc<Self>,
        asked: Asked,
        query: impl FnOnce(&Connection) -> Result<T, Fault> + Send + 'static,
    ) -> Result<T, HistoryError> {
        self.read_until(asked, move |connection, _| query(connection)).await
    }

    /// The same for one that reads elsewhere too, and is told when to break off.
    pub(super) async fn read_until<T: Send + 'static>(
        self: &Arc<Self>,
        Asked { what, lane, account }: Asked,
        query: impl FnOnce(&Connection, &Deadline) -> Result<T, Fault> + Send + 'static,
    ) -> Result<T, HistoryError> {
        let until = Instant::now() + self.limit;
        let entered = tokio::time::timeout_at(until.into(), self.gate(lane).enter(account)).await;
        let pass = entered.map_err(|_| HistoryError::TooSlow { what })?.ok_or(HistoryError::Closed)?;
        let readers = self.clone();
        let asked = Arc::new(AtomicBool::new(true));
        let _gone = Gone(asked.clone());
        let deadline = Deadline::new(move || !asked.load(Ordering::Relaxed) || Instant::now() > until);
        let reading = tokio::task::spawn_blocking(move || {
            let _pass = pass;
            yield_to_calls();
            readers.run(query, deadline)
        });
        let result = reading.await.map_err(|error| HistoryError::Store { what, source: Box::new(error) })?;
        result.map_err(|fault| self.counted(fault.during_at(what, &self.path)))
    }

    fn counted(&self, error: HistoryError) -> HistoryError {
        if matches!(error, HistoryError::NoFiles { .. }) {
            self.without_files.fetch_add(1, Ordering::Relaxed);
        }
        error
    }

    /// Lets nobody read any more; returns when the connections are closed, or after the time of a query.
    pub(super) async fn close(&self) {
        let gates = [&self.look_ups, &self.pages, &self.searches];
        gates.iter().for_each(|gate| gate.close());
        let until = Instant::now() + self.limit;
        while gates.iter().any(|gate| gate.is_in_use()) && Instant::now() < until {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        self.idle.lock().clear();
    }

    fn gate(&self, lane: Lane) -> &Arc<Gate> {
        match lane {
            Lane::LookUp => &self.look_ups,
            Lane::Page => &self.pages,
            Lane::Search => &self.searches,
        }
    }

    fn run<T>(
        &self,
        query: impl FnOnce(&Connection, &Deadline) -> Result<T, Fault>,
        deadline: Deadline,
    ) -> Result<T, Fault> {
        let idle = self.idle.lock().pop();
        let mut connection = idle.map_or_else(|| schema::open_reader(&self.path), Ok)?;
        let ends = deadline.clone();
        connection.progress_handler(STEPS, Some(move || ends.is_over()))?;
        let snapshot = connection.transaction()?;
        let result = query(&snapshot, &deadline);
        drop(snapshot);
        self.idle.lock().push(connection);
        result
    }
}

/// Tells a query, when it is dropped, that nobody waits for it any more.
struct Gone(Arc<AtomicBool>);

impl Drop for Gone {
    fn drop(&mut self) {
        self.0.store(false, Ordering::Relaxed);
    }
}

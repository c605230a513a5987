//! The connections that read. Each query has one to itself and a limited time.

use std::{
    path::PathBuf,
    sync::Arc,
    time::{Duration, Instant},
};

use parking_lot::Mutex;
use rusqlite::Connection;
use tokio::sync::Semaphore;

use super::{fault::Fault, schema};
use crate::HistoryError;

/// Steps of SQLite's machine between two looks at the clock: some tens of microseconds.
const STEPS: i32 = 1_000;

/// A pool of reading connections, opened as they are needed.
pub(super) struct Readers {
    path: PathBuf,
    limit: Duration,
    idle: Mutex<Vec<Connection>>,
    permits: Arc<Semaphore>,
}

impl Readers {
    pub(super) fn new(path: PathBuf, connections: usize, limit: Duration) -> Arc<Self> {
        let permits = Arc::new(Semaphore::new(connections.max(1)));
        Arc::new(Self { path, limit, idle: Mutex::default(), permits })
    }

    /// The database.
    pub(super) fn path(&self) -> &std::path::Path {
        &self.path
    }

    /// Runs `query` off the asynchronous threads, on one state of the database.
    pub(super) async fn read<T: Send + 'static>(
        self: &Arc<Self>,
        what: &'static str,
        query: impl FnOnce(&Connection) -> Result<T, Fault> + Send + 'static,
    ) -> Result<T, HistoryError> {
        let permit = self.permits.clone().acquire_owned().await.map_err(|_| HistoryError::Closed)?;
        let readers = self.clone();
        let reading = tokio::task::spawn_blocking(move || {
            let _permit = permit;
            readers.run(query)
        });
        let result = reading.await.map_err(|error| HistoryError::Store { what, source: Box::new(error) })?;
        result.map_err(|fault| fault.during(what))
    }

    fn run<T>(&self, query: impl FnOnce(&Connection) -> Result<T, Fault>) -> Result<T, Fault> {
        let idle = self.idle.lock().pop();
        let mut connection = idle.map_or_else(|| schema::open_reader(&self.path), Ok)?;
        let until = Instant::now() + self.limit;
        connection.progress_handler(STEPS, Some(move || Instant::now() > until))?;
        let snapshot = connection.transaction()?;
        let result = query(&snapshot);
        drop(snapshot);
        self.idle.lock().push(connection);
        result
    }
}

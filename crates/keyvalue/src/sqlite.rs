//! Tables in one file of SQLite, written by a thread of its own: what comes while it writes goes into the next
//! commit, and of what is changed again meanwhile only the last counts.

mod file;
mod writer;

use std::{path::Path, sync::Arc};

use async_trait::async_trait;
use call::Timestamp;
use parking_lot::Mutex;
use rusqlite::Connection;
use tokio::sync::oneshot;

pub use file::Found;
use writer::Queue;

use crate::{Entry, LONGEST_VALUE, Table};

/// Tables in one file.
#[derive(Debug)]
pub struct Store {
    queue: Arc<Queue>,
    file: Arc<Mutex<Connection>>,
    writer: Mutex<Option<std::thread::JoinHandle<()>>>,
}

impl Store {
    /// Opens a file, or makes an empty one that only its owner can read. A damaged one is set aside, and what can
    /// not be used at all is done without: this never fails, but says what was found.
    pub fn open(path: &Path) -> (Self, Found) {
        let (connection, found) = file::open(path);
        let (queue, file) = (Arc::<Queue>::default(), Arc::new(Mutex::new(connection)));
        let (of_writer, file_of_writer) = (queue.clone(), file.clone());
        let run = move || writer::run(&of_writer, &file_of_writer);
        let writer = std::thread::Builder::new().name("keyvalue".to_owned()).spawn(run);
        let writer = writer.inspect_err(|error| {
            tracing::error!(%error, "nothing is kept on disk");
            queue.end();
        });
        (Self { queue, file, writer: Mutex::new(writer.ok()) }, found)
    }

    /// A table of this name.
    pub fn table(&self, name: &'static str) -> Arc<dyn Table> {
        Arc::new(Kept { name, queue: self.queue.clone(), file: self.file.clone() })
    }

    /// Writes what is not written yet, and ends.
    pub fn close(&self) {
        self.queue.close();
        if let Some(writer) = self.writer.lock().take() {
            // It has told of its trouble already.
            let _ = writer.join();
        }
    }
}

/// Its thread has nobody left to write for.
impl Drop for Store {
    fn drop(&mut self) {
        self.queue.close();
    }
}

/// A table of a store.
#[derive(Debug)]
struct Kept {
    name: &'static str,
    queue: Arc<Queue>,
    file: Arc<Mutex<Connection>>,
}

#[async_trait]
impl Table for Kept {
    fn load(&self, now: Timestamp) -> Vec<Entry> {
        let loaded = file::load(&self.file.lock(), self.name, now);
        loaded.unwrap_or_else(|error| {
            tracing::warn!(table = self.name, %error, "what was kept cannot be read, and is done without");
            Vec::new()
        })
    }

    fn put(&self, key: &str, value: Vec<u8>, until: Timestamp) {
        let fits = value.len() <= LONGEST_VALUE;
        self.queue.change(self.name, key, fits.then_some((value, until)));
    }

    fn remove(&self, key: &str) {
        self.queue.change(self.name, key, None);
    }

    async fn durable(&self) -> bool {
        let (done, is_done) = oneshot::channel();
        self.queue.ask(done);
        is_done.await.unwrap_or(false)
    }

    fn pending(&self) -> usize {
        self.queue.pending()
    }
}

//! Stores in temporary folders.

use std::{path::Path, sync::Arc};

use call::CallRecord;
pub use history::conformance::{Starts, events, records, store, told};
use history::{
    OpenOptions, SqliteHistory,
    conformance::{self, formats, now},
};
use tempfile::TempDir;

use crate::{calls::at, sealing_store::later};

/// A store and the folder that it lies in.
pub struct Store<H> {
    pub history: H,
    pub folder: TempDir,
}

/// A store that lies in a folder.
pub trait Reopen: Sized {
    fn open(folder: &Path) -> Self;
}

impl Reopen for SqliteHistory {
    fn open(folder: &Path) -> Self {
        Self::open(options(folder)).unwrap()
    }
}

/// With the formats of the tests; exports are done at second 1000.
pub fn options(folder: &Path) -> OpenOptions {
    OpenOptions { formats: formats(), now: Arc::new(now), ..OpenOptions::new(folder) }
}

impl<H: Reopen> Store<H> {
    /// Closes the store and opens it again.
    pub fn reopen(self) -> Self {
        drop(self.history);
        Self { history: H::open(self.folder.path()), folder: self.folder }
    }
}

/// An empty store on SQLite.
pub fn sqlite() -> Store<SqliteHistory> {
    let folder = tempfile::tempdir().unwrap();
    let history = Reopen::open(folder.path());
    Store { history, folder }
}

/// An empty store for the suite of the port.
pub async fn staged<H: Reopen>() -> conformance::Store<H> {
    let folder = Arc::new(tempfile::tempdir().unwrap());
    let open = move || {
        let folder = folder.clone();
        async move { H::open(folder.path()) }
    };
    conformance::Store::open(open).await
}

/// How much of a store is sealed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Filling {
    Hot,
    HalfSealed,
    Sealed,
}

/// Stores the records, and seals as many of them.
pub async fn fill(history: &SqliteHistory, all: &[CallRecord], filling: Filling) {
    // What was stored before is in memory then.
    history.seal_before(at(-100 * 86_400)).await.unwrap();
    let (first, rest) = all.split_at(all.len() / 2);
    store(history, first.to_vec()).await;
    if filling != Filling::Hot {
        history.seal_before(later()).await.unwrap();
    }
    store(history, rest.to_vec()).await;
    if filling == Filling::Sealed {
        history.seal_before(later()).await.unwrap();
    }
}

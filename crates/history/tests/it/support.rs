//! Stores in temporary folders.

use std::{path::Path, sync::Arc};

use call::{AccountId, CallEvent, CallRecord};
use history::{
    Batch, Condition, History, OpenOptions, RecordField, RecordQuery, SqliteHistory, Test, Told, Value,
    export::{ExportFormat, FieldValue, FileType, Opened, Packing, RowPrinter, UnreadableRequest},
};
use tempfile::TempDir;

use crate::{
    calls::at,
    sealing_store::{SealingStore, later},
};

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
    let formats: Vec<Arc<dyn ExportFormat>> = vec![Arc::new(Starts), Arc::new(Broken)];
    OpenOptions { formats, now: Arc::new(|| at(1_000)), ..OpenOptions::new(folder) }
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

/// An empty store that seals everything after each `EVERY`-th batch.
pub fn sealed<const EVERY: usize>() -> Store<SealingStore<EVERY>> {
    let folder = tempfile::tempdir().unwrap();
    let history = Reopen::open(folder.path());
    Store { history, folder }
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

pub fn events(events: Vec<Arc<CallEvent>>) -> Batch {
    Batch { events: told(events), ..Batch::default() }
}

/// Events that concern nobody.
pub fn told(events: Vec<Arc<CallEvent>>) -> Vec<Told> {
    events.into_iter().map(Told::from).collect()
}

pub fn records(records: impl IntoIterator<Item = CallRecord>) -> Batch {
    Batch { records: records.into_iter().map(Arc::new).collect(), ..Batch::default() }
}

/// Stores the records.
pub async fn store(history: &impl History, all: impl IntoIterator<Item = CallRecord>) {
    history.append(records(all)).await.unwrap();
}

/// An export of the seconds at which calls that lasted at least so long began. The request is `asc` or
/// `desc` and the number of seconds.
pub struct Starts;

impl ExportFormat for Starts {
    fn name(&self) -> &'static str {
        "starts"
    }

    fn file_type(&self) -> FileType {
        FileType { extension: "csv.gz", packing: Packing::Gzip }
    }

    fn open(&self, account: AccountId, request: &str) -> Result<Opened, UnreadableRequest> {
        let unreadable = || UnreadableRequest(format!("{request:?}"));
        let (order, least) = request.split_once(' ').ok_or_else(unreadable)?;
        let least = Value::Int(least.parse().map_err(|_| unreadable())?);
        let mut query = RecordQuery::newest(vec![account], 0);
        query.sort.descending = order == "desc";
        query.conditions.push(Condition { field: RecordField::ConnectedSeconds, test: Test::AtLeast(least) });
        Ok(Opened { query, printer: Box::new(Starts) })
    }
}

impl RowPrinter for Starts {
    fn fields(&self) -> Vec<RecordField> {
        vec![RecordField::StartedAt]
    }

    fn header(&mut self, out: &mut Vec<u8>) {
        out.extend_from_slice(b"Start\n");
    }

    fn row(&mut self, values: &[FieldValue<'_>], out: &mut Vec<u8>) {
        let [FieldValue::Time(started_at)] = values else { panic!("{values:?}") };
        out.extend_from_slice(format!("{}\n", started_at.since(at(0)).as_secs()).as_bytes());
    }

    fn footer(&mut self, _: &mut Vec<u8>) {}
}

/// A format with a bug.
pub struct Broken;

impl ExportFormat for Broken {
    fn name(&self) -> &'static str {
        "broken"
    }

    fn file_type(&self) -> FileType {
        FileType { extension: "broken", packing: Packing::Plain }
    }

    fn open(&self, _: AccountId, _: &str) -> Result<Opened, UnreadableRequest> {
        panic!("a bug")
    }
}

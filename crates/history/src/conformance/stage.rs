//! A store that is tried, and what it is given.

use std::{future::Future, pin::Pin, sync::Arc};

use call::{AccountId, CallEvent, CallRecord, Timestamp};

use super::calls::at;
use crate::{
    Batch, Condition, Journal, RecordField, RecordQuery, Test, Told, Value,
    export::{ExportFormat, FieldValue, FileType, Opened, Packing, RowPrinter, UnreadableRequest},
};

type Opening<H> = Pin<Box<dyn Future<Output = H> + Send>>;

/// A store, and how it is opened again.
pub struct Store<H> {
    /// The store.
    pub history: H,
    open: Box<dyn Fn() -> Opening<H> + Send>,
}

impl<H> Store<H> {
    /// An empty one: `open` opens it, again and again, with what it was given before. It knows the [`formats`], and
    /// its clock says [`now`].
    pub async fn open<F: Future<Output = H> + Send + 'static>(open: impl Fn() -> F + Send + 'static) -> Self {
        let open = move || -> Opening<H> { Box::pin(open()) };
        Self { history: open().await, open: Box::new(open) }
    }

    /// Closes the store and opens it again.
    pub async fn reopen(self) -> Self {
        drop(self.history);
        Self { history: (self.open)().await, open: self.open }
    }
}

/// When exports of the suite are done.
pub fn now() -> Timestamp {
    at(1_000)
}

/// The formats of exports that the suite asks for.
pub fn formats() -> Vec<Arc<dyn ExportFormat>> {
    vec![Arc::new(Starts), Arc::new(Broken)]
}

/// A batch of events that concern nobody.
pub fn events(events: Vec<Arc<CallEvent>>) -> Batch {
    Batch { events: told(events), ..Batch::default() }
}

/// Events that concern nobody.
pub fn told(events: Vec<Arc<CallEvent>>) -> Vec<Told> {
    events.into_iter().map(Told::from).collect()
}

/// A batch of records.
pub fn records(records: impl IntoIterator<Item = CallRecord>) -> Batch {
    Batch { records: records.into_iter().map(Arc::new).collect(), ..Batch::default() }
}

/// Stores the records.
pub async fn store(history: &impl Journal, all: impl IntoIterator<Item = CallRecord>) {
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
        Ok(Opened { query, printer: Box::new(Self) })
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
struct Broken;

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

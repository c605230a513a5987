//! The journal: what has happened becomes durable here, in the order in which it did.

use std::{ops::Range, sync::Arc};

use async_trait::async_trait;
use call::{CallEvent, CallRecord, Notice, Timestamp, series::Interval};

use crate::{Annotation, Heartbeat, HistoryError, LeftByRun, Told};

/// What one commit of the writer holds.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Batch {
    /// Its number: greater than that of each batch before, see [`Journal::latest_append`]. `None` for the next one.
    pub number: Option<i64>,
    /// The run that it is of, if not of the present one, see [`Journal::run`].
    pub run: Option<i64>,
    /// When the writer took the events, in the time of its run (see [`run`](crate::run)); `None` if it has none.
    pub taken_at: Option<Timestamp>,
    /// Events to append to the journal, in order.
    pub events: Vec<Told>,
    /// What happened beside calls, to append to it behind them.
    pub notices: Vec<Notice>,
    /// What the events say to note about calls: those of `records`, and others that go on or are over.
    pub annotations: Vec<Annotation>,
    /// Records of calls that have ended. With one, the call's events (and those of calls that were merged into it)
    /// are no longer [unfinished](Journal::unfinished), those in the same batch included.
    pub records: Vec<Arc<CallRecord>>,
}

/// What makes events durable, and knows after a crash what was going on.
#[async_trait]
pub trait Journal: Send + Sync + 'static {
    /// Makes a batch durable: all of it or nothing. Storing a record again replaces it.
    ///
    /// An error means that it may work later. Whatever of it could never be stored fails nothing: it is put
    /// aside with the reason, and counted by [`quarantined`](Self::quarantined).
    async fn append(&self, batch: Batch) -> Result<(), HistoryError>;

    /// The number of the latest batch that is durable. It is known after any crash: who numbers batches can tell
    /// which of them the store has taken.
    fn latest_append(&self) -> i64;

    /// The number of the present run.
    fn run(&self) -> i64;

    /// How many events, annotations and records were put aside, ever since the store was made.
    fn quarantined(&self) -> u64;

    /// All events of calls that have no record, in the order in which they were appended.
    async fn unfinished(&self) -> Result<Vec<Arc<CallEvent>>, HistoryError>;

    /// The same, by the run that appended it, oldest first.
    async fn left_by_runs(&self) -> Result<Vec<LeftByRun>, HistoryError>;

    /// The stretches of `range` in which the server was not running, oldest first.
    async fn outages(&self, range: Range<Timestamp>) -> Result<Vec<Interval>, HistoryError>;

    /// Says that the server runs now; to be repeated every few seconds. An [outage](Self::outages) is a
    /// time that no run covers.
    async fn heartbeat(&self, beat: Heartbeat) -> Result<(), HistoryError>;
}

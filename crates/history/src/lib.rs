//! The memory: the journal of unfinished calls, call records, search, active-call series and exports.
//!
//! [`History`] is the port; its adapter on SQLite keeps it on disk.

pub mod annotations;
pub mod billing;
mod bits;
mod columns;
pub mod export;
pub mod log;
pub mod query;
mod retention;
pub mod run;
mod scaled;
pub mod spill;
pub mod sqlite;
pub mod stored;

use std::{collections::HashMap, ops::Range, path::PathBuf, sync::Arc};

use async_trait::async_trait;
use call::{
    AccountId, CallEvent, CallId, CallRecord, ErrorCode, Notice, Timestamp,
    activity::ActiveCall,
    event::Side,
    filter::CallFilter,
    series::{Grid, Interval},
    statistics::{Sampling, Statistics},
};
use rust_decimal::Decimal;
use tokio::sync::watch;

pub use annotations::{Annotation, AnnotationChange, AnnotationEdit, Annotations};
pub use billing::{Billed, BilledParts, BillingQuery};
pub use export::{Export, ExportId, ExportPage, ExportStatus, NewExport, Progress};
pub use log::{Concerned, Happening, LogEntry, LogFilter, LogPage, LogQuery, Told};
pub use query::{
    Condition, FoundRecord, Grain, LegField, RateField, RecordField, RecordPage, RecordQuery, Sort, Test,
    Value,
};
pub use retention::{Keep, Retention};
pub use run::{Heartbeat, JournalEvent, LeftByRun, RunSpan};
pub use spill::{SpillError, SpillFile};
pub use sqlite::{OpenError, OpenOptions, Retaining, Sealing, SqliteHistory};

/// What one commit of the writer holds.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Batch {
    /// Its number: greater than that of each batch before, see [`History::latest_append`]. `None` for the next one.
    pub number: Option<i64>,
    /// The run that it is of, if not of the present one, see [`History::run`].
    pub run: Option<i64>,
    /// When the writer took the events, in the time of its run (see [`run`]); `None` if it has none.
    pub taken_at: Option<Timestamp>,
    /// Events to append to the journal, in order.
    pub events: Vec<Told>,
    /// What happened beside calls, to append to it behind them.
    pub notices: Vec<Notice>,
    /// What the events say to note about calls: those of `records`, and others that go on or are over.
    pub annotations: Vec<Annotation>,
    /// Records of calls that have ended. With one, the call's events (and those of calls that were merged into it)
    /// are no longer [unfinished](History::unfinished), those in the same batch included.
    pub records: Vec<Arc<CallRecord>>,
}

/// The store.
///
/// Every query is bound to accounts; there is no other.
#[async_trait]
pub trait History: Send + Sync + 'static {
    /// Makes a batch durable: all of it or nothing. Storing a record again replaces it.
    ///
    /// An error means that it may work later. Whatever of it could never be stored fails nothing: it is put
    /// aside with the reason, and counted by [`quarantined`](Self::quarantined).
    async fn append(&self, batch: Batch) -> Result<(), HistoryError>;

    /// The number of the latest batch that is durable. It is known after any crash: who numbers batches can tell
    /// which of them the store has taken.
    fn latest_append(&self) -> i64;

    /// How large it is, and what waits. Never waits for a query.
    fn figures(&self) -> StoreFigures;

    /// The number of the present run.
    fn run(&self) -> i64;

    /// How many events, annotations and records were put aside, ever since the store was made.
    fn quarantined(&self) -> u64;

    /// All events of calls that have no record, in the order in which they were appended.
    async fn unfinished(&self) -> Result<Vec<Arc<CallEvent>>, HistoryError>;

    /// The same, by the run that appended it, oldest first.
    async fn left_by_runs(&self) -> Result<Vec<LeftByRun>, HistoryError>;

    /// What has happened of late, in the order in which it became durable: a page of it, see [`log`].
    async fn events(&self, query: LogQuery) -> Result<LogPage, HistoryError>;

    /// Tells the number of the latest [event](Self::events) as there are more. It ends when the store is closed.
    fn latest_event(&self) -> watch::Receiver<u64>;

    /// Writes what is under way and works all of it into one file. Whatever is asked later is
    /// [`HistoryError::Closed`].
    async fn close(&self);

    /// How much it holds.
    async fn census(&self) -> Result<Census, HistoryError>;

    /// Finds records.
    async fn search(&self, query: RecordQuery) -> Result<RecordPage, HistoryError>;

    /// One record, as the first of `accounts` sees it that has a side or a part of the call; by the call's id, or
    /// by that of one that was merged into it.
    async fn record(
        &self,
        accounts: Vec<AccountId>,
        call: CallId,
    ) -> Result<Option<Arc<CallRecord>>, HistoryError>;

    /// What is billed to each account that has calls, by account.
    async fn billed(&self, query: BillingQuery) -> Result<Vec<Billed>, HistoryError>;

    /// How far calls have moved the balance of each of `accounts`: minus what it pays as origination account,
    /// plus what it is paid as termination account. It moves together with the record, and counts each call
    /// once. An account without calls has not moved.
    async fn balance_movements(
        &self,
        accounts: Vec<AccountId>,
    ) -> Result<HashMap<AccountId, Decimal>, HistoryError>;

    /// How many calls of one side of an account were active at each instant of `grid`, as far as `filter` keeps
    /// them: the finished ones, and those of `live` that have no record. `live` is to be taken before this is asked, so
    /// that a call that ends in between is counted, and once.
    async fn active_calls(
        &self,
        account: AccountId,
        side: Side,
        grid: Grid,
        filter: CallFilter,
        live: Vec<ActiveCall>,
    ) -> Result<Vec<u32>, HistoryError>;

    /// What became of the finished calls of one side of an account that began in `range` and that `filter`
    /// keeps, by the stretch in which they began. Their price is what that side pays or is paid.
    async fn statistics(
        &self,
        account: AccountId,
        side: Side,
        range: Range<Timestamp>,
        filter: CallFilter,
        sampling: Sampling,
    ) -> Result<Statistics, HistoryError>;

    /// The stretches of `range` in which the server was not running, oldest first.
    async fn outages(&self, range: Range<Timestamp>) -> Result<Vec<Interval>, HistoryError>;

    /// Says that the server runs now; to be repeated every few seconds. An [outage](Self::outages) is a
    /// time that no run covers.
    async fn heartbeat(&self, beat: Heartbeat) -> Result<(), HistoryError>;

    /// Changes what is noted about a call, for each of `accounts` on its own. What is so already is no change.
    /// Those of a call that is merged into another are then that one's.
    ///
    /// Whether the accounts have a side of the call is the caller's business; one that has none only notes
    /// something for itself.
    async fn annotate(
        &self,
        accounts: Vec<AccountId>,
        call: CallId,
        change: AnnotationChange,
    ) -> Result<(), HistoryError>;

    /// What each of these accounts noted about its call, in the order of `calls`.
    async fn annotations(&self, calls: Vec<(AccountId, CallId)>) -> Result<Vec<Annotations>, HistoryError>;

    /// The latest changes of what an account noted about a call, newest first.
    async fn annotation_changes(
        &self,
        account: AccountId,
        call: CallId,
        limit: u32,
    ) -> Result<Vec<AnnotationChange>, HistoryError>;

    /// Stores an export job and starts it.
    async fn create_export(&self, export: NewExport) -> Result<Export, HistoryError>;

    /// One export, if it belongs to one of `accounts`.
    async fn export(&self, accounts: Vec<AccountId>, id: ExportId) -> Result<Option<Export>, HistoryError>;

    /// The exports of `accounts`, newest first.
    async fn exports(
        &self,
        accounts: Vec<AccountId>,
        offset: u64,
        limit: u32,
    ) -> Result<ExportPage, HistoryError>;

    /// Cancels an export of one of `accounts`, or removes its file; it stays in the list as
    /// [`ExportStatus::Deleted`]. False if there is none. A repeat changes nothing.
    async fn delete_export(
        &self,
        accounts: Vec<AccountId>,
        id: ExportId,
        now: Timestamp,
    ) -> Result<bool, HistoryError>;

    /// Deletes the exports that were done before an instant, with their files. How many.
    async fn expire_exports(&self, before: Timestamp, now: Timestamp) -> Result<u64, HistoryError>;

    /// The file of a completed export of one of `accounts`.
    async fn export_file(
        &self,
        accounts: Vec<AccountId>,
        id: ExportId,
    ) -> Result<Option<PathBuf>, HistoryError>;
}

/// How much a store holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Census {
    /// Call records.
    pub records: u64,
    /// When the call of the record that came last began.
    pub newest_at: Option<Timestamp>,
}

/// How large a store is, and what waits.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StoreFigures {
    /// Bytes of the database.
    pub database_bytes: u64,
    /// Bytes of what is written and not yet worked into it.
    pub wal_bytes: u64,
    /// Exports that wait or are being made.
    pub exports_waiting: u64,
    /// Exports that were refused since the start, as their account had too many.
    pub exports_refused: u64,
    /// Exports whose files were removed since the start, as they were old.
    pub exports_expired: u64,
    /// Questions that were not answered as no more files can be opened.
    pub unanswered_without_files: u64,
    /// When a backup was last made; `None` if none was.
    pub backed_up_at: Option<Timestamp>,
    /// What lies in columns, as it was counted last: after each change of it, and once a minute.
    pub sealed: SealedFigures,
}

/// How much of a store lies in columns, and what became of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SealedFigures {
    /// Parts of days.
    pub parts: u64,
    /// Days.
    pub days: u64,
    /// Bytes of their files.
    pub bytes: u64,
    /// When something was sealed last; `None` if nothing is.
    pub sealed_at: Option<Timestamp>,
    /// Days that are over, are to be sealed by now, and are not.
    pub days_behind: u64,
    /// Rows of calls that were ever deleted for their age.
    pub deleted_rows: u64,
    /// Recordings that were deleted for their age since the start.
    pub deleted_recordings: u64,
    /// Files that were found damaged since the start, by name.
    pub damaged: Vec<String>,
    /// Rows of the running day that are kept in memory, in columns.
    pub recent_rows: u64,
    /// About how many bytes they take.
    pub recent_bytes: u64,
}

/// Why the store cannot do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum HistoryError {
    /// The store failed while doing `what`.
    #[error("the call history failed to {what}")]
    Store {
        /// What was being done.
        what: &'static str,
        /// What went wrong below.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// Something stored cannot be read back.
    #[error("a stored {what} cannot be read: {reason}")]
    Unreadable {
        /// What it is.
        what: &'static str,
        /// Why.
        reason: String,
    },
    /// A sealed file is not as it was written, or not there. Whatever needs it fails; a backup mends it.
    #[error("the sealed file {file} is damaged")]
    Damaged {
        /// Its name.
        file: String,
    },
    /// A condition compares a field with a value of another kind.
    #[error("the field {field:?} was compared with a value of another kind")]
    Mismatch {
        /// The field.
        field: RecordField,
    },
    /// It took too long and was broken off.
    #[error("the call history took too long to {what}")]
    TooSlow {
        /// What was being done.
        what: &'static str,
    },
    /// No more files can be opened: more connections and calls go on than this process may have files.
    #[error("the call history failed to {what}: no more files can be opened (LimitNOFILE, `ulimit -n`)")]
    NoFiles {
        /// What was being done.
        what: &'static str,
    },
    /// The account has as many exports as it may have.
    #[error("the account has {most} exports {of} already, which is the most; delete some, or wait")]
    TooManyExports {
        /// How many it may have.
        most: u32,
        /// Of which kind.
        of: &'static str,
    },
    /// The store is closed.
    #[error("the call history is closed")]
    Closed,
}

impl HistoryError {
    /// What kind of trouble this is.
    pub fn code(&self) -> ErrorCode {
        match self {
            Self::Store { .. } | Self::Unreadable { .. } | Self::Damaged { .. } | Self::Mismatch { .. } => {
                ErrorCode::Internal
            }
            Self::TooManyExports { .. } => ErrorCode::TooManyRequests,
            Self::TooSlow { .. } | Self::NoFiles { .. } | Self::Closed => ErrorCode::Unavailable,
        }
    }
}

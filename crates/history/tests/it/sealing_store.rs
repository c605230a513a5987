//! A store that seals what it is given, so that the same tests run over columns.

use std::{
    collections::HashMap,
    ops::Range,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use async_trait::async_trait;
use call::{
    AccountId, CallEvent, CallId, CallRecord, Timestamp,
    activity::ActiveCall,
    event::Side,
    filter::CallFilter,
    series::{Grid, Interval},
    statistics::{Sampling, Statistics},
};
use history::{
    AnnotationChange, Annotations, Annotator, Batch, Billed, BillingQuery, Census, EventLog, Export,
    ExportFile, ExportId, ExportPage, Exports, Heartbeat, HistoryError, Journal, LeftByRun, LogPage,
    LogQuery, NewExport, RecordPage, RecordQuery, Records, Reports, SqliteHistory,
};
use rust_decimal::Decimal;
use tokio::sync::watch;

use crate::{calls::at, support::Reopen};

/// Seals everything after each `EVERY`-th batch.
pub struct SealingStore<const EVERY: usize> {
    history: SqliteHistory,
    batches: AtomicUsize,
}

/// Every day that tests have calls on is over by then.
pub fn later() -> Timestamp {
    at(100 * 86_400)
}

impl<const EVERY: usize> Reopen for SealingStore<EVERY> {
    fn open(folder: &Path) -> Self {
        Self { history: Reopen::open(folder), batches: AtomicUsize::new(0) }
    }
}

/// Hands questions on.
macro_rules! hand_on {
    ($part:ident: $(async $asked:ident($($argument:ident: $type:ty),*) -> $answer:ty;)* $(fn $told:ident() -> $now:ty;)*) => {
        #[async_trait]
        impl<const EVERY: usize> $part for SealingStore<EVERY> {
            $(async fn $asked(&self, $($argument: $type),*) -> Result<$answer, HistoryError> {
                self.history.$asked($($argument),*).await
            })*

            $(fn $told(&self) -> $now {
                self.history.$told()
            })*
        }
    };
}

#[async_trait]
impl<const EVERY: usize> Journal for SealingStore<EVERY> {
    async fn append(&self, batch: Batch) -> Result<(), HistoryError> {
        self.history.append(batch).await?;
        if (self.batches.fetch_add(1, Ordering::Relaxed) + 1).is_multiple_of(EVERY) {
            self.history.seal_before(later()).await?;
        }
        Ok(())
    }

    fn latest_append(&self) -> i64 {
        self.history.latest_append()
    }

    fn run(&self) -> i64 {
        self.history.run()
    }

    fn quarantined(&self) -> u64 {
        self.history.quarantined()
    }

    async fn unfinished(&self) -> Result<Vec<Arc<CallEvent>>, HistoryError> {
        self.history.unfinished().await
    }

    async fn left_by_runs(&self) -> Result<Vec<LeftByRun>, HistoryError> {
        self.history.left_by_runs().await
    }

    async fn outages(&self, range: Range<Timestamp>) -> Result<Vec<Interval>, HistoryError> {
        self.history.outages(range).await
    }

    async fn heartbeat(&self, beat: Heartbeat) -> Result<(), HistoryError> {
        self.history.heartbeat(beat).await
    }
}

hand_on! { EventLog:
    async events(query: LogQuery) -> LogPage;
    fn latest_event() -> watch::Receiver<u64>;
}

hand_on! { Records:
    async search(query: RecordQuery) -> RecordPage;
    async record(accounts: Vec<AccountId>, call: CallId) -> Option<Arc<CallRecord>>;
    async census() -> Census;
}

hand_on! { Reports:
    async active_calls(account: AccountId, side: Side, grid: Grid, filter: CallFilter, live: Vec<ActiveCall>) -> Vec<u32>;
    async statistics(account: AccountId, side: Side, range: Range<Timestamp>, filter: CallFilter, sampling: Sampling) -> Statistics;
    async billed(query: BillingQuery) -> Vec<Billed>;
    async balance_movements(accounts: Vec<AccountId>) -> HashMap<AccountId, Decimal>;
}

hand_on! { Annotator:
    async annotate(accounts: Vec<AccountId>, call: CallId, change: AnnotationChange) -> ();
    async annotations(calls: Vec<(AccountId, CallId)>) -> Vec<Annotations>;
    async annotation_changes(account: AccountId, call: CallId, limit: u32) -> Vec<AnnotationChange>;
}

hand_on! { Exports:
    async create_export(export: NewExport) -> Export;
    async export(accounts: Vec<AccountId>, id: ExportId) -> Option<Export>;
    async exports(accounts: Vec<AccountId>, offset: u64, limit: u32) -> ExportPage;
    async delete_export(accounts: Vec<AccountId>, id: ExportId, now: Timestamp) -> bool;
    async expire_exports(before: Timestamp, now: Timestamp) -> u64;
    async export_file(accounts: Vec<AccountId>, id: ExportId) -> Option<ExportFile>;
}

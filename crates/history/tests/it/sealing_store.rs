//! A store that seals what it is given, so that the same tests run over columns.

use std::{
    collections::HashMap,
    ops::Range,
    path::{Path, PathBuf},
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
    AnnotationChange, Annotations, Batch, Billed, BillingQuery, Census, Export, ExportId, ExportPage,
    Heartbeat, History, HistoryError, LeftByRun, LogPage, LogQuery, NewExport, RecordPage, RecordQuery,
    SqliteHistory, StoreFigures,
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
macro_rules! delegate {
    ($($(#[$allow:meta])* $name:ident($($argument:ident: $type:ty),*) -> $answer:ty;)*) => {
        #[async_trait]
        impl<const EVERY: usize> History for SealingStore<EVERY> {
            async fn append(&self, batch: Batch) -> Result<(), HistoryError> {
                self.history.append(batch).await?;
                if (self.batches.fetch_add(1, Ordering::Relaxed) + 1) % EVERY == 0 {
                    self.history.seal_before(later()).await?;
                }
                Ok(())
            }

            async fn close(&self) {
                self.history.close().await;
            }

            fn quarantined(&self) -> u64 {
                self.history.quarantined()
            }

            fn latest_append(&self) -> i64 {
                self.history.latest_append()
            }

            fn figures(&self) -> StoreFigures {
                self.history.figures()
            }

            fn latest_event(&self) -> watch::Receiver<u64> {
                self.history.latest_event()
            }

            fn run(&self) -> i64 {
                self.history.run()
            }

            $(async fn $name(&self, $($argument: $type),*) -> Result<$answer, HistoryError> {
                self.history.$name($($argument),*).await
            })*
        }
    };
}

delegate! {
    unfinished() -> Vec<Arc<CallEvent>>;
    events(query: LogQuery) -> LogPage;
    census() -> Census;
    search(query: RecordQuery) -> RecordPage;
    record(accounts: Vec<AccountId>, call: CallId) -> Option<Arc<CallRecord>>;
    billed(query: BillingQuery) -> Vec<Billed>;
    balance_movements(accounts: Vec<AccountId>) -> HashMap<AccountId, Decimal>;
    active_calls(account: AccountId, side: Side, grid: Grid, filter: CallFilter, live: Vec<ActiveCall>) -> Vec<u32>;
    statistics(account: AccountId, side: Side, range: Range<Timestamp>, filter: CallFilter, sampling: Sampling) -> Statistics;
    outages(range: Range<Timestamp>) -> Vec<Interval>;
    heartbeat(beat: Heartbeat) -> ();
    left_by_runs() -> Vec<LeftByRun>;
    annotate(accounts: Vec<AccountId>, call: CallId, change: AnnotationChange) -> ();
    annotations(calls: Vec<(AccountId, CallId)>) -> Vec<Annotations>;
    annotation_changes(account: AccountId, call: CallId, limit: u32) -> Vec<AnnotationChange>;
    create_export(export: NewExport) -> Export;
    export(accounts: Vec<AccountId>, id: ExportId) -> Option<Export>;
    exports(accounts: Vec<AccountId>, offset: u64, limit: u32) -> ExportPage;
    delete_export(accounts: Vec<AccountId>, id: ExportId, now: Timestamp) -> bool;
    expire_exports(before: Timestamp, now: Timestamp) -> u64;
    export_file(accounts: Vec<AccountId>, id: ExportId) -> Option<PathBuf>;
}

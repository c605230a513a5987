//! The journal, in the database.

use std::{ops::Range, sync::Arc};

use async_trait::async_trait;
use call::{CallEvent, Timestamp, series::Interval};

use crate::{
    Batch, Heartbeat, HistoryError, Journal, LeftByRun,
    sqlite::{SqliteHistory, journal, lanes::Lane, readers::Asked, runs, writer::Change},
};

#[async_trait]
impl Journal for SqliteHistory {
    async fn append(&self, batch: Batch) -> Result<(), HistoryError> {
        self.writer.write(Change::Append(batch)).await
    }

    fn latest_append(&self) -> i64 {
        self.writer.latest_append()
    }

    fn run(&self) -> i64 {
        self.writer.run()
    }

    fn quarantined(&self) -> u64 {
        self.writer.quarantined()
    }

    async fn unfinished(&self) -> Result<Vec<Arc<CallEvent>>, HistoryError> {
        let asked = Asked { what: "read its journal", lane: Lane::Search, account: None };
        self.readers.read(asked, journal::read).await
    }

    async fn left_by_runs(&self) -> Result<Vec<LeftByRun>, HistoryError> {
        let asked = Asked { what: "read its journal", lane: Lane::Search, account: None };
        self.readers.read(asked, journal::read_by_run).await
    }

    async fn outages(&self, range: Range<Timestamp>) -> Result<Vec<Interval>, HistoryError> {
        let asked = Asked { what: "find outages", lane: Lane::Page, account: None };
        self.readers.read(asked, move |database| runs::gaps(database, &range)).await
    }

    async fn heartbeat(&self, beat: Heartbeat) -> Result<(), HistoryError> {
        self.writer.write(Change::Heartbeat(beat)).await
    }
}

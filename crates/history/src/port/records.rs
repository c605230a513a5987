//! Records of finished calls, found one by one.

use std::sync::Arc;

use async_trait::async_trait;
use call::{AccountId, CallId, CallRecord, Timestamp};

use crate::{HistoryError, RecordPage, RecordQuery};

/// What finished calls have left. A record is found from when [`append`](crate::Journal::append) has returned that
/// stored it.
#[async_trait]
pub trait Records: Send + Sync + 'static {
    /// Finds records.
    async fn search(&self, query: RecordQuery) -> Result<RecordPage, HistoryError>;

    /// One record, as the first of `accounts` sees it that has a side or a part of the call; by the call's id, or
    /// by that of one that was merged into it.
    async fn record(
        &self,
        accounts: Vec<AccountId>,
        call: CallId,
    ) -> Result<Option<Arc<CallRecord>>, HistoryError>;

    /// How many there are.
    async fn census(&self) -> Result<Census, HistoryError>;
}

/// How much a store holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Census {
    /// Call records.
    pub records: u64,
    /// When the call of the record that came last began.
    pub newest_at: Option<Timestamp>,
}

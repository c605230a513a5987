//! The journal, read along by programs.

use async_trait::async_trait;
use tokio::sync::watch;

use crate::{HistoryError, LogPage, LogQuery};

/// What has happened of late, numbered: see [`log`](crate::log).
#[async_trait]
pub trait EventLog: Send + Sync + 'static {
    /// A page of it, in the order in which it became durable.
    async fn events(&self, query: LogQuery) -> Result<LogPage, HistoryError>;

    /// Tells the number of the latest [event](Self::events) as there are more. It ends when the store is closed.
    fn latest_event(&self) -> watch::Receiver<u64>;
}

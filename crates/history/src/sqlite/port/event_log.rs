//! The event log: the latest of it in memory, the rest in the database.

use async_trait::async_trait;
use tokio::sync::watch;

use crate::{
    EventLog, HistoryError, LogPage, LogQuery,
    sqlite::{SqliteHistory, journal, lanes::Lane, readers::Asked},
};

#[async_trait]
impl EventLog for SqliteHistory {
    async fn events(&self, query: LogQuery) -> Result<LogPage, HistoryError> {
        if let Some(page) = self.writer.tail().and_then(|tail| tail.page(&query)) {
            return Ok(page);
        }
        let account = query.filter.accounts.first().copied();
        let asked = Asked { what: "read its events", lane: Lane::Page, account };
        let page = self.readers.read(asked, move |database| journal::page(database, &query)).await?;
        // What was read may be committed and not told yet: whoever asks on is not to know more than the tail does.
        let _ = self.latest_event().wait_for(|latest| *latest >= page.through).await;
        Ok(page)
    }

    fn latest_event(&self) -> watch::Receiver<u64> {
        // Of a store that is closed: one that tells nothing any more.
        self.writer.tail().map_or_else(|| watch::channel(0).1, |tail| tail.latest())
    }
}

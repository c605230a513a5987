//! Records, in both halves.

use std::sync::Arc;

use async_trait::async_trait;
use call::{AccountId, CallId, CallRecord};

use crate::{
    Census, HistoryError, RecordPage, RecordQuery, Records,
    sqlite::{SqliteHistory, lanes::Lane, readers::Asked, records, search},
};

#[async_trait]
impl Records for SqliteHistory {
    async fn search(&self, query: RecordQuery) -> Result<RecordPage, HistoryError> {
        let asked = Asked {
            what: "search its records",
            lane: search::lane(&query),
            account: query.accounts.first().copied(),
        };
        let recent = self.recent.clone();
        let page = move |database: &_, sealed: &_, deadline: &_| {
            search::page(database, (sealed, &recent), &query, deadline)
        };
        self.read(asked, page).await
    }

    async fn record(
        &self,
        accounts: Vec<AccountId>,
        call: CallId,
    ) -> Result<Option<Arc<CallRecord>>, HistoryError> {
        let asked = Asked { what: "read a record", lane: Lane::LookUp, account: accounts.first().copied() };
        let find = move |database: &_, sealed: &_, _: &_| records::find(database, sealed, &accounts, call);
        self.read(asked, find).await
    }

    async fn census(&self) -> Result<Census, HistoryError> {
        let asked = Asked { what: "count its records", lane: Lane::LookUp, account: None };
        self.readers.read(asked, records::census).await
    }
}

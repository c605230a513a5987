//! Reports over both halves.

use std::{collections::HashMap, ops::Range};

use async_trait::async_trait;
use call::{
    AccountId, Timestamp,
    activity::ActiveCall,
    event::Side,
    filter::CallFilter,
    series::Grid,
    statistics::{Sampling, Statistics},
};
use rust_decimal::Decimal;

use crate::{
    Billed, BillingQuery, HistoryError, Reports,
    sqlite::{SqliteHistory, activity::Active, balances, billing, lanes::Lane, readers::Asked, statistics},
};

#[async_trait]
impl Reports for SqliteHistory {
    async fn active_calls(
        &self,
        account: AccountId,
        side: Side,
        grid: Grid,
        filter: CallFilter,
        live: Vec<ActiveCall>,
    ) -> Result<Vec<u32>, HistoryError> {
        let active = Active { account, side, grid, filter, live };
        let recent = self.recent.clone();
        let count =
            move |database: &_, sealed: &_, deadline: &_| active.count(database, (sealed, &recent), deadline);
        let asked = Asked { what: "count the calls of a series", lane: Lane::Search, account: Some(account) };
        self.read(asked, count).await
    }

    async fn statistics(
        &self,
        account: AccountId,
        side: Side,
        range: Range<Timestamp>,
        filter: CallFilter,
        sampling: Sampling,
    ) -> Result<Statistics, HistoryError> {
        let calls = statistics::Calls { account, side, range, filter };
        let recent = self.recent.clone();
        let gather = move |database: &_, sealed: &_, deadline: &_| {
            calls.gather(database, (sealed, &recent), sampling, deadline)
        };
        let asked = Asked { what: "gather statistics", lane: Lane::Search, account: Some(account) };
        self.read(asked, gather).await
    }

    async fn billed(&self, query: BillingQuery) -> Result<Vec<Billed>, HistoryError> {
        let asked =
            Asked { what: "sum up calls", lane: Lane::Search, account: query.accounts.first().copied() };
        let sum =
            move |database: &_, sealed: &_, deadline: &_| billing::sum(database, sealed, &query, deadline);
        self.read(asked, sum).await
    }

    async fn balance_movements(
        &self,
        accounts: Vec<AccountId>,
    ) -> Result<HashMap<AccountId, Decimal>, HistoryError> {
        let asked = Asked {
            what: "read the movement of balances",
            lane: Lane::LookUp,
            account: accounts.first().copied(),
        };
        let read = move |database: &_| balances::read(database, &accounts);
        self.readers.read(asked, read).await
    }
}

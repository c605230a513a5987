//! Many finished calls, counted and summed up.

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

use crate::{Billed, BillingQuery, HistoryError};

/// Series, statistics and sums over the records of accounts.
#[async_trait]
pub trait Reports: Send + Sync + 'static {
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

    /// What is billed to each account that has calls, by account.
    async fn billed(&self, query: BillingQuery) -> Result<Vec<Billed>, HistoryError>;

    /// How far calls have moved the balance of each of `accounts`: minus what it pays as origination account,
    /// plus what it is paid as termination account. It moves together with the record, and counts each call
    /// once. An account without calls has not moved.
    async fn balance_movements(
        &self,
        accounts: Vec<AccountId>,
    ) -> Result<HashMap<AccountId, Decimal>, HistoryError>;
}

//! How many calls of an account were active at whole minutes: finished calls from the history, and those
//! that go on.

use std::{collections::HashSet, time::Duration};

use call::{
    AccountId, Registry, Timestamp,
    activity::ActiveCall,
    event::Side,
    filter::CallFilter,
    series::{Grid, counts},
};
use history::{History, HistoryError};

/// The step of charts and reports.
pub const MINUTE: Duration = Duration::from_secs(60);
/// The longest time that a chart or a report may span.
pub const LONGEST: Duration = Duration::from_secs(LONGEST_DAYS * 86_400);
/// The same in days.
pub const LONGEST_DAYS: u64 = 366;
/// What is read of the history at a time, so that a long report of a busy account fits into memory.
const PORTION: Duration = Duration::from_secs(86_400);
/// The least stretch of time: what makes an end that belongs to a range one that does not.
pub const TICK: Duration = Duration::from_micros(1);

/// The calls of one side of an account.
pub struct Activity<'a> {
    /// Where finished calls are.
    pub history: &'a dyn History,
    /// The live calls, as they were before the history is asked: a call that ends in between is then in
    /// both, and counted once.
    pub live: &'a Registry,
    /// The account.
    pub account: AccountId,
    /// Its side of the calls.
    pub side: Side,
    /// Which calls count, and when.
    pub filter: CallFilter,
}

impl Activity<'_> {
    /// The counts at the whole minutes in `[from, to]`, both ends included.
    pub async fn per_minute(&self, from: Timestamp, to: Timestamp) -> Result<Vec<u32>, HistoryError> {
        let live = self.live_calls();
        let mut sums = Vec::with_capacity(Grid::aligned(from, to, MINUTE).len());
        let mut begin = from;
        while begin <= to {
            let end = to.min(begin + PORTION - TICK);
            sums.extend(self.portion(begin, end, &live).await?);
            begin = end + TICK;
        }
        Ok(sums)
    }

    /// How many calls go on.
    pub fn live_count(&self) -> u32 {
        let going_on = self.live_calls().into_iter().filter(|call| call.ended_at.is_none()).count();
        u32::try_from(going_on).unwrap_or(u32::MAX)
    }

    async fn portion(
        &self,
        from: Timestamp,
        to: Timestamp,
        live: &[ActiveCall],
    ) -> Result<Vec<u32>, HistoryError> {
        let grid = Grid::aligned(from, to, MINUTE);
        let finished =
            self.history.active_calls(self.account, self.side, from..to + TICK, self.filter.clone()).await?;
        let told: HashSet<_> = finished.iter().map(|call| call.call_id).collect();
        let going_on = live.iter().filter(|call| !told.contains(&call.call_id));
        let calls = finished.iter().chain(going_on);
        Ok(counts(calls.filter_map(|call| call.counted(&self.filter)), &grid))
    }

    fn live_calls(&self) -> Vec<ActiveCall> {
        let calls = self.live.calls_of(self.account).chain(self.live.calls_left_by(self.account));
        calls.flat_map(|call| ActiveCall::live(call, self.account, self.side)).collect()
    }
}

//! How many calls of an account were active at some instants: those that are over from the history, and those that
//! go on.

use call::{AccountId, Registry, activity::ActiveCall, event::Side, filter::CallFilter, series::Grid};
use history::{HistoryError, Reports};

/// The calls of one side of an account.
pub struct Activity<'a> {
    /// Where finished calls are.
    pub history: &'a dyn Reports,
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
    /// How many were active at each instant of the grid.
    pub async fn at(&self, grid: Grid) -> Result<Vec<u32>, HistoryError> {
        let live = self.live_calls();
        self.history.active_calls(self.account, self.side, grid, self.filter.clone(), live).await
    }

    /// How many calls go on.
    pub fn live_count(&self) -> u32 {
        let going_on = self.live_calls().into_iter().filter(|call| call.ended_at.is_none()).count();
        u32::try_from(going_on).unwrap_or(u32::MAX)
    }

    fn live_calls(&self) -> Vec<ActiveCall> {
        let calls = self.live.calls_of(self.account).chain(self.live.calls_left_by(self.account));
        calls.flat_map(|call| ActiveCall::live(call, self.account, self.side)).collect()
    }
}

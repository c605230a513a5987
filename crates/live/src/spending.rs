//! Holds accounts to what their calls may cost: looks every second what they have cost by the records, and by the
//! live calls so far; stops accounts that have reached a bound, and cuts their calls off.
//!
//! Everything is worked out anew each time, so a restart forgets nothing. Routing asks [`Stopped`], whatever
//! brings a call to be routed. A bound is overrun by a second of the calls that go on, or by a billing step.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
    time::Duration,
};

use call::{
    AccountId, CallCommand, Registry, Timestamp,
    event::Side,
    filter::{Bound, CallFilter},
    statistics::Sampling,
};
use directory::{
    Directory, Snapshot,
    model::{Account, SpendingLimit, Spent},
};
use history::HistoryError;
use rust_decimal::Decimal;
use tokio::time::MissedTickBehavior;
use tokio_util::sync::CancellationToken;

use crate::Live;

/// How often it is looked.
const LOOK: Duration = Duration::from_secs(1);
const HOUR: Duration = Duration::from_secs(3_600);
const DAY: Duration = Duration::from_secs(24 * 3_600);

/// What an account has reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reached {
    Balance,
    Hour,
    Day,
}

impl Reached {
    fn name(self) -> &'static str {
        match self {
            Self::Balance => "balance",
            Self::Hour => "hour",
            Self::Day => "day",
        }
    }
}

/// Watches until told to stop.
pub async fn watch_spending(live: Arc<Live>, directory: Arc<Directory>, stopping: CancellationToken) {
    let mut ticks = tokio::time::interval(LOOK);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut stopped = HashMap::new();
    loop {
        tokio::select! {
            _ = ticks.tick() => {}
            () = stopping.cancelled() => return,
        }
        live.hold_to_limits(&directory, &mut stopped).await;
    }
}

impl Live {
    /// Looks once; `stopped` are those that were found to have reached a bound.
    async fn hold_to_limits(&self, directory: &Directory, stopped: &mut HashMap<AccountId, Reached>) {
        let snapshot = directory.snapshot();
        let accounts = snapshot.entries().accounts.iter();
        let bound: Vec<_> = accounts.filter(|account| !account.billing.spending.is_none()).collect();
        stopped.retain(|id, _| bound.iter().any(|account| account.id == *id));
        for account in bound {
            match self.reached(&snapshot, account).await {
                Ok(found) => self.note(account.id, found, stopped),
                Err(error) => {
                    let error: &dyn std::error::Error = &error;
                    tracing::error!(account = account.id.0, error, "what an account has spent is not known");
                }
            }
        }
        directory.stopped().set(stopped.keys().copied().collect::<HashSet<_>>());
        self.metrics.accounts_stopped.set(i64::try_from(stopped.len()).unwrap_or(i64::MAX));
        for account in stopped.keys() {
            self.cut_off(*account).await;
        }
    }

    /// What an account has reached, if anything.
    async fn reached(
        &self,
        directory: &Snapshot,
        account: &Account,
    ) -> Result<Option<Reached>, HistoryError> {
        let (now, before) = (self.clock().now(), self.snapshot());
        let limits = &account.billing.spending;
        let mut reached = None;
        if limits.is_prepaid && self.is_used_up(directory, account, &before, now).await? {
            reached = Some(Reached::Balance);
        }
        for (limit, length, name) in [(limits.hourly, HOUR, Reached::Hour), (limits.daily, DAY, Reached::Day)]
        {
            if reached.is_none() && !limit.is_none() {
                let is_reached = self.is_reached(account.id, limit, (length, now), &before).await?;
                reached = is_reached.then_some(name);
            }
        }
        Ok(reached)
    }

    /// Whether a prepaid account has nothing left.
    async fn is_used_up(
        &self,
        directory: &Snapshot,
        account: &Account,
        before: &Registry,
        now: Timestamp,
    ) -> Result<bool, HistoryError> {
        let moved = self.history.balance_movements(vec![account.id]).await?;
        let moved = moved.get(&account.id).copied().unwrap_or_default();
        let billing = &account.billing;
        let had = billing.starting_balance + directory.paid(account.id) + moved;
        Ok(had - spent_live((before, &self.snapshot()), account.id, now, None).price <= billing.min_balance)
    }

    /// Whether calls that began in the last while have reached a limit.
    async fn is_reached(
        &self,
        account: AccountId,
        limit: SpendingLimit,
        (length, now): (Duration, Timestamp),
        before: &Registry,
    ) -> Result<bool, HistoryError> {
        let begun = now - length;
        let costly = CallFilter { price: vec![Bound::Above(Decimal::ZERO)], ..CallFilter::default() };
        let range = begun..now + DAY;
        let side = Side::Origination;
        let over = self.history.statistics(account, side, range, costly, Sampling::Day).await?.total();
        let over = Spent { price: over.price, seconds: over.seconds };
        Ok(limit.is_reached(over + spent_live((before, &self.snapshot()), account, now, Some(begun))))
    }

    fn note(&self, account: AccountId, found: Option<Reached>, stopped: &mut HashMap<AccountId, Reached>) {
        match found {
            Some(reached) => {
                if stopped.insert(account, reached) != Some(reached) {
                    self.metrics.stopped(reached.name());
                    tracing::warn!(
                        account = account.0,
                        limit = reached.name(),
                        "an account has spent all that it may: its calls that cost something are refused"
                    );
                }
            }
            None => {
                if stopped.remove(&account).is_some() {
                    tracing::info!(account = account.0, "an account may spend something again");
                }
            }
        }
    }

    /// Ends the calls of an account that cost it something.
    async fn cut_off(&self, account: AccountId) {
        let (now, live) = (self.clock().now(), self.snapshot());
        let costly = live.calls_of(account).filter(|call| call.cost_so_far(account, now).goes_on);
        let costly: Vec<_> = costly.map(|call| call.id()).collect();
        for call_id in costly {
            // One that has ended by itself is none the worse for it.
            if self.switch().command(CallCommand::HangupCall { call_id }).await.is_ok() {
                self.metrics.calls_cut.inc();
                tracing::warn!(account = account.0, call = %call_id, "a call is cut off for what it costs");
            }
        }
    }
}

/// What calls have cost an account that were live `before` the history was asked and are still, those that began at
/// an instant or later. What has ended meanwhile is the history's to tell, if not this time, then the next.
fn spent_live(
    (before, after): (&Registry, &Registry),
    account: AccountId,
    now: Timestamp,
    begun: Option<Timestamp>,
) -> Spent {
    let calls = before.calls_of(account).chain(before.calls_left_by(account));
    let calls = calls.filter(|call| after.get(call.id()).is_some());
    let calls = calls.filter(|call| begun.is_none_or(|begun| call.started_at() >= begun));
    calls.fold(Spent::default(), |sum, call| {
        let cost = call.cost_so_far(account, now);
        sum + Spent { price: cost.price, seconds: cost.seconds }
    })
}

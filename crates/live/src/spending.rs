//! Holds accounts and their phones to what their calls may cost: looks every second what they have cost by the records,
//! and by the live calls so far; stops those that have reached a bound, and cuts their calls off.
//!
//! What finished calls have cost lies in a ledger ([`ledger`]) that is made from the records: after a restart, once an
//! hour, and when some were missed. Routing asks [`Stopped`](directory::Stopped), whatever brings a call to be routed. A
//! bound is overrun by a second of the calls that go on, or by a billing step.

mod ledger;
mod records;
#[cfg(test)]
mod tests;
mod verdict;

use std::{
    collections::{BTreeSet, HashMap, HashSet},
    sync::Arc,
    time::Duration,
};

use call::{AccountId, CallCommand, CallId, Cost, Payer, Registry, Timestamp};
use directory::{
    Directory, LimitNotices, Snapshot,
    notices::{LimitNotice, Outcome, Reached},
};
use history::HistoryError;
use tokio::time::MissedTickBehavior;
use tokio_util::sync::CancellationToken;

use self::{
    records::Books,
    verdict::{Known, LiveCosts, bounded, prepaid},
};
use crate::Live;

/// How often it is looked.
const LOOK: Duration = Duration::from_secs(1);

/// What is known from look to look.
#[derive(Default)]
struct Watch {
    /// None while nobody has bounds.
    books: Option<Books>,
    stopped: HashMap<Payer, Reached>,
}

/// Watches until told to stop.
pub async fn watch_spending(live: Arc<Live>, directory: Arc<Directory>, stopping: CancellationToken) {
    let mut ticks = tokio::time::interval(LOOK);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut watch = Watch::default();
    loop {
        tokio::select! {
            _ = ticks.tick() => {}
            () = stopping.cancelled() => return,
        }
        live.hold_to_limits(&directory, &mut watch).await;
    }
}

impl Live {
    /// Looks once.
    async fn hold_to_limits(&self, directory: &Directory, watch: &mut Watch) {
        let snapshot = directory.snapshot();
        match self.look(&snapshot, watch).await {
            Ok(found) => self.note(&snapshot, found, watch),
            Err(error) => {
                let error: &dyn std::error::Error = &error;
                tracing::error!(
                    error,
                    "what accounts have spent is not known: those that are stopped stay so"
                );
            }
        }
        directory.stopped().set(watch.stopped.keys().copied().collect::<HashSet<_>>());
        self.metrics.tell_stopped(watch.stopped.keys());
        self.metrics.spending_minutes.set(watch.books.as_ref().map_or(0, |books| gauged(books.ledger.len())));
        for (payer, call) in costly(&self.snapshot(), &snapshot, &watch.stopped, self.clock().now()) {
            self.cut_off(&snapshot, payer, call).await;
        }
    }

    /// Who has reached which bound. One that was found to is still, as long as it is not known what a call has come to
    /// that has just ended.
    async fn look(
        &self,
        directory: &Snapshot,
        watch: &mut Watch,
    ) -> Result<HashMap<Payer, Reached>, HistoryError> {
        let (now, accounts) = (self.clock().now(), bounded(directory));
        if accounts.is_empty() {
            watch.books = None;
            return Ok(HashMap::new());
        }
        self.make_books_good(&accounts, watch, now).await?;
        let Some(books) = &mut watch.books else { return Ok(HashMap::new()) };
        let before = self.snapshot();
        let movements = self.history.balance_movements(prepaid(directory)).await?;
        let entered = books.enter_ended(now);
        let after = self.snapshot();
        let (mut live, mut unsettled) = (LiveCosts::default(), BTreeSet::new());
        for (call, cost) in costs(&before, &accounts, now) {
            if !entered.contains(&call) && after.get(call).is_some() {
                live.add(cost);
            } else {
                unsettled.insert(cost.account);
            }
        }
        let known = Known { directory, ledger: &books.ledger, movements: &movements, live: &live, now };
        let mut reached = known.reached();
        let waits = |payer: &Payer| account_of(directory, *payer).is_some_and(|id| unsettled.contains(&id));
        for (payer, bound) in watch.stopped.iter().filter(|(payer, _)| waits(payer)) {
            reached.entry(*payer).or_insert(*bound);
        }
        Ok(reached)
    }

    async fn make_books_good(
        &self,
        accounts: &BTreeSet<AccountId>,
        watch: &mut Watch,
        now: Timestamp,
    ) -> Result<(), HistoryError> {
        // What the history has not taken yet is in the old books alone.
        let is_good = |books: &Books| books.is_good_for(accounts) || self.health.behind_for().is_some();
        if watch.books.as_ref().is_some_and(is_good) {
            return Ok(());
        }
        let ended = self.published.records.subscribe();
        watch.books = Some(Books::open(&*self.history, accounts.clone(), ended, now).await?);
        Ok(())
    }

    fn note(&self, directory: &Snapshot, found: HashMap<Payer, Reached>, watch: &mut Watch) {
        let before = std::mem::replace(&mut watch.stopped, found);
        for (payer, reached) in &watch.stopped {
            if before.get(payer) != Some(reached) {
                self.metrics.stopped(reached.name());
                let (account, device) = numbers(directory, *payer);
                let limit = reached.name();
                tracing::warn!(
                    account,
                    device,
                    limit,
                    "all is spent that may be: calls that cost something are refused"
                );
                tell(directory, *payer, Outcome::Stopped(*reached));
            }
        }
        for payer in before.keys().filter(|payer| !watch.stopped.contains_key(payer)) {
            let (account, device) = numbers(directory, *payer);
            tracing::info!(account, device, "something may be spent again");
            tell(directory, *payer, Outcome::Resumed);
        }
    }

    /// Ends a call that costs something.
    async fn cut_off(&self, directory: &Snapshot, payer: Payer, call_id: CallId) {
        // One that has ended by itself is none the worse for it.
        if self.switch().command(CallCommand::HangupCall { call_id }).await.is_ok() {
            self.metrics.calls_cut.inc();
            let (account, device) = numbers(directory, payer);
            tracing::warn!(account, device, call = %call_id, "a call is cut off for what it costs");
            tell(directory, payer, Outcome::CutOff(call_id));
        }
    }
}

/// What the calls that go on have cost some accounts so far.
fn costs(live: &Registry, accounts: &BTreeSet<AccountId>, now: Timestamp) -> Vec<(CallId, Cost)> {
    let of = |account: &AccountId| {
        let account = *account;
        let calls = live.calls_of(account).chain(live.calls_left_by(account));
        calls.flat_map(move |call| {
            let costs = call.costs(now).into_iter().filter(move |cost| cost.account == account);
            costs.map(move |cost| (call.id(), cost)).collect::<Vec<_>>()
        })
    };
    accounts.iter().flat_map(of).collect()
}

/// The calls that cost something to those who may spend nothing, each once.
fn costly(
    live: &Registry,
    directory: &Snapshot,
    stopped: &HashMap<Payer, Reached>,
    now: Timestamp,
) -> Vec<(Payer, CallId)> {
    let accounts = stopped.keys().filter_map(|payer| account_of(directory, *payer)).collect();
    let going_on = costs(live, &accounts, now).into_iter().filter(|(_, cost)| cost.goes_on);
    let mut seen = HashSet::new();
    let bites = |cost: &Cost| cost.payers().find(|payer| stopped.contains_key(payer));
    going_on
        .filter_map(|(call, cost)| Some((bites(&cost)?, call)))
        .filter(|(_, call)| seen.insert(*call))
        .collect()
}

/// The account that is held to a bound, or whose phone is.
fn account_of(directory: &Snapshot, payer: Payer) -> Option<AccountId> {
    match payer {
        Payer::Account(account) => Some(account),
        Payer::Device(device) => directory.device(device).map(|device| device.account),
    }
}

/// For the log.
fn numbers(directory: &Snapshot, payer: Payer) -> (Option<u32>, Option<u32>) {
    let device = match payer {
        Payer::Account(_) => None,
        Payer::Device(device) => Some(device.0),
    };
    (account_of(directory, payer).map(|account| account.0), device)
}

fn tell(directory: &Snapshot, payer: Payer, outcome: Outcome) {
    let notices: &LimitNotices = directory.notices();
    if let Some(account) = account_of(directory, payer) {
        notices.tell(LimitNotice { account, payer, outcome });
    }
}

fn gauged(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

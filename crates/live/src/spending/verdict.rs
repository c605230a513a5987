//! Who has reached a bound. Pure: what was spent, and what holds, come in as values.

use std::{
    collections::{BTreeSet, HashMap},
    time::Duration,
};

use call::{AccountId, Cost, Payer, Timestamp};
use directory::{
    Snapshot,
    model::{Account, SpendingLimits, Spent},
    notices::Reached,
};
use rust_decimal::Decimal;

use super::ledger::Ledger;

pub(super) const HOUR: Duration = Duration::from_secs(3_600);
pub(super) const DAY: Duration = Duration::from_secs(24 * 3_600);

/// What is known at an instant.
pub(super) struct Known<'a> {
    pub(super) directory: &'a Snapshot,
    pub(super) ledger: &'a Ledger,
    /// How far finished calls have moved the balances of prepaid accounts.
    pub(super) movements: &'a HashMap<AccountId, Decimal>,
    /// What the calls that go on have cost so far.
    pub(super) live: &'a LiveCosts,
    pub(super) now: Timestamp,
}

/// What calls that go on have cost so far, by whom that is held against.
#[derive(Debug, Default)]
pub(super) struct LiveCosts(HashMap<Payer, Vec<Cost>>);

impl LiveCosts {
    pub(super) fn add(&mut self, cost: Cost) {
        cost.payers().for_each(|payer| self.0.entry(payer).or_default().push(cost));
    }

    /// Of those that began at an instant or later.
    fn spent(&self, payer: Payer, since: Timestamp) -> Spent {
        let costs = self.0.get(&payer).into_iter().flatten().filter(|cost| cost.started_at >= since);
        costs.fold(Spent::default(), |sum, cost| sum + Spent { price: cost.price, seconds: cost.seconds })
    }
}

/// Accounts that are held to bounds, or one of whose phones is.
pub(super) fn bounded(directory: &Snapshot) -> BTreeSet<AccountId> {
    let entries = directory.entries();
    let is_bound = |account: &&Account| account.billing.is_prepaid || !account.billing.spending.is_none();
    let accounts = entries.accounts.iter().filter(is_bound).map(|account| account.id);
    let devices = entries.devices.iter().filter(|device| !device.spending.is_none());
    accounts.chain(devices.map(|device| device.account)).collect()
}

/// Prepaid accounts.
pub(super) fn prepaid(directory: &Snapshot) -> Vec<AccountId> {
    let accounts = directory.entries().accounts.iter();
    accounts.filter(|account| account.billing.is_prepaid).map(|account| account.id).collect()
}

impl Known<'_> {
    /// Who has reached which bound.
    pub(super) fn reached(&self) -> HashMap<Payer, Reached> {
        let bounded = bounded(self.directory);
        let accounts = bounded.iter().filter_map(|id| self.directory.account(*id));
        let of_accounts =
            accounts.filter_map(|account| Some((Payer::Account(account.id), self.account_reached(account)?)));
        let devices = bounded.iter().flat_map(|account| self.directory.devices_of(*account));
        let of_devices = devices.filter_map(|device| {
            let payer = Payer::Device(device.id);
            Some((payer, self.limits_reached(payer, &device.spending)?))
        });
        of_accounts.chain(of_devices).collect()
    }

    fn account_reached(&self, account: &Account) -> Option<Reached> {
        if account.billing.is_prepaid && self.left(account) <= account.billing.min_balance {
            return Some(Reached::Balance);
        }
        self.limits_reached(Payer::Account(account.id), &account.billing.spending)
    }

    /// What is left of a prepaid account's money.
    fn left(&self, account: &Account) -> Decimal {
        let moved = self.movements.get(&account.id).copied().unwrap_or_default();
        self.directory.balance(account, moved, self.now)
            - self.live.spent(Payer::Account(account.id), Timestamp::MIN).price
    }

    fn limits_reached(&self, payer: Payer, limits: &SpendingLimits) -> Option<Reached> {
        let windows = [(limits.hourly, HOUR, Reached::Hour), (limits.daily, DAY, Reached::Day)];
        let reached = windows.into_iter().find(|(limit, length, _)| {
            let since = self.now - *length;
            !limit.is_none()
                && limit.is_reached(self.ledger.spent(payer, since) + self.live.spent(payer, since))
        });
        reached.map(|(_, _, reached)| reached)
    }
}

//! What finished calls have cost those who are held to bounds, by the minute in which they began. Pure.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use call::{AccountId, CallId, CallRecord, Cost, Payer, Timestamp};
use directory::model::Spent;

/// What a minute has in microseconds.
const MINUTE: i64 = 60_000_000;

/// What the finished calls of some accounts have cost, as far as they are remembered. It is made from records and
/// from nothing else: made anew from the history, it is the same.
#[derive(Debug, Default)]
pub(super) struct Ledger {
    accounts: BTreeSet<AccountId>,
    minutes: HashMap<Payer, BTreeMap<i64, Spent>>,
    /// Calls that were in the history when this was made, and may be told once more.
    known: HashSet<CallId>,
}

impl Ledger {
    /// Of these accounts, nothing yet.
    pub(super) fn of(accounts: BTreeSet<AccountId>) -> Self {
        Self { accounts, ..Self::default() }
    }

    /// Whose calls are in it.
    pub(super) fn accounts(&self) -> &BTreeSet<AccountId> {
        &self.accounts
    }

    /// Adds what the history has, and the call that it is of, if that may be told again as one that has just ended.
    pub(super) fn add_known(&mut self, call: Option<CallId>, cost: &Cost) {
        self.known.extend(call);
        self.add(cost);
    }

    /// Adds a call that has just ended.
    pub(super) fn add_ended(&mut self, record: &CallRecord) {
        if !self.known.contains(&record.call_id) {
            record.costs().iter().for_each(|cost| self.add(cost));
        }
    }

    fn add(&mut self, cost: &Cost) {
        if !self.accounts.contains(&cost.account) {
            return;
        }
        let spent = Spent { price: cost.price, seconds: cost.seconds };
        for payer in cost.payers() {
            *self.minutes.entry(payer).or_default().entry(minute(cost.started_at)).or_default() += spent;
        }
    }

    /// What calls have cost that began at an instant or later, or in the same minute before it.
    pub(super) fn spent(&self, payer: Payer, since: Timestamp) -> Spent {
        let minutes = self.minutes.get(&payer).into_iter();
        let minutes = minutes.flat_map(|minutes| minutes.range(minute(since)..));
        minutes.fold(Spent::default(), |sum, (_, spent)| sum + *spent)
    }

    /// Forgets what began in minutes before an instant.
    pub(super) fn forget_before(&mut self, instant: Timestamp) {
        for minutes in self.minutes.values_mut() {
            *minutes = minutes.split_off(&minute(instant));
        }
        self.minutes.retain(|_, minutes| !minutes.is_empty());
    }

    /// Minutes that are remembered, of all together.
    pub(super) fn len(&self) -> usize {
        self.minutes.values().map(BTreeMap::len).sum()
    }
}

fn minute(at: Timestamp) -> i64 {
    at.as_micros().div_euclid(MINUTE)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use call::DeviceId;

    use super::*;

    /// A day of a call in each minute, and the next: what is remembered does not grow.
    #[test]
    fn a_day_of_minutes_is_remembered_of_each() {
        let account = AccountId(1);
        let mut ledger = Ledger::of([account, AccountId(2)].into());
        let first = Timestamp::from_seconds(1_767_355_200);
        let mut most = 0;
        for number in 0..3 * 1_440 {
            let started_at = first + Duration::from_secs(60 * number);
            ledger.add(&Cost {
                account,
                device: Some(DeviceId(1)),
                price: rust_decimal::Decimal::ONE,
                seconds: 60,
                started_at,
                goes_on: false,
            });
            ledger.forget_before(started_at - Duration::from_secs(86_400));
            most = most.max(ledger.len());
        }
        assert_eq!(most, 2 * 1_441, "of the account, and of its phone");
        let since = first + Duration::from_secs(60 * (3 * 1_440 - 1_440));
        assert_eq!(ledger.spent(Payer::Account(account), since).seconds, 86_400);
    }
}

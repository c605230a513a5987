//! What a commit adds to balances and to the calls of days, summed up: many of its rows are of the same account and
//! day, and each sum is written once.

use std::collections::HashMap;

use call::AccountId;
use rusqlite::Connection;

use super::{balances, daily};

/// What was added and is not written yet.
#[derive(Default)]
pub(super) struct Moved {
    /// In millionths.
    balances: HashMap<AccountId, i64>,
    calls: HashMap<daily::Group, i64>,
}

impl Moved {
    /// One more call of a group, which moves the balance of its account.
    pub(super) fn add(&mut self, group: daily::Group, amount: i64) {
        let balance = self.balances.entry(group.account).or_default();
        *balance = balance.saturating_add(amount);
        *self.calls.entry(group.of_day()).or_default() += 1;
    }

    /// Writes it, and has nothing any more.
    pub(super) fn write(&mut self, connection: &Connection) -> rusqlite::Result<()> {
        for (account, amount) in self.balances.drain() {
            balances::add(connection, account, amount)?;
        }
        for (group, calls) in self.calls.drain() {
            daily::add(connection, group, calls)?;
        }
        Ok(())
    }

    /// Forgets it.
    pub(super) fn clear(&mut self) {
        self.balances.clear();
        self.calls.clear();
    }
}

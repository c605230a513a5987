//! Whose calls that cost something are not let through for the time being.

use std::{collections::HashSet, sync::Arc};

use arc_swap::ArcSwap;
use call::AccountId;

/// The accounts whose calls that cost something are not let through, as they have spent all that they may. All
/// snapshots of a directory share it: whoever counts what is spent says it here, and routing asks here, whatever
/// brings a call to be routed.
#[derive(Clone, Debug, Default)]
pub struct Stopped(Arc<ArcSwap<HashSet<AccountId>>>);

impl Stopped {
    /// From now on, these are.
    pub fn set(&self, accounts: HashSet<AccountId>) {
        if **self.0.load() != accounts {
            self.0.store(Arc::new(accounts));
        }
    }

    /// Whether an account is.
    pub fn contains(&self, account: AccountId) -> bool {
        self.0.load().contains(&account)
    }
}

//! What a logged-in client may see. Every query for calls or records takes one; there is no other way.

use call::{AccountId, CustomerId};

/// The accounts of one customer that a client may see. Made by [`crate::Snapshot`] only.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Access {
    customer: CustomerId,
    accounts: Vec<AccountId>,
}

impl Access {
    pub(crate) fn new(customer: CustomerId, mut accounts: Vec<AccountId>) -> Self {
        accounts.sort_unstable();
        accounts.dedup();
        Self { customer, accounts }
    }

    /// The tenant.
    pub fn customer(&self) -> CustomerId {
        self.customer
    }

    /// The accounts, ascending. Empty if the client may see nothing.
    pub fn accounts(&self) -> &[AccountId] {
        &self.accounts
    }

    /// Whether `account` is among them.
    pub fn allows(&self, account: AccountId) -> bool {
        self.accounts.binary_search(&account).is_ok()
    }

    /// The same, less every account that `keep` refuses.
    pub fn narrowed(&self, keep: impl Fn(AccountId) -> bool) -> Self {
        let accounts = self.accounts.iter().copied().filter(|account| keep(*account)).collect();
        Self { customer: self.customer, accounts }
    }
}

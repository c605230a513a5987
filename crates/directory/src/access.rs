//! What a logged-in client may see. Every query for calls or records takes one; there is no other way.

use call::{AccountId, CustomerId};

use crate::{
    model::{Account, User},
    snapshot::Snapshot,
};

/// The accounts of one customer that a client may see. Made by [`Snapshot`] only.
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

impl Snapshot {
    /// What a user may see: their accounts, else all of the customer; less accounts outside their centers.
    pub fn access_of(&self, user: &User) -> Access {
        let is_listed = |account: &&Account| user.accounts.is_empty() || user.accounts.contains(&account.id);
        let is_in_center = |account: &&Account| {
            user.centers.is_empty() || account.center.is_some_and(|center| user.centers.contains(&center))
        };
        let accounts = self.accounts_of(user.customer).filter(is_listed).filter(is_in_center);
        Access::new(user.customer, accounts.map(|account| account.id).collect())
    }

    /// What a client that stands for a whole customer may see: all of it. `None` if there is no such customer.
    pub fn access_of_customer(&self, id: CustomerId) -> Option<Access> {
        let accounts = self.accounts_of(self.customer(id)?.id).map(|account| account.id);
        Some(Access::new(id, accounts.collect()))
    }

    /// What a client that holds an account's token may see: that account.
    pub fn access_of_account(&self, id: AccountId) -> Option<Access> {
        self.account(id).map(|account| Access::new(account.customer, vec![id]))
    }
}

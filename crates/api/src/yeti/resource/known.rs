//! What relationships lead to.

use std::collections::HashMap;

use call::AccountId;
use directory::Snapshot;
use rust_decimal::Decimal;

use super::shown::Shown;
use crate::yeti::routes::accounts::AccountView;

/// What relationships lead to, at the moment of a request.
#[derive(Clone, Copy)]
pub struct Known<'a> {
    /// The directory.
    pub directory: &'a Snapshot,
    /// How far calls have moved the balances of the client's accounts.
    pub movements: &'a HashMap<AccountId, Decimal>,
}

impl Known<'_> {
    /// An account to show.
    pub fn account(&self, id: AccountId) -> Option<Box<dyn Shown>> {
        Some(Box::new(self.account_view(id)?))
    }

    /// An account.
    pub fn account_view(&self, id: AccountId) -> Option<AccountView> {
        let moved = self.movements.get(&id).copied().unwrap_or_default();
        self.directory.account(id).map(|account| AccountView::new(account, moved))
    }
}

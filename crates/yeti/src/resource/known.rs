//! What relationships lead to.

use std::{collections::HashMap, sync::Arc};

use call::{AccountId, Timestamp};
use directory::Snapshot;
use rust_decimal::Decimal;

use super::shown::Shown;
use crate::routes::accounts::AccountView;

/// What relationships lead to, at the moment of a request.
pub struct Known {
    /// The directory.
    pub directory: Arc<Snapshot>,
    /// How far calls have moved the balances of the client's accounts.
    pub movements: HashMap<AccountId, Decimal>,
    /// When that is.
    pub now: Timestamp,
}

impl Known {
    /// An account to show.
    pub fn account(&self, id: AccountId) -> Option<Box<dyn Shown>> {
        Some(Box::new(self.account_view(id)?))
    }

    /// An account.
    pub fn account_view(&self, id: AccountId) -> Option<AccountView> {
        let moved = self.movements.get(&id).copied().unwrap_or_default();
        let account = self.directory.account(id)?;
        Some(AccountView::new(account, self.directory.balance(account, moved, self.now)))
    }
}

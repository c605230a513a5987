//! What relationships lead to.

use std::sync::Arc;

use call::AccountId;
use directory::Snapshot;

use super::shown::Shown;
use crate::yeti::routes::accounts::AccountView;

/// What relationships lead to, at the moment of a request.
pub struct Known {
    /// The directory.
    pub directory: Arc<Snapshot>,
}

impl Known {
    /// An account to show.
    pub fn account(&self, id: AccountId) -> Option<Box<dyn Shown>> {
        let account = self.directory.account(id)?;
        Some(Box::new(AccountView::from(account)))
    }
}

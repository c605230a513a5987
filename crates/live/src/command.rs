//! The commands: one file each, who may and what it does.

mod hangup_call;
mod hangup_leg;
mod originate;

use std::{sync::Arc, time::Duration};

use call::{AccountId, Call, CallId};
use directory::Access;

use crate::{CommandError, Live};

/// How long a command waits for its outcome to be seen. The outcome comes all the same if it takes longer.
const PATIENCE: Duration = Duration::from_secs(2);

impl Live {
    /// A live call that `account` has a side of, for a client that may act for `account`.
    fn call_of(
        &self,
        access: &Access,
        account: AccountId,
        call_id: CallId,
    ) -> Result<Arc<Call>, CommandError> {
        if !access.allows(account) {
            return Err(CommandError::Forbidden);
        }
        self.snapshot().call(account, call_id).cloned().ok_or(CommandError::NotFound)
    }
}

//! Ends a call.

use std::sync::Arc;

use call::{AccountId, Call, CallCommand, CallId};
use directory::Access;

use super::PATIENCE;
use crate::{CommandError, Live};

impl Live {
    /// Ends every leg of a call; gives the call as it was.
    ///
    /// Who may: a client of an account that has a side of it. When this returns, the call is out of the
    /// snapshot, unless the switch takes long.
    pub async fn hangup_call(
        &self,
        access: &Access,
        account: AccountId,
        call_id: CallId,
    ) -> Result<Arc<Call>, CommandError> {
        let call = self.call_of(access, account, call_id)?;
        self.switch.command(CallCommand::HangupCall { call_id }).await?;
        self.settle(PATIENCE, |calls| calls.call(account, call_id).is_none()).await;
        Ok(call)
    }
}

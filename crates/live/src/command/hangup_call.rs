//! Ends a call.

use std::sync::Arc;

use call::{AccountId, Call, CallCommand, CallId};
use directory::Access;

use super::{Outcome, outcome::Progress};
use crate::{CommandError, Live};

impl Live {
    /// Ends every leg of a call; gives the call as it was.
    ///
    /// Who may: a client of an account that has a side of it. Once it is done, the call is out of the snapshot.
    pub async fn hangup_call(
        &self,
        access: &Access,
        account: AccountId,
        call_id: CallId,
    ) -> Result<(Arc<Call>, Outcome), CommandError> {
        let call = self.call_of(access, account, call_id)?;
        let is_gone = |calls: &call::Registry| Progress::done_if(calls.call(account, call_id).is_none());
        let outcome = self.carry_out(CallCommand::HangupCall { call_id: call.id() }, is_gone).await?;
        Ok((call, outcome))
    }
}

//! Ends a call.

use std::sync::Arc;

use call::{AccountId, Call, CallCommand, CallId};
use directory::Access;
use futures_util::{StreamExt, stream};

use super::{Outcome, outcome::Progress};
use crate::{CommandError, Live};

/// Calls that are ended at a time, of many.
const AT_A_TIME: usize = 32;

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

    /// The same of many calls, several at a time; gives how many there still were. What fails keeps the others from
    /// nothing, and is the answer once all were tried.
    pub async fn hangup_calls(
        &self,
        access: &Access,
        account: AccountId,
        calls: Vec<CallId>,
    ) -> Result<usize, CommandError> {
        let ends = stream::iter(calls).map(|call| self.hangup_call(access, account, call));
        let outcomes: Vec<_> = ends.buffer_unordered(AT_A_TIME).collect().await;
        let (mut ended, mut failed) = (0, None);
        for outcome in outcomes {
            match outcome {
                Ok(_) => ended += 1,
                // It has ended by itself.
                Err(CommandError::NotFound) => {}
                Err(error) => failed = Some(error),
            }
        }
        failed.map_or(Ok(ended), Err)
    }
}

//! Places a call.

use call::{
    AccountId, CallCommand, CallId,
    command::{Originate, Target},
};
use directory::Access;

use super::PATIENCE;
use crate::{CommandError, Live};

impl Live {
    /// Places a call for `account`: rings `from`, and when it answers, dials `to` and joins the two.
    ///
    /// Who may: a client of the account. When this returns, the call can be read from the snapshot, unless
    /// it is over already.
    pub async fn originate(
        &self,
        access: &Access,
        account: AccountId,
        from: Target,
        to: Target,
    ) -> Result<CallId, CommandError> {
        if !access.allows(account) {
            return Err(CommandError::Forbidden);
        }
        let call_id = CallId::new(self.clock.now(), rand::random());
        self.switch
            .command(CallCommand::Originate(Originate { call_id, account, from, to, recording: None }))
            .await?;
        self.settle(PATIENCE, |calls| calls.call(account, call_id).is_some() || calls.has_ended(call_id))
            .await;
        Ok(call_id)
    }
}

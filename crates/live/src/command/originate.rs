//! Places a call.

use call::{
    AccountId, CallCommand, CallId,
    command::{Originate, RecordingKind, Target},
};
use directory::Access;

use super::PATIENCE;
use crate::{CommandError, Live};

/// A call that a client wants placed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Placing {
    /// Who is rung first.
    pub first: Target,
    /// Who is dialled when that one has answered.
    pub then: Target,
    /// Whether the call is recorded from the moment when the two are joined.
    pub recording: Option<RecordingKind>,
}

impl Live {
    /// Places a call for `account`.
    ///
    /// Who may: a client of the account. When this returns, the call can be read from the snapshot, unless
    /// it is over already.
    pub async fn originate(
        &self,
        access: &Access,
        account: AccountId,
        placing: Placing,
    ) -> Result<CallId, CommandError> {
        if !access.allows(account) {
            return Err(CommandError::Forbidden);
        }
        let call_id = CallId::new(self.clock.now(), rand::random());
        let Placing { first: from, then: to, recording } = placing;
        let originate = Originate { call_id, account, from, to, recording };
        self.switch.command(CallCommand::Originate(originate)).await?;
        self.settle(PATIENCE, |calls| calls.call(account, call_id).is_some() || calls.has_ended(call_id))
            .await;
        Ok(call_id)
    }
}

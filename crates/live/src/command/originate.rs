//! Places a call.

use std::sync::Arc;

use call::{
    AccountId, Call, CallCommand, CallId, Registry,
    command::{Originate, RecordingKind, Target},
};
use directory::Access;

use super::outcome::Progress;
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
    /// Who may: a client of the account. When this returns, the call and who is rung for it can be read
    /// from the snapshot, unless it is over already or the way to them takes long.
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
        let is_known = |calls: &Registry| {
            let has_legs = |call: &Arc<Call>| !call.legs().is_empty();
            calls.call(account, call_id).is_some_and(has_legs) || calls.has_ended(call_id)
        };
        let begun = |calls: &Registry| Progress::done_if(is_known(calls));
        self.carry_out(CallCommand::Originate(originate), begun).await?;
        Ok(call_id)
    }
}

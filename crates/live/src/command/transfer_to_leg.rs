//! Joins the other side with another leg.

use call::{AccountId, Call, CallId, EventKind, LegId, command::LegCommand};

use super::{
    LegAddress, Outcome,
    outcome::{Before, Progress},
};
use crate::{CommandError, Live};

impl Live {
    /// Joins whom the leg's party talks to with the leg `other` of another call, or with whom that one talks
    /// to if it is the same party's second leg. The two calls are one then, and the leg ends.
    ///
    /// `other` must be in a call of the account and the client's to command. A leg that is not answered, is
    /// in the same call or talks to nobody is a conflict.
    pub async fn transfer_to_leg(&self, at: LegAddress<'_>, other: LegId) -> Result<Outcome, CommandError> {
        let before = Before::of(&self.handing_leg(at)?.0);
        let call_id = self.call_with(at.account, other).ok_or(CommandError::NotFound)?;
        self.answered_leg(LegAddress { call_id, leg_id: other, ..at })?;
        let is_mine = |initiator: LegId| initiator == at.leg_id;
        let completes = |kind: &EventKind| matches!(kind, EventKind::TransferCompleted { initiator, .. } if is_mine(*initiator));
        let fails =
            |kind: &EventKind| matches!(kind, EventKind::TransferFailed { initiator } if is_mine(*initiator));
        let progress = |call: &Call| match call.leg(at.leg_id) {
            _ if before.has(call, fails) => Progress::Failed(None),
            Some(leg) => Progress::done_if(leg.is_ended() && before.has(call, completes)),
            None => Progress::None,
        };
        let command = LegCommand::TransferToLeg { call_id, leg_id: other };
        self.carry_out_on(at, command, |call, _| progress(call)).await
    }

    /// The call of the account that a leg is in. Looks through all of them: legs are not indexed, and this
    /// is rare.
    fn call_with(&self, account: AccountId, leg: LegId) -> Option<CallId> {
        let calls = self.snapshot();
        let call = calls.calls_of(account).find(|call| call.leg(leg).is_some());
        call.map(|call| call.id())
    }
}

//! Joins the other side with another leg.

use call::{AccountId, CallId, LegId, command::LegCommand};

use super::LegAddress;
use crate::{CommandError, Live};

impl Live {
    /// Joins whom the leg's party talks to with the leg `other` of another call, or with whom that one talks
    /// to if it is the same party's second leg. The two calls are one then, and the leg ends.
    ///
    /// `other` must be in a call of the account and the client's to command. A leg that is not answered, is
    /// in the same call or talks to nobody is a conflict.
    pub async fn transfer_to_leg(&self, at: LegAddress<'_>, other: LegId) -> Result<(), CommandError> {
        self.handing_leg(at)?;
        let call_id = self.call_with(at.account, other).ok_or(CommandError::NotFound)?;
        self.answered_leg(LegAddress { call_id, leg_id: other, ..at })?;
        self.order(at, LegCommand::TransferToLeg { call_id, leg_id: other }).await?;
        self.settle_leg(at, |_, _| false).await;
        Ok(())
    }

    /// The call of the account that a leg is in. Looks through all of them: legs are not indexed, and this
    /// is rare.
    fn call_with(&self, account: AccountId, leg: LegId) -> Option<CallId> {
        let calls = self.snapshot();
        let call = calls.calls_of(account).find(|call| call.leg(leg).is_some());
        call.map(|call| call.id())
    }
}

//! Ends a leg.

use call::{AccountId, CallCommand, CallId, Leg, LegId, command::LegCommand};
use directory::Access;

use super::PATIENCE;
use crate::{CommandError, Live};

impl Live {
    /// Ends one leg; the call goes with it if fewer than two parties are left. Gives the leg as it was.
    ///
    /// Who may: a client of an account that has a side of the call. A leg that has ended is a conflict.
    pub async fn hangup_leg(
        &self,
        access: &Access,
        account: AccountId,
        call_id: CallId,
        leg_id: LegId,
    ) -> Result<Leg, CommandError> {
        let call = self.call_of(access, account, call_id)?;
        let leg = call.leg(leg_id).ok_or(CommandError::NotFound)?.clone();
        if leg.is_ended() {
            return Err(switch::SwitchError::Conflict("the leg has ended").into());
        }
        self.switch.command(CallCommand::Leg { call_id, leg_id, command: LegCommand::Hangup }).await?;
        let is_over = |leg: Option<&Leg>| leg.is_none_or(Leg::is_ended);
        self.settle(PATIENCE, |calls| {
            is_over(calls.call(account, call_id).and_then(|call| call.leg(leg_id)))
        })
        .await;
        Ok(leg)
    }
}

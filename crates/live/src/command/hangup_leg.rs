//! Ends a leg.

use call::{CallCommand, Leg, command::LegCommand};

use super::{LegAddress, Outcome, outcome::Progress};
use crate::{CommandError, Live};

impl Live {
    /// Ends one leg; the call goes with it if fewer than two parties are left.
    ///
    /// A leg that has ended is a conflict.
    pub async fn hangup_leg(&self, at: LegAddress<'_>) -> Result<Outcome, CommandError> {
        self.live_leg(at)?;
        self.end_leg_by(at, LegCommand::Hangup).await
    }

    /// Has the switch do what ends the leg.
    pub(super) async fn end_leg_by(
        &self,
        at: LegAddress<'_>,
        command: LegCommand,
    ) -> Result<Outcome, CommandError> {
        let LegAddress { call_id, leg_id, .. } = at;
        self.carry_out(CallCommand::Leg { call_id, leg_id, command }, |calls| {
            let leg = calls.call(at.account, call_id).and_then(|call| call.leg(leg_id));
            Progress::done_if(leg.is_none_or(Leg::is_ended))
        })
        .await
    }
}

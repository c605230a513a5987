//! Lets the other side wait in a slot.

use std::sync::Arc;

use call::{Call, CallCommand, Leg, command::LegCommand};

use super::{LegAddress, Outcome, outcome::Progress};
use crate::{CommandError, Live};

impl Live {
    /// Lets whom the leg's party talks to wait in the first free slot of the account; the leg ends. Gives the
    /// slot, unless the waiting is over already.
    ///
    /// A leg that is not answered, talks to nobody or is being transferred is a conflict, and so is an
    /// account without a free slot.
    pub async fn park(&self, at: LegAddress<'_>) -> Result<(Option<Arc<str>>, Outcome), CommandError> {
        self.handing_leg(at)?;
        let LegAddress { call_id, leg_id, account, .. } = at;
        let parked = |call: &Call| call.legs().iter().find_map(|leg: &Leg| leg.slot.clone());
        let has_left = |call: &Call| call.leg(leg_id).is_none_or(Leg::is_ended);
        let command = CallCommand::Leg { call_id, leg_id, command: LegCommand::Park { slot: None } };
        let outcome = self.carry_out(command, |calls| match calls.call(account, call_id) {
            Some(call) => Progress::done_if(parked(call).is_some() && has_left(call)),
            None => Progress::Failed(None),
        });
        let outcome = outcome.await?;
        Ok((self.snapshot().call(account, call_id).and_then(|call| parked(call)), outcome))
    }
}

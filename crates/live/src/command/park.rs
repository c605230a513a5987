//! Lets the other side wait in a slot.

use std::sync::Arc;

use call::{Call, Leg, command::LegCommand};

use super::{LegAddress, PATIENCE};
use crate::{CommandError, Live};

impl Live {
    /// Lets whom the leg's party talks to wait in the first free slot of the account; the leg ends. Gives the
    /// slot, unless the waiting is over already.
    ///
    /// A leg that is not answered, talks to nobody or is being transferred is a conflict, and so is an
    /// account without a free slot.
    pub async fn park(&self, at: LegAddress<'_>) -> Result<Option<Arc<str>>, CommandError> {
        self.handing_leg(at)?;
        self.order(at, LegCommand::Park { slot: None }).await?;
        let parked = |call: &Call| call.legs().iter().find_map(|leg: &Leg| leg.slot.clone());
        let has_left = |call: &Call| call.leg(at.leg_id).is_none_or(Leg::is_ended);
        self.settle(PATIENCE, |calls| {
            let call = calls.call(at.account, at.call_id);
            call.is_none_or(|call| parked(call).is_some() && has_left(call))
        })
        .await;
        Ok(self.snapshot().call(at.account, at.call_id).and_then(|call| parked(call)))
    }
}

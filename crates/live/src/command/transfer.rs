//! Sends the other side elsewhere, without asking there first.

use call::{
    Call, EventKind, LegId,
    command::{LegCommand, Target},
};

use super::LegAddress;
use crate::{CommandError, Live};

impl Live {
    /// Sends whom the leg's party talks to to `target`, an extension or phone of the account or an outside
    /// number; the leg ends once somebody is there. When this returns the transfer is under way, or over
    /// already: it is not waited for an answer.
    ///
    /// A leg that is not answered, is not a phone's of the client or talks to nobody is a conflict, and so is a
    /// call that is being transferred already.
    pub async fn transfer(&self, at: LegAddress<'_>, target: Target) -> Result<(), CommandError> {
        let (call, leg) = self.handing_leg(at)?;
        let before = transfers(&call, leg.id);
        self.order(at, LegCommand::Transfer(target)).await?;
        self.settle_leg(at, |call, leg| transfers(call, leg.id) > before).await;
        Ok(())
    }
}

/// How many transfers a leg's party has begun.
fn transfers(call: &Call, leg: LegId) -> usize {
    let is_one =
        |kind: &EventKind| matches!(kind, EventKind::TransferStarted { initiator, .. } if *initiator == leg);
    call.events().iter().filter(|event| is_one(&event.kind)).count()
}

//! Sends the other side elsewhere, without asking there first.

use call::{
    Call, EventKind, LegId,
    command::{LegCommand, Target},
};

use super::{
    LegAddress, Outcome,
    outcome::{Before, CalledUp, Progress},
};
use crate::{CommandError, Live};

impl Live {
    /// Sends whom the leg's party talks to to `target`, an extension or phone of the account or an outside
    /// number; the leg ends once somebody is there. While the target rings, that is [`Outcome::UnderWay`]; if
    /// it cannot be got, the two talk on and the command has failed.
    ///
    /// A leg that is not answered, is not a phone's of the client or talks to nobody is a conflict, and so is a
    /// call that is being transferred already.
    pub async fn transfer(&self, at: LegAddress<'_>, target: Target) -> Result<Outcome, CommandError> {
        let before = Before::of(&self.handing_leg(at)?.0);
        let progress = |call: &Call| progress(call, at.leg_id, &before);
        self.carry_out_on(at, LegCommand::Transfer(target), |call, _| progress(call)).await
    }
}

fn progress(call: &Call, by: LegId, before: &Before) -> Progress {
    let completes =
        |kind: &EventKind| matches!(kind, EventKind::TransferCompleted { initiator, .. } if *initiator == by);
    let fails =
        |kind: &EventKind| matches!(kind, EventKind::TransferFailed { initiator } if *initiator == by);
    // A feature code parks instead.
    let parks = |kind: &EventKind| matches!(kind, EventKind::LegParked { .. });
    match before.called_up(call) {
        _ if before.has(call, completes) || before.has(call, parks) => Progress::Done,
        CalledUp::Gone(cause) if before.has(call, fails) => Progress::Failed(Some(cause)),
        _ if before.has(call, fails) => Progress::Failed(None),
        CalledUp::Ringing => Progress::Ringing,
        CalledUp::Nobody | CalledUp::Tried | CalledUp::Gone(_) => Progress::None,
    }
}

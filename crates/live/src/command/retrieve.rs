//! Takes a parked party out of its slot.

use call::{
    Call, Leg,
    command::{LegCommand, Target},
};

use super::{
    LegAddress, Outcome,
    outcome::{Before, CalledUp, Progress},
};
use crate::{CommandError, Live};

impl Live {
    /// Rings `by`, an extension or phone of the account or an outside number, who takes the parked party of
    /// this leg out of its slot by answering: while it rings, that is [`Outcome::UnderWay`].
    ///
    /// A leg whose party is not parked, or for whom somebody is rung already, is a conflict.
    pub async fn retrieve(&self, at: LegAddress<'_>, by: Target) -> Result<Outcome, CommandError> {
        let (call, leg) = self.answered_leg(at)?;
        if !leg.is_parked() {
            return Err(CommandError::Conflict("the leg's party is not parked"));
        }
        let before = Before::of(&call);
        let progress = |call: &Call, leg: &Leg| match before.called_up(call) {
            _ if leg.is_ended() => Progress::None,
            _ if !leg.is_parked() => Progress::Done,
            CalledUp::Ringing => Progress::Ringing,
            CalledUp::Gone(cause) => Progress::Failed(Some(cause)),
            CalledUp::Nobody | CalledUp::Tried => Progress::None,
        };
        self.carry_out_on(at, LegCommand::Retrieve(by), progress).await
    }
}

//! Ends a hold.

use call::command::LegCommand;

use super::{LegAddress, Outcome, outcome::Progress};
use crate::{CommandError, Live};

impl Live {
    /// Takes the other side back from hold. Without a hold there is nothing to do.
    ///
    /// A leg that is not answered is a conflict.
    pub async fn resume(&self, at: LegAddress<'_>) -> Result<Outcome, CommandError> {
        let (_, leg) = self.answered_leg(at)?;
        if !leg.is_held() {
            return Ok(Outcome::Done);
        }
        let is_over = |leg: &call::Leg| !leg.is_held() && !leg.is_ended();
        self.carry_out_on(at, LegCommand::Resume, |_, leg| Progress::done_if(is_over(leg))).await
    }
}

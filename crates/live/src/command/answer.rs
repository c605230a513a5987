//! Answers a phone that rings.

use call::command::LegCommand;

use super::{LegAddress, Outcome, outcome::Progress};
use crate::{CommandError, Live};

impl Live {
    /// Has the leg's ringing phone answer by itself; the others that ring for the call stop. One that has
    /// answered already is left alone. A phone that does not answer by itself rings on: [`Outcome::UnderWay`].
    ///
    /// A leg whose party calls, instead of being called, is a conflict.
    pub async fn answer(&self, at: LegAddress<'_>) -> Result<Outcome, CommandError> {
        let (_, leg) = self.live_leg(at)?;
        if !leg.is_pending() {
            return Ok(Outcome::Done);
        }
        let is_answered = |leg: &call::Leg| leg.answered_at.is_some();
        self.carry_out_on(at, LegCommand::Answer, |_, leg| Progress::done_if(is_answered(leg))).await
    }
}

//! Puts the other side on hold.

use call::command::LegCommand;

use super::{LegAddress, Outcome, outcome::Progress};
use crate::{CommandError, Live};

impl Live {
    /// Puts whom the leg's party talks to on hold, on that party's behalf. One that holds already does so on.
    ///
    /// A leg that is not answered, that talks to nobody or that is being transferred is a conflict.
    pub async fn hold(&self, at: LegAddress<'_>) -> Result<Outcome, CommandError> {
        let (_, leg) = self.answered_leg(at)?;
        if leg.is_held() {
            return Ok(Outcome::Done);
        }
        self.carry_out_on(at, LegCommand::Hold, |_, leg| Progress::done_if(leg.is_held())).await
    }
}

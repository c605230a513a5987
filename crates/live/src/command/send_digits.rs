//! Sends digits.

use call::command::{Digits, LegCommand};

use super::{LegAddress, Outcome, outcome::Progress};
use crate::{CommandError, Live};

impl Live {
    /// Sends digits to the leg's party. It is done once they are on their way: nobody confirms them.
    ///
    /// A leg that is not answered is a conflict.
    pub async fn send_digits(&self, at: LegAddress<'_>, digits: Digits) -> Result<Outcome, CommandError> {
        self.answered_leg(at)?;
        self.carry_out_on(at, LegCommand::SendDigits(digits), |_, _| Progress::Done).await
    }
}

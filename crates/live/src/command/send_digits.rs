//! Sends digits.

use call::command::{Digits, LegCommand};

use super::LegAddress;
use crate::{CommandError, Live};

impl Live {
    /// Sends digits to the leg's party. When this returns they are on their way.
    ///
    /// A leg that is not answered is a conflict.
    pub async fn send_digits(&self, at: LegAddress<'_>, digits: Digits) -> Result<(), CommandError> {
        self.answered_leg(at)?;
        self.order(at, LegCommand::SendDigits(digits)).await
    }
}

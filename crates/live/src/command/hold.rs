//! Puts the other side on hold.

use call::command::LegCommand;

use super::LegAddress;
use crate::{CommandError, Live};

impl Live {
    /// Puts whom the leg's party talks to on hold, on that party's behalf. One that holds already does so on.
    ///
    /// A leg that is not answered, that talks to nobody or that is being transferred is a conflict.
    pub async fn hold(&self, at: LegAddress<'_>) -> Result<(), CommandError> {
        let (_, leg) = self.answered_leg(at)?;
        if leg.is_held() {
            return Ok(());
        }
        self.order(at, LegCommand::Hold).await?;
        self.settle_leg(at, |_, leg| leg.is_held()).await;
        Ok(())
    }
}

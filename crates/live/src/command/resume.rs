//! Ends a hold.

use call::command::LegCommand;

use super::LegAddress;
use crate::{CommandError, Live};

impl Live {
    /// Takes the other side back from hold. Without a hold there is nothing to do.
    ///
    /// A leg that is not answered is a conflict.
    pub async fn resume(&self, at: LegAddress<'_>) -> Result<(), CommandError> {
        let (_, leg) = self.answered_leg(at)?;
        if !leg.is_held() {
            return Ok(());
        }
        self.order(at, LegCommand::Resume).await?;
        self.settle_leg(at, |_, leg| !leg.is_held()).await;
        Ok(())
    }
}

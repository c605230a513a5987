//! Ends a leg.

use call::command::LegCommand;

use super::LegAddress;
use crate::{CommandError, Live};

impl Live {
    /// Ends one leg; the call goes with it if fewer than two parties are left.
    ///
    /// A leg that has ended is a conflict.
    pub async fn hangup_leg(&self, at: LegAddress<'_>) -> Result<(), CommandError> {
        self.live_leg(at)?;
        self.order(at, LegCommand::Hangup).await?;
        self.settle_leg(at, |_, _| false).await;
        Ok(())
    }
}

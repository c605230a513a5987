//! Answers a phone that rings.

use call::command::LegCommand;

use super::LegAddress;
use crate::{CommandError, Live};

impl Live {
    /// Has the leg's ringing phone answer by itself; the others that ring for the call stop. One that has
    /// answered already is left alone.
    ///
    /// A leg whose party calls, instead of being called, is a conflict, and so is a phone that cannot.
    pub async fn answer(&self, at: LegAddress<'_>) -> Result<(), CommandError> {
        let (_, leg) = self.live_leg(at)?;
        if !leg.is_pending() {
            return Ok(());
        }
        self.order(at, LegCommand::Answer).await?;
        self.settle_leg(at, |_, leg| !leg.is_pending()).await;
        Ok(())
    }
}

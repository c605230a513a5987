//! Takes a parked party out of its slot.

use call::{
    Call,
    command::{LegCommand, Target},
};

use super::LegAddress;
use crate::{CommandError, Live};

impl Live {
    /// Rings `by`, an extension or phone of the account or an outside number, who takes the parked party of
    /// this leg out of its slot by answering. When this returns, somebody is rung, or has answered.
    ///
    /// A leg whose party is not parked, or for whom somebody is rung already, is a conflict.
    pub async fn retrieve(&self, at: LegAddress<'_>, by: Target) -> Result<(), CommandError> {
        let (call, leg) = self.answered_leg(at)?;
        if !leg.is_parked() {
            return Err(CommandError::Conflict("the leg's party is not parked"));
        }
        let before = call.legs().len();
        self.order(at, LegCommand::Retrieve(by)).await?;
        self.settle_leg(at, |call: &Call, leg| !leg.is_parked() || call.legs().len() > before).await;
        Ok(())
    }
}

//! Records a leg, and ends that.

use call::command::{LegCommand, RecordingKind};

use super::LegAddress;
use crate::{CommandError, Live};

impl Live {
    /// Records both directions of the leg from now on.
    ///
    /// A leg that is not answered, or is being recorded, is a conflict.
    pub async fn start_recording(&self, at: LegAddress<'_>, kind: RecordingKind) -> Result<(), CommandError> {
        let (_, leg) = self.answered_leg(at)?;
        if leg.is_recording() {
            return Err(CommandError::Conflict("the leg is being recorded already"));
        }
        self.order(at, LegCommand::StartRecording(kind)).await?;
        self.settle_leg(at, |_, leg| leg.is_recording()).await;
        Ok(())
    }

    /// Ends the recording of the leg.
    ///
    /// A leg that is not being recorded is a conflict.
    pub async fn stop_recording(&self, at: LegAddress<'_>) -> Result<(), CommandError> {
        let (_, leg) = self.answered_leg(at)?;
        if !leg.is_recording() {
            return Err(CommandError::Conflict("the leg is not being recorded"));
        }
        self.order(at, LegCommand::StopRecording).await?;
        self.settle_leg(at, |_, leg| !leg.is_recording()).await;
        Ok(())
    }
}

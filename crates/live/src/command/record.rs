//! Records a leg, and ends that.

use call::command::{LegCommand, RecordingKind};

use super::{LegAddress, Outcome, outcome::Progress};
use crate::{CommandError, Live};

impl Live {
    /// Records both directions of the leg from now on.
    ///
    /// A leg that is not answered, or is being recorded, is a conflict.
    pub async fn start_recording(
        &self,
        at: LegAddress<'_>,
        kind: RecordingKind,
    ) -> Result<Outcome, CommandError> {
        let (_, leg) = self.answered_leg(at)?;
        if leg.is_recording() {
            return Err(CommandError::Conflict("the leg is being recorded already"));
        }
        let has_begun = |leg: &call::Leg| Progress::done_if(leg.is_recording());
        self.carry_out_on(at, LegCommand::StartRecording(kind), |_, leg| has_begun(leg)).await
    }

    /// Ends the recording of the leg.
    ///
    /// A leg that is not being recorded is a conflict, and so is one that is recorded for another reason.
    pub async fn stop_recording(
        &self,
        at: LegAddress<'_>,
        kind: RecordingKind,
    ) -> Result<Outcome, CommandError> {
        let (_, leg) = self.answered_leg(at)?;
        match leg.recording() {
            None => return Err(CommandError::Conflict("the leg is not being recorded")),
            Some(other) if other != kind => {
                return Err(CommandError::Conflict("the leg is recorded by the other service"));
            }
            Some(_) => {}
        }
        let is_over = |leg: &call::Leg| Progress::done_if(!leg.is_recording());
        self.carry_out_on(at, LegCommand::StopRecording, |_, leg| is_over(leg)).await
    }
}

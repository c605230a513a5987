//! What a call is told to do.

use call::{LegId, command::LegCommand};

use super::Call;
use crate::{Context, Outcome, Refusal};

impl Call {
    /// Carries out a command about a leg.
    pub(crate) fn obey(
        &mut self,
        id: LegId,
        command: &LegCommand,
        ticket: u64,
        cx: &mut Context<'_>,
    ) -> Result<Outcome, Refusal> {
        self.leg(id).filter(|leg| !leg.is_ended()).ok_or(Refusal::NotFound)?;
        match command {
            LegCommand::Hangup => self.release(id, cx),
            LegCommand::Answer => self.auto_answer(id, cx)?,
            LegCommand::Hold => self.hold(id, cx)?,
            LegCommand::Resume => self.resume(id, cx)?,
            LegCommand::Park { slot } => self.park(id, slot.as_deref(), None, cx)?,
            LegCommand::Retrieve(target) => self.retrieve(id, target, cx)?,
            LegCommand::Transfer(target) => self.transfer(id, target, cx)?,
            LegCommand::TransferToLeg { call_id, leg_id } => {
                self.transfer_to_leg(id, (*call_id, *leg_id), cx)?;
            }
            LegCommand::SendDigits(digits) => self.send_digits(id, digits, cx)?,
            LegCommand::Play(sound) => return self.play(id, sound, ticket, cx),
            LegCommand::StartRecording(kind) => return self.record(id, *kind, ticket, cx),
            LegCommand::StopRecording => self.stop_recording(id, cx),
            LegCommand::StopPlaying => self.stop_playing(id, cx),
        }
        Ok(Outcome::Done)
    }
}

//! What a call is told to do.

use call::{LegId, command::LegCommand};

use super::Call;
use crate::{
    Context, Refusal,
    leg::{Called, Leg, Phase as LegPhase, Progress},
    message::Reasons,
    output::Output,
};

impl Call {
    /// Carries out a command about a leg.
    pub(crate) fn obey(
        &mut self,
        id: LegId,
        command: &LegCommand,
        cx: &mut Context<'_>,
    ) -> Result<(), Refusal> {
        self.leg(id).filter(|leg| !leg.is_ended()).ok_or(Refusal::NotFound)?;
        match command {
            LegCommand::Hangup => self.release(id, cx),
            LegCommand::Answer => return self.auto_answer(id, cx),
            LegCommand::Hold => return self.hold(id, cx),
            LegCommand::Resume => return self.resume(id, cx),
            LegCommand::Park { slot } => return self.park(id, slot.as_deref(), None, cx),
            LegCommand::Retrieve(target) => return self.retrieve(id, target, cx),
            LegCommand::Transfer(target) => return self.transfer(id, target, cx),
            LegCommand::TransferToLeg { call_id, leg_id } => {
                return self.transfer_to_leg(id, (*call_id, *leg_id), cx);
            }
            LegCommand::SendDigits(digits) => return self.send_digits(id, digits, cx),
            LegCommand::Play(sound) => return self.play(id, sound, cx),
            LegCommand::StartRecording(kind) => return self.start_recording(id, *kind, cx),
            LegCommand::StopRecording => self.stop_recording(id, cx),
            LegCommand::StopPlaying => self.stop_playing(id, cx),
        }
        Ok(())
    }

    /// Has the ringing phone of leg `id` answer by itself: it is called once more, with what phones know as
    /// the wish to do so (RFC 5373). One that has answered, or was told so before, is left alone.
    fn auto_answer(&mut self, id: LegId, cx: &mut Context<'_>) -> Result<(), Refusal> {
        let is_trunk = self.is_trunk(id);
        let leg = self.leg_mut(id).ok_or(Refusal::NotFound)?;
        match &mut leg.phase {
            LegPhase::Up(_) => Ok(()),
            LegPhase::Calling(_) => Err(Refusal::Conflict("the leg's party calls, and is not called")),
            LegPhase::Called(_) if is_trunk => Err(Refusal::Conflict("only a phone can be made to answer")),
            LegPhase::Called(called) => {
                withdraw(id, called, cx);
                Ok(())
            }
            LegPhase::Closing(_) => Err(Refusal::NotFound),
        }
    }

    /// The INVITE of a phone that is to answer by itself is over: it is called again. Says whether it was
    /// one.
    pub(super) fn call_again(&mut self, id: LegId, cx: &mut Context<'_>) -> bool {
        let Some(called) = self.leg_mut(id).and_then(Leg::called_mut) else { return false };
        let Progress::Withdrawn { rang } = called.progress else { return false };
        called.progress = Progress::ToldToAnswer { rang };
        self.invite_again(id, |invite| invite.answers_itself = true, cx).is_some()
    }
}

/// Cancels the INVITE of a leg, for the phone to be called again once it is done with that.
fn withdraw(id: LegId, called: &mut Called, cx: &mut Context<'_>) {
    match called.progress {
        Progress::Withdrawn { .. } | Progress::ToldToAnswer { .. } => {}
        Progress::Offered | Progress::Ringing => {
            called.progress = Progress::Withdrawn { rang: called.rang() };
            cx.push(Output::Cancel { leg: id, transaction: called.invite, reasons: Reasons::default() });
        }
    }
}

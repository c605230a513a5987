//! What a call is told to do.

use call::{LegId, command::LegCommand, event::Releaser};
use switch::SwitchError;
use tokio::sync::oneshot;

use super::{Order, Session};

impl Session {
    /// Carries out an order; `taken` hears whether it can be done.
    pub(super) fn obey(&mut self, order: Order, taken: oneshot::Sender<Result<(), SwitchError>>) {
        let outcome = match order {
            Order::Leg(leg, LegCommand::TransferToLeg { call_id, leg_id }) => {
                return self.transfer_to_leg(leg, (call_id, leg_id), taken);
            }
            Order::Leg(leg, command) => self.obey_for_leg(leg, &command),
            Order::Hangup => {
                self.release_all(Releaser::Command);
                Ok(())
            }
            Order::Stop => {
                self.interrupt();
                Ok(())
            }
        };
        // Whoever has gone meanwhile does not need to hear it.
        let _ = taken.send(outcome);
    }

    fn obey_for_leg(&mut self, id: LegId, command: &LegCommand) -> Result<(), SwitchError> {
        self.leg(id).filter(|leg| !leg.is_ended()).ok_or(SwitchError::NotFound)?;
        match command {
            LegCommand::Hangup => self.release(id),
            LegCommand::Answer => return self.auto_answer(id),
            LegCommand::Hold => return self.hold(id),
            LegCommand::Resume => return self.resume(id),
            LegCommand::Park { slot } => return self.park(id, slot.as_deref(), None),
            LegCommand::Retrieve(target) => return self.retrieve(id, target),
            LegCommand::Transfer(target) => return self.transfer(id, target),
            LegCommand::SendDigits(digits) => return self.send_digits(id, digits),
            LegCommand::Play(sound) => return self.play(id, sound),
            LegCommand::StartRecording(kind) => return self.start_recording(id, *kind),
            LegCommand::StopRecording => self.stop_recording(id),
            LegCommand::StopPlaying => self.stop_playing(id),
            _ => return Err(SwitchError::Conflict("this switch cannot do that")),
        }
        Ok(())
    }
}

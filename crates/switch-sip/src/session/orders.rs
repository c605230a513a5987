//! What a call is told to do.

use call::{LegId, command::LegCommand, event::Releaser};
use switch::SwitchError;
use tokio::sync::oneshot;

use super::{Order, Session, leg::Leg};

/// Hears whether an order can be carried out.
pub(crate) type Taken = oneshot::Sender<Result<(), SwitchError>>;

impl Session {
    /// Carries out an order; `taken` hears whether it can be done: at once, or when that is known.
    pub(super) fn obey(&mut self, order: Order, taken: Taken) {
        match order {
            Order::Leg(leg, command) => return self.obey_for_leg(leg, &command, taken),
            Order::Hangup => self.release_all(Releaser::Command),
            Order::Stop => self.interrupt(),
        }
        // Whoever has gone meanwhile does not need to hear it.
        let _ = taken.send(Ok(()));
    }

    fn obey_for_leg(&mut self, id: LegId, command: &LegCommand, taken: Taken) {
        if self.leg(id).is_none_or(Leg::is_ended) {
            return drop(taken.send(Err(SwitchError::NotFound)));
        }
        let outcome = match command {
            LegCommand::Hangup => {
                self.release(id);
                Ok(())
            }
            LegCommand::Answer => self.auto_answer(id),
            LegCommand::Hold => self.hold(id),
            LegCommand::Resume => self.resume(id),
            LegCommand::Park { slot } => self.park(id, slot.as_deref(), None),
            LegCommand::Retrieve(target) => self.retrieve(id, target),
            LegCommand::Transfer(target) => self.transfer(id, target),
            LegCommand::TransferToLeg { call_id, leg_id } => {
                return self.transfer_to_leg(id, (*call_id, *leg_id), taken);
            }
            LegCommand::SendDigits(digits) => self.send_digits(id, digits),
            LegCommand::Play(sound) => return self.play(id, sound, taken),
            LegCommand::StopPlaying => {
                self.stop_playing(id);
                Ok(())
            }
            LegCommand::StartRecording(kind) => return self.record_by_order(id, *kind, taken),
            LegCommand::StopRecording => {
                self.stop_recording(id);
                Ok(())
            }
        };
        let _ = taken.send(outcome);
    }
}

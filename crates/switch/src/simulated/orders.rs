//! What each command for a leg comes to.

use call::{
    AccountId, CallId, LegId,
    command::{LegCommand, Target},
};

use super::{Party, SimulatedSwitch, scripted_call::SimulatedCall};
use crate::SwitchError;

impl SimulatedSwitch {
    /// Carries out a command for a leg, or says why it cannot be.
    pub(super) fn obey(&self, id: CallId, leg: LegId, command: &LegCommand) -> Result<(), SwitchError> {
        let call = self.call(id).ok_or(SwitchError::NotFound)?;
        match command {
            LegCommand::Hangup => {
                let found = call.told(|call| call.release_leg(leg));
                if found { Ok(()) } else { Err(SwitchError::NotFound) }
            }
            LegCommand::Answer => call.told(|call| call.answer_by_itself(leg, &self.exchange.manners)),
            LegCommand::Hold => call.told(|call| call.hold(leg, true)),
            LegCommand::Resume => call.told(|call| call.hold(leg, false)),
            LegCommand::Transfer(Target::FeatureCode(slot)) if self.exchange.slots.has(slot.as_str()) => {
                call.told(|call| call.park(leg, Some(slot.as_str())))
            }
            LegCommand::Transfer(target) => {
                let owner = call.told(|call| call.owner_of(leg)).ok_or(SwitchError::NotFound)?;
                let parties = self.resolve(owner.account, target);
                call.told(|call| call.transfer(leg, &parties))?;
                self.let_behave(&call);
                Ok(())
            }
            LegCommand::TransferToLeg { call_id, leg_id } => {
                self.transfer_to_leg(&call, leg, *call_id, *leg_id)
            }
            LegCommand::Park { slot } => call.told(|call| call.park(leg, slot.as_deref())),
            LegCommand::Retrieve(target) => {
                let account = call.told(|call| call.account_of_slot(leg))?;
                let parties = self.resolve(account, target);
                call.told(|call| call.retrieve(leg, &parties))?;
                self.let_behave(&call);
                Ok(())
            }
            LegCommand::SendDigits(digits) => call.told(|call| call.send_digits(leg, digits)),
            LegCommand::Play(_) => call.told(|call| call.play(leg)),
            LegCommand::StopPlaying => call.told(|call| call.stop_playing(leg)),
            LegCommand::StartRecording(kind) => call.told(|call| call.record(leg, *kind)),
            LegCommand::StopRecording => call.told(|call| call.stop_recording(leg)),
        }
    }

    pub(super) fn resolve(&self, account: AccountId, target: &Target) -> Vec<Party> {
        (self.exchange.resolver)(account, target)
    }

    /// Those who are being called now do what they do of themselves.
    pub(super) fn let_behave(&self, call: &SimulatedCall) {
        call.told(|call| call.behave(&self.exchange.manners));
    }

    fn transfer_to_leg(
        &self,
        call: &SimulatedCall,
        leg: LegId,
        other_id: CallId,
        other_leg: LegId,
    ) -> Result<(), SwitchError> {
        let other = self.call(other_id).ok_or(SwitchError::NotFound)?;
        if call.is_same_as(&other) {
            call.told(|call| call.owner_of(other_leg)).ok_or(SwitchError::NotFound)?;
            return Err(SwitchError::Conflict("the two legs are of one call"));
        }
        call.absorb(leg, &other, other_leg)
    }
}

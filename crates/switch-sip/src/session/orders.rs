//! What a call is told to do.

use call::{LegId, command::LegCommand, event::Releaser};
use switch::SwitchError;

use super::{Order, Session};

impl Session {
    /// Carries out an order, or says why it cannot be.
    pub(super) fn obey(&mut self, order: Order) -> Result<(), SwitchError> {
        match order {
            Order::Hangup => self.release_all(Releaser::Command),
            Order::Stop => self.interrupt(),
            Order::Leg(leg, command) => return self.obey_for_leg(leg, &command),
        }
        Ok(())
    }

    fn obey_for_leg(&mut self, id: LegId, command: &LegCommand) -> Result<(), SwitchError> {
        self.leg(id).filter(|leg| !leg.is_ended()).ok_or(SwitchError::NotFound)?;
        match command {
            LegCommand::Hangup => self.release(id),
            LegCommand::Hold => return self.hold(id),
            LegCommand::Resume => return self.resume(id),
            LegCommand::Transfer(target) => return self.transfer(id, target),
            _ => return Err(SwitchError::Conflict("this switch cannot do that")),
        }
        Ok(())
    }
}

//! Letting a party wait in a slot, and taking it out again.

use call::{
    AccountId, EventKind, LegId,
    event::{LegDirection, Side},
};

use super::{Conversation, Ending, WantedFor, leg::SimulatedLeg};
use crate::{
    SwitchError,
    simulated::{Party, slots::Slot},
};

impl Conversation {
    /// The party that the leg talks to waits in a slot, and the leg's own leaves.
    pub(in crate::simulated) fn park(&mut self, by: LegId, wanted: Option<&str>) -> Result<(), SwitchError> {
        let parked = self.free_peer(by)?;
        let account = self.leg_mut(by)?.offer.owner.account;
        let slot = self.slots.take(account, wanted)?;
        self.events.push(EventKind::LegParked { leg: parked, slot: slot.name().clone(), by: Some(by) });
        let leg = self.leg_mut(parked)?;
        leg.slot = Some(slot);
        leg.peer = None;
        self.release(by, Ending::HANDED_OVER);
        Ok(())
    }

    /// The account in whose slot the leg's party waits; who is to retrieve it is looked up there.
    pub(in crate::simulated) fn account_of_slot(&mut self, parked: LegId) -> Result<AccountId, SwitchError> {
        let slot = self.leg_mut(parked)?.slot.as_ref();
        slot.map(Slot::account).ok_or(SwitchError::Conflict("the leg is not parked"))
    }

    /// Whoever of `to` answers first takes the parked party over.
    pub(in crate::simulated) fn retrieve(&mut self, parked: LegId, to: &[Party]) -> Result<(), SwitchError> {
        self.check_parked(parked)?;
        if to.is_empty() {
            return Err(SwitchError::Unreachable("the target is not known"));
        }
        let account = self.account_of_slot(parked)?;
        let owner = self.legs.iter().map(|leg| leg.offer.owner).find(|owner| owner.account == account);
        self.call_up_for(parked, to, owner.map(|owner| (owner, None)));
        self.wanted_for = WantedFor::Retrieval { parked };
        Ok(())
    }

    /// A party has dialed the slot.
    pub(in crate::simulated) fn pick_up(&mut self, by: &Party) -> Result<(), SwitchError> {
        let waiting = self.legs.iter().find_map(|leg| Some((leg.id, leg.slot.as_ref()?.name().clone())));
        let (parked, slot) = waiting.ok_or(SwitchError::Conflict("the leg is not parked"))?;
        self.check_parked(parked)?;
        let numbers = (&by.number, &(&*slot).into());
        let leg = self.offer(by, Side::Termination, LegDirection::Incoming, numbers);
        self.mark_answered(leg);
        self.take_out(parked, leg);
        Ok(())
    }

    pub(super) fn take_out(&mut self, parked: LegId, by: LegId) {
        let Ok(leg) = self.leg_mut(parked) else { return };
        leg.slot = None;
        self.pair(parked, by);
        self.events.push(EventKind::LegRetrieved { leg: parked, by });
    }

    fn check_parked(&mut self, leg: LegId) -> Result<(), SwitchError> {
        if self.leg_mut(leg)?.slot.is_none() {
            return Err(SwitchError::Conflict("the leg is not parked"));
        }
        if self.legs.iter().any(SimulatedLeg::is_tried) {
            return Err(SwitchError::Conflict("somebody is being called to retrieve it"));
        }
        Ok(())
    }
}

//! Handing a call over.

use std::sync::Arc;

use call::{
    CallId, EventKind, LegId,
    event::{TransferMode, TransferTarget},
    party::Owner,
};

use super::{Conversation, Ending, WantedFor, leg::SimulatedLeg};
use crate::{SwitchError, simulated::Party};

impl Conversation {
    /// The party that the leg talks to is sent to whoever of `to` answers first.
    pub(in crate::simulated) fn transfer(
        &mut self,
        initiator: LegId,
        to: &[Party],
    ) -> Result<(), SwitchError> {
        let transferred = self.free_peer(initiator)?;
        let first = to.first().ok_or(SwitchError::Unreachable("the target is not known"))?;
        let target = TransferTarget {
            number: first.number.clone(),
            name: first.endpoint.device().map(|_| first.endpoint.name().into()),
        };
        self.begin_transfer(initiator, target, TransferMode::Blind);
        let by = self.leg_mut(initiator)?.offer.owner;
        self.call_up_for(transferred, to, Some((by, Some(initiator))));
        self.wanted_for = WantedFor::Transfer { initiator, transferred };
        Ok(())
    }

    /// The target answered: the transferred party talks to it, and who handed over leaves.
    pub(super) fn hand_over(&mut self, initiator: LegId, transferred: LegId, recipient: LegId) {
        self.join(transferred, recipient);
        self.events.push(EventKind::TransferCompleted { initiator, recipient });
        self.release(initiator, Ending::HANDED_OVER);
    }

    /// Joins the call of `theirs` into this one: the party that `own` talks to then talks to the far party
    /// of `theirs` if both legs are one party's, else to `theirs` itself. The two others leave.
    pub(in crate::simulated) fn transfer_to_leg(
        &mut self,
        own: LegId,
        (absorbed, other): (CallId, &mut Self),
        theirs: LegId,
    ) -> Result<(), SwitchError> {
        let transferred = self.free_peer(own)?;
        let far = other.free_peer(theirs)?;
        let is_own_second = self.leg_mut(own)?.offer.endpoint == other.leg_mut(theirs)?.offer.endpoint;
        let (recipient, leaving) = if is_own_second { (far, theirs) } else { (theirs, far) };
        let target = other.leg_mut(recipient)?;
        let name = target.offer.endpoint.device().map(|_| target.offer.endpoint.name().into());
        let target = TransferTarget { number: target.number.clone(), name };
        self.begin_transfer(own, target, TransferMode::Attended);
        self.legs.append(&mut other.legs);
        self.events.push(EventKind::CallMerged { absorbed });
        self.hand_over(own, transferred, recipient);
        self.release(leaving, Ending::HANDED_OVER);
        Ok(())
    }

    fn begin_transfer(&mut self, initiator: LegId, target: TransferTarget, mode: TransferMode) {
        self.events.push(EventKind::TransferStarted { initiator, target: Arc::new(target), mode });
    }

    /// Calls parties up so that the party of `leg` can talk to one of them.
    /// `by` has sent it there, through a leg if it has one.
    pub(super) fn call_up_for(&mut self, leg: LegId, to: &[Party], by: Option<(Owner, Option<LegId>)>) {
        let Some(from) = self.live_leg(leg).map(|leg| leg.number.clone()) else { return };
        self.hunts += 1;
        for party in to {
            self.send_on(party, (&from, &party.number), by);
        }
    }

    /// The leg that `leg` talks to, if nobody is being called for either of them.
    pub(super) fn free_peer(&mut self, leg: LegId) -> Result<LegId, SwitchError> {
        let peer = self.leg_mut(leg)?.answered()?.peer;
        if self.legs.iter().any(SimulatedLeg::is_tried) {
            return Err(SwitchError::Conflict("the call is being handed over"));
        }
        peer.ok_or(SwitchError::Conflict("the leg talks to nobody"))
    }
}

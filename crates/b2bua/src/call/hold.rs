//! Hold and its end, by a phone or by a command (RFC 5359 sections 2.1 to 2.3).

use call::{EventKind, LegId};

use super::Call;
use crate::{
    Context, Refusal,
    leg::{
        Hold,
        negotiation::{Proposal, Purpose},
    },
    message::Body,
    sdp::{Direction, Sdp},
};

impl Call {
    /// Puts the party that leg `id` talks to on hold.
    pub(super) fn hold(&mut self, id: LegId, cx: &mut Context<'_>) -> Result<(), Refusal> {
        let (_, peer) = self.pair_at_rest(id)?;
        if self.set_hold(id, Hold::ByCommand, cx) {
            self.offer_nothing(peer, id, cx);
        }
        Ok(())
    }

    /// Ends that.
    pub(super) fn resume(&mut self, id: LegId, cx: &mut Context<'_>) -> Result<(), Refusal> {
        let (_, peer) = self.pair_at_rest(id)?;
        if self.set_hold(id, Hold::No, cx) {
            self.let_hear(peer, id, cx);
        }
        Ok(())
    }

    /// Notes that the party of leg `id` holds the other side, or does no longer.
    pub(super) fn set_holding(&mut self, id: LegId, holds: bool, cx: &mut Context<'_>) {
        self.set_hold(id, if holds { Hold::ByParty } else { Hold::No }, cx);
    }

    pub(super) fn tell_hold(&mut self, leg: LegId, holds: bool, cx: &mut Context<'_>) {
        self.tell(if holds { EventKind::LegHeld { leg } } else { EventKind::LegResumed { leg } }, cx);
    }

    /// What a party is offered that is put on hold. Where the switch can speak to it, that sends it music,
    /// whatever its holder wants.
    pub(super) fn offer_to_held(&self, held: LegId, sdp: Sdp, cx: &Context<'_>) -> Sdp {
        if self.can_speak_to(held, cx) { sdp.directed(Direction::SendOnly) } else { sdp }
    }

    /// A party that no longer hears leg `from`, and cannot hear the switch instead, must agree to silence.
    pub(super) fn offer_nothing(&mut self, party: LegId, from: LegId, cx: &mut Context<'_>) {
        if self.can_speak_to(party, cx) {
            return;
        }
        let told = match cx.is_direct() {
            true => self.leg(from).and_then(|leg| leg.theirs.clone()),
            false => self.leg(party).and_then(|leg| leg.ours.clone()),
        };
        if let Some(sdp) = told {
            let body = Body::Sdp(sdp.directed(Direction::Inactive));
            self.propose(party, Proposal::new(body, None, Purpose::Adjust));
        }
    }

    /// A party hears leg `from` again, unless that holds it.
    pub(super) fn let_hear(&mut self, party: LegId, from: LegId, cx: &mut Context<'_>) {
        let Some(leg) = self.leg(from) else { return };
        let Some(theirs) = leg.theirs.clone() else { return };
        let sdp = match leg.holds() {
            true => theirs.directed(Direction::SendOnly),
            false => theirs.without_hold(),
        };
        if let Ok(sdp) = cx.world.pass(from, party, &sdp) {
            let connected = self.connected(Some(from), party);
            self.propose(party, Proposal::new(Body::Sdp(sdp), connected, Purpose::Adjust));
        }
    }
}

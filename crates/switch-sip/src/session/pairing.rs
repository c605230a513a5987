//! Who talks to whom.

use call::{EventKind, LegId, event::Releaser};

use super::{
    Session,
    ending::{Ending, Notice},
    leg::Leg,
    proposal::Aim,
};
use crate::{cause::Failure, message::fields::Body};

impl Session {
    /// The leg that `leg` talks to.
    pub(super) fn peer_of(&self, leg: LegId) -> Option<LegId> {
        self.leg(leg)?.peer
    }

    /// Lets two legs talk to each other, and to nobody else.
    pub(super) fn connect(&mut self, a: LegId, b: LegId) {
        self.separate(a);
        self.separate(b);
        for (leg, peer) in [(a, b), (b, a)] {
            if let Some(leg) = self.leg_mut(leg) {
                leg.peer = Some(peer);
            }
        }
        self.media.connect(a, b);
        self.watch.restart();
    }

    /// Parts a leg from its peer, and says who that was.
    pub(super) fn separate(&mut self, id: LegId) -> Option<LegId> {
        let peer = self.leg_mut(id)?.peer.take()?;
        if let Some(peer) = self.leg_mut(peer) {
            peer.peer = None;
        }
        Some(peer)
    }

    /// Whoever was rung for `partner` has answered: the two are to be joined.
    pub(super) fn hand_to(&mut self, partner: LegId, taker: LegId, body: Body) {
        self.acknowledge(taker, Body::default());
        if let Some(transfer) = &mut self.transfer {
            transfer.recipient = Some(taker);
        }
        match self.pass(taker, partner, body) {
            Ok(body) => self.propose(partner, body, Aim::Join { with: taker }),
            Err(_) => self.on_breakdown(taker),
        }
    }

    /// Two legs have each other's session description.
    pub(super) fn on_joined(&mut self, leg: LegId, with: LegId) {
        if self.leg(with).is_some_and(Leg::is_pending) {
            match self.pass(leg, with, self.description_of(leg)) {
                Ok(body) => self.answer_invite(with, body, Some(leg)),
                Err(failure) => return self.on_join_declined(leg, &failure),
            }
        }
        self.connect(leg, with);
        self.change_music(leg, with);
        if !self.unpark(leg, with) && !self.unpark(with, leg) {
            self.tell(EventKind::LegsBridged { a: leg, b: with });
        }
        self.begin_armed_recording(leg);
        self.complete_transfer();
    }

    /// A party does not take the session description of another that it is to be joined with.
    pub(super) fn on_join_declined(&mut self, leg: LegId, failure: &Failure) {
        let is_parked = self.leg(leg).is_some_and(|leg| leg.parked.is_some());
        match self.transfer {
            Some(_) => self.fail_transfer(failure),
            None if is_parked => self.end_others(leg, failure),
            None => self.on_breakdown(leg),
        }
    }

    /// Whoever was to take a parked party, which waits on, cannot.
    fn end_others(&mut self, parked: LegId, failure: &Failure) {
        let others: Vec<_> = self.legs.iter().map(|leg| leg.id).filter(|id| *id != parked).collect();
        let ending = Ending::after(Releaser::Switch, failure);
        others.into_iter().for_each(|id| self.end_leg(id, Notice::Tell, ending.clone()));
    }

    /// The latest session description of a leg's party.
    fn description_of(&self, id: LegId) -> Body {
        self.leg(id).map(|leg| leg.description.clone()).unwrap_or_default()
    }

    /// The peer of a leg that is in the middle of a conversation.
    pub(super) fn talking_peer(&self, id: LegId) -> Option<LegId> {
        self.leg(id)
            .filter(|leg| leg.is_answered())?
            .peer
            .filter(|peer| self.leg(*peer).is_some_and(Leg::is_answered))
    }
}

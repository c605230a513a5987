//! The media of a call's legs: what parties are told of each other's, and what the switch answers itself.

use call::{LegId, event::EndCause};

use super::Call;
use crate::{
    Context,
    failure::Failure,
    leg::{Hold, Leg, early::Early},
    message::{Body, Shown},
    output::{Media, Source},
    sdp::{Direction, Sdp},
};

impl Call {
    /// What the party of `to` is sent for a description of `from`.
    pub(super) fn pass(
        &mut self,
        from: LegId,
        to: LegId,
        sdp: &Sdp,
        cx: &mut Context<'_>,
    ) -> Result<Sdp, Failure> {
        self.note(from, sdp);
        Ok(cx.world.pass(from, to, sdp)?)
    }

    /// The same for any body: what is no description passes as it is.
    pub(super) fn pass_body(
        &mut self,
        from: LegId,
        to: LegId,
        body: &Body,
        cx: &mut Context<'_>,
    ) -> Result<Body, Failure> {
        match body {
            Body::Sdp(sdp) => self.pass(from, to, sdp, cx).map(Body::Sdp),
            Body::Empty | Body::Other(_) => Ok(body.clone()),
        }
    }

    /// Notes what a description of `from` says of its media.
    pub(super) fn describe(&mut self, from: LegId, sdp: &Sdp, cx: &mut Context<'_>) -> Result<(), Failure> {
        self.note(from, sdp);
        Ok(cx.world.describe(from, sdp)?)
    }

    fn note(&mut self, id: LegId, sdp: &Sdp) {
        if let Some(leg) = self.leg_mut(id) {
            leg.theirs = Some(sdp.clone());
        }
    }

    /// Who a phone talks to, as it is shown that (RFC 4916). Trunks are told nothing that they have not asked for.
    pub(super) fn connected(&self, with: Option<LegId>, to: LegId) -> Option<Shown> {
        let party = &self.leg(to)?.party;
        party.endpoint.device()?;
        Some(self.leg(with?)?.party.shown_to(party.owner.account))
    }

    /// The same in the answer to the phone's INVITE, if it has reached another one than it has called. Of a party
    /// outside nothing is known but the number that was called, unless its network says more.
    pub(super) fn connected_otherwise(&self, with: Option<LegId>, to: LegId) -> Option<Shown> {
        let requested = &self.leg(to)?.calling()?.requested;
        let party = &self.leg(with?)?.party;
        let is_known = party.endpoint.device().is_some() || party.is_asserted;
        self.connected(with, to).filter(|shown| is_known && shown.number != *requested)
    }

    /// The switch's own answer to the offer of a party that waits: the switch takes its media, where it goes
    /// through the switch, and sends what it is to hear; else nobody sends anything. A party that the switch
    /// cannot speak to is refused.
    pub(super) fn waiting_answer(
        &mut self,
        id: LegId,
        offer: Option<&Sdp>,
        cx: &mut Context<'_>,
    ) -> Result<Sdp, Failure> {
        let unfit = || Failure::ours(488, EndCause::Rejected);
        let offer = offer.filter(|offer| offer.has_streams()).ok_or_else(unfit)?;
        if cx.is_direct() {
            self.describe(id, offer, cx)?;
            // Nobody answers for its keys.
            return if offer.is_secured() { Err(unfit()) } else { Ok(offer.answer_from_nowhere()) };
        }
        if !offer.is_speakable() {
            return Err(unfit());
        }
        let mirrored = self.pass(id, id, offer, cx)?;
        Ok(mirrored.answered_by_sender())
    }

    /// What a party that waits and asks for an offer is offered: what it was told before.
    pub(super) fn waiting_offer(&self, id: LegId, cx: &Context<'_>) -> Result<Sdp, Failure> {
        let ours = self.leg(id).and_then(|leg| leg.ours.clone());
        let direction = if cx.is_direct() { Direction::Inactive } else { Direction::SendOnly };
        let ours = ours.ok_or_else(|| Failure::ours(488, EndCause::Rejected))?;
        Ok(ours.directed(direction))
    }

    /// An answer to the offer that began a leg, no wider than that.
    pub(super) fn within_offer(&self, caller: LegId, answer: Sdp) -> Sdp {
        let leg = self.leg(caller).filter(|leg| leg.calling().is_some_and(|calling| calling.has_offered));
        match leg.and_then(|leg| leg.theirs.as_ref()) {
            Some(offer) => answer.answering(offer),
            None => answer,
        }
    }

    /// Each of two parties hears music while the other holds it, nothing while it holds the other, else the
    /// other.
    pub(super) fn change_music(&mut self, one: LegId, other: LegId, cx: &mut Context<'_>) {
        cx.media(Media::Connect(one, other));
        self.watch.restart(cx.now.monotonic);
        for (party, peer) in [(one, other), (other, one)] {
            if self.leg(peer).is_some_and(Leg::holds) {
                self.entertain(party, Source::Music, cx);
            } else if self.leg(party).is_some_and(Leg::holds) {
                self.entertain(party, Source::Silence, cx);
            }
        }
    }

    /// Lets a party hear this instead of its partner, until the two are connected again. One that the switch
    /// cannot speak to hears nothing.
    pub(super) fn entertain(&mut self, id: LegId, source: Source, cx: &mut Context<'_>) {
        let is_there = self.leg(id).is_some_and(|leg| !leg.is_ended());
        if is_there && !cx.is_direct() {
            let source = if self.can_speak_to(id, cx) { source } else { Source::Nothing };
            cx.media(Media::Hear(id, source));
        }
    }

    /// Whether the switch can let a party hear something of its own: media goes through it, in the clear, and
    /// with a codec that it speaks.
    pub(super) fn can_speak_to(&self, id: LegId, cx: &Context<'_>) -> bool {
        let theirs = self.leg(id).and_then(|leg| leg.theirs.as_ref());
        !cx.is_direct() && theirs.is_some_and(Sdp::is_speakable)
    }

    /// Notes that a leg holds the other side, or does no longer; whether that is news. Before the answer nobody is
    /// told.
    pub(super) fn set_hold(&mut self, id: LegId, hold: Hold, cx: &mut Context<'_>) -> bool {
        let Some(leg) = self.leg_mut(id) else { return false };
        if let Some(agreed) = leg.early_mut().and_then(Early::agreed_mut) {
            agreed.hold = hold;
            return false;
        }
        let Some(up) = leg.up_mut() else { return false };
        let (was, is) = (up.hold != Hold::No, hold != Hold::No);
        if was == is {
            return false;
        }
        up.hold = hold;
        // Whoever is told of it finds it so.
        if let Some(peer) = self.peer_of(id) {
            self.change_music(id, peer, cx);
        }
        self.tell_hold(id, is, cx);
        true
    }
}

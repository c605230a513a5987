//! Offers before the answer: an UPDATE of the caller or of the called party whose early media it hears, once
//! the first offer was answered reliably, goes on to the other of the two (RFC 3311, RFC 6337 section 3.1).

use call::LegId;

use super::{Call, Phase, negotiation::put_off};
use crate::{
    Context,
    leg::{
        Leg,
        early::{Agreed, Early},
        negotiation::{Aim, Method, Negotiation, Theirs},
    },
    message::{Offer, Response, ServerTx},
};

impl Call {
    /// A new offer of a party whose INVITE, or ours to it, has no final response.
    pub(super) fn negotiate_early(
        &mut self,
        id: LegId,
        (tx, method): (ServerTx, Method),
        offer: Offer,
        cx: &mut Context<'_>,
    ) {
        let Some(leg) = self.leg(id) else { return };
        let is_of_party = leg.calling().is_some_and(|calling| calling.has_offered);
        match leg.early() {
            // It has made an offer before, which waits for its answer (RFC 3311 section 5.2).
            Some(Early::Open) if is_of_party => put_off(id, tx, cx),
            Some(Early::Agreed(Agreed { negotiation: Negotiation::Theirs(_), .. })) => put_off(id, tx, cx),
            Some(Early::Agreed(Agreed { negotiation: Negotiation::Idle, fork, .. }))
                if method == Method::Update && *fork == offer.fork =>
            {
                self.pass_early_offer(id, tx, offer, cx);
            }
            Some(_) if leg.is_calling() && method == Method::Invite => put_off(id, tx, cx),
            Some(_) | None => cx.respond(id, tx, Response::of(491)),
        }
    }

    fn pass_early_offer(&mut self, from: LegId, tx: ServerTx, offer: Offer, cx: &mut Context<'_>) {
        // Whoever takes no UPDATE can be asked once the INVITE is answered.
        let Some((to, fork)) = self.early_peer(from) else { return put_off(from, tx, cx) };
        let body = match self.pass_body(from, to, &offer.body, cx) {
            Ok(body) => body,
            Err(failure) => return cx.respond(from, tx, Response::new(failure.toward_caller())),
        };
        let (method, sdp) = (Method::Update, offer.body.sdp().cloned());
        let theirs = Theirs { request: tx, method, offer: sdp, timer: offer.timer };
        if let Some(negotiation) = self.leg_mut(from).and_then(Leg::negotiation_mut) {
            *negotiation = Negotiation::Theirs(theirs);
        }
        let passed = Offer { body, fork, hops: offer.hops.saturating_sub(1), ..Offer::default() };
        self.send_offer(to, method, passed, Aim::PassOn { from, request: tx }, cx);
    }

    /// The other side of the early media that a party hears or sends, if it can be offered something, and in
    /// which early dialog.
    fn early_peer(&self, id: LegId) -> Option<(LegId, crate::message::Fork)> {
        let Phase::Hunting(hunt) = &self.phase else { return None };
        let (caller, called) = (self.caller_leg()?, hunt.early?);
        let peer = match id {
            id if id == caller => called,
            id if id == called => caller,
            _ => return None,
        };
        let leg = self.leg(peer).filter(|leg| leg.takes_update != Some(false))?;
        let agreed = leg.early()?.agreed()?;
        matches!(agreed.negotiation, Negotiation::Idle).then_some((peer, agreed.fork))
    }

    /// Something else is agreed on now than before.
    pub(super) fn note_renegotiated(&mut self, id: LegId) {
        if let Some(agreed) = self.leg_mut(id).and_then(Leg::early_mut).and_then(Early::agreed_mut) {
            agreed.is_renegotiated = true;
            self.offer_to_next(id);
        }
    }

    /// Those that are rung from now on are offered what the caller has described last.
    pub(super) fn offer_to_next(&mut self, caller: LegId) {
        let described = self.leg(caller).and_then(|leg| leg.theirs.clone());
        if let Phase::Hunting(hunt) = &mut self.phase
            && hunt.partner == Some(caller)
        {
            hunt.offer = described;
        }
    }
}

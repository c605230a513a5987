//! Offers of our own, and those that wait until a dialog is free.

use std::time::Duration;

use call::{LegId, event::EndCause};

use crate::{
    Context,
    call::{Call, requests::is_lost},
    failure::Failure,
    leg::{
        BegunBy, Leg,
        lifetime::Lifetime,
        negotiation::{Aim, Method, Negotiation, Ours, Proposal, Purpose},
    },
    message::{MAX_FORWARDS, Offer, Request, Response},
};

impl Call {
    /// Sends an offer of ours. Who is known not to take an UPDATE is sent a re-INVITE.
    pub(in crate::call) fn send_offer(
        &mut self,
        to: LegId,
        method: Method,
        offer: Offer,
        aim: Aim,
        cx: &mut Context<'_>,
    ) {
        let Some(leg) = self.leg_mut(to) else { return };
        let method = if leg.takes_update == Some(false) { Method::Invite } else { method };
        let sdp = offer.body.sdp().cloned();
        leg.ours = sdp.clone().or(leg.ours.take());
        let lifetime = leg.up().and_then(|up| up.lifetime.as_ref());
        let timer = lifetime.map(Lifetime::asked).unwrap_or_default();
        let Some(negotiation) = leg.negotiation_mut() else { return };
        let offer = Offer { timer, ..offer };
        let request = cx.request(
            to,
            match method {
                Method::Invite => Request::Invite(offer),
                Method::Update => Request::Update(offer),
            },
        );
        *negotiation = Negotiation::Ours(Ours { request, method, offered: sdp, aim });
    }

    /// Offers a leg's party something as soon as nothing else is being negotiated with it.
    pub(in crate::call) fn propose(&mut self, id: LegId, proposal: Proposal) {
        if let Some(up) = self.leg_mut(id).and_then(Leg::up_mut) {
            up.proposals.push_back(proposal);
        }
    }

    /// Sends the re-INVITEs that wait, as far as their dialogs are free.
    pub(in crate::call) fn send_proposals(&mut self, cx: &mut Context<'_>) {
        let now = cx.now.monotonic;
        for at in 0..self.legs.len() {
            let id = self.legs[at].id;
            let Some(up) = self.legs[at].up_mut().filter(|up| up.is_free()) else { continue };
            let is_due =
                up.proposals.front().is_some_and(|next| next.rests_until.is_none_or(|until| now >= until));
            let Some(proposal) = is_due.then(|| up.proposals.pop_front()).flatten() else { continue };
            let (method, hops) = match proposal.purpose {
                Purpose::PassOn { method, hops, .. } => (method, hops),
                Purpose::Adjust | Purpose::Join => (Method::Invite, MAX_FORWARDS),
            };
            let offer = Offer {
                body: proposal.body.clone(),
                connected: proposal.connected.clone(),
                hops,
                ..Offer::default()
            };
            let aim = match proposal.passes_on() {
                Some((from, request)) => Aim::PassOn { from, request },
                None => Aim::Propose(proposal),
            };
            self.send_offer(id, method, offer, aim, cx);
        }
    }

    /// The party does not take our offer: what was agreed before still holds (RFC 3261 section 14.1), unless
    /// it does not know the dialog any more, or is not there. One that has an offer of its own open is asked
    /// again.
    pub(in crate::call) fn on_proposal_declined(
        &mut self,
        id: LegId,
        proposal: Proposal,
        response: &Response,
        cx: &mut Context<'_>,
    ) {
        if response.status.code == 491 && proposal.attempts > 1 {
            return self.rest(id, proposal, cx);
        }
        if is_lost(response) {
            return self.on_breakdown(id, cx);
        }
        if proposal.purpose == Purpose::Join
            && self.join().is_some_and(|join| [join.stays, join.comes].contains(&id))
        {
            let failure = Failure { cause: EndCause::Failed, ..Failure::of(response, false) };
            self.on_join_declined(id, &failure, cx);
        }
    }

    /// After a 491, the side that made the Call-ID waits 2.1 to 4 seconds, the other up to 2 (RFC 3261
    /// section 14.1).
    pub(in crate::call) fn rest(&mut self, id: LegId, proposal: Proposal, cx: &mut Context<'_>) {
        let Some(leg) = self.leg_mut(id) else { return };
        let rest = match leg.begun_by {
            BegunBy::Us => 2100 + cx.world.chance(1900),
            BegunBy::Party => cx.world.chance(2000),
        };
        let rests_until = Some(cx.now.monotonic + Duration::from_millis(rest.into()));
        if let Some(up) = leg.up_mut() {
            up.proposals.push_front(Proposal { attempts: proposal.attempts - 1, rests_until, ..proposal });
        }
    }
}

//! The INVITEs to those that are rung for a call.

use std::{sync::Arc, time::Duration};

use call::{
    AccountId, EventKind, LegId,
    event::{LegDirection, LegOffer},
};

use super::{Call, Phase, hunt::Hunt, routing::Candidate};
use crate::{
    Context,
    failure::Failure,
    leg::{
        BegunBy, Called, Leg, Party, Phase as LegPhase, Progress, early::Early, lifetime, reliable::Heard,
    },
    limits::Holder,
    message::{Body, ClientTx, Response, Shown},
    output::{Diversion, OutgoingInvite, Output},
    sdp::Sdp,
    world::Callee,
};

impl Call {
    /// Sends an INVITE to someone, who may be asked to answer at once: a leg comes into being.
    pub(super) fn ring(
        &mut self,
        id: LegId,
        candidate: Candidate,
        answers_itself: bool,
        cx: &mut Context<'_>,
    ) {
        let Some(Hunt { side, partner, offer, .. }) = self.hunt() else { return };
        let (side, partner, offer) = (*side, *partner, offer.clone());
        let Candidate { callee, party } = candidate;
        let body = match self.offer_for(id, partner, offer.as_ref(), cx) {
            Ok(body) => body,
            Err(failure) => {
                cx.media(crate::output::Media::Release(id));
                self.booking.release(&mut cx.state.counts, Holder::Leg(id));
                return self.count_failure(failure, cx);
            }
        };
        let shown = self.shown_to(party.owner.account);
        let from = shown.number.clone();
        let invite = self.invite(&party, shown, body, cx);
        let invite = OutgoingInvite { answers_itself, ..invite };
        let (transaction, ours) = (cx.next_tx(), invite.body.sdp().cloned());
        cx.push(Output::Invite { leg: id, transaction, callee: callee.clone(), invite: Box::new(invite) });
        let route = self.route_of(party.owner, &party.endpoint, &from, cx);
        let offer_told = LegOffer {
            side,
            direction: LegDirection::Outgoing,
            owner: party.owner,
            endpoint: party.endpoint.clone(),
            from,
            to: party.number.clone(),
            sip: None,
            route,
        };
        self.tell(EventKind::LegOffered { leg: id, offer: Arc::new(offer_told) }, cx);
        self.booking.share(Holder::Hunt, Holder::Leg(id));
        let called = Called {
            invite: transaction,
            callee,
            progress: Progress::Offered,
            offered: partner.filter(|_| offer.is_some()),
            was_too_short: false,
            hung_up: Vec::new(),
            heard: Heard::default(),
            early: Early::Open,
            prompt: None,
        };
        let phase = LegPhase::Called(called);
        let begun_by = BegunBy::Us;
        self.legs.push(Leg { id, party, begun_by, theirs: None, ours, takes_update: None, phase });
    }

    fn offer_for(
        &mut self,
        to: LegId,
        partner: Option<LegId>,
        offer: Option<&Sdp>,
        cx: &mut Context<'_>,
    ) -> Result<Body, Failure> {
        match (partner, offer) {
            (Some(partner), Some(offer)) => self.pass(partner, to, offer, cx).map(Body::Sdp),
            (None, Some(offer)) => Ok(Body::Sdp(offer.clone())),
            (_, None) => Ok(Body::Empty),
        }
    }

    /// What an INVITE says to someone who is rung.
    fn invite(&self, party: &Party, caller: Shown, body: Body, cx: &Context<'_>) -> OutgoingInvite {
        OutgoingInvite {
            called: party.number.clone(),
            alerting: self.alerting_for(party, &caller, cx),
            caller,
            body,
            takes_reliable: self.takes_reliable(),
            timer: lifetime::wish(&cx.settings.sessions, Duration::ZERO),
            hops: self.setting.hops,
            diversion: Some(self.diversion()).filter(|diversion| *diversion != Diversion::default()),
            history: self.setting.history.clone(),
            referred_by: self.hunt().and_then(|hunt| hunt.referred_by.clone()),
            answers_itself: false,
        }
    }

    /// Sends the INVITE of a leg that is rung once more, in the same dialog, as `change` makes it.
    pub(super) fn invite_again(
        &mut self,
        id: LegId,
        change: impl FnOnce(&mut OutgoingInvite),
        cx: &mut Context<'_>,
    ) -> Option<ClientTx> {
        let (callee, mut invite) = self.invite_anew(id, cx)?;
        // The early dialogs of the INVITE before are over.
        self.drop_negotiations(id, cx);
        if let Some(hunt) = self.hunt_mut() {
            hunt.early.take_if(|early| *early == id);
        }
        change(&mut invite);
        let (transaction, ours) = (cx.next_tx(), invite.body.sdp().cloned());
        cx.push(Output::Invite { leg: id, transaction, callee, invite: Box::new(invite) });
        let leg = self.leg_mut(id)?;
        leg.ours = ours;
        let called = leg.called_mut()?;
        called.invite = transaction;
        (called.heard, called.early) = (Heard::default(), Early::Open);
        Some(transaction)
    }

    /// The INVITE to a leg that is rung, as it would be sent now.
    pub(super) fn invite_anew(
        &mut self,
        id: LegId,
        cx: &mut Context<'_>,
    ) -> Option<(Callee, OutgoingInvite)> {
        let Hunt { partner, offer, .. } = self.hunt()?;
        let (partner, offer) = (*partner, offer.clone());
        let leg = self.leg(id)?;
        let (party, callee) = (leg.party.clone(), leg.called()?.callee.clone());
        let body = self.offer_for(id, partner, offer.as_ref(), cx).ok()?;
        let shown = self.shown_to(party.owner.account);
        Some((callee, self.invite(&party, shown, body, cx)))
    }

    /// Calls a party again for which the session is too short, with the least that it takes; says whether it
    /// did (RFC 4028 section 7.3).
    pub(super) fn ask_for_longer(&mut self, id: LegId, response: &Response, cx: &mut Context<'_>) -> bool {
        let Some(called) = self.leg_mut(id).and_then(Leg::called_mut) else { return false };
        if response.status.code != 422 || std::mem::replace(&mut called.was_too_short, true) {
            return false;
        }
        let least = response.timer.shortest.unwrap_or(lifetime::SHORTEST);
        let timer = lifetime::wish(&cx.settings.sessions, least);
        self.invite_again(id, |invite| invite.timer = timer, cx).is_some()
    }

    /// Who a called party of an account sees: whom it will talk to, or for the calling party of a call that
    /// a program places, the number that will be dialed.
    pub(super) fn shown_to(&self, account: AccountId) -> Shown {
        let caller = &self.setting.caller;
        if matches!(self.phase, Phase::Placing { .. }) {
            return Shown { number: caller.dialed.clone(), name: None, hidden: None };
        }
        let partner = self.hunt().and_then(|hunt| hunt.partner).filter(|id| Some(*id) != self.caller);
        match partner.and_then(|id| self.leg(id)) {
            Some(partner) => partner.party.shown_to(account),
            None => caller.shown(self.is_inside(account)),
        }
    }
}

//! Offers inside a dialog: passed on to the other side, answered here for a party that waits, or our own.

mod dropping;
mod late;
mod own;
mod passing;

use std::time::Duration;

use call::LegId;

use super::Call;
use crate::{
    Context,
    leg::{
        Leg,
        lifetime::{self},
        negotiation::{Aim, Method, Negotiation, Offered, Ours, Proposal, Purpose, Theirs, said},
    },
    message::{Body, Offer, Response, ServerTx, SessionTimer, Shown},
    output::{Output, Source},
    sdp::Sdp,
};

impl Call {
    pub(super) fn on_reinvite(&mut self, id: LegId, tx: ServerTx, offer: Offer, cx: &mut Context<'_>) {
        self.negotiate(id, (tx, Method::Invite), offer, cx);
    }

    pub(super) fn on_update(&mut self, id: LegId, tx: ServerTx, offer: Offer, cx: &mut Context<'_>) {
        match offer.body {
            Body::Empty if !lifetime::is_too_short(&offer.timer, &cx.settings.sessions) => {
                self.refresh_as_asked(id, tx, &offer, cx);
                self.tell_who_speaks(id, offer.connected.as_ref(), cx);
            }
            Body::Empty | Body::Sdp(_) | Body::Other(_) => {
                self.negotiate(id, (tx, Method::Update), offer, cx)
            }
        }
    }

    /// A new offer. Only one at a time, in both directions (RFC 3261 section 14).
    fn negotiate(&mut self, id: LegId, (tx, method): (ServerTx, Method), offer: Offer, cx: &mut Context<'_>) {
        if lifetime::is_too_short(&offer.timer, &cx.settings.sessions) {
            let timer =
                SessionTimer { shortest: Some(cx.settings.sessions.shortest), ..SessionTimer::default() };
            return cx.respond(id, tx, Response { timer, ..Response::of(422) });
        }
        let Some(leg) = self.leg_mut(id) else { return };
        leg.takes_update = offer.takes_update.or(leg.takes_update);
        let Some(up) = leg.up() else { return self.negotiate_early(id, (tx, method), offer, cx) };
        match &up.negotiation {
            Negotiation::Theirs(_) => return put_off(id, tx, cx),
            _ if up.is_answer_waiting() => return put_off(id, tx, cx),
            // The ACK that is to come has the answer to our offer (RFC 5407 section 3.1.5).
            _ if up.awaits_answer() => return cx.respond(id, tx, Response::of(491)),
            Negotiation::Ours(_)
            | Negotiation::OwesAck { .. }
            | Negotiation::AwaitingAck { offered: Some(_), .. } => {
                return cx.respond(id, tx, Response::of(491));
            }
            // Whoever goes on has our answer, though its ACK is lost or late.
            Negotiation::Idle | Negotiation::AwaitingAck { offered: None, .. } => {}
        }
        self.note_speaker(id, offer.connected.as_ref());
        match self.peer_of(id) {
            None => self.answer_waiting(id, (tx, method), &offer, cx),
            Some(peer) => self.pass_offer_on(id, peer, (tx, method), offer, cx),
        }
    }

    /// Notes whom a party speaks for from now on, if it says so; whether that is news.
    pub(super) fn note_speaker(&mut self, id: LegId, said: Option<&Shown>) -> bool {
        let (Some(said), Some(leg)) = (said, self.leg_mut(id)) else { return false };
        let party = &mut leg.party;
        let (number, name, hidden) = (said.number.clone(), said.name.clone(), said.hidden.clone());
        let is_news = (&party.outside, &party.name, &party.hidden) != (&number, &name, &hidden);
        (party.number, party.outside, party.name, party.hidden) = (number.clone(), number, name, hidden);
        party.is_asserted = true;
        is_news
    }

    /// Lets whoever talks to a party know that it speaks for another now (RFC 4916).
    fn tell_who_speaks(&mut self, id: LegId, said: Option<&Shown>, cx: &mut Context<'_>) {
        if !self.note_speaker(id, said) {
            return;
        }
        let told = self.talking_peer(id).filter(|peer| self.connected(Some(id), *peer).is_some());
        if let Some(peer) = told {
            self.let_hear(peer, id, cx);
        }
    }

    fn says_hold(&self, id: LegId, sdp: Option<&Sdp>, offered: Option<&Sdp>) -> Option<bool> {
        said(sdp?, offered, self.leg(id)?.hold()?)
    }

    /// The response to an offer of ours.
    pub(super) fn on_offer_response(&mut self, id: LegId, response: Response, cx: &mut Context<'_>) {
        if response.is_provisional() {
            return;
        }
        let Some(leg) = self.leg_mut(id) else { return };
        leg.takes_update = response.takes_update.or(leg.takes_update);
        let Some(negotiation) = leg.negotiation_mut() else { return };
        let Negotiation::Ours(ours) = std::mem::replace(negotiation, Negotiation::Idle) else { return };
        if response.is_success() {
            self.live_as_agreed(id, &response.timer, cx);
            self.on_offer_agreed(id, ours, &response, cx);
            return self.tell_who_speaks(id, response.connected.as_ref(), cx);
        }
        match ours.aim {
            Aim::Propose(proposal) => self.on_proposal_declined(id, proposal, &response, cx),
            Aim::Refresh => self.on_refresh_declined(id, &response, cx),
            Aim::PassOn { from, request } => self.on_passed_declined(id, (from, request), &response, cx),
            Aim::Nothing => {}
        }
    }

    fn on_offer_agreed(&mut self, id: LegId, ours: Ours, response: &Response, cx: &mut Context<'_>) {
        let Ours { request, method, offered, aim } = ours;
        let asks_for_offer = method == Method::Invite && offered.is_none();
        if let Aim::PassOn { from, request: theirs } = aim {
            let owes_ack = asks_for_offer && self.pass_offer_in_answer(id, (from, theirs), response, cx);
            if let Some(up) = self.leg_mut(id).and_then(Leg::up_mut).filter(|_| owes_ack) {
                up.negotiation = Negotiation::OwesAck { invite: request };
                return;
            }
            if method == Method::Invite {
                acknowledge(id, request, Body::Empty, cx);
            }
            if !asks_for_offer {
                self.pass_answer_on(id, (from, theirs), (offered.as_ref(), response), cx);
            }
            return;
        }
        if method == Method::Invite {
            acknowledge(id, request, Body::Empty, cx);
        }
        let answer = response.body.sdp();
        if let Some(Err(_)) = answer.map(|sdp| self.describe(id, sdp, cx)) {
            return self.on_breakdown(id, cx);
        }
        match aim {
            Aim::Propose(Proposal { purpose: Purpose::Join, .. }) => self.on_join_answered(id, answer, cx),
            Aim::Propose(_) => self.note_hold_in_answer(id, answer, offered.as_ref(), cx),
            Aim::Refresh | Aim::Nothing | Aim::PassOn { .. } => {}
        }
    }

    /// What a party has asked for and waits for, if it still does.
    fn take_theirs(&mut self, id: LegId, request: ServerTx) -> Option<Theirs> {
        let negotiation = self.leg_mut(id)?.negotiation_mut()?;
        match std::mem::replace(negotiation, Negotiation::Idle) {
            Negotiation::Theirs(theirs) if theirs.request == request => Some(theirs),
            other => {
                *negotiation = other;
                None
            }
        }
    }

    /// Answers what a party has asked for with 2xx.
    fn agree(
        &mut self,
        id: LegId,
        theirs: &Theirs,
        (response, body): (&Response, Body),
        offered: Option<Offered>,
        cx: &mut Context<'_>,
    ) {
        let settings = cx.settings;
        let Some(leg) = self.leg_mut(id) else { return };
        leg.ours = body.sdp().cloned().or(leg.ours.take());
        let mut timer = SessionTimer::default();
        if let Some(up) = leg.up_mut() {
            (up.lifetime, timer) =
                super::session_timer::agree(&theirs.timer, (&settings.sessions, cx.now.monotonic));
            up.negotiation = match theirs.method {
                Method::Invite => Negotiation::AwaitingAck { request: theirs.request, offered },
                Method::Update => Negotiation::Idle,
            };
        }
        cx.respond(id, theirs.request, Response { body, timer, ..Response::new(response.status.clone()) });
    }

    /// Answers the offer of a party that waits with nobody to talk to.
    fn answer_waiting(
        &mut self,
        id: LegId,
        (tx, method): (ServerTx, Method),
        offer: &Offer,
        cx: &mut Context<'_>,
    ) {
        let answer = match offer.body.sdp() {
            Some(sdp) => self.waiting_answer(id, Some(sdp), cx),
            None => self.waiting_offer(id, cx),
        };
        let sdp = match answer {
            Ok(sdp) => sdp,
            Err(failure) => return cx.respond(id, tx, Response::new(failure.status)),
        };
        let theirs = Theirs { request: tx, method, offer: offer.body.sdp().cloned(), timer: offer.timer };
        self.agree(id, &theirs, (&Response::of(200), Body::Sdp(sdp)), None, cx);
        if self.parked().is_some_and(|parked| parked.leg == id) {
            self.entertain(id, Source::Music, cx);
        }
    }
}

/// Refuses an offer of a party that has another one open (RFC 3261 section 14.2, RFC 3311 section 5.2).
pub(super) fn put_off(id: LegId, tx: ServerTx, cx: &mut Context<'_>) {
    let retry_after = Some(Duration::from_secs(cx.world.chance(11).into()));
    cx.respond(id, tx, Response { retry_after, ..Response::of(500) });
}

fn acknowledge(leg: LegId, transaction: crate::message::ClientTx, body: Body, cx: &mut Context<'_>) {
    cx.push(Output::Ack { leg, transaction, body });
}

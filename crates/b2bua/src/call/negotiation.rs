//! Offers inside a dialog: passed on to the other side, answered here for a party that waits, or our own.

use std::time::Duration;

use call::{LegId, event::EndCause};

use super::{
    Call,
    requests::{is_lost, told},
};
use crate::{
    Context,
    failure::Failure,
    leg::{
        BegunBy, Leg,
        lifetime::{self, Lifetime},
        negotiation::{Aim, Method, Negotiation, Offered, Ours, Proposal, Purpose, Theirs, said},
    },
    message::{Body, Offer, Request, Response, ServerTx, SessionTimer},
    output::{Output, Source},
    sdp::{Direction, Sdp},
};

/// Max-Forwards of a request of ours.
pub(super) const HOPS: u8 = 70;

impl Call {
    pub(super) fn on_reinvite(&mut self, id: LegId, tx: ServerTx, offer: Offer, cx: &mut Context<'_>) {
        self.negotiate(id, (tx, Method::Invite), offer, cx);
    }

    pub(super) fn on_update(&mut self, id: LegId, tx: ServerTx, offer: Offer, cx: &mut Context<'_>) {
        match offer.body {
            Body::Empty if !lifetime::is_too_short(&offer.timer, &cx.settings.sessions) => {
                self.refresh_as_asked(id, tx, &offer, cx);
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
        match self.peer_of(id) {
            None => self.answer_waiting(id, (tx, method), &offer, cx),
            Some(peer) => self.pass_offer_on(id, peer, (tx, method), offer, cx),
        }
    }

    fn pass_offer_on(
        &mut self,
        from: LegId,
        to: LegId,
        (tx, method): (ServerTx, Method),
        offer: Offer,
        cx: &mut Context<'_>,
    ) {
        if !self.leg(to).and_then(Leg::up).is_some_and(|up| up.is_free_once_acknowledged()) {
            return cx.respond(from, tx, Response::of(491));
        }
        let holds = self.says_hold(from, offer.body.sdp(), None);
        let passed = match self.pass_body(from, to, &offer.body, cx) {
            Ok(Body::Sdp(sdp)) if holds == Some(true) => Body::Sdp(self.offer_to_held(to, sdp, cx)),
            Ok(body) => body,
            Err(failure) => return cx.respond(from, tx, Response::new(failure.toward_caller())),
        };
        let purpose = Purpose::PassOn { from, request: tx, method, hops: offer.hops.saturating_sub(1) };
        self.propose(to, Proposal::new(passed, None, purpose));
        let theirs = Theirs { request: tx, method, offer: offer.body.sdp().cloned(), timer: offer.timer };
        if let Some(up) = self.leg_mut(from).and_then(Leg::up_mut) {
            up.negotiation = Negotiation::Theirs(theirs);
        }
    }

    fn says_hold(&self, id: LegId, sdp: Option<&Sdp>, offered: Option<&Sdp>) -> Option<bool> {
        said(sdp?, offered, self.leg(id)?.up()?.hold)
    }

    /// Sends an offer of ours. Who is known not to take an UPDATE is sent a re-INVITE.
    pub(super) fn send_offer(
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
    pub(super) fn propose(&mut self, id: LegId, proposal: Proposal) {
        if let Some(up) = self.leg_mut(id).and_then(Leg::up_mut) {
            up.proposals.push_back(proposal);
        }
    }

    /// Sends the re-INVITEs that wait, as far as their dialogs are free.
    pub(super) fn send_proposals(&mut self, cx: &mut Context<'_>) {
        let now = cx.now.monotonic;
        for at in 0..self.legs.len() {
            let id = self.legs[at].id;
            let Some(up) = self.legs[at].up_mut().filter(|up| up.is_free()) else { continue };
            let is_due =
                up.proposals.front().is_some_and(|next| next.rests_until.is_none_or(|until| now >= until));
            let Some(proposal) = is_due.then(|| up.proposals.pop_front()).flatten() else { continue };
            let (method, hops) = match proposal.purpose {
                Purpose::PassOn { method, hops, .. } => (method, hops),
                Purpose::Adjust | Purpose::Join => (Method::Invite, HOPS),
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
            return self.on_offer_agreed(id, ours, &response, cx);
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

    /// The other side has answered what a party offered.
    fn pass_answer_on(
        &mut self,
        id: LegId,
        (from, request): (LegId, ServerTx),
        (offered, response): (Option<&Sdp>, &Response),
        cx: &mut Context<'_>,
    ) {
        let Some(theirs) = self.take_theirs(from, request) else { return };
        let body = match self.pass_body(id, from, &response.body, cx) {
            Ok(Body::Sdp(sdp)) => Body::Sdp(match &theirs.offer {
                Some(offer) => sdp.answering(offer),
                None => sdp,
            }),
            Ok(body) => body,
            Err(_) => return cx.respond(from, request, Response::of(488)),
        };
        let holds = self.says_hold(from, theirs.offer.as_ref(), None);
        self.agree(from, &theirs, (response, body), None, cx);
        if let Some(holds) = holds {
            self.set_holding(from, holds, cx);
        }
        self.note_hold_in_answer(id, response.body.sdp(), offered, cx);
        [id, from].into_iter().for_each(|id| self.note_renegotiated(id));
    }

    /// A party has asked for an offer, and the other side has made it: our ACK to that side waits for the
    /// answer. Says whether it does. What is offered flows both ways, unless it holds the party: whoever was
    /// on hold must be able to say that it is no longer.
    fn pass_offer_in_answer(
        &mut self,
        id: LegId,
        (from, request): (LegId, ServerTx),
        response: &Response,
        cx: &mut Context<'_>,
    ) -> bool {
        let Some(theirs) = self.take_theirs(from, request) else { return false };
        let made = response.body.sdp().and_then(Sdp::direction).unwrap_or(Direction::SendRecv);
        // One that offers no more than it was left before says nothing by that.
        let left = self.leg(id).and_then(|leg| leg.ours.as_ref()?.direction()).map(Direction::mirrored);
        let says_nothing = left.is_some_and(|left| left != Direction::SendRecv && made.within(left) == made);
        if let Some(holds) = self.says_hold(id, response.body.sdp(), None).filter(|_| !says_nothing) {
            self.set_holding(id, holds, cx);
        }
        let is_held = self.leg(id).is_some_and(Leg::holds);
        let passed = response.body.sdp().map(|sdp| self.pass(id, from, sdp, cx));
        let Some(Ok(sdp)) = passed else {
            cx.respond(from, request, Response::of(488));
            return false;
        };
        let sdp = if is_held { sdp } else { sdp.without_hold() };
        let offer = response.body.sdp().cloned();
        let offered = offer.map(|made| Offered { by: id, made, told: sdp.clone() });
        self.agree(from, &theirs, (response, Body::Sdp(sdp)), offered, cx);
        true
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

    /// The other side refuses what a party has asked for.
    fn on_passed_declined(
        &mut self,
        id: LegId,
        (from, request): (LegId, ServerTx),
        response: &Response,
        cx: &mut Context<'_>,
    ) {
        let is_gone = is_lost(response);
        if self.take_theirs(from, request).is_some() {
            cx.respond(from, request, told(response, is_gone));
        }
        // Before the answer there may be other early dialogs than the one that is gone.
        if is_gone && self.leg(id).is_some_and(Leg::is_up) {
            self.on_breakdown(id, cx);
        }
    }

    /// The party does not take our offer: what was agreed before still holds (RFC 3261 section 14.1), unless
    /// it does not know the dialog any more, or is not there. One that has an offer of its own open is asked
    /// again.
    fn on_proposal_declined(
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
    fn rest(&mut self, id: LegId, proposal: Proposal, cx: &mut Context<'_>) {
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

    /// The party has acknowledged our 2xx to its re-INVITE: with its answer, where we have made the offer.
    pub(super) fn on_reinvite_ack(&mut self, id: LegId, tx: ServerTx, body: &Body, cx: &mut Context<'_>) {
        let Some(up) = self.leg_mut(id).and_then(Leg::up_mut) else { return };
        let Negotiation::AwaitingAck { request, offered } = &up.negotiation else { return };
        if *request != tx {
            return;
        }
        let offered = offered.clone();
        up.negotiation = Negotiation::Idle;
        let Some(offered) = offered else {
            // The switch itself made the offer, if there was any.
            if let Some(Err(_)) = body.sdp().map(|sdp| self.describe(id, sdp, cx)) {
                self.on_breakdown(id, cx);
            }
            return;
        };
        match body.sdp() {
            Some(sdp) => self.pass_answer_to_offered(id, offered, sdp, cx),
            None => self.acknowledge_reinvite(offered.by, Body::Empty, cx),
        }
    }

    /// The answer to an offer that was asked for: who made it is acknowledged with as much as it has
    /// offered, and asked again if it may say more by now.
    fn pass_answer_to_offered(&mut self, id: LegId, offered: Offered, answer: &Sdp, cx: &mut Context<'_>) {
        let Offered { by, made, told } = offered;
        let holds = self.says_hold(id, Some(answer), Some(&told));
        let passed = match self.pass(id, by, answer, cx) {
            Ok(passed) if holds == Some(true) => self.offer_to_held(by, passed, cx),
            Ok(passed) => passed,
            Err(_) => return self.on_breakdown(id, cx),
        };
        let within = passed.answering(&made);
        let is_less = within.direction() != passed.direction();
        self.acknowledge_reinvite(by, Body::Sdp(within), cx);
        if let Some(holds) = holds {
            self.set_holding(id, holds, cx);
        }
        if is_less && holds == Some(false) {
            self.propose(by, Proposal::new(Body::Sdp(passed), None, Purpose::Adjust));
        }
    }

    fn acknowledge_reinvite(&mut self, id: LegId, body: Body, cx: &mut Context<'_>) {
        let Some(leg) = self.leg_mut(id) else { return };
        leg.ours = body.sdp().cloned().or(leg.ours.take());
        let Some(up) = leg.up_mut() else { return };
        if let Negotiation::OwesAck { invite } = up.negotiation {
            up.negotiation = Negotiation::Idle;
            acknowledge(id, invite, body, cx);
        }
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

    /// Answers what waits for a leg that is over, and lets go of what it was asked in another's name.
    pub(super) fn drop_negotiations(&mut self, gone: LegId, cx: &mut Context<'_>) {
        self.drop_waiting(gone, cx);
        self.drop_what_it_asked(gone, cx);
        self.drop_what_it_was_asked(gone, cx);
    }

    fn drop_what_it_asked(&mut self, gone: LegId, cx: &mut Context<'_>) {
        if let Some(negotiation) = self.leg_mut(gone).and_then(Leg::negotiation_mut) {
            match std::mem::replace(negotiation, Negotiation::Idle) {
                Negotiation::Theirs(theirs) => cx.respond(gone, theirs.request, Response::of(487)),
                Negotiation::AwaitingAck { offered: Some(Offered { by, .. }), .. } => {
                    self.acknowledge_reinvite(by, Body::Empty, cx);
                }
                other => *negotiation = other,
            }
        }
        for leg in &mut self.legs {
            if let Some(Negotiation::Ours(Ours { aim, .. })) = leg.negotiation_mut()
                && matches!(aim, Aim::PassOn { from, .. } if *from == gone)
            {
                *aim = Aim::Nothing;
            }
            let Some(up) = leg.up_mut() else { continue };
            for relay in up.relays.extract_if(.., |relay| relay.from == gone) {
                cx.respond(gone, relay.request, Response::of(487));
            }
            up.proposals.retain(|proposal| proposal.passes_on().is_none_or(|(from, _)| from != gone));
        }
    }

    fn drop_what_it_was_asked(&mut self, gone: LegId, cx: &mut Context<'_>) {
        let Some(leg) = self.leg_mut(gone) else { return };
        let passed = match leg.negotiation() {
            Some(Negotiation::Ours(Ours { aim: Aim::PassOn { from, request }, .. })) => {
                Some((*from, *request))
            }
            _ => None,
        };
        let (relays, waiting) = match leg.up_mut() {
            Some(up) => {
                let waiting: Vec<_> = up.proposals.iter().filter_map(Proposal::passes_on).collect();
                (std::mem::take(&mut up.relays), waiting)
            }
            None => (Vec::new(), Vec::new()),
        };
        let passed: Vec<_> = passed.into_iter().chain(waiting).collect();
        for relay in relays {
            cx.respond(relay.from, relay.request, Response::of(491));
        }
        for (from, request) in passed {
            if self.take_theirs(from, request).is_some() {
                cx.respond(from, request, Response::of(491));
            }
        }
        for leg in &mut self.legs {
            if let Some(up) = leg.up_mut()
                && let Negotiation::AwaitingAck { offered, .. } = &mut up.negotiation
                && offered.as_ref().is_some_and(|offered| offered.by == gone)
            {
                *offered = None;
            }
        }
    }

    /// Whoever is left of two that were to be joined is not offered the other any more.
    pub(super) fn drop_join_proposals(&mut self, id: LegId) {
        let Some(up) = self.leg_mut(id).and_then(Leg::up_mut) else { return };
        up.proposals.retain(|proposal| proposal.purpose != Purpose::Join);
        if let Negotiation::Ours(Ours { aim: Aim::Propose(proposal), .. }) = &mut up.negotiation {
            proposal.purpose = Purpose::Adjust;
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

//! Offers of one party that the other answers.

use call::LegId;

use crate::{
    Context,
    call::{
        Call,
        requests::{is_lost, told},
    },
    leg::{
        Leg,
        negotiation::{Method, Negotiation, Proposal, Purpose, Theirs},
    },
    message::{Body, Offer, Response, ServerTx},
    sdp::Sdp,
};

impl Call {
    pub(in crate::call) fn pass_offer_on(
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
        let connected = offer.connected.as_ref().and_then(|_| self.connected(Some(from), to));
        self.propose(to, Proposal::new(passed, connected, purpose));
        let theirs = Theirs { request: tx, method, offer: offer.body.sdp().cloned(), timer: offer.timer };
        if let Some(up) = self.leg_mut(from).and_then(Leg::up_mut) {
            up.negotiation = Negotiation::Theirs(theirs);
        }
    }

    /// The other side has answered what a party offered.
    pub(in crate::call) fn pass_answer_on(
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

    /// The other side refuses what a party has asked for.
    pub(in crate::call) fn on_passed_declined(
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
}

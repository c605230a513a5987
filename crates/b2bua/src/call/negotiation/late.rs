//! Offers that a party asks for and the other makes in its 2xx: the answer travels in ACKs.

use call::LegId;

use super::acknowledge;
use crate::{
    Context,
    call::Call,
    leg::{
        Leg,
        negotiation::{Negotiation, Offered, Proposal, Purpose},
    },
    message::{Body, Response, ServerTx},
    sdp::{Direction, Sdp},
};

impl Call {
    /// A party has asked for an offer, and the other side has made it: our ACK to that side waits for the
    /// answer. Says whether it does. What is offered flows both ways, unless it holds the party: whoever was
    /// on hold must be able to say that it is no longer.
    pub(in crate::call) fn pass_offer_in_answer(
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

    /// The party has acknowledged our 2xx to its re-INVITE: with its answer, where we have made the offer.
    pub(in crate::call) fn on_reinvite_ack(
        &mut self,
        id: LegId,
        tx: ServerTx,
        body: &Body,
        cx: &mut Context<'_>,
    ) {
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
    pub(in crate::call) fn pass_answer_to_offered(
        &mut self,
        id: LegId,
        offered: Offered,
        answer: &Sdp,
        cx: &mut Context<'_>,
    ) {
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

    pub(in crate::call) fn acknowledge_reinvite(&mut self, id: LegId, body: Body, cx: &mut Context<'_>) {
        let Some(leg) = self.leg_mut(id) else { return };
        leg.ours = body.sdp().cloned().or(leg.ours.take());
        let Some(up) = leg.up_mut() else { return };
        if let Negotiation::OwesAck { invite } = up.negotiation {
            up.negotiation = Negotiation::Idle;
            acknowledge(id, invite, body, cx);
        }
    }
}

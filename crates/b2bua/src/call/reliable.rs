//! Provisional responses that are acknowledged (RFC 3262): the caller's PRACKs, and ours to the called.

use call::{LegId, event::EndCause};

use super::{Call, Phase};
use crate::{
    Context,
    failure::Failure,
    leg::{Called, Confirmed, Leg, Phase as LegPhase},
    message::{Body, Fork, Prack, Response, ServerTx},
    output::Output,
    sdp::Sdp,
};

impl Call {
    /// A PRACK. One of a response before the final one is taken even if that has overtaken it (section 3). A
    /// new offer in it is refused: there is none that it could answer by then (section 5).
    pub(super) fn on_prack(&mut self, id: LegId, tx: ServerTx, prack: &Prack, cx: &mut Context<'_>) {
        let timing = cx.timing();
        let Some(leg) = self.leg_mut(id) else { return };
        let (invite, has_offered, responses) = match &mut leg.phase {
            LegPhase::Calling(calling) => (calling.invite, calling.has_offered, Some(&mut calling.responses)),
            LegPhase::Up(up) => match &mut up.confirmed {
                Confirmed::AwaitingAck { invite, has_offered, responses } => {
                    (*invite, !*has_offered, Some(responses))
                }
                Confirmed::OwesAck { .. } | Confirmed::Yes => match &mut up.unheard {
                    Some((invite, responses)) => (*invite, true, Some(responses)),
                    None => (tx, true, None),
                },
            },
            LegPhase::Called(_) | LegPhase::Closing(_) => (tx, true, None),
        };
        let is_meant = |_: &&mut crate::leg::reliable::Responses| prack.invite == Some(invite);
        let next = responses.filter(is_meant).and_then(|responses| responses.acknowledge(prack.rseq, timing));
        let Some(next) = next else { return cx.respond(id, tx, Response::of(481)) };
        let is_refused = !prack.body.is_empty() && has_offered;
        cx.respond(id, tx, Response::of(if is_refused { 488 } else { 200 }));
        for response in next {
            cx.respond(id, invite, response);
        }
        if let Some(sdp) = prack.body.sdp().filter(|_| !is_refused) {
            self.pass_early_answer(id, sdp, cx);
        }
        if let Some(LegPhase::Calling(calling)) = self.leg_mut(id).map(|leg| &mut leg.phase)
            && calling.has_offered
            && calling.responses.is_description_heard()
        {
            calling.early.agree(Fork::default());
        }
    }

    /// The caller answers the offer that a called party made before its answer.
    fn pass_early_answer(&mut self, caller: LegId, sdp: &Sdp, cx: &mut Context<'_>) {
        let offers = |leg: &&Leg| leg.called().is_some_and(|called| called.heard.offer.is_some());
        let Some(called) = self.legs.iter().find(offers).map(|leg| leg.id) else { return };
        let passed = match self.pass(caller, called, sdp, cx) {
            Ok(passed) => passed,
            Err(failure) => return self.give_up_caller(&failure, cx),
        };
        if let Some(Leg { phase: LegPhase::Calling(calling), .. }) = self.leg_mut(caller) {
            calling.has_offered = true;
        }
        self.offer_to_next(caller);
        let Some(leg) = self.leg_mut(called) else { return };
        leg.ours = Some(passed.clone());
        let offer = leg.called_mut().and_then(|called| {
            let offer = called.heard.take_offer()?;
            called.early.agree(offer.0);
            Some(offer)
        });
        if let Some(offer) = offer {
            self.acknowledge_early(called, offer, Body::Sdp(passed), cx);
        }
    }

    /// The caller does not acknowledge what it must.
    pub(super) fn on_deaf(&mut self, id: LegId, invite: ServerTx, cx: &mut Context<'_>) {
        let failure = Failure::ours(504, EndCause::Failed);
        let is_calling = self.leg(id).and_then(Leg::calling).is_some_and(|calling| calling.invite == invite);
        match is_calling && self.caller != Some(id) {
            true => self.on_breakdown(id, cx),
            false => self.give_up_caller(&failure, cx),
        }
    }

    /// Takes in a provisional response of a called party; says whether it is news. One that is to be
    /// acknowledged is, at once unless it makes an offer.
    pub(super) fn hear(&mut self, id: LegId, response: &Response, cx: &mut Context<'_>) -> bool {
        let asked_for_offer = self.hunt().is_some_and(|hunt| hunt.offer.is_none());
        let Some(called) = self.leg_mut(id).and_then(Leg::called_mut) else { return false };
        if !called.heard.accept(response) {
            return false;
        }
        let Some(number) = response.reliable else { return true };
        if asked_for_offer && response.body.sdp().is_some() {
            called.heard.offer = Some((response.fork, number));
            return true;
        }
        if response.body.sdp().is_some() {
            called.early.agree(response.fork);
        }
        self.acknowledge_early(id, (response.fork, number), Body::Empty, cx);
        true
    }

    fn acknowledge_early(&mut self, id: LegId, (fork, rseq): (Fork, u32), body: Body, cx: &mut Context<'_>) {
        let Some(Called { invite, .. }) = self.leg(id).and_then(Leg::called) else { return };
        let (invite, transaction) = (*invite, cx.next_tx());
        let prack = Prack { rseq, invite: None, fork, body };
        cx.push(Output::Prack { leg: id, transaction, invite, prack });
    }

    /// Whether the early media that the caller hears was described reliably, and so for good.
    pub(super) fn is_early_for_good(&self) -> bool {
        let Phase::Hunting(hunt) = &self.phase else { return false };
        let early = hunt.early.and_then(|id| self.leg(id)).and_then(Leg::called);
        early.is_some_and(|called| called.heard.is_for_good())
    }

    /// Whether called parties may send provisional responses that want a PRACK: an offer in one needs an
    /// answer of the caller, and so a PRACK of the caller's.
    pub(super) fn takes_reliable(&self) -> bool {
        let calling = self.caller_leg().and_then(|id| self.leg(id)).and_then(Leg::calling);
        let is_able = calling.is_some_and(|calling| calling.responses.can_be_reliable());
        is_able || self.hunt().is_some_and(|hunt| hunt.offer.is_some())
    }

    /// Tells the caller how far the called parties have come.
    pub(super) fn tell_caller_progress(&mut self, code: u16, body: Body, cx: &mut Context<'_>) {
        let (timing, is_for_good) = (cx.timing(), self.is_early_for_good());
        let Some(caller) = self.caller_leg() else { return };
        let Some(leg) = self.leg_mut(caller) else { return };
        let ours = body.sdp().cloned();
        let LegPhase::Calling(calling) = &mut leg.phase else { return };
        let sent = calling.responses.send(Response { body, ..Response::of(code) }, is_for_good, timing);
        let invite = calling.invite;
        leg.ours = ours.or(leg.ours.take());
        if let Some(response) = sent {
            cx.respond(caller, invite, response);
        }
    }
}

//! A called party answers: the others are let go, and the two are joined.

use call::{EventKind, LegId};

use super::{
    Call, Phase,
    ending::Ending,
    join::{Join, Step, Who},
    parking::Stay,
    transfer::Progress,
};
use crate::{
    Context,
    leg::{Confirmed, Leg, Phase as LegPhase, Up, early::Agreed, negotiation::said},
    limits::Holder,
    message::{Body, Response, ServerTx},
    output::Output,
    sdp::Sdp,
};

impl Call {
    /// A 2xx to the INVITE of a leg that is rung.
    pub(super) fn on_answer(&mut self, id: LegId, response: &Response, cx: &mut Context<'_>) {
        self.drop_prompt(id, cx);
        let Some(leg) = self.leg_mut(id) else { return };
        let LegPhase::Called(called) = &mut leg.phase else { return };
        let (invite, offered) = (called.invite, called.offered);
        let early = std::mem::take(&mut called.early);
        let hung_up = called.hung_up.iter().find(|(fork, _)| *fork == response.fork);
        let hung_up = hung_up.map(|(_, reasons)| reasons.clone());
        let answer = match early.agreed() {
            // An old description, if any.
            Some(agreed) if agreed.is_renegotiated && agreed.fork == response.fork => leg.theirs.clone(),
            Some(_) | None => response.body.sdp().cloned().or_else(|| called.heard.answer(response.fork)),
        };
        let (hold, negotiation) = (early.hold(), early.into_negotiation());
        leg.phase = LegPhase::Up(Box::new(Up { negotiation, ..Up::new(Confirmed::OwesAck { invite }) }));
        self.note_joined(id, cx);
        self.note_alive(id, cx);
        self.live_as_agreed(id, &response.timer, cx);
        self.tell(EventKind::LegAnswered { leg: id, user_agent: response.user_agent.clone() }, cx);
        self.set_hold(id, hold, cx);
        self.on_first_answer(id, (answer, offered), cx);
        if let Some(reasons) = hung_up {
            self.on_bye(id, reasons, cx);
        }
    }

    /// The others are let go, and whoever waits for the one who has answered has it.
    fn on_first_answer(
        &mut self,
        id: LegId,
        (answer, offered): (Option<Sdp>, Option<LegId>),
        cx: &mut Context<'_>,
    ) {
        self.end_rung(&Ending::elsewhere(), cx);
        self.booking.release(&mut cx.state.counts, Holder::Hunt);
        let phase = std::mem::replace(&mut self.phase, Phase::Talking);
        if !matches!(phase, Phase::Placing { .. }) {
            self.answered_at.get_or_insert(cx.now.monotonic);
        }
        match phase {
            Phase::Placing { onward, .. } => self.dial_onward(id, answer, onward, cx),
            Phase::Hunting(hunt) => match (self.caller_leg(), offered) {
                (Some(caller), Some(offered)) if offered != caller => self.introduce(caller, id, answer, cx),
                _ => self.answer_caller(id, answer, hunt.early == Some(id), cx),
            },
            phase @ (Phase::Transferring(_) | Phase::Parked(_)) => {
                self.phase = phase;
                self.hand_to(id, answer, offered, cx);
            }
            phase @ (Phase::Joining(_) | Phase::Talking | Phase::BusyTone(_) | Phase::Ending) => {
                self.phase = phase;
                self.on_breakdown(id, cx);
            }
        }
    }

    /// Answers the caller with what the called party answered. If the caller's offer was answered before, for
    /// another whose early media it has heard, that is a new offer to the caller.
    fn answer_caller(&mut self, called: LegId, answer: Option<Sdp>, is_heard: bool, cx: &mut Context<'_>) {
        let Some(caller) = self.caller_leg() else { return self.on_breakdown(called, cx) };
        let passed = answer.as_ref().map(|sdp| self.pass(called, caller, sdp, cx)).transpose();
        let answer = match passed {
            Ok(passed) => passed,
            Err(failure) => {
                self.acknowledge(called, Body::Empty, cx);
                return self.give_up_caller(&failure, cx);
            }
        };
        let Some(calling) = self.leg(caller).and_then(Leg::calling) else {
            self.acknowledge(called, Body::Empty, cx);
            let Some(answer) = answer else { return self.on_breakdown(called, cx) };
            self.phase =
                Phase::Joining(Join { stays: caller, comes: called, step: Step::Offering(Who::Stays) });
            return self.propose_join(caller, called, answer);
        };
        let has_offered = calling.has_offered;
        // What was agreed on by UPDATE is no answer to the INVITE.
        let agreed = calling.early.agreed();
        let is_offer = agreed.is_some() && !is_heard;
        let is_old = is_offer || agreed.is_some_and(Agreed::outdates_answer);
        let answer = answer.filter(|_| !is_old).map(|answer| self.within_offer(caller, answer));
        self.answer_invite(caller, Some(called), answer.into(), cx);
        self.connect(caller, called, cx);
        self.tell(EventKind::LegsBridged { a: caller, b: called }, cx);
        if has_offered {
            self.acknowledge(called, Body::Empty, cx);
        }
        if is_offer {
            self.let_hear(caller, called, cx);
        }
    }

    /// The called party has answered another's offer, who has gone since: it is offered the caller's, and the
    /// caller answered with what it says to that.
    fn introduce(&mut self, caller: LegId, called: LegId, answer: Option<Sdp>, cx: &mut Context<'_>) {
        self.acknowledge(called, Body::Empty, cx);
        self.phase = Phase::Joining(Join { stays: caller, comes: called, step: Step::Asking(Who::Comes) });
        match answer.map(|answer| self.describe(called, &answer, cx)) {
            Some(Ok(())) => self.ask_first(Who::Comes, cx),
            Some(Err(_)) | None => self.on_breakdown(called, cx),
        }
    }

    /// Whoever was rung for one that talks or waits has answered: the two are to be joined.
    fn hand_to(&mut self, taker: LegId, answer: Option<Sdp>, offered: Option<LegId>, cx: &mut Context<'_>) {
        self.acknowledge(taker, Body::Empty, cx);
        let (Some(partner), Some(answer)) = (self.hunt().and_then(|hunt| hunt.partner), answer) else {
            return self.on_breakdown(taker, cx);
        };
        // It may have been called by another, who hands the partner on while it rings.
        let was_called_for_partner = offered == Some(partner);
        let step = if was_called_for_partner { Step::Offering(Who::Stays) } else { Step::Asking(Who::Comes) };
        let join = Join { stays: partner, comes: taker, step };
        match &mut self.phase {
            Phase::Transferring(transfer) => transfer.progress = Progress::Joining(join),
            Phase::Parked(parked) => parked.stay = Stay::Joining(join),
            Phase::Placing { .. }
            | Phase::Hunting(_)
            | Phase::Joining(_)
            | Phase::Talking
            | Phase::BusyTone(_)
            | Phase::Ending => return,
        }
        if !was_called_for_partner {
            let noted = self.describe(taker, &answer, cx);
            return match noted {
                Ok(()) => self.ask_first(Who::Comes, cx),
                Err(_) => self.on_breakdown(taker, cx),
            };
        }
        match self.pass(taker, partner, &answer, cx) {
            Ok(sdp) => self.propose_join(partner, taker, sdp),
            Err(_) => self.on_breakdown(taker, cx),
        }
    }

    /// Answers the INVITE that began an incoming leg, in the name of the leg that it will talk to.
    pub(super) fn answer_invite(
        &mut self,
        caller: LegId,
        with: Option<LegId>,
        body: Body,
        cx: &mut Context<'_>,
    ) {
        let connected = self.connected_otherwise(with, caller);
        let timing = cx.timing();
        let settings = cx.settings;
        let Some(leg) = self.leg_mut(caller).filter(|leg| leg.is_calling()) else { return };
        let placeholder = LegPhase::Up(Box::new(Up::new(Confirmed::Yes)));
        let LegPhase::Calling(mut calling) = std::mem::replace(&mut leg.phase, placeholder) else { return };
        let (lifetime, timer) = super::session_timer::agree(&calling.timer, (&settings.sessions, timing.0));
        leg.ours = body.sdp().cloned().or(leg.ours.take());
        let response = Response { body, timer, connected, ..Response::of(200) };
        let sent = calling.responses.send(response, false, timing);
        let has_offered = !calling.has_offered;
        let confirmed =
            Confirmed::AwaitingAck { invite: calling.invite, responses: calling.responses, has_offered };
        let (hold, negotiation) = (calling.early.hold(), calling.early.into_negotiation());
        leg.phase = LegPhase::Up(Box::new(Up { lifetime, negotiation, ..Up::new(confirmed) }));
        if let Some(response) = sent {
            cx.respond(caller, calling.invite, response);
        }
        self.note_joined(caller, cx);
        self.note_alive(caller, cx);
        self.tell(EventKind::LegAnswered { leg: caller, user_agent: None }, cx);
        self.set_hold(caller, hold, cx);
    }

    /// Acknowledges the answer to the INVITE that began `leg`.
    pub(super) fn acknowledge(&mut self, id: LegId, body: Body, cx: &mut Context<'_>) {
        let Some(leg) = self.leg_mut(id) else { return };
        leg.ours = body.sdp().cloned().or(leg.ours.take());
        let Some(up) = leg.up_mut() else { return };
        if let Confirmed::OwesAck { invite } = up.confirmed {
            up.confirmed = Confirmed::Yes;
            cx.push(Output::Ack { leg: id, transaction: invite, body });
        }
    }

    /// The party has acknowledged our 2xx to the INVITE that began its leg.
    pub(super) fn on_first_ack(&mut self, id: LegId, tx: ServerTx, body: &Body, cx: &mut Context<'_>) {
        let Some(up) = self.leg_mut(id).and_then(Leg::up_mut) else { return };
        let Confirmed::AwaitingAck { invite, has_offered, .. } = &up.confirmed else { return };
        if *invite != tx {
            return;
        }
        let has_offered = *has_offered;
        if let Confirmed::AwaitingAck { invite, responses, .. } =
            std::mem::replace(&mut up.confirmed, Confirmed::Yes)
        {
            up.unheard = Some((invite, responses)).filter(|(_, responses)| responses.is_unheard());
        }
        let sdp = body.sdp();
        let offer = self.leg(id).and_then(|leg| leg.ours.clone()).filter(|_| has_offered);
        self.note_hold_in_answer(id, sdp, offer.as_ref(), cx);
        if self.join().is_some_and(|join| join.comes == id && join.step == Step::AwaitingAck) {
            return self.meet(sdp, cx);
        }
        self.pass_answer_in_ack(id, body, cx);
        self.send_waiting(id, cx);
        self.send_keys(id, cx);
    }

    /// The called party's 2xx made the offer: the caller's ACK has the answer.
    fn pass_answer_in_ack(&mut self, caller: LegId, body: &Body, cx: &mut Context<'_>) {
        let owes = |leg: &Leg| leg.up().is_some_and(|up| matches!(up.confirmed, Confirmed::OwesAck { .. }));
        let Some(called) = self.peer_of(caller).filter(|id| self.leg(*id).is_some_and(owes)) else { return };
        match self.pass_body(caller, called, body, cx) {
            Ok(body) => self.acknowledge(called, body, cx),
            Err(_) => self.on_breakdown(caller, cx),
        }
    }

    /// Takes in what an answer of a party says of hold, wherever it travelled.
    pub(super) fn note_hold_in_answer(
        &mut self,
        id: LegId,
        answer: Option<&Sdp>,
        offered: Option<&Sdp>,
        cx: &mut Context<'_>,
    ) {
        let before = self.leg(id).and_then(Leg::hold);
        let (Some(answer), Some(before), Some(_)) = (answer, before, offered) else { return };
        if let Some(holds) = said(answer, offered, before) {
            self.set_holding(id, holds, cx);
        }
    }
}

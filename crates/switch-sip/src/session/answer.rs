//! A called party answers: the others are let go, and the two are joined.

use call::{EventKind, LegId};
use rsipstack::sip::{Response, StatusCode};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::{
    Session,
    description::{self, Streams},
    ending::Ending,
    hunt::{Hunt, Purpose},
    leg::{Leg, Line, Progress},
    proposal::Aim,
};
use crate::{
    message::{
        build,
        fields::{self, Body},
    },
    stack::Followup,
};

impl Session {
    /// A 2xx to the INVITE of an outgoing leg.
    pub(super) fn on_answer(&mut self, id: LegId, response: &Response) {
        self.drop_prompt(id);
        let Some(leg) = self.leg_mut(id) else { return };
        leg.progress = Progress::Answered;
        if let Some(dialog) = leg.dialog_mut() {
            dialog.establish(response);
        }
        self.note_joined(id);
        self.live_as_agreed(id, response);
        self.tell(EventKind::LegAnswered { leg: id, user_agent: fields::user_agent(response) });
        self.end_rung(&Ending::answered_elsewhere());
        let Some(Hunt { purpose, partner, .. }) = self.hunt.take() else { return };
        if purpose != Purpose::First {
            self.answered.get_or_insert_with(Instant::now);
        }
        let body = self.answer_of(id, response);
        match (purpose, partner) {
            (Purpose::First, _) => self.dial_onward(id, body),
            (Purpose::Called, _) => self.join(id, body),
            (Purpose::Transfer | Purpose::Retrieval, Some(partner)) => {
                match self.has_been_offered(id, partner) {
                    true => self.hand_to(partner, id, body),
                    false => self.introduce_recipient(partner, id, &body),
                }
            }
            (Purpose::Transfer | Purpose::Retrieval, None) => self.on_breakdown(id),
        }
    }

    /// The party has hung up right behind its answer, which that has overtaken.
    pub(super) fn take_early_bye(&mut self, id: LegId, answer: &Response) {
        let bye = self.leg_mut(id).and_then(|leg| leg.early_bye.take());
        if let Some(bye) = bye.filter(|bye| bye.follows(answer)) {
            self.on_bye(id, bye.reason);
        }
    }

    /// Answers the caller with what the called party answered.
    fn join(&mut self, called: LegId, body: Body) {
        let Some(caller) = self.caller_leg() else { return self.on_breakdown(called) };
        let body = match self.pass(called, caller, body) {
            Ok(body) => body,
            Err(failure) => {
                self.acknowledge(called, Body::default());
                return self.give_up_caller(&failure);
            }
        };
        if self.leg(caller).is_some_and(Leg::is_called) {
            self.acknowledge(called, Body::default());
            return self.propose(caller, body, Aim::Join { with: called });
        }
        let body = self.answer_to_caller(caller, body);
        self.answer_invite(caller, body, Some(called));
        self.connect(caller, called);
        self.tell(EventKind::LegsBridged { a: caller, b: called });
        if self.has_offered(caller) {
            self.acknowledge(called, Body::default());
        }
    }

    /// What the caller is answered, early or for good: nothing that it did not offer.
    pub(super) fn answer_to_caller(&self, caller: LegId, body: Body) -> Body {
        match self.leg(caller).map(|leg| &leg.line) {
            Some(Line::Incoming(invite)) if !invite.request.body.is_empty() => {
                let offer = Streams::of(&Body::of_request(&invite.request).bytes);
                Body { bytes: description::within(&body.bytes, &offer), ..body }
            }
            _ => body,
        }
    }

    /// Answers the INVITE that began an incoming leg, once it is durable that the call was answered.
    pub(super) fn answer_invite(&mut self, caller: LegId, body: Body, with: Option<LegId>) {
        let Some(leg) = self.leg_mut(caller) else { return };
        leg.progress = Progress::Answered;
        let Line::Incoming(invite) = &leg.line else { return };
        let request = invite.request.clone();
        self.note_joined(caller);
        let body = self.describe_to(caller, body);
        let connected = with.and_then(|with| self.connected_otherwise(caller, with));
        let lifetime = self.live_as_asked(caller, &request);
        let Some(leg) = self.leg(caller) else { return };
        let (Line::Incoming(invite), Some(dialog)) = (&leg.line, leg.dialog()) else { return };
        let (invite, tag, flow) = (invite.clone(), leg.tag(), dialog.flow.clone());
        self.tell(EventKind::LegAnswered { leg: caller, user_agent: None });
        let (durable, sent) = (self.durable(), CancellationToken::new());
        if let Some(leg) = self.leg_mut(caller) {
            leg.answer_sent = sent.clone();
        }
        self.core.stack.launch_later(async move {
            let _told = sent.drop_guard();
            durable.await;
            invite.respond(StatusCode::OK, &tag, |response| {
                response.headers.extend(lifetime);
                response.headers.extend(connected.into_iter().collect());
                build::make_dialog(response, &invite.request, flow.contact());
                build::set_body(&mut response.headers, &mut response.body, body);
            });
        });
    }

    /// Whether the caller's INVITE had a session description. If not, the called party's is the offer, and
    /// the caller's ACK brings the answer.
    fn has_offered(&self, caller: LegId) -> bool {
        self.leg(caller).is_some_and(|leg| match &leg.line {
            Line::Incoming(invite) => !invite.request.body.is_empty(),
            Line::Outgoing(_) => true,
        })
    }

    /// Acknowledges the answer to the INVITE that began `leg`.
    pub(super) fn acknowledge(&mut self, leg: LegId, body: Body) {
        let stack = self.core.stack.clone();
        if let Some(leg) = self.leg_mut(leg) {
            let cseq = leg.dialog().map_or(1, crate::dialog::Dialog::invite_cseq);
            leg.acknowledge(&stack, cseq, body);
        }
    }

    /// The peer repeats its answer: so our ACK was lost. Or somebody else, whom our INVITE has reached too,
    /// answers: that is too late.
    pub(super) fn on_repeated_answer(&mut self, id: LegId, response: &Response) {
        let stack = self.core.stack.clone();
        let Some(leg) = self.leg_mut(id) else { return };
        let answered = fields::cseq(response).map(|(number, _)| number);
        let Some(dialog) = leg.dialog() else { return };
        if !dialog.is_answered_by(response) {
            return leg.part_from_other(&stack, response);
        }
        if let Some((_, ack)) = leg.ack.as_ref().filter(|(cseq, _)| answered == Some(*cseq)) {
            stack.send_alone(dialog.flow.clone(), ack.clone());
        }
    }

    /// What a peer did to an INVITE of its own.
    pub(super) fn on_followup(&mut self, id: LegId, cseq: u32, followup: Followup) {
        let Some(leg) = self.leg(id).filter(|leg| !leg.is_ended()) else { return };
        let is_first = matches!(&leg.line, Line::Incoming(invite) if invite.cseq == cseq);
        match followup {
            Followup::Cancelled(reason) if is_first && leg.is_pending() => self.on_cancel(id, reason),
            // The CANCEL of a re-INVITE: that is passed on already and takes its course.
            Followup::Cancelled(_) => {}
            Followup::Acknowledged(body) if is_first => self.on_first_ack(id, body),
            Followup::Acknowledged(body) => self.on_exchange_acknowledged(id, cseq, body),
            Followup::Lost => self.on_breakdown(id),
            Followup::Deaf => self.on_deaf(),
        }
    }

    fn on_first_ack(&mut self, caller: LegId, body: Body) {
        if let Some(partner) = self.leg_mut(caller).and_then(|leg| leg.meets.take()) {
            return self.meet(partner, caller, body);
        }
        let waits = |leg: &&Leg| leg.is_called() && leg.ack.is_none() && leg.is_answered();
        let Some(called) = self.peer_of(caller).and_then(|id| self.leg(id)).filter(waits) else { return };
        let called = called.id;
        match self.pass(caller, called, body) {
            Ok(body) => self.acknowledge(called, body),
            Err(_) => self.on_breakdown(caller),
        }
    }
}

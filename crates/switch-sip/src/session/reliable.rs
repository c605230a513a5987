//! Provisional responses that are acknowledged (RFC 3262): the caller's PRACKs, and ours to the called.

use call::{LegId, event::EndCause};
use rsipstack::{
    sip::{Header, Method, Response, StatusCode, headers::RAck},
    transaction::transaction::Transaction,
};

use super::{
    Session,
    leg::{Leg, Line},
};
use crate::{
    cause::Failure,
    message::{
        extension::{self, RELIABLE},
        fields::{self, Body, first},
    },
    task::launch,
};

/// What a called party has sent reliably.
#[derive(Default)]
pub(super) struct Heard {
    /// By the party's tag, for an INVITE may reach several, the number of its latest.
    latest: Vec<(String, u32)>,
    /// One that makes an offer, until the caller has answered it.
    offer: Option<Response>,
    /// The latest session description in one: the answer, even if the final response has none.
    description: Body,
}

impl Heard {
    /// Notes a response; says whether it is the next one (section 4).
    fn accept(&mut self, response: &Response) -> bool {
        let tag = fields::to(response).and_then(|to| to.param("tag")).unwrap_or_default();
        let number = first!(response, RSeq).and_then(|number| number.trim().parse().ok());
        let Some(number) = number else { return false };
        match self.latest.iter_mut().find(|(known, _)| known == tag) {
            Some((_, latest)) if latest.checked_add(1) == Some(number) => *latest = number,
            Some(_) => return false,
            None => self.latest.push((tag.to_owned(), number)),
        }
        if !response.body.is_empty() {
            self.description = Body::of_response(response);
        }
        true
    }

    pub(super) fn is_empty(&self) -> bool {
        self.latest.is_empty()
    }
}

impl Session {
    /// A PRACK. A new offer in it is refused: there is none that it could answer by then (section 5).
    pub(super) fn on_prack(&mut self, id: LegId, transaction: Transaction) {
        let Some(Line::Incoming(invite)) = self.leg(id).map(|leg| &leg.line) else {
            return self.answer(transaction, StatusCode::CallTransactionDoesNotExist);
        };
        let body = Body::of_request(&transaction.original);
        let answers = invite.request.body.is_empty();
        if !invite.acknowledge(&transaction.original) {
            return self.answer(transaction, StatusCode::CallTransactionDoesNotExist);
        }
        if !body.is_empty() && !answers {
            return self.answer(transaction, StatusCode::NotAcceptableHere);
        }
        self.answer(transaction, StatusCode::OK);
        if !body.is_empty() {
            self.pass_early_answer(id, body);
        }
    }

    /// The caller answers the offer that a called party made before its answer.
    fn pass_early_answer(&mut self, caller: LegId, body: Body) {
        let offers = |leg: &Leg| leg.heard.offer.is_some() && !leg.is_ended();
        let Some(called) = self.legs.iter().find(|leg| offers(leg)).map(|leg| leg.id) else { return };
        match self.pass(caller, called, body) {
            Ok(body) => {
                let offer = self.leg_mut(called).and_then(|leg| leg.heard.offer.take());
                offer.into_iter().for_each(|offer| self.acknowledge_early(called, &offer, body.clone()));
            }
            Err(failure) => self.give_up_caller(&failure),
        }
    }

    /// The caller does not acknowledge what it must.
    pub(super) fn on_deaf(&mut self) {
        self.give_up_caller(&Failure::ours(StatusCode::ServerTimeOut, EndCause::Failed));
    }

    /// Takes in a provisional response of a called party; says whether it is news. One that is to be
    /// acknowledged is, at once unless it makes an offer.
    pub(super) fn hear(&mut self, id: LegId, response: &Response) -> bool {
        if !extension::is_required(response, RELIABLE) {
            return true;
        }
        let offers = self.has_no_offer() && !response.body.is_empty();
        let Some(leg) = self.leg_mut(id) else { return false };
        if !leg.heard.accept(response) {
            return false;
        }
        if offers {
            leg.heard.offer = Some(response.clone());
        } else {
            self.acknowledge_early(id, response, Body::default());
        }
        true
    }

    /// The session description of an answer: its own, or the one that was sent reliably before.
    pub(super) fn answer_of(&self, id: LegId, response: &Response) -> Body {
        let body = Body::of_response(response);
        match self.leg(id) {
            Some(leg) if body.is_empty() => leg.heard.description.clone(),
            _ => body,
        }
    }

    /// Whether the early media that the caller hears was described reliably, and so for good.
    pub(super) fn is_early_for_good(&self) -> bool {
        let early = self.hunt.as_ref().and_then(|hunt| hunt.early).and_then(|id| self.leg(id));
        early.is_some_and(|leg| !leg.heard.is_empty())
    }

    /// Whether called parties are rung without an offer.
    fn has_no_offer(&self) -> bool {
        self.hunt.as_ref().is_some_and(|hunt| hunt.offer.is_empty())
    }

    /// Whether called parties may send provisional responses that want a PRACK: an offer in one needs an
    /// answer of the caller, and so a PRACK of the caller's.
    pub(super) fn takes_reliable(&self) -> bool {
        let caller = self.caller_leg().and_then(|id| self.leg(id));
        let is_able = caller.is_some_and(|leg| match &leg.line {
            Line::Incoming(invite) => invite.can_be_reliable(),
            Line::Outgoing(_) => false,
        });
        is_able || !self.has_no_offer()
    }

    fn acknowledge_early(&mut self, id: LegId, response: &Response, body: Body) {
        let stack = self.core.stack.clone();
        let Some(dialog) = self.leg_mut(id).and_then(Leg::dialog_mut) else { return };
        let number = first!(response, RSeq).unwrap_or_default().trim();
        let named = format!("{number} {} INVITE", dialog.invite_cseq());
        let (flow, mut prack) = dialog.early_request(response, Method::PRack, body);
        prack.headers.push(Header::RAck(RAck::new(named)));
        let exchange = stack.clone().exchange(flow, prack);
        launch(&stack.tasks, async move {
            // Whatever becomes of it, the INVITE takes its course.
            exchange.await;
        });
    }
}

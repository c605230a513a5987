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

/// How many parties that one INVITE has reached are told apart.
const MOST_BRANCHES: usize = 32;

/// What a called party has said before its answer.
#[derive(Default)]
pub(super) struct Heard {
    branches: Vec<Branch>,
    /// One that makes an offer, until the caller has answered it.
    offer: Option<Response>,
}

/// One of those whom an INVITE has reached.
struct Branch {
    tag: String,
    /// The number of its latest reliable response.
    latest: Option<u32>,
    /// Its latest session description: the answer, even if the final response has none.
    description: Body,
}

impl Heard {
    /// Notes a response that is to be acknowledged; says whether it is the next one (section 4).
    fn accept(&mut self, response: &Response) -> bool {
        let number = first!(response, RSeq).and_then(|number| number.trim().parse::<u32>().ok());
        let (Some(number), Some(branch)) = (number, self.branch(response)) else { return false };
        if branch.latest.is_some_and(|latest| latest.checked_add(1) != Some(number)) {
            return false;
        }
        branch.latest = Some(number);
        self.note(response);
        true
    }

    /// Keeps the session description of a response.
    fn note(&mut self, response: &Response) {
        let description = Body::of_response(response);
        if !description.is_empty()
            && let Some(branch) = self.branch(response)
        {
            branch.description = description;
        }
    }

    /// The branch that a response comes from; `None` if there are too many.
    fn branch(&mut self, response: &Response) -> Option<&mut Branch> {
        let tag = tag_of(response);
        let known = self.branches.iter().position(|branch| branch.tag == tag);
        if known.is_none() && self.branches.len() < MOST_BRANCHES {
            self.branches.push(Branch { tag: tag.to_owned(), latest: None, description: Body::default() });
        }
        let newest = self.branches.len() - 1;
        self.branches.get_mut(known.unwrap_or(newest)).filter(|branch| branch.tag == tag)
    }

    /// What the sender of a response has described before.
    fn described_by(&self, response: &Response) -> Body {
        let branch = self.branches.iter().find(|branch| branch.tag == tag_of(response));
        branch.map(|branch| branch.description.clone()).unwrap_or_default()
    }

    /// Whether nothing was said reliably.
    pub(super) fn is_empty(&self) -> bool {
        self.branches.iter().all(|branch| branch.latest.is_none())
    }
}

fn tag_of(response: &Response) -> &str {
    fields::to(response).and_then(|to| to.param("tag")).unwrap_or_default()
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
        let has_no_offer = self.has_no_offer();
        let Some(leg) = self.leg_mut(id) else { return false };
        if !extension::is_required(response, RELIABLE) {
            if !has_no_offer {
                leg.heard.note(response);
            }
            return true;
        }
        let offers = has_no_offer && !response.body.is_empty();
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

    /// The session description of an answer: its own, or the one that its sender has given before (RFC 3261
    /// section 13.2.1 wants it repeated, and not everybody does so).
    pub(super) fn answer_of(&self, id: LegId, response: &Response) -> Body {
        let body = Body::of_response(response);
        match self.leg(id) {
            Some(leg) if body.is_empty() => leg.heard.described_by(response),
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

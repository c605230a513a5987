//! Requests inside a dialog: answered here, or passed on to the other side.

use call::LegId;
use rsipstack::{
    sip::{Method, Response, StatusCode, StatusCodeKind},
    transaction::transaction::Transaction,
};

use super::{
    Input, Session, description,
    leg::{EarlyBye, Leg},
};
use crate::{
    dispatch::{self, answer, describe},
    message::{
        build,
        fields::{self, Body},
    },
    random::LocalTag,
    stack::Pending,
    task::launch,
};

/// A request of one party that was passed on to the other.
pub(super) struct Exchange {
    number: u64,
    from: LegId,
    to: LegId,
    method: Method,
    /// The method that the other was sent.
    sent: Method,
    pending: Pending,
    /// Whether the sender holds the other side if this succeeds.
    holds: Option<bool>,
    /// The number of our re-INVITE whose ACK waits for the sender's.
    unacknowledged: Option<u32>,
}

impl Exchange {
    /// Whether it is an offer to or from this leg's party.
    pub(super) fn negotiates_with(&self, leg: LegId) -> bool {
        self.negotiates() && (self.from == leg || self.to == leg)
    }

    fn negotiates(&self) -> bool {
        matches!(self.method, Method::Invite | Method::Update)
    }
}

impl Session {
    /// A request inside the dialog of leg `id`.
    pub(super) fn on_request(&mut self, id: LegId, transaction: Transaction) {
        let request = &transaction.original;
        let cseq = fields::cseq(request).map_or(0, |(number, _)| number);
        let contact = fields::contact(request);
        let flow = dispatch::flow_of(&self.core, &transaction);
        let dialog = self.leg_mut(id).and_then(Leg::dialog_mut);
        let Some(dialog) = dialog.filter(|dialog| dialog.is_with(request)) else {
            return dispatch::answer_after_end(&self.core, transaction);
        };
        if !dialog.accept(cseq) {
            return self.answer(transaction, StatusCode::ServerInternalError);
        }
        if matches!(request.method, Method::Invite | Method::Update) {
            dialog.retarget(contact);
            flow.into_iter().for_each(|flow| dialog.follow(flow));
        }
        match request.method {
            Method::Bye => self.on_bye_request(id, transaction),
            Method::Invite | Method::Update => self.negotiate(id, transaction),
            Method::Info => self.on_info(id, transaction),
            Method::Message => self.pass_on(id, transaction),
            Method::Refer => self.on_refer(id, transaction),
            Method::PRack => self.on_prack(id, transaction),
            Method::Options => answer(&self.core, transaction, StatusCode::OK, describe),
            _ => answer(&self.core, transaction, StatusCode::MethodNotAllowed, |response| {
                response.headers.push(build::allow());
            }),
        }
    }

    pub(super) fn answer(&self, transaction: Transaction, status: StatusCode) {
        answer(&self.core, transaction, status, |_| {});
    }

    /// A BYE before the answer has the effect of a CANCEL (RFC 3261 section 15). That of a called party ends
    /// the leg as soon as the answer is there that it has overtaken. It is answered once what it ends is
    /// durable.
    fn on_bye_request(&mut self, id: LegId, transaction: Transaction) {
        let bye = EarlyBye::of(&transaction.original);
        match self.leg_mut(id) {
            Some(leg) if leg.is_answered() => self.on_bye(id, bye.reason),
            Some(leg) if leg.is_called() => leg.early_bye = Some(bye),
            Some(_) => self.on_cancel(id, bye.reason),
            None => {}
        }
        let response = build::response(&transaction.original, StatusCode::OK, &LocalTag::new().to_string());
        self.core.stack.answer_after(self.durable(), transaction, response);
    }

    /// A new offer. Only one at a time, in both directions (RFC 3261 section 14).
    fn negotiate(&mut self, id: LegId, transaction: Transaction) {
        if self.refuses_as_short(&transaction.original) {
            return self.refuse_as_short(transaction);
        }
        if transaction.original.method == Method::Update && transaction.original.body.is_empty() {
            return self.refresh_as_asked(id, transaction);
        }
        if self.has_open_offer(id) {
            return self.put_off(transaction);
        }
        let is_busy = |leg| self.is_negotiating(leg);
        if is_busy(id) || self.peer_of(id).is_some_and(is_busy) {
            return self.answer(transaction, StatusCode::RequestPending);
        }
        match self.peer_of(id) {
            None if self.leg(id).is_some_and(Leg::is_answered) => self.answer_waiting(id, transaction),
            _ => self.pass_on(id, transaction),
        }
    }

    /// Whether an offer of the leg's party waits for our answer.
    fn has_open_offer(&self, id: LegId) -> bool {
        let is_calling = |leg: &Leg| leg.is_pending() && !leg.is_called();
        self.leg(id).is_some_and(is_calling)
            || self.exchanges.iter().any(|exchange| {
                exchange.from == id && exchange.negotiates() && exchange.unacknowledged.is_none()
            })
    }

    pub(super) fn pass_on(&mut self, from: LegId, transaction: Transaction) {
        let method = transaction.original.method;
        let body = Body::of_request(&transaction.original);
        let holds = description::holds(&body.bytes);
        let Some(to) = self.peer_of(from).filter(|to| self.leg(*to).is_some_and(Leg::is_answered)) else {
            return self.answer(transaction, StatusCode::RequestPending);
        };
        let body = match self.pass(from, to, body) {
            Ok(body) if holds == Some(true) => self.offer_to_held(body),
            Ok(body) => body,
            Err(failure) => return self.answer(transaction, failure.toward_caller()),
        };
        let hops = fields::max_forwards(&transaction.original).saturating_sub(1);
        let stack = self.core.stack.clone();
        let Some(leg) = self.leg_mut(to) else { return };
        // Who is known not to take an UPDATE is sent a re-INVITE.
        let is_refused = leg.dialog().is_some_and(|dialog| dialog.refuses(method));
        let sent = if is_refused { Method::Invite } else { method };
        let Some(exchange) = leg.ask(&stack, sent, hops, body) else { return };
        let (pending, number) = (self.hold_pending(from, transaction), rand::random());
        let exchanges = &mut self.exchanges;
        exchanges.push(Exchange { number, from, to, method, sent, pending, holds, unacknowledged: None });
        let mailbox = self.mailbox.clone();
        launch(&stack.tasks, async move {
            mailbox.post(Input::Exchanged { number, response: exchange.await });
        });
    }

    pub(super) fn hold_pending(&self, leg: LegId, transaction: Transaction) -> Pending {
        let mailbox = self.mailbox.clone();
        let cseq = fields::cseq(&transaction.original).map_or(0, |(number, _)| number);
        Pending::hold(&self.core.stack, transaction, move |followup| {
            mailbox.post(Input::Followup { leg, cseq, followup });
        })
    }

    /// The other side has answered a request that was passed on.
    pub(super) fn on_exchanged(&mut self, number: u64, response: Option<&Response>) {
        let Some(at) = self.exchanges.iter().position(|exchange| exchange.number == number) else { return };
        let exchange = self.exchanges.swap_remove(at);
        match response {
            Some(response) if response.status_code.kind() == StatusCodeKind::Successful => {
                self.on_exchange_agreed(exchange, response);
            }
            response => {
                let status =
                    response.map_or(StatusCode::ServerInternalError, |response| response.status_code.clone());
                self.on_exchange_refused(&exchange, status);
            }
        }
    }

    fn on_exchange_agreed(&mut self, mut exchange: Exchange, response: &Response) {
        let (from, to, is_invite) = (exchange.from, exchange.to, exchange.sent == Method::Invite);
        if exchange.negotiates()
            && let Some(dialog) = self.leg_mut(to).and_then(Leg::dialog_mut)
        {
            dialog.retarget(fields::contact(response));
            self.live_as_agreed(to, response);
        }
        let passed = self.pass(to, from, Body::of_response(response));
        let cseq = fields::cseq(response).map_or(0, |(number, _)| number);
        let waits_for_answer = is_invite && exchange.pending.request.body.is_empty();
        if is_invite && (!waits_for_answer || passed.is_err()) {
            self.acknowledge_number(to, cseq, Body::default());
        }
        let Ok(body) = passed else { return self.refuse(&exchange, StatusCode::NotAcceptableHere) };
        let body = match exchange.holds {
            Some(true) => self.answer_to_holder(&exchange.pending.request.body, body),
            _ => body,
        };
        self.agree(&exchange, response.status_code.clone(), body);
        if let Some(holds) = exchange.holds {
            self.set_holding(from, holds);
        }
        if waits_for_answer {
            exchange.unacknowledged = Some(cseq);
            self.exchanges.push(exchange);
        }
    }

    fn agree(&mut self, exchange: &Exchange, status: StatusCode, body: Body) {
        let body = self.describe_to(exchange.from, body);
        let lifetime = match exchange.negotiates() {
            true => self.live_as_asked(exchange.from, &exchange.pending.request),
            false => Vec::new(),
        };
        let Some(leg) = self.leg(exchange.from) else { return };
        let Some(dialog) = leg.dialog() else { return };
        exchange.pending.respond(status, &leg.tag(), |response| {
            if exchange.negotiates() {
                build::make_dialog(response, &exchange.pending.request, dialog.flow.contact());
                response.headers.extend(lifetime);
            }
            build::set_body(&mut response.headers, &mut response.body, body);
        });
    }

    fn refuse(&self, exchange: &Exchange, status: StatusCode) {
        let tag = self.leg(exchange.from).map(Leg::tag).unwrap_or_default();
        exchange.pending.refuse(status, &tag, Vec::new());
    }

    /// The other side refuses. If it does not know the dialog any more, or is not there, its leg is over
    /// (RFC 3261 section 12.2.1.2).
    fn on_exchange_refused(&mut self, exchange: &Exchange, status: StatusCode) {
        let is_gone = matches!(status.code(), 408 | 481) && exchange.method != Method::Info;
        let told = match status.code() {
            401 | 407 => StatusCode::NotAcceptableHere,
            _ if is_gone => StatusCode::TemporarilyUnavailable,
            _ => status,
        };
        self.refuse(exchange, told);
        if is_gone {
            self.on_breakdown(exchange.to);
        }
    }

    pub(super) fn acknowledge_number(&mut self, id: LegId, cseq: u32, body: Body) {
        let stack = self.core.stack.clone();
        if let Some(leg) = self.leg_mut(id) {
            leg.acknowledge(&stack, cseq, body);
        }
    }

    /// The sender of a re-INVITE without an offer has acknowledged it, with its answer.
    pub(super) fn on_exchange_acknowledged(&mut self, from: LegId, cseq: u32, body: Body) {
        let waits = |exchange: &Exchange| {
            exchange.from == from && exchange.pending.cseq == cseq && exchange.unacknowledged.is_some()
        };
        let Some(at) = self.exchanges.iter().position(waits) else { return };
        let exchange = self.exchanges.swap_remove(at);
        let Some(number) = exchange.unacknowledged else { return };
        match self.pass(from, exchange.to, body) {
            Ok(body) => self.acknowledge_number(exchange.to, number, body),
            Err(_) => self.on_breakdown(from),
        }
    }

    /// Answers what a leg that is over still waits for, and what waits for it.
    pub(super) fn drop_exchanges(&mut self, leg: LegId) {
        let concerned = |exchange: &Exchange| exchange.from == leg || exchange.to == leg;
        let (dropped, kept) = std::mem::take(&mut self.exchanges).into_iter().partition(concerned);
        self.exchanges = kept;
        for exchange in dropped.iter().filter(|exchange: &&Exchange| exchange.unacknowledged.is_none()) {
            // Whoever stays has not lost its own dialog, which 481 would say (RFC 5057 section 5.1).
            let is_gone = exchange.from == leg;
            let status = if is_gone { StatusCode::RequestTerminated } else { StatusCode::RequestPending };
            self.refuse(exchange, status);
        }
    }
}

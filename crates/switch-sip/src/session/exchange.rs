//! Requests inside a dialog: answered here, or passed on to the other side.

use call::LegId;
use rsipstack::{
    sip::{Method, Request, Response, StatusCode, StatusCodeKind},
    transaction::transaction::Transaction,
};

use super::{
    Input, Session,
    description::{self, Streams},
    leg::{EarlyBye, Leg},
};
use crate::{
    cause::Failure,
    dispatch::{self, Unanswered, answer, describe},
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
    offer: Offer,
}

/// Where the offer of an exchange and its answer travel (RFC 6337 section 2.1).
enum Offer {
    /// There is none.
    None,
    /// From the sender in the request, and the answer in its response.
    InRequest(Offered),
    /// From the other in the response, and the answer in the ACK.
    InResponse,
    /// The response has come, to our INVITE with this number; the ACK is waited for.
    InAck(u32, Offered),
}

/// An offer, as it came from one party and as the other was told it.
struct Offered {
    came: Streams,
    told: Streams,
}

impl Exchange {
    /// Whether it is an offer to or from this leg's party.
    pub(super) fn negotiates_with(&self, leg: LegId) -> bool {
        self.negotiates() && (self.from == leg || self.to == leg)
    }

    fn negotiates(&self) -> bool {
        matches!(self.method, Method::Invite | Method::Update)
    }

    /// Whether its sender waits for its response.
    fn is_unanswered(&self) -> bool {
        !matches!(self.offer, Offer::InAck(..))
    }
}

impl Session {
    /// A request inside the dialog of leg `id`. While the answer that the other party is owed waits to be
    /// durable, so does what would be passed on to it: nothing may overtake the answer.
    pub(super) fn take_request(&mut self, id: LegId, request: Box<Unanswered>) {
        let owed = self.peer_of(id).and_then(|peer| self.leg(peer)?.owed_answer());
        match owed.filter(|_| request.method() != Some(Method::Bye)) {
            None => self.on_request(id, request.take()),
            Some(sent) => {
                let mailbox = self.mailbox.clone();
                self.core.stack.launch_later(async move {
                    sent.cancelled().await;
                    mailbox.post(Input::Request { leg: id, request });
                });
            }
        }
    }

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
            || self
                .exchanges
                .iter()
                .any(|exchange| exchange.from == id && exchange.negotiates() && exchange.is_unanswered())
    }

    pub(super) fn pass_on(&mut self, from: LegId, transaction: Transaction) {
        let method = transaction.original.method;
        let Some(to) = self.peer_of(from).filter(|to| self.leg(*to).is_some_and(Leg::is_answered)) else {
            return self.answer(transaction, StatusCode::RequestPending);
        };
        let (body, offer) = match self.pass_offer((from, to), &transaction.original) {
            Ok(passed) => passed,
            Err(failure) => return self.answer(transaction, failure.toward_caller()),
        };
        let hops = fields::max_forwards(&transaction.original).saturating_sub(1);
        let stack = self.core.stack.clone();
        let Some(leg) = self.leg_mut(to) else { return };
        // Who is known not to take an UPDATE is sent a re-INVITE.
        let is_refused = leg.dialog().is_some_and(|dialog| dialog.refuses(method));
        let sent = if is_refused { Method::Invite } else { method };
        let Some(exchange) = leg.ask(&stack, sent, hops, body, None) else { return };
        let (pending, number) = (self.hold_pending(from, transaction), rand::random());
        self.exchanges.push(Exchange { number, from, to, method, sent, pending, offer });
        let mailbox = self.mailbox.clone();
        launch(&stack.tasks, async move {
            mailbox.post(Input::Exchanged { number, response: exchange.await });
        });
    }

    /// What the other side is sent for the body of a request, and what is offered by that.
    fn pass_offer(
        &mut self,
        (from, to): (LegId, LegId),
        request: &Request,
    ) -> Result<(Body, Offer), Failure> {
        let body = Body::of_request(request);
        let came = Streams::of(&body.bytes);
        let passed = self.pass(from, to, body)?;
        if came.is_empty() {
            let waits = request.method == Method::Invite && passed.is_empty();
            return Ok((passed, if waits { Offer::InResponse } else { Offer::None }));
        }
        let passed = match came.hold() {
            Some(true) => self.description_for_held(to, passed),
            Some(false) | None => passed,
        };
        let told = Streams::of(&passed.bytes);
        Ok((passed, Offer::InRequest(Offered { came, told })))
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
        let body = Body::of_response(response);
        let said = Streams::of(&body.bytes);
        let passed = self.pass(to, from, body);
        let cseq = fields::cseq(response).map_or(0, |(number, _)| number);
        if is_invite && (passed.is_err() || !matches!(exchange.offer, Offer::InResponse)) {
            self.acknowledge_number(to, cseq, Body::default());
        }
        let Ok(passed) = passed else { return self.refuse(&exchange, StatusCode::NotAcceptableHere) };
        let status = response.status_code.clone();
        match &exchange.offer {
            Offer::None | Offer::InAck(..) => self.agree(&exchange, status, passed),
            Offer::InRequest(Offered { came, told }) => {
                let (held, holds) = (came.hold(), said.hold_in_answer_to(told));
                let bytes = description::within(&passed.bytes, came);
                self.agree(&exchange, status, Body { bytes, ..passed });
                self.note_hold(from, held);
                self.note_hold(to, holds);
            }
            Offer::InResponse => {
                self.note_hold(to, self.hold_in_late_offer((from, to), &said));
                let passed = self.late_offer((from, to), passed);
                let told = Streams::of(&passed.bytes);
                self.agree(&exchange, status, passed);
                exchange.offer = Offer::InAck(cseq, Offered { came: said, told });
                self.exchanges.push(exchange);
            }
        }
    }

    /// Notes that a party holds the other side or does not, if its description says so.
    fn note_hold(&mut self, id: LegId, holds: Option<bool>) {
        if let Some(holds) = holds {
            self.set_holding(id, holds);
        }
    }

    /// Whether the offer that a party makes because it was asked for one holds the other side. A party that is
    /// held may offer no more than it was left.
    fn hold_in_late_offer(&self, (asker, asked): (LegId, LegId), said: &Streams) -> Option<bool> {
        said.hold().filter(|holds| !holds || !self.is_held_only_by(asker, asked))
    }

    /// The same offer as the asker is told it: free to end its hold by its answer.
    fn late_offer(&self, (asker, asked): (LegId, LegId), body: Body) -> Body {
        match self.is_held_only_by(asker, asked) {
            true => Body { bytes: description::without_hold(&body.bytes), ..body },
            false => body,
        }
    }

    /// Whether leg `holder` holds `held`, and is not held by it.
    fn is_held_only_by(&self, holder: LegId, held: LegId) -> bool {
        let holds = |id| self.leg(id).is_some_and(|leg| leg.is_holding);
        holds(holder) && !holds(held)
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

    /// The sender of a re-INVITE without an offer has acknowledged it, with its answer: to the other side, or to
    /// us while it waits.
    pub(super) fn on_exchange_acknowledged(&mut self, from: LegId, cseq: u32, body: Body) {
        let waits = |exchange: &Exchange| {
            exchange.from == from && exchange.pending.cseq == cseq && !exchange.is_unanswered()
        };
        let Some(at) = self.exchanges.iter().position(waits) else {
            return self.note_waiting_answer(from, &body);
        };
        let Exchange { to, offer, .. } = self.exchanges.swap_remove(at);
        let Offer::InAck(number, Offered { came, told }) = offer else { return };
        let holds = Streams::of(&body.bytes).hold_in_answer_to(&told);
        let Ok(passed) = self.pass(from, to, body) else { return self.on_breakdown(from) };
        let passed = match holds {
            Some(true) => self.description_for_held(to, passed),
            Some(false) | None => passed,
        };
        let bytes = description::within(&passed.bytes, &came);
        self.acknowledge_number(to, number, Body { bytes, ..passed });
        self.note_hold(from, holds);
        // Both would speak, but the offer was that of one who is held: it is asked once more.
        if holds == Some(false) && told.is_both_ways() && !came.is_both_ways() {
            self.let_hear(to, from);
        }
    }

    /// Answers what a leg that is over still waits for, and what waits for it.
    pub(super) fn drop_exchanges(&mut self, leg: LegId) {
        let concerned = |exchange: &Exchange| exchange.from == leg || exchange.to == leg;
        let (dropped, kept) = std::mem::take(&mut self.exchanges).into_iter().partition(concerned);
        self.exchanges = kept;
        for exchange in dropped.iter().filter(|exchange| exchange.is_unanswered()) {
            // Whoever stays has not lost its own dialog, which 481 would say (RFC 5057 section 5.1).
            let is_gone = exchange.from == leg;
            let status = if is_gone { StatusCode::RequestTerminated } else { StatusCode::RequestPending };
            self.refuse(exchange, status);
        }
    }
}

//! Responses: those that come, as the machine sees them, and those that it sends.

use b2bua::{
    Input, LegInput,
    message::{self, ClientTx, Fork, ServerTx},
};
use call::LegId;
use rsipstack::sip::{Header, Method, Request, Response, StatusCode, StatusCodeKind, headers::RSeq};

use super::{
    Engine,
    keys::Role,
    line::{Cancel, Client, Server},
    reading,
    sending::{asserted, reason_header, timer_headers},
};
use crate::{
    dialog::Dialog,
    dispatch::describe,
    identity::Identity,
    message::{
        build,
        extension::{self, RELIABLE},
        fields::{self, MAX_FORWARDS},
    },
    stack::Stack,
};

/// Parties that have answered one INVITE too late and are hung up on.
const MOST_OTHERS: usize = 32;

impl Engine {
    /// A response to an INVITE that begins a leg.
    pub(super) fn on_invite_response(&mut self, leg: LegId, transaction: ClientTx, response: &Response) {
        let kind = response.status_code.kind();
        if kind != StatusCodeKind::Provisional
            && kind != StatusCodeKind::Successful
            && self.log_in(leg, transaction, response)
        {
            return;
        }
        let Some(line) = self.lines.get_mut(&leg) else { return };
        let Some(Client::Invite(invite)) = line.clients.get_mut(&transaction) else {
            // Another branch of a fork has answered too.
            if kind == StatusCodeKind::Successful {
                self.on_repeated_answer(leg, response);
            }
            return;
        };
        let waiting = match std::mem::replace(&mut invite.cancel, Cancel::Possible) {
            Cancel::NotYet | Cancel::Possible => None,
            Cancel::Waits(reasons) => {
                invite.cancel = Cancel::Sent;
                Some(reasons)
            }
            Cancel::Sent => {
                invite.cancel = Cancel::Sent;
                None
            }
        };
        let tag = reading::to_tag(response);
        let fork = line.fork(&tag);
        line.entry.meet(&tag);
        match kind {
            StatusCodeKind::Provisional => {
                if extension::is_required(response, RELIABLE) {
                    line.early.insert(fork, response.clone());
                }
                if let Some(reasons) = waiting {
                    self.send_cancel(leg, &reasons);
                }
            }
            StatusCodeKind::Successful => {
                line.clients.remove(&transaction);
                self.moved.remove(&transaction);
                line.dialog.establish(response);
                line.is_established = true;
                let cseq = fields::cseq(response).map_or(line.dialog.invite_cseq(), |(number, _)| number);
                line.answered.insert(transaction, cseq);
            }
            _ => {
                line.clients.remove(&transaction);
                self.moved.remove(&transaction);
            }
        }
        let role = self.role_of_answer(leg);
        let told = self.told(leg, response, fork, role);
        self.handle(Input::Leg { leg, event: LegInput::Response(transaction, told) });
    }

    /// The final response to another request.
    pub(super) fn on_exchanged(&mut self, leg: LegId, transaction: ClientTx, response: Option<&Response>) {
        let Some(line) = self.lines.get_mut(&leg) else {
            // An INVITE to somebody who was gone at once: silence is a 408, and there is no dialog.
            let told = message::Response::of(503);
            return self.handle(Input::Leg { leg, event: LegInput::Response(transaction, told) });
        };
        let client = line.clients.remove(&transaction);
        if let (Some(response), Some(Client::Other { is_invite: true })) = (response, &client)
            && response.status_code.kind() == StatusCodeKind::Successful
        {
            let cseq = fields::cseq(response).map_or(0, |(number, _)| number);
            line.answered.insert(transaction, cseq);
        }
        let has_success = |response: &&Response| response.status_code.kind() == StatusCodeKind::Successful;
        // An INVITE that is still open may have to be cancelled where it went.
        if let Some(response) = response.filter(has_success).filter(|_| line.is_established) {
            line.dialog.retarget(fields::contact(response));
        }
        let role = match client {
            Some(Client::Other { is_invite: true }) => self.role_of_answer(leg),
            _ => Role::Answer,
        };
        let event = match response {
            Some(response) => {
                LegInput::Response(transaction, self.told(leg, response, Fork::default(), role))
            }
            None => LegInput::ConnectionLost(transaction),
        };
        self.handle(Input::Leg { leg, event });
    }

    /// What the description in a response to our INVITE is.
    fn role_of_answer(&self, leg: LegId) -> Role {
        Role::after_offer(self.lines.get(&leg).is_none_or(|line| !line.keying.awaits_offer))
    }

    fn told(&mut self, leg: LegId, response: &Response, fork: Fork, role: Role) -> message::Response {
        let speaker = self.speaker(leg, response).map(|speaker| speaker.hidden_by_answer(response));
        let read = reading::response(response, fork);
        let body = self.take_or_drop(leg, role, read.body);
        message::Response { body, connected: speaker.and_then(Identity::shown), ..read }
    }

    /// The party repeats its answer: so our ACK was lost. Or somebody else, whom our INVITE has reached too,
    /// answers: that is too late (RFC 3261 section 13.2.2.4).
    pub(super) fn on_repeated_answer(&mut self, leg: LegId, response: &Response) {
        let stack = self.world.core.stack.clone();
        let Some(line) = self.lines.get_mut(&leg) else { return };
        if !line.dialog.is_answered_by(response) {
            let has_room = line.others.len() < MOST_OTHERS;
            let is_new = has_room && line.others.insert(reading::to_tag(response));
            return part(&stack, line.dialog.clone(), response, is_new);
        }
        let answered = fields::cseq(response).map(|(number, _)| number);
        if let Some((_, ack)) = line.ack.as_ref().filter(|(cseq, _)| answered == Some(*cseq)) {
            line.dialog.flow.send(ack.clone());
        }
    }

    /// Answers a request of a leg's party.
    pub(super) fn respond(&mut self, leg: LegId, transaction: ServerTx, mut response: message::Response) {
        let role = self.role_of_response(leg, transaction);
        response.body = self.give_body(leg, role, response.body);
        let Some(line) = self.lines.get_mut(&leg) else { return };
        let is_refusal = !response.is_provisional() && !response.is_success();
        let (incoming, is_invite) = match line.servers.get(&transaction) {
            Some(Server::Invite { incoming, .. }) => (incoming.clone(), true),
            Some(Server::Other(incoming)) => (incoming.clone(), false),
            None => return,
        };
        let answer = line.written(&incoming.request, response);
        self.world.core.stack.answer(&incoming, &answer);
        match is_invite {
            true if is_refusal => self.close_invite(leg, transaction),
            true => {}
            false => drop(line.servers.remove(&transaction)),
        }
    }
}

/// Acknowledges an answer to the INVITE of `dialog` that nobody waits for, and hangs up unless that was done before
/// and only our ACK was lost.
fn part(stack: &Stack, mut dialog: Dialog, answer: &Response, is_new: bool) {
    dialog.establish(answer);
    let number = fields::cseq(answer).map_or(dialog.invite_cseq(), |(number, _)| number);
    let ack = dialog.ack(number, fields::Body::default());
    dialog.flow.send(ack.to_bytes().into());
    if is_new {
        let bye = dialog.request(Method::Bye, MAX_FORWARDS, fields::Body::default());
        stack.part(dialog.flow, bye, |_| {});
    }
}

impl super::line::Line {
    fn written(&mut self, request: &Request, response: message::Response) -> Response {
        let status = StatusCode::from(response.status.code);
        let mut wire = build::response(request, status, &self.tag());
        if response.status.reason.as_ref() != wire.status_code.text() && !response.status.reason.is_empty() {
            wire.wire_reason = Some(response.status.reason.to_string());
        }
        let negotiates = matches!(request.method, Method::Invite | Method::Update);
        let code = response.status.code;
        if let Some(number) = response.reliable {
            wire.headers.push(extension::required(RELIABLE));
            wire.headers.push(Header::RSeq(RSeq::new(number.to_string())));
        }
        wire.headers.extend(timer_headers(&response.timer, code < 300));
        if negotiates && (101..300).contains(&code) {
            build::make_dialog(&mut wire, request, self.dialog.flow.contact());
        }
        let asserted = response.connected.as_ref().map(|connected| asserted(connected, &mut self.dialog));
        wire.headers.extend(asserted.into_iter().collect());
        wire.headers.extend(response.retry_after.map(build::retry_after).into_iter().collect());
        wire.headers.extend(reason_header(&response.reasons).into_iter().collect());
        match (request.method, code) {
            (_, 405) => wire.headers.push(build::allow()),
            (_, 488) => wire.headers.push(build::no_common_media()),
            (Method::Options, 200) => describe(&mut wire),
            (Method::Refer, 202) if reading::declines_telling(request) => {
                wire.headers.push(Header::Other("Refer-Sub".to_owned(), "false".to_owned()));
            }
            _ => {}
        }
        let body = self.dialog.describe(reading::wire(response.body));
        build::set_body(&mut wire.headers, &mut wire.body, body);
        wire
    }
}

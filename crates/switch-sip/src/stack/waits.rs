//! Who waits for the response to a request of ours.

use std::sync::Arc;

use b2bua::message::ClientTx;
use bytes::Bytes;
use call::LegId;
use rsipstack::sip::{
    Header, Method, Request, Response, StatusCode,
    headers::{CSeq, ContentLength, MaxForwards},
};

use super::Stack;
use crate::{
    message::{
        build,
        fields::{self, MAX_FORWARDS},
    },
    random::branch,
    transport::Flow,
};

/// Who waits for a response.
pub(super) enum Waits {
    /// The driver, for each response to an INVITE of a leg.
    Invite { leg: LegId, transaction: ClientTx, invite: Arc<Request> },
    /// Somebody, for the final one.
    Exchange(Box<Exchange>),
}

/// A request whose final response is wanted.
pub(super) struct Exchange {
    pub(super) flow: Flow,
    pub(super) request: Request,
    pub(super) was_logged_in: bool,
    pub(super) done: Box<dyn FnOnce(Option<Response>) + Send>,
}

impl Waits {
    /// What was asked.
    pub(super) fn request(&self) -> &Request {
        match self {
            Self::Invite { invite, .. } => invite,
            Self::Exchange(exchange) => &exchange.request,
        }
    }

    /// Who hears of provisional responses, too.
    pub(super) fn listener(&self) -> Option<(LegId, ClientTx)> {
        match self {
            Self::Invite { leg, transaction, .. } => Some((*leg, *transaction)),
            Self::Exchange(_) => None,
        }
    }

    /// The final response is here.
    pub(super) fn end(self, stack: &Stack, response: Response) {
        match self {
            Self::Invite { leg, transaction, .. } => stack.heard((leg, transaction), response),
            Self::Exchange(exchange) => exchange.end(stack, response),
        }
    }

    /// There is none: we say this instead.
    pub(super) fn fail(self, stack: &Stack, status: StatusCode) {
        let response = build::response(self.request(), status, "");
        self.end(stack, response);
    }

    /// The connection that it was sent over has closed.
    pub(super) fn lose(self, stack: &Stack) {
        match self {
            Self::Invite { .. } => self.fail(stack, StatusCode::ServiceUnavailable),
            Self::Exchange(exchange) => (exchange.done)(None),
        }
    }

    /// The ACK of the refusal of an INVITE (RFC 3261 section 17.1.1.3).
    pub(super) fn acknowledgement(&self, refusal: &Response) -> Bytes {
        acknowledgement(self.request(), refusal).to_bytes().into()
    }
}

impl Exchange {
    pub(super) fn begin(self, stack: &Stack) {
        let flow = self.flow.clone();
        stack.begin(&flow, Waits::Exchange(Box::new(self)));
    }

    fn end(self, stack: &Stack, response: Response) {
        let access = self.flow.access.clone().filter(|_| !self.was_logged_in);
        let again = access.and_then(|access| access.again(self.request.clone(), &response, &branch()));
        match again {
            Some((_, request)) => Self { request, was_logged_in: true, ..self }.begin(stack),
            None => (self.done)(Some(response)),
        }
    }
}

fn acknowledgement(invite: &Request, refusal: &Response) -> Request {
    let kept = invite.headers.iter().filter(|header| {
        matches!(header, Header::Via(_) | Header::Route(_) | Header::From(_) | Header::CallId(_))
    });
    let mut headers: Vec<_> = kept.cloned().collect();
    headers.extend(refusal.headers.iter().find(|header| matches!(header, Header::To(_))).cloned());
    let number = fields::cseq(invite).map_or(0, |(number, _)| number);
    headers.push(Header::CSeq(CSeq::new(format!("{number} {}", Method::Ack))));
    headers.push(Header::MaxForwards(MaxForwards::new(MAX_FORWARDS.to_string())));
    headers.push(Header::ContentLength(ContentLength::new("0")));
    Request {
        method: Method::Ack,
        uri: invite.uri.clone(),
        version: invite.version,
        headers: headers.into(),
        body: Vec::new(),
    }
}

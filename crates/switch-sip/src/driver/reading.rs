//! What messages mean to the machine.

use std::sync::Arc;

use b2bua::{
    Reliability, Sdp,
    message::{self, Alerting, Body, Content, Expires, Offer, Reasons, Refer, Refresher, SessionTimer},
};
use call::{Number, event::SipStatus};
use rsipstack::sip::{HasHeaders, Request, Response};
use sip::session_timer::{self, SessionExpires, seconds};

use crate::{
    message::{
        NameAddr,
        extension::{self, RELIABLE, TIMER},
        fields::{self, first},
        uri,
    },
    reason::Reason,
};

pub(super) fn body(body: fields::Body) -> Body {
    let is_sdp = body.is_sdp();
    match (body.is_empty(), is_sdp) {
        (true, _) => Body::Empty,
        (_, true) => match std::str::from_utf8(&body.bytes) {
            Ok(text) => Body::Sdp(Sdp::new(text)),
            Err(_) => other(body),
        },
        (_, false) => other(body),
    }
}

fn other(body: fields::Body) -> Body {
    Body::Other(Content { kind: body.kind.unwrap_or_default(), bytes: body.bytes.into() })
}

/// The other way round.
pub(super) fn wire(body: Body) -> fields::Body {
    match body {
        Body::Empty => fields::Body::default(),
        Body::Sdp(sdp) => {
            fields::Body { kind: Some(fields::SDP.into()), bytes: sdp.as_str().as_bytes().to_vec() }
        }
        Body::Other(Content { kind, bytes }) => {
            fields::Body { kind: (!kind.is_empty()).then_some(kind), bytes: bytes.to_vec() }
        }
    }
}

pub(super) fn reasons(message: &impl HasHeaders) -> Reasons {
    Reasons(Reason::of(message).map(|reason| reason.text().clone()))
}

pub(super) fn alerting(invite: &Request) -> Alerting {
    let said = |name| fields::joined(invite, name);
    Alerting {
        alert_info: said("Alert-Info"),
        call_info: said("Call-Info"),
        answer_mode: said("Answer-Mode"),
        origin: None,
    }
}

pub(super) fn takes_update(message: &impl HasHeaders) -> Option<bool> {
    let allowed = first!(message, Allow)?;
    Some(allowed.split(',').any(|method| method.trim() == "UPDATE"))
}

pub(crate) fn timer(message: &impl HasHeaders) -> SessionTimer {
    let is_known = extension::is_supported(message, TIMER) || extension::is_required(message, TIMER);
    let expires = first!(message, SessionExpires).and_then(SessionExpires::parse).map(|asked| {
        let refresher = asked.refresher.map(|refresher| match refresher {
            session_timer::Refresher::Client => Refresher::Client,
            session_timer::Refresher::Server => Refresher::Server,
        });
        Expires { interval: asked.interval, refresher }
    });
    let shortest = first!(message, MinSE).and_then(seconds);
    SessionTimer { is_known, expires, shortest }
}

pub(super) fn reliability(invite: &Request) -> Reliability {
    match () {
        () if extension::is_required(invite, RELIABLE) => Reliability::Required,
        () if extension::is_supported(invite, RELIABLE) => Reliability::Supported,
        () => Reliability::Unknown,
    }
}

pub(super) fn offer(request: &Request, fork: message::Fork) -> Offer {
    Offer {
        body: body(fields::Body::of_request(request)),
        timer: timer(request),
        connected: None,
        takes_update: takes_update(request),
        fork,
        hops: fields::max_forwards(request),
    }
}

/// A REFER; `None` if it makes no sense. `replaces` finds the leg that a Replaces names.
pub(super) fn refer(
    request: &Request,
    replaces: impl Fn(&str) -> Option<message::Replaces>,
) -> Option<Refer> {
    let (target, headers) = uri::split_headers(NameAddr::parse(first!(request, ReferTo)?)?.uri);
    let to = Number::from(uri::user(&uri::parse(target)?));
    let replaces = match uri::header(headers, "Replaces") {
        Some(named) => replaces(&named)?,
        None => message::Replaces::No,
    };
    Some(Refer {
        to,
        replaces,
        referred_by: first!(request, ReferredBy).map(Arc::from),
        id: fields::cseq(request).map_or(0, |(number, _)| number),
        is_told: !declines_telling(request),
    })
}

/// Whether who refers wants to hear nothing of it (RFC 4488 section 4).
pub(super) fn declines_telling(request: &Request) -> bool {
    let wish = fields::other(request, "Refer-Sub");
    wish.is_some_and(|wish| wish.trim().to_ascii_lowercase().starts_with("false"))
}

/// The numbers of the response and of the INVITE that a PRACK names (RFC 3262 section 7.2).
pub(super) fn rack(prack: &Request) -> Option<(u32, u32)> {
    let mut words = first!(prack, RAck)?.split_whitespace();
    let (number, cseq, method) = (words.next()?, words.next()?, words.next()?);
    (method == "INVITE" && words.next().is_none()).then_some((number.parse().ok()?, cseq.parse().ok()?))
}

pub(super) fn response(response: &Response, fork: message::Fork) -> message::Response {
    let code = response.status_code.code();
    let reason = response.wire_reason.as_deref().unwrap_or(response.status_code.text());
    let is_reliable = extension::is_required(response, RELIABLE);
    let number = first!(response, RSeq).and_then(|number| number.trim().parse().ok());
    message::Response {
        status: SipStatus { code, reason: reason.into() },
        body: body(fields::Body::of_response(response)),
        reliable: number.filter(|_| is_reliable),
        fork,
        timer: timer(response),
        connected: None,
        takes_update: takes_update(response),
        contacts: match code {
            300..=399 => fields::redirect_targets(response)
                .iter()
                .map(|target| Number::from(uri::user(target)))
                .collect(),
            _ => Vec::new(),
        },
        reasons: reasons(response),
        retry_after: None,
        user_agent: fields::user_agent(response),
    }
}

pub(super) fn to_tag(message: &impl HasHeaders) -> String {
    fields::to(message).and_then(|to| to.param("tag")).unwrap_or_default().to_owned()
}

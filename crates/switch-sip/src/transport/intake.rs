//! From bytes to the transaction layer.

use std::{sync::Arc, time::Duration};

use call::LegId;
use rsipstack::sip::{Method, Request, Response, SipMessage, StatusCodeKind};

use super::{
    Flow, Outlet,
    overload::Wait,
    screen::{Opening, Refusal, Verdict, is_acknowledgement, opening, readable, refusal, screen, unfolded},
    stream::Line,
};
use crate::{
    core::Core,
    digest::claimed_user,
    dispatch,
    message::fields::{cseq, normalize, to},
};

/// One message, as it came.
pub(super) struct Arrival<'a> {
    bytes: &'a [u8],
    /// The way back to where it came from.
    flow: Flow,
    /// Of a stream.
    line: Option<&'a Line>,
    wait: Wait,
}

impl<'a> Arrival<'a> {
    /// A datagram.
    pub(super) fn datagram(bytes: &'a [u8], flow: Flow, wait: Wait) -> Self {
        Self { bytes, flow, line: None, wait }
    }

    /// A message on a stream, which has been read without a pause for so long. When it came is not known; it cannot
    /// have waited longer.
    pub(super) fn on(line: &'a Line, bytes: &'a [u8], stands: Duration) -> Self {
        let wait = Wait { waited: stands, stands, overflows: false };
        Self { bytes, flow: line.flow.clone(), line: Some(line), wait }
    }

    /// Answers without a transaction, if the request says enough to be answered.
    fn refuse(&self, refused: impl Into<Refusal>) {
        let Some(answer) = refusal(self.bytes, self.flow.peer, refused.into()) else { return };
        match self.line {
            Some(line) => line.raw.send(answer.into()),
            None => self.flow.send(answer.into()),
        }
    }
}

/// Hands messages on to the transaction layer, and requests that begin a transaction to their places.
pub(crate) struct Intake {
    core: Arc<Core>,
}

impl Intake {
    pub(crate) fn new(core: Arc<Core>) -> Self {
        Self { core }
    }

    /// The time, of a clock that only grows.
    pub(super) fn now(&self) -> Duration {
        self.core.clock.monotonic()
    }

    /// A connection has closed.
    pub(super) fn lost(&self, outlet: &Outlet) {
        self.core.stack.lose(outlet);
    }

    pub(super) fn take(&self, arrival: Arrival<'_>) {
        let bytes = unfolded(arrival.bytes);
        let arrival = Arrival { bytes: &bytes, ..arrival };
        match screen(arrival.bytes) {
            Verdict::Drop => return,
            Verdict::Refuse(code, reason) => return arrival.refuse((code, reason)),
            Verdict::Pass => {}
        }
        if !self.has_room(&arrival) {
            self.core.overload.note_refusal(self.now());
            let retry_after = Some(self.core.config.retry_after);
            return arrival.refuse(Refusal { status: (503, "Service Unavailable"), retry_after });
        }
        if arrival.bytes.starts_with(b"ACK ") && self.answers_refusal(&arrival) {
            return;
        }
        match SipMessage::try_from(&*readable(arrival.bytes)) {
            Ok(SipMessage::Response(response)) => match self.repeated_for(&response) {
                Some(leg) => self.core.driver.repeat_ack(leg, response),
                None => self.core.stack.on_response(response),
            },
            Ok(SipMessage::Request(request)) => self.hand_on(request, &arrival),
            Err(_) => arrival.refuse((400, "Malformed Message")),
        }
    }

    /// Whether a message may be taken. What begins something may not while there is no room for it, or what has come
    /// stands in a queue; it is refused before anything is built of it, so that this costs as little as it can. A
    /// repeat of what was taken is taken.
    fn has_room(&self, arrival: &Arrival<'_>) -> bool {
        let core = &self.core;
        let is_pressed = core.overload.is_pressed(arrival.wait, self.now());
        let has_no_room = arrival.bytes.starts_with(b"INVITE ") && core.room().is_err();
        if !is_pressed && !has_no_room {
            return true;
        }
        let Some(opening) = opening(arrival.bytes) else { return true };
        if opening.told().is_some_and(|(method, told)| core.stack.knows(method, &told)) {
            return true;
        }
        match opening.is_call() {
            true => core.takes_calls() && (!is_pressed || self.admits(&opening, arrival)),
            false => !is_pressed || self.admits(&opening, arrival),
        }
    }

    /// Whether a request that begins something has not waited too long; counted if it has.
    fn admits(&self, opening: &Opening<'_>, arrival: &Arrival<'_>) -> bool {
        let (core, source) = (&self.core, arrival.flow.peer.ip().into());
        let is_admitted = core.overload.admits(source, arrival.wait, self.now());
        match opening.is_call() {
            _ if is_admitted => {}
            true => core.refused.count_overload(),
            false => core.overload.count_request(),
        }
        is_admitted
    }

    /// Whether a message acknowledges a refusal, about which nothing is kept.
    fn answers_refusal(&self, arrival: &Arrival<'_>) -> bool {
        self.core.overload.echoes(self.now()) && is_acknowledgement(arrival.bytes, arrival.flow.peer)
    }

    fn hand_on(&self, mut request: Request, arrival: &Arrival<'_>) {
        if self.keeps_out(&request, arrival) {
            return;
        }
        normalize(&mut request, arrival.flow.peer);
        if let Some(incoming) = self.core.stack.take(request, arrival.flow.clone()) {
            dispatch::take(&self.core, incoming);
        }
    }

    /// Whether a request that begins something comes from somebody who has guessed too often: it is not answered,
    /// so that it costs nothing and tells nothing. Trunks are known by their address; what belongs to a call
    /// goes on.
    fn keeps_out(&self, request: &Request, arrival: &Arrival<'_>) -> bool {
        let (core, Flow { peer: source, transport, .. }) = (&self.core, &arrival.flow);
        if to(request).is_some_and(|to| to.param("tag").is_some()) || request.method == Method::Ack {
            return false;
        }
        let directory = core.directory.snapshot();
        if directory.trunk_by_source(source.ip(), source.port(), *transport).is_some() {
            if let Some(line) = arrival.line {
                line.prove();
            }
            return false;
        }
        let (user, now) = (claimed_user(request), core.clock.monotonic());
        core.config.guard.check(source.ip(), user.as_deref(), now) != guard::Verdict::Pass
    }

    /// A transaction of ours ends with the first 2xx to its INVITE, so a repeated 2xx,
    /// whose ACK was lost, is recognised here (RFC 3261 section 13.2.2.4): gives the leg that it is for.
    fn repeated_for(&self, response: &Response) -> Option<LegId> {
        let (number, method) = cseq(response)?;
        let is_answer = response.status_code.kind() == StatusCodeKind::Successful && method == Method::Invite;
        if is_answer { self.core.dialogs.acknowledged(response, number) } else { None }
    }
}

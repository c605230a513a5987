//! From bytes to the transaction layer.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use call::LegId;
use parking_lot::Mutex;
use rsipstack::{
    Error,
    sip::{Method, Request, Response, SipMessage, StatusCodeKind},
    transaction::{TransactionReceiver, transaction::Transaction},
    transport::{SipAddr, SipConnection},
};

use super::{
    overload::Wait,
    screen::{Opening, Refusal, Verdict, is_acknowledgement, opening, readable, refusal, screen, unfolded},
    stream::Line,
    transport_of,
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
    source: SocketAddr,
    connection: &'a SipConnection,
    /// Of a stream.
    line: Option<&'a Line>,
    wait: Wait,
}

impl<'a> Arrival<'a> {
    /// A datagram.
    pub(super) fn datagram(
        bytes: &'a [u8],
        source: SocketAddr,
        connection: &'a SipConnection,
        wait: Wait,
    ) -> Self {
        Self { bytes, source, connection, line: None, wait }
    }

    /// A message on a stream, which has been read without a pause for so long. When it came is not known; it cannot
    /// have waited longer.
    pub(super) fn on(line: &'a Line, bytes: &'a [u8], stands: Duration) -> Self {
        let wait = Wait { waited: stands, stands, overflows: false };
        Self { bytes, source: line.peer, connection: &line.connection, line: Some(line), wait }
    }

    fn from(&self) -> SipAddr {
        SipAddr { r#type: self.connection.get_addr().r#type, addr: self.source.into() }
    }

    /// Answers without a transaction, if the request says enough to be answered.
    async fn refuse(&self, refused: impl Into<Refusal>) {
        let Some(answer) = refusal(self.bytes, self.source, refused.into()) else { return };
        match (self.connection, self.line) {
            (_, Some(line)) => line.raw.send(answer.into()),
            (SipConnection::Udp(udp), None) => {
                if let Err(error) = udp.send_raw(&answer, &self.from()).await {
                    tracing::debug!(%error, "a refusal could not be sent");
                }
            }
            _ => {}
        }
    }
}

/// Hands messages on to the transaction layer, and requests that begin a transaction to their places.
pub(crate) struct Intake {
    core: Arc<Core>,
    incoming: Mutex<TransactionReceiver>,
}

impl Intake {
    pub(crate) fn new(core: Arc<Core>, incoming: TransactionReceiver) -> Self {
        Self { core, incoming: Mutex::new(incoming) }
    }

    /// The time, of a clock that only grows.
    pub(super) fn now(&self) -> Duration {
        self.core.clock.monotonic()
    }

    pub(super) async fn take(&self, arrival: Arrival<'_>) {
        let bytes = unfolded(arrival.bytes);
        let arrival = Arrival { bytes: &bytes, ..arrival };
        match screen(arrival.bytes) {
            Verdict::Drop => return,
            Verdict::Refuse(code, reason) => return arrival.refuse((code, reason)).await,
            Verdict::Pass => {}
        }
        if !self.has_room(&arrival) {
            self.core.overload.note_refusal(self.now());
            let retry_after = Some(self.core.config.retry_after);
            return arrival.refuse(Refusal { status: (503, "Service Unavailable"), retry_after }).await;
        }
        if arrival.bytes.starts_with(b"ACK ") && self.answers_refusal(&arrival) {
            return;
        }
        match SipMessage::try_from(&*readable(arrival.bytes)) {
            Ok(SipMessage::Response(response)) => match self.repeated_for(&response) {
                Some(leg) => self.core.driver.repeat_ack(leg, response),
                None => self.hand_on(SipMessage::Response(response), &arrival).await,
            },
            Ok(message) => self.hand_on(message, &arrival).await,
            Err(_) => arrival.refuse((400, "Malformed Message")).await,
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
        if opening.transaction(arrival.source).is_some_and(|key| core.stack.knows(&key)) {
            return true;
        }
        match opening.is_call() {
            true => core.takes_calls() && (!is_pressed || self.admits(&opening, arrival)),
            false => !is_pressed || self.admits(&opening, arrival),
        }
    }

    /// Whether a request that begins something has not waited too long; counted if it has.
    fn admits(&self, opening: &Opening<'_>, arrival: &Arrival<'_>) -> bool {
        let (core, source) = (&self.core, arrival.source.ip().into());
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
        self.core.overload.echoes(self.now()) && is_acknowledgement(arrival.bytes, arrival.source)
    }

    async fn hand_on(&self, mut message: SipMessage, arrival: &Arrival<'_>) {
        if let SipMessage::Request(request) = &mut message {
            if self.keeps_out(request, arrival) {
                return;
            }
            normalize(request, arrival.source);
        }
        let (connection, from) = (arrival.connection.clone(), arrival.from());
        let endpoint = &self.core.stack.endpoint;
        match endpoint.on_received_message(message, connection, &from).await {
            Ok(()) => {}
            Err(Error::SipMessageError(_)) => arrival.refuse((400, "Malformed Message")).await,
            Err(error) => tracing::debug!(%error, "a message was not taken"),
        }
        while let Some(transaction) = self.next_transaction() {
            dispatch::take(&self.core, transaction);
        }
    }

    /// Whether a request that begins something comes from somebody who has guessed too often: it is not answered,
    /// so that it costs nothing and tells nothing. Trunks are known by their address; what belongs to a call
    /// goes on.
    fn keeps_out(&self, request: &Request, arrival: &Arrival<'_>) -> bool {
        let (core, source) = (&self.core, arrival.source);
        if to(request).is_some_and(|to| to.param("tag").is_some()) || request.method == Method::Ack {
            return false;
        }
        let directory = core.directory.snapshot();
        let is_of_trunk =
            |transport| directory.trunk_by_source(source.ip(), source.port(), transport).is_some();
        if transport_of(arrival.connection).is_some_and(is_of_trunk) {
            if let Some(line) = arrival.line {
                line.prove();
            }
            return false;
        }
        let (user, now) = (claimed_user(request), core.clock.monotonic());
        core.config.guard.check(source.ip(), user.as_deref(), now) != guard::Verdict::Pass
    }

    fn next_transaction(&self) -> Option<Transaction> {
        self.incoming.lock().try_recv().ok()
    }

    /// The stack ends a client INVITE transaction with the first 2xx and forgets it, so a repeated 2xx,
    /// whose ACK was lost, is recognised here (RFC 3261 section 13.2.2.4): gives the leg that it is for.
    fn repeated_for(&self, response: &Response) -> Option<LegId> {
        let (number, method) = cseq(response)?;
        let is_answer = response.status_code.kind() == StatusCodeKind::Successful && method == Method::Invite;
        if is_answer { self.core.dialogs.acknowledged(response, number) } else { None }
    }
}

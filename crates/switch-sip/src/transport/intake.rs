//! From bytes to the transaction layer.

use std::{net::SocketAddr, sync::Arc};

use call::LegId;
use parking_lot::Mutex;
use rsipstack::{
    Error,
    sip::{Method, Request, Response, SipMessage, StatusCodeKind},
    transaction::{TransactionReceiver, transaction::Transaction},
    transport::{SipAddr, SipConnection},
};

use super::{
    screen::{Verdict, readable, refusal, screen, unfolded},
    stream::Line,
};
use crate::{
    core::Core,
    digest::claimed_user,
    dispatch,
    message::fields::{cseq, stamp_source, tighten_ends, to},
};

/// One message, as it came.
pub(super) struct Arrival<'a> {
    bytes: &'a [u8],
    source: SocketAddr,
    connection: &'a SipConnection,
    /// Of a stream.
    line: Option<&'a Line>,
}

impl<'a> Arrival<'a> {
    /// A datagram.
    pub(super) fn datagram(bytes: &'a [u8], source: SocketAddr, connection: &'a SipConnection) -> Self {
        Self { bytes, source, connection, line: None }
    }

    /// A message on a stream.
    pub(super) fn on(line: &'a Line, bytes: &'a [u8]) -> Self {
        Self { bytes, source: line.peer, connection: &line.connection, line: Some(line) }
    }

    fn from(&self) -> SipAddr {
        SipAddr { r#type: self.connection.get_addr().r#type, addr: self.source.into() }
    }

    /// Answers without a transaction, if the request says enough to be answered.
    async fn refuse(&self, code: u16, reason: &'static str) {
        let Some(answer) = refusal(self.bytes, self.source, (code, reason)) else { return };
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

    pub(super) async fn take(&self, arrival: Arrival<'_>) {
        let bytes = unfolded(arrival.bytes);
        let arrival = Arrival { bytes: &bytes, ..arrival };
        match screen(arrival.bytes) {
            Verdict::Drop => return,
            Verdict::Refuse(code, reason) => return arrival.refuse(code, reason).await,
            Verdict::Pass => {}
        }
        match SipMessage::try_from(&*readable(arrival.bytes)) {
            Ok(SipMessage::Response(response)) => match self.repeated_for(&response) {
                Some(leg) => self.core.driver.repeat_ack(leg, response),
                None => self.hand_on(SipMessage::Response(response), &arrival).await,
            },
            Ok(message) => self.hand_on(message, &arrival).await,
            Err(_) => arrival.refuse(400, "Malformed Message").await,
        }
    }

    async fn hand_on(&self, mut message: SipMessage, arrival: &Arrival<'_>) {
        if let SipMessage::Request(request) = &mut message {
            if self.keeps_out(request, arrival) {
                return;
            }
            stamp_source(request, arrival.source);
            tighten_ends(request);
        }
        let (connection, from) = (arrival.connection.clone(), arrival.from());
        let endpoint = &self.core.stack.endpoint;
        match endpoint.on_received_message(message, connection, &from).await {
            Ok(()) => {}
            Err(Error::SipMessageError(_)) => arrival.refuse(400, "Malformed Message").await,
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
        if core.directory.snapshot().trunk_by_source(source.ip(), source.port()).is_some() {
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

//! What waits to be written to a connection.
//!
//! The stack writes to a channel of its own kind; what is read from that channel is put on the wire by the
//! connection's task alone, so nobody else waits for a slow peer.

use std::net::SocketAddr;

use bytes::Bytes;
use rsipstack::{
    sip::SipMessage,
    transport::{SipAddr, SipConnection, TransportEvent, channel::ChannelConnection},
};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use crate::transport::flow::Carrier;

/// Messages that may wait for a slow peer; who sends more waits too.
const QUEUE: usize = 256;

/// Bytes that are sent as they are: refusals and keep-alives. Dropped where too many wait.
#[derive(Clone)]
pub(in crate::transport) struct Raw(mpsc::Sender<Bytes>);

impl Raw {
    pub(in crate::transport) fn send(&self, bytes: Bytes) {
        if self.0.try_send(bytes).is_err() {
            tracing::debug!("a connection does not take any more");
        }
    }
}

/// What waits to be written.
pub(super) struct Outbox {
    messages: mpsc::Receiver<TransportEvent>,
    bytes: mpsc::Receiver<Bytes>,
    raw: Raw,
}

/// A connection of the stack, and what it sends.
pub(super) async fn open(
    carrier: Carrier,
    peer: SocketAddr,
    closed: CancellationToken,
) -> (SipConnection, Outbox) {
    let (sender, messages) = mpsc::channel(QUEUE);
    let (raw, bytes) = mpsc::channel(QUEUE);
    // The stack would read its input here; ours comes through the intake.
    let (_, nothing) = mpsc::unbounded_channel();
    let addr = SipAddr::new(carrier.wire(), peer.into());
    let connection = ChannelConnection::create_connection_bounded(nothing, sender, addr, Some(closed));
    let connection = connection.await.expect("it is made of what is given");
    (SipConnection::Channel(connection), Outbox { messages, bytes, raw: Raw(raw) })
}

impl Outbox {
    pub(super) fn raw(&self) -> Raw {
        self.raw.clone()
    }

    /// The next message to be written; waits until there is one.
    pub(super) async fn next(&mut self) -> Bytes {
        loop {
            tokio::select! {
                Some(event) = self.messages.recv() => {
                    if let TransportEvent::Incoming(message, ..) = event {
                        return printed(&message);
                    }
                }
                Some(bytes) = self.bytes.recv() => return bytes,
                // Nobody can send any more.
                else => std::future::pending().await,
            }
        }
    }
}

fn printed(message: &SipMessage) -> Bytes {
    message.to_bytes().into()
}

//! A way to a peer.

use std::{net::SocketAddr, sync::Arc};

use call::party::Transport;
use rsipstack::{
    sip::{SipMessage, Transport as WireTransport},
    transport::{SipAddr, SipConnection},
};

/// A way to a peer: a connection of ours and the peer's address behind it. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Flow {
    pub(crate) connection: SipConnection,
    pub(crate) peer: SocketAddr,
    pub(crate) transport: Transport,
    local: Arc<Local>,
}

/// What messages of a listener say of us.
pub(super) struct Local {
    host: String,
    via: String,
    contact: String,
}

impl Local {
    pub(super) fn new(advertised: SocketAddr, transport: Transport) -> Self {
        let (name, param) = match transport {
            Transport::Tcp => ("TCP", ";transport=tcp"),
            _ => ("UDP", ""),
        };
        Self {
            host: match advertised.ip() {
                std::net::IpAddr::V4(ip) => ip.to_string(),
                std::net::IpAddr::V6(ip) => format!("[{ip}]"),
            },
            via: format!("{name} {advertised}"),
            contact: format!("<sip:{advertised}{param}>"),
        }
    }
}

impl Flow {
    pub(super) fn new(
        connection: SipConnection,
        peer: SocketAddr,
        transport: Transport,
        local: Arc<Local>,
    ) -> Self {
        Self { connection, peer, transport, local }
    }

    /// Transport and sent-by for Via.
    pub(crate) fn via(&self) -> &str {
        &self.local.via
    }

    /// Our Contact toward this peer.
    pub(crate) fn contact(&self) -> &str {
        &self.local.contact
    }

    /// The host that our URIs have toward this peer.
    pub(crate) fn host(&self) -> &str {
        &self.local.host
    }

    /// Whether messages can still go this way.
    pub(crate) fn is_open(&self) -> bool {
        !self.connection.cancel_token().is_some_and(|token| token.is_cancelled())
    }

    /// The peer as the stack addresses it.
    pub(crate) fn destination(&self) -> SipAddr {
        let transport = match self.transport {
            Transport::Tcp => WireTransport::Tcp,
            _ => WireTransport::Udp,
        };
        SipAddr::new(transport, self.peer.into())
    }

    /// The same connection, toward another address. Only datagrams can be sent elsewhere.
    pub(crate) fn toward(&self, peer: SocketAddr) -> Self {
        match self.transport {
            Transport::Udp => Self { peer, ..self.clone() },
            _ => self.clone(),
        }
    }

    /// Sends a message outside any transaction: the ACK of a 2xx.
    pub(crate) async fn send(self, message: SipMessage) {
        let destination = self.destination();
        if let Err(error) = self.connection.send(message, Some(&destination)).await {
            tracing::debug!(%error, "a message could not be sent");
        }
    }
}

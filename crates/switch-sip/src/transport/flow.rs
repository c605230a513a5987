//! A way to a peer.

use std::{
    net::SocketAddr,
    sync::{Arc, Weak, atomic::AtomicU32},
};

use bytes::Bytes;
use call::party::Transport;

use super::{outlet::Outlet, stream::Standing};
use crate::digest::{Access, Login};

/// A way to a peer: a socket of ours and the peer's address behind it. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Flow {
    pub(crate) outlet: Outlet,
    pub(crate) peer: SocketAddr,
    pub(crate) transport: Transport,
    /// What the peer is shown when it asks who we are.
    pub(crate) access: Option<Arc<Access>>,
    local: Arc<Local>,
    /// Of a peer that has connected to us, for as long as it is.
    standing: Weak<Standing>,
}

/// What carries SIP on a listener.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Carrier {
    Udp,
    Tcp,
    Tls,
    Ws,
    Wss,
}

impl Carrier {
    /// Its name in a Via.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Udp => "UDP",
            Self::Tcp => "TCP",
            Self::Tls => "TLS",
            Self::Ws => "WS",
            Self::Wss => "WSS",
        }
    }

    pub(super) fn transport(self) -> Transport {
        match self {
            Self::Udp => Transport::Udp,
            Self::Tcp => Transport::Tcp,
            Self::Tls => Transport::Tls,
            Self::Ws | Self::Wss => Transport::Ws,
        }
    }

    pub(super) fn is_secure(self) -> bool {
        matches!(self, Self::Tls | Self::Wss)
    }

    pub(super) fn is_websocket(self) -> bool {
        matches!(self, Self::Ws | Self::Wss)
    }

    /// The parameter that our Contact names it with; WebSockets have one for both (RFC 7118 section 5.2).
    fn param(self) -> &'static str {
        match self {
            Self::Udp => "",
            Self::Tcp => ";transport=tcp",
            Self::Tls => ";transport=tls",
            Self::Ws | Self::Wss => ";transport=ws",
        }
    }
}

/// What messages of a listener say of us.
pub(super) struct Local {
    carrier: Carrier,
    host: String,
    via: String,
    contact: String,
}

impl Local {
    pub(super) fn new(advertised: SocketAddr, carrier: Carrier) -> Self {
        Self {
            carrier,
            host: match advertised.ip() {
                std::net::IpAddr::V4(ip) => ip.to_string(),
                std::net::IpAddr::V6(ip) => format!("[{ip}]"),
            },
            via: format!("{} {advertised}", carrier.name()),
            contact: format!("<sip:{advertised}{}>", carrier.param()),
        }
    }
}

impl Flow {
    pub(super) fn new(outlet: Outlet, peer: SocketAddr, transport: Transport, local: Arc<Local>) -> Self {
        Self { outlet, peer, transport, access: None, local, standing: Weak::new() }
    }

    /// The way to a peer that has connected to us.
    pub(super) fn of(self, standing: Weak<Standing>) -> Self {
        Self { standing, ..self }
    }

    /// The peer has proved who it is: its connection is kept.
    pub(crate) fn prove(&self) {
        if let Some(standing) = self.standing.upgrade() {
            standing.prove();
        }
    }

    /// Whether nobody else can read what is said here.
    pub(crate) fn is_secure(&self) -> bool {
        self.local.carrier.is_secure()
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

    /// Whether another way is the same one.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        (self.transport, self.peer) == (other.transport, other.peer)
    }

    /// Whether messages can still go this way.
    pub(crate) fn is_open(&self) -> bool {
        self.outlet.is_open()
    }

    /// The same connection, toward another address. Only datagrams can be sent elsewhere.
    pub(crate) fn toward(&self, peer: SocketAddr) -> Self {
        match self.transport {
            Transport::Udp => Self { peer, ..self.clone() },
            _ => self.clone(),
        }
    }

    /// The same way, with a login for requests that are numbered by `cseq`.
    pub(crate) fn with_access(self, login: Option<Arc<Login>>, cseq: &Arc<AtomicU32>) -> Self {
        let access = login.map(|login| Arc::new(Access::new(login, cseq.clone())));
        Self { access, ..self }
    }

    /// The login that it has.
    pub(crate) fn login(&self) -> Option<Arc<Login>> {
        self.access.as_ref().map(|access| access.login().clone())
    }

    /// Sends a message outside any transaction, such as the ACK of a 2xx.
    pub(crate) fn send(&self, message: Bytes) {
        self.outlet.send(message, self.peer);
    }
}

//! Sockets: receiving, checking and handing on messages, and the ways to peers.

mod flow;
mod intake;
mod screen;
mod tcp;
mod udp;

use std::{
    io,
    net::{IpAddr, Ipv4Addr, SocketAddr, UdpSocket},
    sync::Arc,
    time::Duration,
};

use call::party::Transport;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

pub(crate) use flow::Flow;
pub(crate) use intake::Intake;

use crate::{config::SipConfig, error::SipError};

/// How long a TCP connection may take to come up.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(4);

/// The listeners, and ways to peers from them.
pub(crate) struct Network {
    udp: Option<udp::Udp>,
    tcp: Option<tcp::Tcp>,
}

impl Network {
    /// Opens the listeners. Nothing is received before [`Self::serve`].
    pub(crate) async fn open(config: &SipConfig, stop: &CancellationToken) -> Result<Self, SipError> {
        if config.udp.is_none() && config.tcp.is_none() {
            return Err(SipError::NoListener);
        }
        let udp = match config.udp {
            Some(address) => Some(udp::Udp::bind(address, config.advertised).await?),
            None => None,
        };
        let tcp = config.tcp.map(|address| tcp::Tcp::bind(address, config.advertised, stop.clone()));
        Ok(Self { udp, tcp: tcp.transpose()? })
    }

    /// Receives until `stop`.
    pub(crate) fn serve(&self, intake: &Arc<Intake>, tasks: &TaskTracker, stop: &CancellationToken) {
        if let Some(udp) = &self.udp {
            udp.serve(intake.clone(), tasks, stop.clone());
        }
        if let Some(tcp) = &self.tcp {
            tcp.serve(intake.clone(), tasks.clone());
        }
    }

    /// Where a transport is listened at.
    pub(crate) fn local_addr(&self, transport: Transport) -> Option<SocketAddr> {
        match transport {
            Transport::Udp => self.udp.as_ref().map(|udp| udp.bound),
            Transport::Tcp => self.tcp.as_ref().map(|tcp| tcp.bound),
            Transport::Tls | Transport::Ws => None,
        }
    }

    /// The way to a peer that is there already.
    pub(crate) fn flow(&self, transport: Transport, peer: SocketAddr) -> Option<Flow> {
        match transport {
            Transport::Udp => self.udp.as_ref().map(|udp| udp.flow(peer)),
            Transport::Tcp => self.tcp.as_ref().and_then(|tcp| tcp.open_flow(peer)),
            Transport::Tls | Transport::Ws => None,
        }
    }

    /// The way to a peer; connects if need be.
    pub(crate) async fn reach(&self, transport: Transport, peer: SocketAddr) -> io::Result<Flow> {
        if let Some(flow) = self.flow(transport, peer) {
            return Ok(flow);
        }
        match (&self.tcp, transport) {
            (Some(tcp), Transport::Tcp) => tokio::time::timeout(CONNECT_TIMEOUT, tcp.connect(peer)).await?,
            _ => Err(io::ErrorKind::Unsupported.into()),
        }
    }
}

/// What peers are told of a listener at `bound`.
fn advertised(bound: SocketAddr, configured: Option<IpAddr>) -> SocketAddr {
    SocketAddr::new(configured.unwrap_or_else(|| reachable(bound.ip())), bound.port())
}

/// The address at which a listener at `bound` can be reached: itself, or that of the interface with the
/// default route if it is any.
pub fn reachable(bound: IpAddr) -> IpAddr {
    if bound.is_unspecified() { default_route_ip().unwrap_or(Ipv4Addr::LOCALHOST.into()) } else { bound }
}

/// The address of the interface with the default route. Sends nothing: connecting a UDP socket only
/// chooses a route, here to an address that is reserved for documentation (RFC 5737).
fn default_route_ip() -> Option<IpAddr> {
    let socket = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0)).ok()?;
    socket.connect((Ipv4Addr::new(192, 0, 2, 1), 9)).ok()?;
    Some(socket.local_addr().ok()?.ip())
}

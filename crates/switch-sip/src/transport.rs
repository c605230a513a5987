//! Sockets: receiving, checking and handing on messages, and the ways to peers.

mod flow;
mod intake;
mod outlet;
mod overload;
mod screen;
mod stream;
mod udp;

use std::{
    io,
    net::{IpAddr, Ipv4Addr, SocketAddr, UdpSocket},
    sync::Arc,
    time::Duration,
};

use call::party::Transport;
use flow::Carrier;
pub(crate) use stream::TlsClient;
use stream::{Keys, Streams};
use tls::TlsServer;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

pub(crate) use flow::Flow;
pub(crate) use intake::Intake;
pub(crate) use outlet::Outlet;
pub(crate) use overload::Overload;
pub(crate) use screen::look_over;

use crate::{config::SipConfig, error::SipError};

/// How long a connection may take to come up.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(4);

/// The listeners, and ways to peers from them.
pub(crate) struct Network {
    udp: Option<udp::Udp>,
    streams: Vec<Streams>,
}

impl Network {
    /// Opens the listeners. Nothing is received before [`Self::serve`].
    pub(crate) async fn open(config: &SipConfig, stop: &CancellationToken) -> Result<Self, SipError> {
        let udp = match config.udp {
            Some(address) => Some(udp::Udp::bind(address, config.advertised, config.receive_buffer)?),
            None => None,
        };
        let keys = keys(config)?;
        let wanted = [
            (Carrier::Tcp, config.tcp),
            (Carrier::Tls, config.tls),
            (Carrier::Ws, config.ws),
            (Carrier::Wss, config.wss),
        ];
        let streams = wanted.into_iter().filter_map(|(carrier, address)| Some((carrier, address?)));
        let streams: Vec<_> = streams
            .map(|(carrier, at)| Streams::bind((carrier, at), config, keys.clone(), stop.clone()))
            .collect::<Result<_, _>>()?;
        if udp.is_none() && streams.is_empty() {
            return Err(SipError::NoListener);
        }
        Ok(Self { udp, streams })
    }

    /// Receives until `stop`.
    pub(crate) fn serve(&self, intake: &Arc<Intake>, tasks: &TaskTracker, stop: &CancellationToken) {
        if let Some(udp) = &self.udp {
            udp.serve(intake.clone(), tasks, stop.clone());
        }
        for streams in &self.streams {
            streams.serve(intake.clone(), tasks.clone());
        }
    }

    /// Datagrams that the kernel has dropped, as we did not take them in time.
    pub(crate) fn datagrams_dropped(&self) -> Option<u64> {
        self.udp.as_ref()?.dropped()
    }

    /// Where a transport is listened at; of two listeners for WebSockets, the plain one.
    pub(crate) fn local_addr(&self, transport: Transport) -> Option<SocketAddr> {
        match transport {
            Transport::Udp => self.udp.as_ref().map(|udp| udp.bound),
            transport => self.streams_of(transport).next().map(|streams| streams.bound),
        }
    }

    /// Where WebSockets are taken: in clear, and over TLS.
    pub(crate) fn web_sockets(&self) -> [Option<SocketAddr>; 2] {
        [Carrier::Ws, Carrier::Wss].map(|carrier| {
            let streams = self.streams.iter().find(|streams| streams.carrier == carrier);
            streams.map(|streams| streams.bound)
        })
    }

    /// The way to a peer that is there already.
    pub(crate) fn flow(&self, transport: Transport, peer: SocketAddr) -> Option<Flow> {
        match transport {
            Transport::Udp => self.udp.as_ref().map(|udp| udp.flow(peer)),
            transport => self.streams_of(transport).find_map(|streams| streams.open_flow(peer)),
        }
    }

    /// The way to a peer of this name that is there already: with TLS, the peer has shown that it has the name.
    pub(crate) fn flow_to(&self, transport: Transport, peer: SocketAddr, name: &str) -> Option<Flow> {
        match transport {
            Transport::Udp => self.udp.as_ref().map(|udp| udp.flow(peer)),
            transport => self.streams_of(transport).find_map(|streams| streams.open_flow_to(peer, name)),
        }
    }

    /// The way to a peer of this name; connects if need be.
    pub(crate) async fn reach(&self, transport: Transport, peer: SocketAddr, name: &str) -> io::Result<Flow> {
        if let Some(flow) = self.flow_to(transport, peer, name) {
            return Ok(flow);
        }
        match self.streams_of(transport).next() {
            Some(streams) => tokio::time::timeout(CONNECT_TIMEOUT, streams.connect(peer, name)).await?,
            None => Err(io::ErrorKind::Unsupported.into()),
        }
    }

    fn streams_of(&self, transport: Transport) -> impl Iterator<Item = &Streams> {
        self.streams.iter().filter(move |streams| streams.carrier.transport() == transport)
    }
}

/// The keys of TLS, if it is spoken.
fn keys(config: &SipConfig) -> Result<Keys, SipError> {
    if config.tls.is_none() && config.wss.is_none() {
        return Ok(Keys::default());
    }
    let certificate = config.certificate.as_ref().ok_or(SipError::NoCertificate)?;
    Ok(Keys {
        server: Some(TlsServer::load(certificate, &[])?),
        client: Some(TlsClient::load(config.trusted.as_deref())?),
    })
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

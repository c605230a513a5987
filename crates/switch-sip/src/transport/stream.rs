//! SIP over connections: TCP, TLS and WebSocket; listeners, and connections in both directions.

mod framing;
mod outbox;
mod standing;
mod trusted;
mod websocket;

use std::{
    collections::HashMap,
    io,
    net::SocketAddr,
    sync::{Arc, Weak},
    time::Duration,
};

use guard::Place;
use parking_lot::Mutex;
use socket2::{Domain, Protocol, Socket, Type};
use tls::TlsServer;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpListener, TcpStream},
    time::timeout,
};
use tokio_tungstenite::WebSocketStream;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

pub(super) use outbox::Raw;
pub(crate) use standing::Standing;
pub(crate) use trusted::TlsClient;

use super::{
    Flow, advertised,
    flow::{Carrier, Local},
    intake::Intake,
    outlet::Outlet,
};
use crate::{
    config::{SipConfig, StreamLimits},
    error::SipError,
};
use outbox::Outbox;
use standing::Origin;

/// How long a peer may take to agree on TLS, and on WebSocket.
const HANDSHAKE: Duration = Duration::from_secs(10);

/// Rest after a failed accept (no file descriptors left), so that it does not take a core.
const AFTER_ERROR: Duration = Duration::from_millis(10);

/// Bytes in both directions.
trait Duplex: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Duplex for T {}
type Wire = Box<dyn Duplex>;

/// A listener and the connections that are open.
pub(super) struct Streams {
    pub(super) bound: SocketAddr,
    pub(super) carrier: Carrier,
    listener: Mutex<Option<TcpListener>>,
    shared: Arc<Shared>,
}

/// The keys of TLS: ours toward whoever connects, and whom we trust where we connect.
#[derive(Clone, Default)]
pub(super) struct Keys {
    pub(super) server: Option<TlsServer>,
    pub(super) client: Option<TlsClient>,
}

/// A connection that is there.
struct Opened {
    outlet: Outlet,
    /// The name that the peer has shown a certificate for.
    name: Option<Arc<str>>,
    /// Of a peer that has connected to us.
    standing: Weak<Standing>,
}

struct Shared {
    carrier: Carrier,
    keys: Keys,
    local: Arc<Local>,
    open: Mutex<HashMap<SocketAddr, Opened>>,
    limits: StreamLimits,
    origins: Vec<String>,
    served: Mutex<Option<(Arc<Intake>, TaskTracker)>>,
    stop: CancellationToken,
}

impl Streams {
    pub(super) fn bind(
        (carrier, address): (Carrier, SocketAddr),
        config: &SipConfig,
        keys: Keys,
        stop: CancellationToken,
    ) -> Result<Self, SipError> {
        let fault = |source| SipError::Listen { transport: carrier.name(), address, source };
        let listener = listen(address).map_err(fault)?;
        let bound = listener.local_addr().map_err(fault)?;
        let shared = Shared {
            carrier,
            keys,
            local: Arc::new(Local::new(advertised(bound, config.advertised), carrier)),
            open: Mutex::default(),
            limits: config.streams.clone(),
            origins: config.ws_origins.clone(),
            served: Mutex::default(),
            stop,
        };
        Ok(Self { bound, carrier, listener: Mutex::new(Some(listener)), shared: Arc::new(shared) })
    }

    pub(super) fn serve(&self, intake: Arc<Intake>, tasks: TaskTracker) {
        let Some(listener) = self.listener.lock().take() else { return };
        *self.shared.served.lock() = Some((intake, tasks.clone()));
        let shared = self.shared.clone();
        tasks.spawn(async move {
            let stop = shared.stop.clone();
            stop.run_until_cancelled_owned(accept(listener, shared)).await;
        });
    }

    /// The connection with a peer, if there is one.
    pub(super) fn open_flow(&self, peer: SocketAddr) -> Option<Flow> {
        self.shared.open_flow(peer, |_| true)
    }

    /// The same, to a peer of this name.
    pub(super) fn open_flow_to(&self, peer: SocketAddr, host: &str) -> Option<Flow> {
        self.shared
            .open_flow(peer, |opened| !self.carrier.is_secure() || opened.name.as_deref() == Some(host))
    }

    /// Connects to a peer; with TLS, its certificate must be that of `host`.
    pub(super) async fn connect(&self, peer: SocketAddr, host: &str) -> io::Result<Flow> {
        let stream = TcpStream::connect(peer).await?;
        stream.set_nodelay(true)?;
        let wire: Wire = match (self.carrier, &self.shared.keys.client) {
            (Carrier::Tcp, _) => Box::new(stream),
            (Carrier::Tls, Some(client)) => Box::new(client.connect(stream, host).await?),
            // WebSocket is for browsers, which connect to us (RFC 7118).
            _ => return Err(io::ErrorKind::Unsupported.into()),
        };
        self.shared.open(Agreed::Bytes(wire), peer, Origin::Ours(host.into())).await
    }
}

/// A connection on which both sides agree what it carries.
enum Agreed {
    Bytes(Wire),
    WebSocket(Box<WebSocketStream<Wire>>),
}

impl Shared {
    fn flow(&self, opened: &Opened, peer: SocketAddr) -> Flow {
        let flow = Flow::new(opened.outlet.clone(), peer, self.carrier.transport(), self.local.clone());
        flow.of(opened.standing.clone())
    }

    fn open_flow(&self, peer: SocketAddr, is_fit: impl FnOnce(&Opened) -> bool) -> Option<Flow> {
        let open = self.open.lock();
        let opened = open.get(&peer).filter(|opened| is_fit(opened))?;
        Some(self.flow(opened, peer)).filter(Flow::is_open)
    }

    /// Begins to serve a connection that a peer has opened, once the peer has agreed on what it carries.
    fn take_in(self: &Arc<Self>, stream: TcpStream, peer: SocketAddr, place: Place) {
        let Some((_, tasks)) = self.served.lock().clone() else { return };
        let (shared, leave) = (self.clone(), place.leave().clone());
        let taken = async move {
            let opened = match timeout(HANDSHAKE, shared.agree(stream)).await {
                Ok(Ok(agreed)) => shared.open(agreed, peer, Origin::Theirs(Standing::stranger(place))).await,
                Ok(Err(error)) => Err(error),
                Err(_) => Err(io::ErrorKind::TimedOut.into()),
            };
            if let Err(error) = opened {
                tracing::debug!(%error, carrier = shared.carrier.name(), "a connection was not taken");
            }
        };
        let stop = self.stop.clone();
        tasks.spawn(async move { stop.run_until_cancelled_owned(leave.run_until_cancelled(taken)).await });
    }

    async fn agree(&self, stream: TcpStream) -> io::Result<Agreed> {
        stream.set_nodelay(true)?;
        let wire: Wire = match &self.keys.server {
            Some(server) if self.carrier.is_secure() => Box::new(server.accept(stream).await?),
            _ => Box::new(stream),
        };
        if !self.carrier.is_websocket() {
            return Ok(Agreed::Bytes(wire));
        }
        let socket = websocket::accept(wire, &self.origins).await.map_err(io::Error::other)?;
        Ok(Agreed::WebSocket(Box::new(socket)))
    }

    /// Serves a connection in a task of its own.
    async fn open(self: &Arc<Self>, agreed: Agreed, peer: SocketAddr, origin: Origin) -> io::Result<Flow> {
        let served = self.served.lock().clone();
        let (intake, tasks) = served.ok_or(io::ErrorKind::NotConnected)?;
        let closed = self.stop.child_token();
        let (outlet, outbox) = outbox::open(closed.clone());
        let standing = match &origin {
            Origin::Ours(_) => Weak::new(),
            Origin::Theirs(standing) => Arc::downgrade(standing),
        };
        let opened = Opened { outlet: outlet.clone(), name: origin.name(), standing };
        let (shared, flow) = (self.clone(), self.flow(&opened, peer));
        let own = flow.clone();
        self.open.lock().insert(peer, opened);
        tasks.spawn(async move {
            let line = Line { flow: own, raw: outbox.raw(), origin, limits: shared.limits.clone() };
            tokio::select! {
                _ = closed.run_until_cancelled(carry(agreed, &line, outbox, &intake)) => {}
                () = line.origin.has_to_leave() => {}
            }
            closed.cancel();
            shared.forget(peer);
            intake.lost(&outlet);
        });
        Ok(flow)
    }

    /// Takes a closed connection out, unless a newer one with the same peer is there.
    fn forget(&self, peer: SocketAddr) {
        let mut open = self.open.lock();
        if open.get(&peer).is_some_and(|opened| !opened.outlet.is_open()) {
            open.remove(&peer);
        }
    }
}

/// A connection as its messages see it.
pub(super) struct Line {
    /// The way back.
    pub(super) flow: Flow,
    pub(super) raw: Raw,
    origin: Origin,
    limits: StreamLimits,
}

impl Line {
    /// The peer has proved who it is.
    pub(super) fn prove(&self) {
        self.origin.prove();
    }
}

async fn carry(agreed: Agreed, line: &Line, outbox: Outbox, intake: &Intake) {
    match agreed {
        Agreed::Bytes(wire) => framing::carry(wire, line, outbox, intake).await,
        Agreed::WebSocket(socket) => websocket::carry(*socket, line, outbox, intake).await,
    }
}

fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
    socket.set_nonblocking(true)?;
    socket.set_reuse_address(true)?;
    socket.bind(&address.into())?;
    socket.listen(1024)?;
    TcpListener::from_std(socket.into())
}

async fn accept(listener: TcpListener, shared: Arc<Shared>) {
    let mut has_failed = false;
    loop {
        match listener.accept().await {
            // Whoever finds no place is hung up on.
            Ok((stream, peer)) => {
                has_failed = false;
                if let Some(place) = shared.limits.room.enter(peer.ip()) {
                    shared.take_in(stream, peer, place);
                }
                // One at a time: a crowd at the door waits for those who are inside, and not they for it.
                tokio::task::yield_now().await;
            }
            Err(error) => {
                if !std::mem::replace(&mut has_failed, true) {
                    let carrier = shared.carrier.name();
                    tracing::warn!(%error, carrier, "connections for SIP cannot be accepted");
                }
                tokio::time::sleep(AFTER_ERROR).await;
            }
        }
    }
}

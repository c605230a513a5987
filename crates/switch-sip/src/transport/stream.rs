//! SIP over connections: TCP, TLS and WebSocket; listeners, and connections in both directions.

mod framing;
mod outbox;
mod tls;
mod websocket;

use std::{
    collections::HashMap,
    io,
    net::{IpAddr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use parking_lot::Mutex;
use rsipstack::transport::SipConnection;
use socket2::{Domain, Protocol, Socket, Type};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpListener, TcpStream},
    sync::{OwnedSemaphorePermit, Semaphore},
    time::timeout,
};
use tokio_tungstenite::WebSocketStream;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

pub(super) use outbox::Raw;
pub(crate) use tls::TlsClient;
pub(super) use tls::TlsServer;

use super::{
    Flow, advertised,
    flow::{Carrier, Local},
    intake::Intake,
};
use crate::error::SipError;
use outbox::Outbox;

/// How long a peer may take to agree on TLS, and on WebSocket.
const HANDSHAKE: Duration = Duration::from_secs(10);

/// Rest after a failed accept (no file descriptors left), so that it does not take a core.
const AFTER_ERROR: Duration = Duration::from_millis(10);

/// Connections at one time that peers have opened to a listener.
const MAX_CONNECTIONS: usize = 10_000;

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
    connection: SipConnection,
    /// The name that the peer has shown a certificate for.
    name: Option<Arc<str>>,
}

struct Shared {
    carrier: Carrier,
    keys: Keys,
    local: Arc<Local>,
    open: Mutex<HashMap<SocketAddr, Opened>>,
    room: Arc<Semaphore>,
    served: Mutex<Option<(Arc<Intake>, TaskTracker)>>,
    stop: CancellationToken,
}

impl Streams {
    pub(super) fn bind(
        carrier: Carrier,
        address: SocketAddr,
        told: Option<IpAddr>,
        keys: Keys,
        stop: CancellationToken,
    ) -> Result<Self, SipError> {
        let fault = |source| SipError::Listen { transport: carrier.name(), address, source };
        let listener = listen(address).map_err(fault)?;
        let bound = listener.local_addr().map_err(fault)?;
        let shared = Shared {
            carrier,
            keys,
            local: Arc::new(Local::new(advertised(bound, told), carrier)),
            open: Mutex::default(),
            room: Arc::new(Semaphore::new(MAX_CONNECTIONS)),
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

/// Who has opened a connection.
enum Origin {
    /// We, to a peer of this name.
    Ours(Arc<str>),
    /// The peer; its place is free again when this is dropped.
    Theirs(#[expect(dead_code, reason = "it is only held")] OwnedSemaphorePermit),
}

impl Origin {
    fn name(&self) -> Option<Arc<str>> {
        match self {
            Self::Ours(name) => Some(name.clone()),
            Self::Theirs(_) => None,
        }
    }
}

/// A connection on which both sides agree what it carries.
enum Agreed {
    Bytes(Wire),
    WebSocket(Box<WebSocketStream<Wire>>),
}

impl Shared {
    fn flow(&self, connection: SipConnection, peer: SocketAddr) -> Flow {
        Flow::new(connection, peer, self.carrier.transport(), self.local.clone())
    }

    fn open_flow(&self, peer: SocketAddr, is_fit: impl FnOnce(&Opened) -> bool) -> Option<Flow> {
        let open = self.open.lock();
        let opened = open.get(&peer).filter(|opened| is_fit(opened))?;
        Some(self.flow(opened.connection.clone(), peer)).filter(Flow::is_open)
    }

    /// Begins to serve a connection that a peer has opened, once the peer has agreed on what it carries.
    fn take_in(self: &Arc<Self>, stream: TcpStream, peer: SocketAddr, permit: OwnedSemaphorePermit) {
        let Some((_, tasks)) = self.served.lock().clone() else { return };
        let shared = self.clone();
        tasks.spawn(self.stop.clone().run_until_cancelled_owned(async move {
            let opened = match timeout(HANDSHAKE, shared.agree(stream)).await {
                Ok(Ok(agreed)) => shared.open(agreed, peer, Origin::Theirs(permit)).await,
                Ok(Err(error)) => Err(error),
                Err(_) => Err(io::ErrorKind::TimedOut.into()),
            };
            if let Err(error) = opened {
                tracing::debug!(%error, carrier = shared.carrier.name(), "a connection was not taken");
            }
        }));
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
        let socket = websocket::accept(wire).await.map_err(io::Error::other)?;
        Ok(Agreed::WebSocket(Box::new(socket)))
    }

    /// Serves a connection in a task of its own.
    async fn open(self: &Arc<Self>, agreed: Agreed, peer: SocketAddr, origin: Origin) -> io::Result<Flow> {
        let served = self.served.lock().clone();
        let (intake, tasks) = served.ok_or(io::ErrorKind::NotConnected)?;
        let closed = self.stop.child_token();
        let (connection, outbox) = outbox::open(self.carrier, peer, closed.clone()).await;
        let opened = Opened { connection: connection.clone(), name: origin.name() };
        self.open.lock().insert(peer, opened);
        let (shared, flow) = (self.clone(), self.flow(connection.clone(), peer));
        tasks.spawn(async move {
            let line = Line { connection, raw: outbox.raw(), peer };
            closed.run_until_cancelled(carry(agreed, &line, outbox, &intake)).await;
            closed.cancel();
            shared.forget(peer);
            drop(origin);
        });
        Ok(flow)
    }

    /// Takes a closed connection out, unless a newer one with the same peer is there.
    fn forget(&self, peer: SocketAddr) {
        let mut open = self.open.lock();
        let is_closed =
            |opened: &Opened| opened.connection.cancel_token().is_some_and(|token| token.is_cancelled());
        if open.get(&peer).is_some_and(is_closed) {
            open.remove(&peer);
        }
    }
}

/// A connection as its messages see it.
pub(super) struct Line {
    pub(super) connection: SipConnection,
    pub(super) raw: Raw,
    pub(super) peer: SocketAddr,
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
    loop {
        match listener.accept().await {
            // More than we serve are closed at once.
            Ok((stream, peer)) => {
                if let Ok(permit) = shared.room.clone().try_acquire_owned() {
                    shared.take_in(stream, peer, permit);
                }
            }
            Err(error) => {
                tracing::debug!(%error, "accepting a connection failed");
                tokio::time::sleep(AFTER_ERROR).await;
            }
        }
    }
}

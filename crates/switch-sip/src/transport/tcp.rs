//! SIP over TCP: the listener, connections in both directions, and cutting the stream into messages.

use std::{
    collections::HashMap,
    io,
    net::{IpAddr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use bytes::BytesMut;
use call::party::Transport;
use parking_lot::Mutex;
use rsipstack::transport::{SipAddr, SipConnection, stream::StreamConnection, tcp::TcpConnection};
use socket2::{Domain, Protocol, Socket, Type};
use tokio::{
    io::{AsyncRead, AsyncReadExt},
    net::{TcpListener, TcpStream},
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use super::{
    Flow, advertised,
    flow::Local,
    intake::{Arrival, Intake},
    screen::{self, Frame},
};
use crate::error::SipError;

/// A connection on which nothing comes for so long is closed; phones send keep-alives far more often.
const IDLE: Duration = Duration::from_secs(900);

/// Rest after a failed accept (no file descriptors left), so that it does not take a core.
const AFTER_ERROR: Duration = Duration::from_millis(10);

/// Connections at one time.
const MAX_CONNECTIONS: usize = 10_000;

/// A TCP listener and the connections that are open.
pub(super) struct Tcp {
    pub(super) bound: SocketAddr,
    listener: Mutex<Option<TcpListener>>,
    shared: Arc<Shared>,
}

struct Shared {
    local: Arc<Local>,
    open: Mutex<HashMap<SocketAddr, SipConnection>>,
    served: Mutex<Option<(Arc<Intake>, TaskTracker)>>,
    stop: CancellationToken,
}

impl Tcp {
    pub(super) fn bind(
        address: SocketAddr,
        told: Option<IpAddr>,
        stop: CancellationToken,
    ) -> Result<Self, SipError> {
        let fault = |source| SipError::Listen { transport: "TCP", address, source };
        let listener = listen(address).map_err(fault)?;
        let bound = listener.local_addr().map_err(fault)?;
        let local = Arc::new(Local::new(advertised(bound, told), Transport::Tcp));
        let shared = Shared { local, open: Mutex::default(), served: Mutex::default(), stop };
        Ok(Self { bound, listener: Mutex::new(Some(listener)), shared: Arc::new(shared) })
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
        let connection = self.shared.open.lock().get(&peer).cloned()?;
        Some(self.shared.flow(connection, peer)).filter(Flow::is_open)
    }

    pub(super) async fn connect(&self, peer: SocketAddr) -> io::Result<Flow> {
        let stream = TcpStream::connect(peer).await?;
        self.shared.take_in(stream, peer)
    }
}

impl Shared {
    fn flow(&self, connection: SipConnection, peer: SocketAddr) -> Flow {
        Flow::new(connection, peer, Transport::Tcp, self.local.clone())
    }

    /// Begins to read from a new connection.
    fn take_in(self: &Arc<Self>, stream: TcpStream, peer: SocketAddr) -> io::Result<Flow> {
        let Some((intake, tasks)) = self.served.lock().clone() else {
            return Err(io::ErrorKind::NotConnected.into());
        };
        stream.set_nodelay(true)?;
        let addr = SipAddr::new(rsipstack::sip::Transport::Tcp, stream.local_addr()?.into());
        let closed = self.stop.child_token();
        let tcp = TcpConnection::from_stream(stream, addr, Some(closed.clone())).map_err(io::Error::other)?;
        let connection = SipConnection::from(tcp.clone());
        self.open.lock().insert(peer, connection.clone());
        let shared = self.clone();
        let flow = self.flow(connection.clone(), peer);
        tasks.spawn(async move {
            closed.run_until_cancelled(read(&tcp, &connection, peer, &intake)).await;
            closed.cancel();
            shared.forget(peer);
            if let Err(error) = tcp.close().await {
                tracing::debug!(%error, "closing a connection failed");
            }
        });
        Ok(flow)
    }

    /// Takes a closed connection out, unless a newer one with the same peer is there.
    fn forget(&self, peer: SocketAddr) {
        let mut open = self.open.lock();
        let is_closed =
            |connection: &SipConnection| connection.cancel_token().is_some_and(|token| token.is_cancelled());
        if open.get(&peer).is_some_and(is_closed) {
            open.remove(&peer);
        }
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
        let taken = match listener.accept().await {
            // More than we serve: closed at once.
            Ok(_) if shared.open.lock().len() >= MAX_CONNECTIONS => continue,
            Ok((stream, peer)) => shared.take_in(stream, peer).map(drop),
            Err(error) => Err(error),
        };
        if let Err(error) = taken {
            tracing::debug!(%error, "a connection was not taken");
            tokio::time::sleep(AFTER_ERROR).await;
        }
    }
}

async fn read(tcp: &TcpConnection, connection: &SipConnection, source: SocketAddr, intake: &Intake) {
    let Some(mut reader) = tcp.inner.read_half.lock().await.take() else { return };
    let mut buffer = BytesMut::with_capacity(4096);
    while let Some(frame) = next_frame(&mut reader, &mut buffer).await {
        match frame {
            Frame::Message(length) => {
                let bytes = &buffer.split_to(length);
                intake.take(Arrival { bytes, source, connection, transport: Transport::Tcp }).await;
            }
            // RFC 5626 section 4.4.1: CRLF CRLF is answered with CRLF.
            Frame::Ping => {
                let _ = buffer.split_to(screen::PING.len());
                if tcp.send_raw(screen::PONG).await.is_err() {
                    return;
                }
            }
            Frame::Blank(length) => drop(buffer.split_to(length)),
            Frame::Broken => return,
            Frame::Incomplete => {}
        }
    }
}

/// The next whole frame at the front of `buffer`; `None` when the peer has closed or is idle for too long.
async fn next_frame(reader: &mut (impl AsyncRead + Unpin), buffer: &mut BytesMut) -> Option<Frame> {
    loop {
        match screen::frame(buffer) {
            Frame::Incomplete => {}
            frame => return Some(frame),
        }
        let read = tokio::time::timeout(IDLE, reader.read_buf(buffer)).await;
        match read {
            Ok(Ok(length)) if length > 0 => {}
            _ => return None,
        }
    }
}

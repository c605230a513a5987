//! The door of HTTP: connections, and what bounds them.
//!
//! A connection has its [`Place`](guard::Place) in a [`Room`]. It is idle until a whole request has come, and again once the
//! response is gone: then it may be closed for the sake of others. A head that does not come whole in time closes
//! it, and so does a peer that stops taking what it is sent. HTTP/1.1 and HTTP/2 are spoken: under TLS by what is
//! agreed on there, else HTTP/2 by prior knowledge.

mod activity;
mod connection;

use std::{io, sync::Arc, time::Duration};

use axum::Router;
use guard::Room;
use hyper_util::{rt::TokioExecutor, server::conn::auto};
use tls::TlsServer;
use tokio::net::{TcpListener, TcpStream};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use connection::Connection;
pub(crate) use connection::OverTls;

/// What bounds the connections, and what they speak.
#[derive(Clone, Debug)]
pub struct ServeLimits {
    /// Where they have their places.
    pub room: Room,
    /// Our side of TLS; `None` = it is not spoken.
    pub tls: Option<TlsServer>,
    /// How long browsers are to come by https alone (RFC 6797); zero = nothing is said of it.
    pub hsts: Duration,
    /// How long the head of a request may take to come, from when the one before was answered.
    pub head: Duration,
    /// How long a body may take to come.
    pub body: Duration,
    /// How long a peer may leave what it was sent unacknowledged.
    pub unacknowledged: Duration,
}

impl ServeLimits {
    /// The usual times.
    pub fn new(room: Room) -> Self {
        Self {
            room,
            tls: None,
            hsts: Duration::ZERO,
            head: Duration::from_secs(20),
            body: Duration::from_secs(30),
            unacknowledged: Duration::from_secs(60),
        }
    }
}

/// What may be spoken under TLS, the best first (ALPN).
pub const PROTOCOLS: [&str; 2] = ["h2", "http/1.1"];

/// Bytes of a request's head, at most, and the header fields in it.
const HEAD_BYTES: usize = 64 << 10;
const HEAD_FIELDS: usize = 128;
/// Requests at a time on one connection of HTTP/2.
const STREAMS: u32 = 100;
/// How often a peer of HTTP/2 that says nothing is asked whether it is there.
const ASK: Duration = Duration::from_secs(30);
/// Rest after a failed accept (no file descriptors left), so that it does not take a core.
const AFTER_ERROR: Duration = Duration::from_millis(50);

type Builder = auto::Builder<TokioExecutor>;

/// Answers requests until told to stop, then finishes those that have begun.
pub async fn serve(listener: TcpListener, router: Router, limits: ServeLimits, stopping: CancellationToken) {
    let (builder, tasks) = (Arc::new(builder(&limits)), TaskTracker::new());
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = stopping.cancelled() => break,
        };
        match accepted {
            Ok((stream, peer)) => {
                // One at a time: a crowd at the door waits for those who are inside, and not they for it.
                tokio::task::yield_now().await;
                let Some(place) = limits.room.enter(peer.ip()) else { continue };
                let connection = Connection::new(router.clone(), (&stream, peer), place, limits.clone());
                if let Err(error) = prepare(&stream, &limits) {
                    tracing::debug!(%error, "a connection cannot be prepared");
                }
                tasks.spawn(connection.begin(stream, builder.clone(), stopping.clone()));
            }
            Err(error) => {
                tracing::warn!(%error, "an HTTP connection could not be accepted");
                tokio::time::sleep(AFTER_ERROR).await;
            }
        }
    }
    tasks.close();
    tasks.wait().await;
}

fn builder(limits: &ServeLimits) -> Builder {
    let mut builder = Builder::new(TokioExecutor::new());
    builder
        .http1()
        .timer(hyper_util::rt::TokioTimer::new())
        .header_read_timeout(limits.head)
        .max_headers(HEAD_FIELDS)
        .max_buf_size(HEAD_BYTES);
    builder
        .http2()
        .timer(hyper_util::rt::TokioTimer::new())
        .keep_alive_interval(ASK)
        .max_concurrent_streams(STREAMS)
        .max_header_list_size(HEAD_BYTES as u32);
    builder
}

/// A peer that takes no more of what it is sent is dropped by the kernel.
fn prepare(stream: &TcpStream, limits: &ServeLimits) -> io::Result<()> {
    stream.set_nodelay(true)?;
    socket2::SockRef::from(stream).set_tcp_user_timeout(Some(limits.unacknowledged))
}

//! One connection.

use std::{convert::Infallible, net::SocketAddr, sync::Arc};

use axum::{
    Router,
    body::Body,
    extract::{ConnectInfo, Request},
    http::{HeaderValue, header},
    response::Response,
};
use guard::Place;
use hyper::{body::Incoming, service::service_fn};
use hyper_util::rt::TokioIo;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
    time::{Instant, timeout},
};
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

use crate::layer::host::OwnAddress;

use super::{
    Builder, ServeLimits,
    activity::{Activity, Baton},
};

/// Marks requests that come over TLS.
#[derive(Clone, Copy, Debug)]
pub(crate) struct OverTls;

/// One connection.
pub(super) struct Connection {
    router: Router,
    peer: SocketAddr,
    own: Option<OwnAddress>,
    activity: Arc<Activity>,
    limits: ServeLimits,
    /// Cancelled with the head of its first request.
    asked: CancellationToken,
}

impl Connection {
    pub(super) fn new(
        router: Router,
        (stream, peer): (&TcpStream, SocketAddr),
        place: Place,
        limits: ServeLimits,
    ) -> Self {
        let own = stream.local_addr().ok().map(OwnAddress);
        Self { router, peer, own, activity: Activity::new(place), limits, asked: CancellationToken::new() }
    }

    /// Agrees on TLS, if it is spoken, and answers requests.
    pub(super) async fn begin(self, stream: TcpStream, builder: Arc<Builder>, stopping: CancellationToken) {
        let Some(tls) = self.limits.tls.clone() else { return self.carry(stream, builder, stopping).await };
        let leave = self.activity.place().leave();
        let agreed = tokio::select! {
            agreed = timeout(self.limits.head, tls.accept(stream)) => agreed,
            () = leave.cancelled() => return,
            () = stopping.cancelled() => return,
        };
        match agreed {
            Ok(Ok(stream)) => self.carry(stream, builder, stopping).await,
            Ok(Err(error)) => tracing::debug!(%error, "a peer does not agree on TLS"),
            Err(_) => tracing::debug!("a peer takes too long to agree on TLS"),
        }
    }

    /// Answers requests until the peer closes, has to leave or the server stops.
    async fn carry(
        self,
        stream: impl AsyncRead + AsyncWrite + Send + Unpin + 'static,
        builder: Arc<Builder>,
        stopping: CancellationToken,
    ) {
        let connection = Arc::new(self);
        let leave = connection.activity.place().leave();
        let answer = service_fn(|request| connection.clone().answer(request));
        let mut served = std::pin::pin!(builder.serve_connection_with_upgrades(TokioIo::new(stream), answer));
        let ended = tokio::select! {
            ended = served.as_mut() => ended,
            () = leave.cancelled() => return,
            () = connection.says_nothing() => return,
            () = stopping.cancelled() => {
                served.as_mut().graceful_shutdown();
                served.await
            }
        };
        if let Err(error) = ended {
            tracing::debug!(%error, "an HTTP connection has failed");
        }
    }

    /// Returns if no first request has come in time. From then on the protocol watches the next ones.
    async fn says_nothing(&self) {
        if timeout(self.limits.head, self.asked.cancelled()).await.is_ok() {
            std::future::pending().await
        }
    }

    /// That browsers are to come by https alone from now on.
    fn transport_security(&self) -> Option<HeaderValue> {
        let seconds = self.limits.hsts.as_secs();
        let is_told = self.limits.tls.is_some() && seconds > 0;
        is_told.then(|| format!("max-age={seconds}").parse().expect("digits are a header value"))
    }

    async fn answer(self: Arc<Self>, request: Request<Incoming>) -> Result<Response, Infallible> {
        let (baton, deadline) = (Baton::default(), Instant::now() + self.limits.body);
        self.asked.cancel();
        let (mut parts, body) = request.into_parts();
        parts.extensions.insert(ConnectInfo(self.peer));
        if let Some(own) = self.own {
            parts.extensions.insert(own);
        }
        if self.limits.tls.is_some() {
            parts.extensions.insert(OverTls);
        }
        let body = baton.receive(Body::new(body), &self.activity, deadline);
        let mut response = self.router.clone().oneshot(Request::from_parts(parts, body)).await?;
        if let Some(value) = self.transport_security() {
            response.headers_mut().insert(header::STRICT_TRANSPORT_SECURITY, value);
        }
        Ok(response.map(|body| baton.send(body)))
    }
}

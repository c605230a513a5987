//! Requests and answers.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use axum::{
    body::Body,
    extract::ConnectInfo,
    http::{HeaderMap, Method, Request, StatusCode, request::Builder, response::Parts},
};
use guard::{Room, RoomLimits};
use http_body_util::BodyExt;
use http_core::ServeLimits;
use serde_json::Value;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

use super::Server;

/// A request in the making.
pub struct Asking<'a> {
    server: &'a Server,
    builder: Builder,
    peer: IpAddr,
}

/// What the server answered.
#[derive(Clone, Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
}

impl Server {
    /// A request, from 203.0.113.7 to the host `example.org`.
    pub fn request(&self, method: Method, path_and_query: &str) -> Asking<'_> {
        self.without_host(method, path_and_query).header("host", "example.org")
    }

    /// The same, but it does not say to which host.
    pub fn without_host(&self, method: Method, path_and_query: &str) -> Asking<'_> {
        let builder = Request::builder().method(method).uri(path_and_query);
        Asking { server: self, builder, peer: [203, 0, 113, 7].into() }
    }

    pub fn get(&self, path_and_query: &str) -> Asking<'_> {
        self.request(Method::GET, path_and_query)
    }

    pub fn post(&self, path_and_query: &str) -> Asking<'_> {
        self.request(Method::POST, path_and_query)
    }

    pub fn delete(&self, path_and_query: &str) -> Asking<'_> {
        self.request(Method::DELETE, path_and_query)
    }
}

impl Server {
    /// Answers on a socket too, as long as the test runs.
    pub async fn serve(&self) -> SocketAddr {
        self.serve_within(ServeLimits::new(Room::new(RoomLimits { total: 1_000, of_source: 1_000 }))).await
    }

    /// The same, within limits.
    pub async fn serve_within(&self, limits: ServeLimits) -> SocketAddr {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(http_core::serve(listener, self.router.clone(), limits, CancellationToken::new()));
        address
    }
}

impl Asking<'_> {
    /// With a body; what is answered can be read as it comes.
    pub async fn stream(self, body: impl Into<Body>) -> (Parts, Body) {
        let mut request = self.builder.body(body.into()).unwrap();
        request.extensions_mut().insert(ConnectInfo(SocketAddr::new(self.peer, 40_000)));
        self.server.router.clone().oneshot(request).await.unwrap().into_parts()
    }

    /// With a header.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.builder = self.builder.header(name, value);
        self
    }

    /// From another address.
    #[must_use]
    pub fn from(self, peer: impl Into<IpAddr>) -> Self {
        Self { peer: peer.into(), ..self }
    }

    /// Without a body.
    pub async fn send(self) -> Answer {
        self.body("").await
    }

    /// With a body.
    pub async fn body(self, body: impl Into<Body>) -> Answer {
        let (parts, body) = self.stream(body).await;
        let body = match parts.headers.get("content-type") {
            // It does not end by itself.
            Some(kind) if kind.as_bytes().starts_with(b"text/event-stream") => first_frame(body).await,
            _ => body.collect().await.unwrap().to_bytes().to_vec(),
        };
        Answer { status: parts.status, headers: parts.headers, body }
    }
}

/// The first piece of a body that does not end.
async fn first_frame(mut body: Body) -> Vec<u8> {
    let frame = body.frame().await.unwrap().unwrap();
    frame.into_data().unwrap().to_vec()
}

impl Answer {
    /// A header's text; empty if it is absent.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// The body as text.
    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }

    /// The body as JSON.
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error} in {:?}", self.text()))
    }
}

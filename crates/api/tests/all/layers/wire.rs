//! HTTP/2 by prior knowledge (RFC 9113, section 3.3), beside HTTP/1.1 on the same socket.

use axum::{
    body::Body,
    http::{Request, Version},
};
use http_body_util::BodyExt;
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::net::TcpStream;

use crate::harness::Server;

#[tokio::test]
async fn http_2_is_spoken_with_those_who_know_it() {
    let server = Server::start().await;
    let address = server.serve().await;
    let stream = TcpStream::connect(address).await.unwrap();
    let (mut sender, connection) =
        hyper::client::conn::http2::handshake(TokioExecutor::new(), TokioIo::new(stream)).await.unwrap();
    tokio::spawn(connection);
    let ask = |path: &str| {
        let uri = format!("http://example.org{path}");
        Request::get(uri)
            .version(Version::HTTP_2)
            .header("authorization", server.yeti_token("ann"))
            .body(Body::empty())
    };
    let answer = sender.send_request(ask("/healthz").unwrap()).await.unwrap();
    assert_eq!((answer.version(), answer.status().as_u16()), (Version::HTTP_2, 200));
    let answer = sender.send_request(ask("/api/rest/customer/v1/accounts").unwrap()).await.unwrap();
    let body = answer.into_body().collect().await.unwrap().to_bytes();
    let body: serde_json::Value = serde_json::from_slice(&body).unwrap();
    assert!(body["links"]["first"].as_str().unwrap().starts_with("http://example.org/api/rest/"));
}

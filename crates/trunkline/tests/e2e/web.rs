//! A web server that has tones to play.

use std::net::SocketAddr;

use axum::{Router, extract::Path, routing::get};
use testkit::heard::tone;

/// A server whose `/HERTZ/SECONDS` is a WAV file with a tone.
pub async fn web() -> SocketAddr {
    let file = async |Path((hertz, seconds)): Path<(u32, u32)>| tone(hertz, seconds).unwrap();
    let routes = Router::new().route("/{hertz}/{seconds}", get(file));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, routes).await });
    address
}

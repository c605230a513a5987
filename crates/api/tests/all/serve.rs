//! Connections over real sockets: who may hold them, for how long, and what they speak.

use std::{
    net::{Ipv4Addr, SocketAddr},
    time::Duration,
};

use guard::{Room, RoomLimits};
use http_body_util::{BodyExt, Empty};
use http_core::ServeLimits;
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpSocket, TcpStream},
    time::timeout,
};

use crate::harness::Server;

const PATIENCE: Duration = Duration::from_secs(10);

/// Room for forty connections, and short times.
fn limits() -> (Room, ServeLimits) {
    let room = Room::new(RoomLimits { total: 40, of_source: 30 });
    let times = ServeLimits::new(room.clone());
    let short = Duration::from_millis(300);
    (room, ServeLimits { head: short, body: short, ..times })
}

async fn connect(from: u8, to: SocketAddr) -> TcpStream {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind(SocketAddr::from((Ipv4Addr::new(127, 0, 0, from), 0))).unwrap();
    socket.connect(to).await.unwrap()
}

/// All that comes until the server closes.
async fn read_to_end(mut stream: TcpStream) -> String {
    let mut text = Vec::new();
    // A reset ends it too.
    let _ = timeout(PATIENCE, stream.read_to_end(&mut text)).await.expect("the server closes");
    String::from_utf8(text).unwrap()
}

async fn livez(from: u8, to: SocketAddr) -> String {
    let mut stream = connect(from, to).await;
    stream.write_all(b"GET /livez HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").await.unwrap();
    read_to_end(stream).await
}

#[tokio::test]
async fn a_head_that_does_not_come_whole_closes_its_connection() {
    let server = Server::start().await;
    let (room, limits) = limits();
    let address = server.serve_within(limits).await;
    let mut slow = connect(2, address).await;
    slow.write_all(b"GET /livez HTTP/1.1\r\nHost: x\r\n").await.unwrap();
    let silent = connect(2, address).await;
    assert!(!read_to_end(slow).await.contains("200"));
    read_to_end(silent).await;
    assert_eq!(room.held(), 0);
}

#[tokio::test]
async fn a_head_of_too_many_fields_or_too_long_is_refused() {
    let server = Server::start().await;
    let address = server.serve().await;
    let ask = async |fields: String| {
        let mut stream = connect(2, address).await;
        let head = format!("GET /livez HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{fields}\r\n");
        // It may be refused before it has come whole.
        let _ = stream.write_all(head.as_bytes()).await;
        read_to_end(stream).await
    };
    let fields = |count| (0..count).map(|at| format!("X-{at}: y\r\n")).collect::<String>();
    assert!(ask(fields(100)).await.ends_with("ok\n"));
    let long = |length| format!("X: {}\r\n", "y".repeat(length));
    assert!(ask(long(32 << 10)).await.ends_with("ok\n"));
    for refused in [fields(200), long(80 << 10)] {
        let answer = ask(refused).await;
        assert!(answer.starts_with("HTTP/1.1 431") || answer.is_empty(), "{answer}");
    }
}

#[tokio::test]
async fn a_body_that_does_not_come_whole_is_refused() {
    let server = Server::start().await;
    let address = server.serve_within(limits().1).await;
    let mut slow = connect(2, address).await;
    let head = b"POST /api/rest/customer/v1/auth HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{";
    slow.write_all(head).await.unwrap();
    assert!(read_to_end(slow).await.starts_with("HTTP/1.1 400"));
}

#[tokio::test]
async fn idle_connections_of_many_sources_make_place_for_whoever_asks_something() {
    let server = Server::start().await;
    let (room, limits) = limits();
    let address = server.serve_within(ServeLimits { head: PATIENCE, ..limits }).await;
    let mut crowd = Vec::new();
    for number in 0..200u8 {
        crowd.push(connect(10 + number % 20, address).await);
    }
    for _ in 0..50 {
        assert!(livez(2, address).await.ends_with("ok\n"));
    }
    let (refused, evicted) = room.turned_away();
    assert!(refused + evicted >= 160, "{refused} and {evicted}");
    assert!(room.held() <= 40);
}

#[tokio::test]
async fn http_2_is_spoken_to_whoever_begins_with_it() {
    let server = Server::start().await;
    let stream = connect(2, server.serve().await).await;
    let (mut sender, connection) =
        hyper::client::conn::http2::handshake(TokioExecutor::new(), TokioIo::new(stream)).await.unwrap();
    tokio::spawn(connection);
    for _ in 0..2 {
        let request = hyper::Request::get("http://example.org/livez").body(Empty::<&[u8]>::new()).unwrap();
        let response = sender.send_request(request).await.unwrap();
        assert_eq!(response.status(), 200);
        assert_eq!(response.into_body().collect().await.unwrap().to_bytes(), "ok\n");
    }
}

/// A frame of HTTP/2 (RFC 9113 section 4.1).
fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).unwrap().to_be_bytes();
    [&length[1..], &[kind, flags], &stream.to_be_bytes(), payload].concat()
}

/// The kind of the next frame, and its payload.
async fn next_frame(stream: &mut TcpStream) -> (u8, Vec<u8>) {
    let mut head = [0; 9];
    timeout(PATIENCE, stream.read_exact(&mut head)).await.expect("a frame").unwrap();
    let length = u32::from_be_bytes([0, head[0], head[1], head[2]]);
    let mut payload = vec![0; length as usize];
    stream.read_exact(&mut payload).await.unwrap();
    (head[3], payload)
}

#[tokio::test]
async fn a_connection_of_http_2_has_so_many_requests_at_a_time() {
    const SETTINGS: u8 = 4;
    const HEADERS: u8 = 1;
    const RST_STREAM: u8 = 3;
    let server = Server::start().await;
    let mut stream = connect(2, server.serve().await).await;
    stream.write_all(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n").await.unwrap();
    stream.write_all(&frame(SETTINGS, 0, 0, &[])).await.unwrap();
    let (kind, settings) = next_frame(&mut stream).await;
    let most = settings.chunks(6).find(|setting| setting[..2] == [0, 3]).expect("MAX_CONCURRENT_STREAMS");
    assert_eq!((kind, &most[2..]), (SETTINGS, &100u32.to_be_bytes()[..]));
    // POST http://example.org/api/rest/customer/v1/auth, whose body does not come.
    let path = b"/api/rest/customer/v1/auth";
    let head = [&[0x83, 0x86, 0x41, 11][..], b"example.org", &[0x44, 26], path].concat();
    for number in 0..101 {
        stream.write_all(&frame(HEADERS, 4, 2 * number + 1, &head)).await.unwrap();
    }
    let refused = loop {
        let (kind, payload) = next_frame(&mut stream).await;
        assert_ne!(kind, HEADERS, "one was answered without its body");
        if kind == RST_STREAM {
            break payload;
        }
    };
    // REFUSED_STREAM (RFC 9113 section 7).
    assert_eq!(refused, 7u32.to_be_bytes());
}

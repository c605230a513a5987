//! SIP over WebSocket (RFC 7118): each message of the WebSocket is one of SIP.

use std::time::Duration;

use bytes::Bytes;
use futures_util::{SinkExt, Stream, StreamExt, stream::SplitSink};
use tokio::time::{interval_at, timeout, timeout_at};
use tokio_tungstenite::{
    WebSocketStream, accept_hdr_async_with_config,
    tungstenite::{
        self, Message,
        handshake::server::{ErrorResponse, Request, Response},
        http::{
            HeaderValue, StatusCode,
            header::{ORIGIN, SEC_WEBSOCKET_PROTOCOL},
        },
        protocol::WebSocketConfig,
    },
};

use super::{Line, Outbox, Wire, framing::WRITE, standing::Watch};
use crate::transport::{
    intake::{Arrival, Intake},
    overload::Queue,
    screen::{MAX_MESSAGE, PING, PONG},
};

/// The subprotocol (RFC 7118 section 4).
const SIP: &str = "sip";

/// How often a browser, which sends nothing by itself, is asked whether it is there.
const ASK: Duration = Duration::from_secs(30);

/// A browser that leaves three such questions unanswered is gone.
const IDLE: Duration = Duration::from_secs(100);

/// Agrees on SIP over WebSocket; a client that does not offer it is refused, and so is a page that is not among
/// `origins`, unless there are none.
pub(super) async fn accept(
    wire: Wire,
    origins: &[String],
) -> Result<WebSocketStream<Wire>, tungstenite::Error> {
    let limits =
        WebSocketConfig::default().max_message_size(Some(MAX_MESSAGE)).max_frame_size(Some(MAX_MESSAGE));
    #[expect(clippy::result_large_err, reason = "the type is the library's")]
    let choose = |request: &Request, response: Response| match is_welcome(request, origins) {
        true => choose_sip(request, response),
        false => Err(refusal(StatusCode::FORBIDDEN, "This page may not connect.\n")),
    };
    accept_hdr_async_with_config(wire, choose, Some(limits)).await
}

#[expect(clippy::result_large_err, reason = "the type is the library's")]
fn choose_sip(request: &Request, mut response: Response) -> Result<Response, ErrorResponse> {
    let offered = request.headers().get_all(SEC_WEBSOCKET_PROTOCOL).iter();
    let mut names = offered.filter_map(|value| value.to_str().ok()).flat_map(|value| value.split(','));
    if !names.any(|name| name.trim().eq_ignore_ascii_case(SIP)) {
        return Err(refusal(StatusCode::BAD_REQUEST, "The subprotocol sip is expected.\n"));
    }
    response.headers_mut().insert(SEC_WEBSOCKET_PROTOCOL, HeaderValue::from_static(SIP));
    Ok(response)
}

/// Whether the page that a browser connects for may (RFC 6455 section 10.2).
fn is_welcome(request: &Request, origins: &[String]) -> bool {
    let Some(origin) = request.headers().get(ORIGIN).filter(|_| !origins.is_empty()) else { return true };
    origins.iter().any(|known| known.as_bytes().eq_ignore_ascii_case(origin.as_bytes()))
}

fn refusal(status: StatusCode, reason: &str) -> ErrorResponse {
    let mut refusal = ErrorResponse::new(Some(reason.to_owned()));
    *refusal.status_mut() = status;
    refusal
}

/// Reads and writes until the peer closes, breaks the rules or falls silent.
pub(super) async fn carry(socket: WebSocketStream<Wire>, line: &Line, outbox: Outbox, intake: &Intake) {
    let (mut writer, reader) = socket.split();
    tokio::select! {
        () = read(reader, line, intake) => {}
        () = write(&mut writer, outbox) => {}
    }
    // The peer may have gone already.
    let _ = timeout(WRITE, writer.close()).await;
}

async fn write(writer: &mut SplitSink<WebSocketStream<Wire>, Message>, mut outbox: Outbox) {
    let mut asks = interval_at(tokio::time::Instant::now() + ASK, ASK);
    loop {
        let message = tokio::select! {
            bytes = outbox.next() => frame(bytes),
            _ = asks.tick() => Message::Ping(Bytes::new()),
        };
        if !matches!(timeout(WRITE, writer.send(message)).await, Ok(Ok(()))) {
            return;
        }
    }
}

/// Text where it can be: browsers' stacks expect it (RFC 7118 section 5 allows both).
fn frame(bytes: Bytes) -> Message {
    match bytes.clone().try_into() {
        Ok(text) => Message::Text(text),
        Err(_) => Message::Binary(bytes),
    }
}

async fn read(
    mut reader: impl Stream<Item = Result<Message, tungstenite::Error>> + Unpin,
    line: &Line,
    intake: &Intake,
) {
    let mut watch = Watch::begin(&line.origin, &line.limits);
    let mut queue = Queue::default();
    while let Ok(Some(Ok(message))) = timeout_at(watch.deadline(IDLE), queue.watch(reader.next())).await {
        watch.on_bytes();
        let bytes = match message {
            Message::Text(text) => Bytes::from(text),
            Message::Binary(bytes) => bytes,
            Message::Close(_) => return,
            _ => continue,
        };
        match &bytes[..] {
            PING => line.raw.send(Bytes::from_static(PONG)),
            [] | PONG => {}
            message => {
                watch.on_message();
                let stands = queue.took(intake.now());
                intake.take(Arrival::on(line, message, stands));
            }
        }
    }
}

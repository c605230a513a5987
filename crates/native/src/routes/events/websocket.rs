//! Events over WebSocket: a text message for each. Whatever the client says but a close is passed over.

use std::time::Duration;

use axum::{
    body::Body,
    http::{Extensions, HeaderMap, HeaderValue, StatusCode, header},
    response::Response,
};
use call::ErrorCode;
use futures_util::{SinkExt, StreamExt};
use hyper::upgrade::{OnUpgrade, Upgraded};
use hyper_util::rt::TokioIo;
use tokio::time::timeout;
use tokio_tungstenite::{
    WebSocketStream,
    tungstenite::{
        Error, Message,
        handshake::derive_accept_key,
        protocol::{CloseFrame, Role, WebSocketConfig, frame::coding::CloseCode},
    },
};

use super::reader::{Item, Reader};
use crate::errors::Failure;

/// How long nothing is said before the client is asked whether it is there.
const SILENCE: Duration = Duration::from_secs(15);
/// How long a client may leave what it was sent untaken.
const STUCK: Duration = Duration::from_secs(60);
/// The longest message of a client.
const LONGEST: usize = 4 << 10;

/// Whether a request is a handshake (RFC 6455, section 4.1).
pub fn is_asked_for(headers: &HeaderMap) -> bool {
    let upgrade = headers.get(header::UPGRADE).and_then(|value| value.to_str().ok());
    upgrade.is_some_and(|protocol| protocol.eq_ignore_ascii_case("websocket"))
}

/// Agrees, and sends from then on.
pub fn answer(reader: Reader, headers: &HeaderMap, extensions: &mut Extensions) -> Result<Response, Failure> {
    let refuse = |header: &str, accepted: &str| Failure::bad_member(header, "something else", accepted);
    if headers.get("sec-websocket-version").is_none_or(|version| version != "13") {
        return Err(refuse("Sec-WebSocket-Version", "13"));
    }
    let key = headers.get("sec-websocket-key").ok_or_else(|| refuse("Sec-WebSocket-Key", "a key"))?;
    let accept = HeaderValue::from_str(&derive_accept_key(key.as_bytes()))
        .map_err(|_| Failure::new(ErrorCode::InvalidInput, "The handshake is not understood"))?;
    let upgrade = extensions.remove::<OnUpgrade>();
    let upgrade =
        upgrade.ok_or_else(|| refuse("Upgrade", "a connection of HTTP/1.1, which can be upgraded"))?;
    tokio::spawn(async move {
        match upgrade.await {
            Ok(stream) => carry(reader, stream).await,
            Err(error) => tracing::debug!(%error, "a connection did not become a WebSocket"),
        }
    });
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
    let named = [
        (header::CONNECTION, HeaderValue::from_static("upgrade")),
        (header::UPGRADE, HeaderValue::from_static("websocket")),
        (header::SEC_WEBSOCKET_ACCEPT, accept),
    ];
    response.headers_mut().extend(named);
    Ok(response)
}

async fn carry(mut reader: Reader, stream: Upgraded) {
    let config = WebSocketConfig::default().max_message_size(Some(LONGEST)).max_frame_size(Some(LONGEST));
    let mut socket = WebSocketStream::from_raw_socket(TokioIo::new(stream), Role::Server, Some(config)).await;
    let ended = send_all(&mut reader, &mut socket).await;
    tracing::debug!(?ended, "a reader of events has gone");
}

async fn send_all(reader: &mut Reader, socket: &mut WebSocketStream<TokioIo<Upgraded>>) -> Result<(), Error> {
    loop {
        let message = tokio::select! {
            item = timeout(SILENCE, reader.next()) => match item {
                Ok(Some(item)) => printed(&item),
                Ok(None) => {
                    let bye = CloseFrame { code: CloseCode::Away, reason: "".into() };
                    return socket.close(Some(bye)).await;
                }
                Err(_) => Message::Ping("".into()),
            },
            said = socket.next() => match said {
                None | Some(Ok(Message::Close(_))) => return Ok(()),
                Some(Err(error)) => return Err(error),
                Some(Ok(_)) => continue,
            },
        };
        if timeout(STUCK, socket.send(message)).await.map_or(true, |sent| sent.is_err()) {
            return Ok(());
        }
    }
}

fn printed(item: &Item) -> Message {
    let text = match item {
        Item::Event(event) => serde_json::to_string(event),
        Item::Gap(gap) => serde_json::to_string(gap),
    };
    Message::text(text.unwrap_or_default())
}

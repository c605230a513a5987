//! What carries an agent's messages: datagrams, a stream of bytes, or a WebSocket.

use std::{net::SocketAddr, sync::Arc};

use futures_util::{
    SinkExt, StreamExt,
    stream::{SplitSink, SplitStream},
};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, ReadHalf, WriteHalf, split},
    net::{TcpStream, UdpSocket},
    sync::Mutex,
};
use tokio_rustls::{
    TlsConnector,
    rustls::{ClientConfig, RootCertStore, crypto::ring, pki_types::CertificateDer},
};
use tokio_tungstenite::{
    WebSocketStream, client_async,
    tungstenite::{self, client::IntoClientRequest, http::HeaderValue},
};

/// Bytes in both directions.
pub trait Duplex: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Duplex for T {}
pub type Wire = Box<dyn Duplex>;
type Socket = WebSocketStream<Wire>;

/// What carries an agent's messages.
pub enum Line {
    Datagrams { socket: UdpSocket, server: SocketAddr },
    Stream { reader: Mutex<(ReadHalf<Wire>, Vec<u8>)>, writer: Mutex<WriteHalf<Wire>>, secure: bool },
    WebSocket { reader: Mutex<SplitStream<Socket>>, writer: Mutex<SplitSink<Socket, tungstenite::Message>> },
}

impl Line {
    pub fn stream(wire: Wire, secure: bool) -> Self {
        let (reader, writer) = split(wire);
        Self::Stream { reader: Mutex::new((reader, Vec::new())), writer: Mutex::new(writer), secure }
    }

    /// Opens a WebSocket that offers these subprotocols.
    pub async fn websocket(wire: Wire, protocols: &'static str) -> Result<Self, tungstenite::Error> {
        let mut request = "ws://test/".into_client_request().unwrap();
        request.headers_mut().insert("Sec-WebSocket-Protocol", HeaderValue::from_static(protocols));
        let (socket, _) = client_async(request, wire).await?;
        let (writer, reader) = socket.split();
        Ok(Self::WebSocket { reader: Mutex::new(reader), writer: Mutex::new(writer) })
    }

    /// Transport as a Via names it, and as a URI does.
    pub fn names(&self) -> (&'static str, &'static str) {
        match self {
            Self::Datagrams { .. } => ("UDP", ""),
            Self::Stream { secure: true, .. } => ("TLS", ";transport=tls"),
            Self::Stream { .. } => ("TCP", ";transport=tcp"),
            Self::WebSocket { .. } => ("WS", ";transport=ws"),
        }
    }

    pub async fn send(&self, bytes: &[u8]) {
        match self {
            Self::Datagrams { socket, server } => drop(socket.send_to(bytes, server).await.unwrap()),
            Self::Stream { writer, .. } => writer.lock().await.write_all(bytes).await.unwrap(),
            Self::WebSocket { writer, .. } => {
                let text = String::from_utf8(bytes.to_vec()).unwrap();
                writer.lock().await.send(tungstenite::Message::Text(text.into())).await.unwrap();
            }
        }
    }

    /// The next message; `None` when the other side has closed.
    pub async fn receive(&self) -> Option<Vec<u8>> {
        match self {
            Self::Datagrams { socket, server } => loop {
                let mut buffer = vec![0; 65_535];
                let (length, source) = socket.recv_from(&mut buffer).await.unwrap();
                // Another test's switch may speak to whoever had this port before.
                if source == *server {
                    buffer.truncate(length);
                    return Some(buffer);
                }
            },
            Self::Stream { reader, .. } => {
                let (reader, kept) = &mut *reader.lock().await;
                next_of_stream(reader, kept).await
            }
            Self::WebSocket { reader, .. } => loop {
                match reader.lock().await.next().await?.ok()? {
                    tungstenite::Message::Text(text) => return Some(text.as_bytes().to_vec()),
                    tungstenite::Message::Close(_) => return None,
                    _ => {}
                }
            },
        }
    }
}

async fn next_of_stream(reader: &mut ReadHalf<Wire>, kept: &mut Vec<u8>) -> Option<Vec<u8>> {
    loop {
        if let Some(end) = message_end(kept) {
            return Some(kept.drain(..end).collect());
        }
        let mut chunk = [0; 4096];
        let length = reader.read(&mut chunk).await.ok().filter(|length| *length > 0)?;
        kept.extend_from_slice(&chunk[..length]);
    }
}

fn message_end(bytes: &[u8]) -> Option<usize> {
    if bytes == b"\r\n" {
        return Some(2);
    }
    let text = std::str::from_utf8(bytes).ok()?;
    let head = text.find("\r\n\r\n")? + 4;
    let length: usize =
        text.split_once("Content-Length: ")?.1.split_once("\r\n")?.0.parse().expect("a length");
    (bytes.len() >= head + length).then_some(head + length)
}

/// A stream inside TLS, whose other side must show a certificate for `localhost` that `trusted` signed.
pub async fn secured(stream: TcpStream, trusted: CertificateDer<'static>) -> std::io::Result<Wire> {
    let mut roots = RootCertStore::empty();
    roots.add(trusted).unwrap();
    let config = ClientConfig::builder_with_provider(ring::default_provider().into())
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let connector = TlsConnector::from(Arc::new(config));
    Ok(Box::new(connector.connect("localhost".try_into().unwrap(), stream).await?))
}

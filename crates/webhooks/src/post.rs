//! Sends a request to a URL that a client has named.
//!
//! Redirections are not followed: who is to get events says so where the hook is registered.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use guard::{ConnectError, Outward, UrlError, host_name};
use http_body_util::Full;
use hyper::{
    Request,
    client::conn::http1,
    header::{HOST, USER_AGENT},
};
use hyper_util::rt::TokioIo;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    time::timeout,
};
use tokio_rustls::{
    TlsConnector,
    rustls::{ClientConfig, RootCertStore, crypto::ring, pki_types::ServerName},
};
use url::Url;

use crate::format::Letter;

/// How long all of it may take: as the specification advises, 15 to 30 seconds.
const PATIENCE: Duration = Duration::from_secs(20);

/// Why a request got no answer.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PostError {
    #[error(transparent)]
    Connect(#[from] ConnectError),
    #[error("the answer cannot be read")]
    Answer(#[source] hyper::Error),
    #[error("there is no answer in time")]
    TooSlow,
}

/// Sends requests.
pub(crate) struct Poster {
    outward: Outward,
    tls: TlsConnector,
}

impl Poster {
    /// Trusts the certificates that the system trusts.
    pub(crate) fn new(outward: Outward) -> Self {
        let mut roots = RootCertStore::empty();
        // What cannot be read there is not trusted.
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .expect("ring has the default versions of TLS");
        let config = config.with_root_certificates(roots).with_no_client_auth();
        Self { outward, tls: Arc::new(config).into() }
    }

    /// Sends a letter; gives the status of the answer.
    pub(crate) async fn post(&self, url: &Url, letter: &Letter) -> Result<u16, PostError> {
        timeout(PATIENCE, self.send(url, letter)).await.unwrap_or(Err(PostError::TooSlow))
    }

    async fn send(&self, url: &Url, letter: &Letter) -> Result<u16, PostError> {
        let stream = self.outward.connect(url).await?;
        if url.scheme() == "http" {
            return exchange(stream, url, letter).await;
        }
        let name = host_name(url).map_err(ConnectError::Url)?.to_owned();
        let name = ServerName::try_from(name).map_err(|_| malformed())?;
        exchange(self.tls.connect(name, stream).await.map_err(ConnectError::Reach)?, url, letter).await
    }
}

fn malformed() -> ConnectError {
    ConnectError::Url(UrlError::Malformed)
}

/// Over a connection of its own: the body of the answer is not waited for.
async fn exchange(
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    url: &Url,
    letter: &Letter,
) -> Result<u16, PostError> {
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.map_err(PostError::Answer)?;
    let connection = tokio::spawn(connection);
    let answer = sender.send_request(request(url, letter)?).await;
    connection.abort();
    Ok(answer.map_err(PostError::Answer)?.status().as_u16())
}

fn request(url: &Url, letter: &Letter) -> Result<Request<Full<Bytes>>, ConnectError> {
    let host = &url[url::Position::BeforeHost..url::Position::AfterPort];
    let target = &url[url::Position::BeforePath..url::Position::AfterQuery];
    let request = Request::post(target)
        .header(HOST, host)
        .header(USER_AGENT, concat!("Trunkline/", env!("CARGO_PKG_VERSION")));
    let request = letter.headers.iter().fold(request, |request, (name, value)| request.header(*name, value));
    request.body(Full::new(letter.body.clone())).map_err(|_| malformed())
}

#[cfg(test)]
mod tests {
    use tokio::{net::TcpListener, time::Instant};

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_receiver_that_says_nothing_is_not_waited_for_any_longer() {
        let receiver = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/", receiver.local_addr().unwrap()).parse().unwrap();
        let letter = Letter { headers: Vec::new(), body: Bytes::from_static(b"{}") };
        let began = Instant::now();
        let answer = Poster::new(Outward::Anywhere).post(&url, &letter).await;
        assert!(matches!(answer, Err(PostError::TooSlow)), "{answer:?}");
        assert_eq!(began.elapsed().as_secs(), PATIENCE.as_secs());
    }
}

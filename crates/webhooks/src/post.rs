//! Sends a request to a URL that a client has named.
//!
//! A name is resolved once, its addresses are checked, and one of those that passed is connected to. Redirections are
//! not followed: who is to get events says so where the hook is registered.

use std::{io, net::SocketAddr, sync::Arc, time::Duration};

use bytes::Bytes;
use guard::is_public;
use http_body_util::Full;
use hyper::{
    Request,
    client::conn::http1,
    header::{CONTENT_TYPE, HOST, USER_AGENT},
};
use hyper_util::rt::TokioIo;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpStream, lookup_host},
    time::timeout,
};
use tokio_rustls::{
    TlsConnector,
    rustls::{ClientConfig, RootCertStore, crypto::ring, pki_types::ServerName},
};
use url::{Host, Url};

/// How long all of it may take: as the specification advises, 15 to 30 seconds.
const PATIENCE: Duration = Duration::from_secs(20);

/// Why a URL is not sent to. It is not shown: it may hold a password.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UrlError {
    /// It cannot be read, or has no host.
    #[error("it is not an absolute http or https URL of at most 2048 characters")]
    Malformed,
    /// Its host is not on the public Internet.
    #[error(
        "it leads to an address that is not public, and those are not allowed ([media] allow_private_urls)"
    )]
    Private,
}

/// Why a request got no answer.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PostError {
    #[error(transparent)]
    Url(#[from] UrlError),
    #[error("the host cannot be reached")]
    Reach(#[source] io::Error),
    #[error("the answer cannot be read")]
    Answer(#[source] hyper::Error),
    #[error("there is no answer in time")]
    TooSlow,
}

/// Sends requests.
#[derive(Clone)]
pub(crate) struct Poster {
    allows_private: bool,
    tls: TlsConnector,
}

/// What is sent.
pub(crate) struct Letter {
    pub(crate) id: String,
    pub(crate) timestamp: i64,
    pub(crate) signature: String,
    pub(crate) content_type: &'static str,
    pub(crate) body: Bytes,
}

/// Reads a URL, and refuses one that leads to a forbidden address by itself.
pub(crate) fn check(url: &str, allows_private: bool) -> Result<Url, UrlError> {
    let url = Url::parse(url).map_err(|_| UrlError::Malformed)?;
    let literal = match url.host().ok_or(UrlError::Malformed)? {
        Host::Ipv4(address) => Some(address.into()),
        Host::Ipv6(address) => Some(address.into()),
        Host::Domain(_) => None,
    };
    match matches!(url.scheme(), "http" | "https") {
        false => Err(UrlError::Malformed),
        true if allows_private || literal.is_none_or(is_public) => Ok(url),
        true => Err(UrlError::Private),
    }
}

impl Poster {
    /// Trusts the certificates that the system trusts.
    pub(crate) fn new(allows_private: bool) -> Self {
        let mut roots = RootCertStore::empty();
        // What cannot be read there is not trusted.
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .expect("ring has the default versions of TLS");
        let config = config.with_root_certificates(roots).with_no_client_auth();
        Self { allows_private, tls: Arc::new(config).into() }
    }

    /// Sends a letter; gives the status of the answer.
    pub(crate) async fn post(&self, url: &Url, letter: &Letter) -> Result<u16, PostError> {
        timeout(PATIENCE, self.send(url, letter)).await.unwrap_or(Err(PostError::TooSlow))
    }

    async fn send(&self, url: &Url, letter: &Letter) -> Result<u16, PostError> {
        let host = url.host_str().ok_or(UrlError::Malformed)?;
        // A literal IPv6 address stands in brackets in a URL, and without elsewhere.
        let name = host.trim_start_matches('[').trim_end_matches(']');
        let stream = self.connect(url, name).await?;
        if url.scheme() == "http" {
            return exchange(stream, url, letter).await;
        }
        let name = ServerName::try_from(name.to_owned()).map_err(|_| UrlError::Malformed)?;
        exchange(self.tls.connect(name, stream).await.map_err(PostError::Reach)?, url, letter).await
    }

    async fn connect(&self, url: &Url, name: &str) -> Result<TcpStream, PostError> {
        let port = url.port_or_known_default().ok_or(UrlError::Malformed)?;
        let found = lookup_host((name, port)).await.map_err(PostError::Reach)?;
        let allowed: Vec<SocketAddr> =
            found.filter(|found| self.allows_private || is_public(found.ip())).collect();
        if allowed.is_empty() {
            return Err(UrlError::Private.into());
        }
        TcpStream::connect(&*allowed).await.map_err(PostError::Reach)
    }
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

fn request(url: &Url, letter: &Letter) -> Result<Request<Full<Bytes>>, UrlError> {
    let host = &url[url::Position::BeforeHost..url::Position::AfterPort];
    let target = &url[url::Position::BeforePath..url::Position::AfterQuery];
    let request = Request::post(target)
        .header(HOST, host)
        .header(USER_AGENT, concat!("Trunkline/", env!("CARGO_PKG_VERSION")))
        .header(CONTENT_TYPE, letter.content_type)
        .header("webhook-id", &letter.id)
        .header("webhook-timestamp", letter.timestamp)
        .header("webhook-signature", &letter.signature);
    request.body(Full::new(letter.body.clone())).map_err(|_| UrlError::Malformed)
}

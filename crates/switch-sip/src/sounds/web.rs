//! Fetching a file that a client names by its URL.
//!
//! A name is resolved once, its addresses are checked, and one of those that passed is connected to: what a
//! name server says a moment later does not matter. A redirect begins anew, with the same checks.

use std::{
    io,
    net::{IpAddr, SocketAddr},
    time::Duration,
};

use base64::{Engine, engine::general_purpose::STANDARD};
use bytes::Bytes;
use guard::is_public;
use http_body_util::{BodyExt, Empty};
use hyper::{
    Request, Response, StatusCode,
    body::{Body, Incoming},
    client::conn::http1,
    header::{ACCEPT, AUTHORIZATION, HOST, LOCATION, USER_AGENT},
};
use hyper_util::rt::TokioIo;
use percent_encoding::percent_decode_str;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpStream, lookup_host},
    time::timeout,
};
use url::{Host, Url};

use super::LARGEST;
use crate::{error::SipError, message::build::PRODUCT, transport::TlsClient};

/// How long all of it may take.
const TOTAL: Duration = Duration::from_secs(30);
/// How long a host may take to be reached and to begin its answer.
const PATIENCE: Duration = Duration::from_secs(10);
/// Redirects that are followed.
const REDIRECTS: usize = 5;

/// Fetches files from the web.
pub(super) struct WebClient {
    allows_private: bool,
    tls: TlsClient,
}

/// Why a URL is not fetched from. It is not shown: it may hold a password.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum UrlError {
    /// It cannot be read, or has no host.
    #[error("the URL is not an absolute http or https URL")]
    Malformed,
    /// Its host is not on the public Internet.
    #[error("the URL leads to an address that is not public, and those are not allowed")]
    Private,
}

/// Why a file was not got.
#[derive(Debug, thiserror::Error)]
pub(crate) enum WebError {
    /// A URL of the way there is not fetched from.
    #[error(transparent)]
    Url(#[from] UrlError),
    /// The host's name, or the host, cannot be reached.
    #[error("the host cannot be reached")]
    Reach(#[source] io::Error),
    /// What it says is not HTTP, or breaks off.
    #[error("the answer cannot be read")]
    Answer(#[source] hyper::Error),
    /// It has no such file, or does not give it.
    #[error("the host answers with status {0}")]
    Status(u16),
    /// It has sent us on too often, or to nowhere.
    #[error("the redirects lead nowhere")]
    Redirects,
    /// The file is too large.
    #[error("the file has more than {LARGEST} bytes")]
    TooLarge,
    /// It takes too long.
    #[error("it takes too long")]
    TooSlow,
}

impl WebClient {
    pub(super) fn new(allows_private: bool) -> Result<Self, SipError> {
        Ok(Self { allows_private, tls: TlsClient::load(None)? })
    }

    /// Reads a URL, and refuses one that leads to nowhere or to a forbidden address by itself.
    pub(super) fn check(&self, url: &str) -> Result<Url, UrlError> {
        let url = Url::parse(url).map_err(|_| UrlError::Malformed)?;
        self.check_parsed(&url)?;
        Ok(url)
    }

    fn check_parsed(&self, url: &Url) -> Result<(), UrlError> {
        let address: Option<IpAddr> = match url.host() {
            Some(Host::Ipv4(address)) => Some(address.into()),
            Some(Host::Ipv6(address)) => Some(address.into()),
            Some(Host::Domain(_)) => None,
            None => return Err(UrlError::Malformed),
        };
        if !matches!(url.scheme(), "http" | "https") {
            return Err(UrlError::Malformed);
        }
        address.map_or(Ok(()), |address| self.check_address(address))
    }

    fn check_address(&self, address: IpAddr) -> Result<(), UrlError> {
        if self.allows_private || is_public(address) { Ok(()) } else { Err(UrlError::Private) }
    }

    /// Fetches a file.
    pub(super) async fn fetch(&self, url: Url) -> Result<Vec<u8>, WebError> {
        timeout(TOTAL, self.follow(url)).await.unwrap_or(Err(WebError::TooSlow))
    }

    async fn follow(&self, mut url: Url) -> Result<Vec<u8>, WebError> {
        for _ in 0..=REDIRECTS {
            self.check_parsed(&url)?;
            let response = timeout(PATIENCE, self.get(&url)).await.unwrap_or(Err(WebError::TooSlow))?;
            match response.status() {
                StatusCode::OK => return collect(response).await,
                status if status.is_redirection() => url = next(&url, &response)?,
                status => return Err(WebError::Status(status.as_u16())),
            }
        }
        Err(WebError::Redirects)
    }

    async fn get(&self, url: &Url) -> Result<Response<Incoming>, WebError> {
        let host = url.host_str().ok_or(UrlError::Malformed)?;
        let stream = self.connect(url, host).await?;
        if url.scheme() == "http" {
            return ask(stream, url).await;
        }
        // A literal IPv6 address stands in brackets in a URL, and without in a certificate.
        let name = host.trim_start_matches('[').trim_end_matches(']');
        ask(self.tls.connect(stream, name).await.map_err(WebError::Reach)?, url).await
    }

    async fn connect(&self, url: &Url, host: &str) -> Result<TcpStream, WebError> {
        let port = url.port_or_known_default().ok_or(UrlError::Malformed)?;
        let literal = host.trim_start_matches('[').trim_end_matches(']');
        let found = lookup_host((literal, port)).await.map_err(WebError::Reach)?;
        let allowed: Vec<SocketAddr> = found.filter(|found| self.check_address(found.ip()).is_ok()).collect();
        if allowed.is_empty() {
            return Err(UrlError::Private.into());
        }
        TcpStream::connect(&*allowed).await.map_err(WebError::Reach)
    }
}

/// Asks for the file over a connection of its own.
async fn ask(
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    url: &Url,
) -> Result<Response<Incoming>, WebError> {
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.map_err(WebError::Answer)?;
    // It ends with the answer; what goes wrong on it shows there.
    tokio::spawn(async move {
        let _ = connection.await;
    });
    sender.send_request(request(url)?).await.map_err(WebError::Answer)
}

fn request(url: &Url) -> Result<Request<Empty<Bytes>>, UrlError> {
    let host = &url[url::Position::BeforeHost..url::Position::AfterPort];
    let target = &url[url::Position::BeforePath..url::Position::AfterQuery];
    let mut request = Request::get(target).header(HOST, host).header(USER_AGENT, PRODUCT);
    request = request.header(ACCEPT, "audio/wav, audio/x-wav, */*;q=0.1");
    if !url.username().is_empty() {
        request = request.header(AUTHORIZATION, credentials(url));
    }
    request.body(Empty::new()).map_err(|_| UrlError::Malformed)
}

fn credentials(url: &Url) -> String {
    let mut plain: Vec<u8> = percent_decode_str(url.username()).collect();
    plain.push(b':');
    plain.extend(percent_decode_str(url.password().unwrap_or_default()));
    format!("Basic {}", STANDARD.encode(plain))
}

/// Where a redirect leads. What it says of credentials holds; ours are not taken along.
fn next(url: &Url, response: &Response<Incoming>) -> Result<Url, WebError> {
    let location = response.headers().get(LOCATION).and_then(|location| location.to_str().ok());
    let next = location.and_then(|location| url.join(location).ok()).ok_or(WebError::Redirects)?;
    if url.scheme() == "https" && next.scheme() == "http" {
        return Err(WebError::Redirects);
    }
    Ok(next)
}

async fn collect(response: Response<Incoming>) -> Result<Vec<u8>, WebError> {
    let mut body = response.into_body();
    let announced = usize::try_from(body.size_hint().lower()).unwrap_or(usize::MAX);
    if announced > LARGEST {
        return Err(WebError::TooLarge);
    }
    let mut file = Vec::with_capacity(announced);
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(WebError::Answer)?;
        file.extend_from_slice(frame.data_ref().map_or(&[], |data| data));
        if file.len() > LARGEST {
            return Err(WebError::TooLarge);
        }
    }
    Ok(file)
}

#[cfg(test)]
mod tests;

//! Fetching a file that a client names by its URL.
//!
//! [`Outward`] says where that may be. A redirect begins anew, with the same checks.

use std::time::Duration;

use base64::{Engine, engine::general_purpose::STANDARD};
use bytes::Bytes;
use guard::{ConnectError, Outward, UrlError, host_name};
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
    time::timeout,
};
use url::Url;

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
    outward: Outward,
    tls: TlsClient,
}

/// Why a file was not got.
#[derive(Debug, thiserror::Error)]
pub(crate) enum WebError {
    /// A URL of the way there is not fetched from, or its host cannot be reached.
    #[error(transparent)]
    Connect(#[from] ConnectError),
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
        Ok(Self { outward: Outward::new(allows_private), tls: TlsClient::load(None)? })
    }

    /// Reads a URL, and refuses one that leads to nowhere or to a forbidden address by itself.
    pub(super) fn check(&self, url: &str) -> Result<Url, UrlError> {
        self.outward.read(url)
    }

    /// Fetches a file.
    pub(super) async fn fetch(&self, url: Url) -> Result<Vec<u8>, WebError> {
        timeout(TOTAL, self.follow(url)).await.unwrap_or(Err(WebError::TooSlow))
    }

    async fn follow(&self, mut url: Url) -> Result<Vec<u8>, WebError> {
        for _ in 0..=REDIRECTS {
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
        let stream = self.outward.connect(url).await?;
        if url.scheme() == "http" {
            return ask(stream, url).await;
        }
        ask(
            self.tls
                .connect(stream, host_name(url).map_err(ConnectError::Url)?)
                .await
                .map_err(ConnectError::Reach)?,
            url,
        )
        .await
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
    sender.send_request(request(url).map_err(ConnectError::Url)?).await.map_err(WebError::Answer)
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

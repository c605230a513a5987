//! The headers that every answer has, and the answer to a request that knows the body already (contract
//! yeti.md, 1.4).

use axum::{
    body::Body,
    extract::Request,
    http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header},
    middleware::Next,
    response::Response,
};

use tokio_util::io::ReaderStream;

use super::{answer::JSON_API, session::Renewal};

const ALWAYS: [(&str, &str); 5] = [
    ("x-frame-options", "SAMEORIGIN"),
    ("x-xss-protection", "0"),
    ("x-content-type-options", "nosniff"),
    ("x-permitted-cross-domain-policies", "none"),
    ("referrer-policy", "strict-origin-when-cross-origin"),
];

/// Completes the answers of a route, and renews the cookie of a session.
pub async fn complete(mut request: Request, next: Next) -> Response {
    let asked = Asked::of(&request);
    let renewal = Renewal::default();
    request.extensions_mut().insert(renewal.clone());
    let mut response = asked.complete(next.run(request).await);
    response.headers_mut().extend(renewal.cookie().map(|cookie| (header::SET_COOKIE, cookie)));
    response
}

/// What a request says that its answer's headers depend on.
pub struct Asked {
    method: Method,
    accept: Option<HeaderValue>,
    known: Vec<HeaderValue>,
}

impl Asked {
    /// Reads it from a request.
    pub fn of(request: &Request) -> Self {
        let headers = request.headers();
        Self {
            method: request.method().clone(),
            accept: headers.get(header::ACCEPT).cloned(),
            known: headers.get_all(header::IF_NONE_MATCH).iter().cloned().collect(),
        }
    }

    /// Adds the headers that every answer has, and takes away a body that the client knows.
    pub fn complete(&self, mut response: Response) -> Response {
        let headers = response.headers_mut();
        headers.extend(
            ALWAYS.map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value))),
        );
        if headers.get(header::CONTENT_TYPE).is_some_and(|label| label == JSON_API) {
            headers.insert("x-download-options", HeaderValue::from_static("noopen"));
        }
        if headers.contains_key(header::CONTENT_TYPE) && self.has_choice() {
            headers.insert(header::VARY, HeaderValue::from_static("Accept"));
        }
        let no_cache = HeaderValue::from_static("no-cache");
        headers.entry(header::CACHE_CONTROL).or_insert(no_cache);
        if self.is_known(&response) { not_modified(response) } else { response }
    }

    /// Whether the client asks for something particular: not so browsers, whose lists hold `*/*`.
    fn has_choice(&self) -> bool {
        let accept = self.accept.as_ref().and_then(|accept| accept.to_str().ok()).unwrap_or_default();
        let parts: Vec<_> = accept.split(',').map(str::trim).collect();
        let is_browser = parts.len() > 1 && parts.iter().any(|part| part.starts_with("*/*"));
        !accept.trim().is_empty() && !is_browser
    }

    fn is_known(&self, response: &Response) -> bool {
        let is_read = matches!(self.method, Method::GET | Method::HEAD);
        let etag = response.headers().get(header::ETAG).and_then(|etag| etag.to_str().ok());
        let matches = |etag| self.known.iter().any(|known| names(known, etag));
        let has_content = matches!(response.status(), StatusCode::OK | StatusCode::PARTIAL_CONTENT);
        is_read && has_content && etag.is_some_and(matches)
    }
}

/// Whether an `If-None-Match` names an ETag, compared weakly (RFC 9110, 13.1.2). Our tags hold no comma.
fn names(known: &HeaderValue, etag: &str) -> bool {
    let opaque = |tag: &str| tag.trim().trim_start_matches("W/").to_owned();
    let Ok(known) = known.to_str() else { return false };
    known.trim() == "*" || known.split(',').any(|tag| opaque(tag) == opaque(etag))
}

/// A body that is not there, as opposed to one of length 0: a 304 must not tell another length than that of
/// the body that it stands for (RFC 9110, 8.6).
fn no_body() -> Body {
    Body::from_stream(ReaderStream::new(tokio::io::empty()))
}

fn not_modified(mut response: Response) -> Response {
    *response.status_mut() = StatusCode::NOT_MODIFIED;
    *response.body_mut() = no_body();
    let headers: &mut HeaderMap = response.headers_mut();
    headers.remove(header::CONTENT_TYPE);
    headers.remove(header::CONTENT_LENGTH);
    headers.remove(header::CONTENT_RANGE);
    response
}

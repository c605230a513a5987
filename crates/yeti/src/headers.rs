//! The headers that every answer has, and the answer to a request that knows the body already (contract
//! yeti.md, 1.4).

use axum::{
    extract::Request,
    http::{HeaderName, HeaderValue, header},
    middleware::Next,
    response::Response,
};
use http_core::layer::conditional::Known;

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
    accept: Option<HeaderValue>,
    known: Known,
}

impl Asked {
    /// Reads it from a request.
    pub fn of(request: &Request) -> Self {
        Self { accept: request.headers().get(header::ACCEPT).cloned(), known: Known::of(request) }
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
        self.known.answer(response)
    }

    /// Whether the client asks for something particular: not so browsers, whose lists hold `*/*`.
    fn has_choice(&self) -> bool {
        let accept = self.accept.as_ref().and_then(|accept| accept.to_str().ok()).unwrap_or_default();
        let parts: Vec<_> = accept.split(',').map(str::trim).collect();
        let is_browser = parts.len() > 1 && parts.iter().any(|part| part.starts_with("*/*"));
        !accept.trim().is_empty() && !is_browser
    }
}

//! Conditional requests (RFC 9110, section 13): whoever names the ETag of what would be sent gets 304 and no body.

use axum::{
    body::{Body, HttpBody, to_bytes},
    extract::Request,
    http::{HeaderMap, HeaderValue, Method, StatusCode, header},
    middleware::{Next, from_fn},
    response::{IntoResponse, Response},
};
use sha2::{Digest, Sha256};
use tokio_util::io::ReaderStream;

use crate::Route;

/// What a body with an ETag says of caches: keep it, but ask.
pub const REVALIDATE: HeaderValue = HeaderValue::from_static("max-age=0, private, must-revalidate");

/// What a request says that its client knows.
pub struct Known {
    is_read: bool,
    tags: Vec<HeaderValue>,
}

impl Known {
    /// Reads it from a request.
    pub fn of(request: &Request) -> Self {
        Self {
            is_read: matches!(*request.method(), Method::GET | Method::HEAD),
            tags: request.headers().get_all(header::IF_NONE_MATCH).iter().cloned().collect(),
        }
    }

    /// Takes away a body that the client knows.
    pub fn answer(&self, response: Response) -> Response {
        let etag = response.headers().get(header::ETAG).and_then(|etag| etag.to_str().ok());
        let is_named = |etag| self.tags.iter().any(|tags| names(tags, etag));
        let has_content = matches!(response.status(), StatusCode::OK | StatusCode::PARTIAL_CONTENT);
        let is_known = self.is_read && has_content && etag.is_some_and(is_named);
        if is_known { not_modified(response) } else { response }
    }
}

/// The weak ETag of a body: the first 32 hex digits of its SHA-256 (contract yeti.md, 1.4).
pub fn etag(body: &[u8]) -> HeaderValue {
    let text = format!("W/\"{}\"", hex::encode(&Sha256::digest(body)[..16]));
    HeaderValue::from_str(&text).expect("hex digits in quotes are a header value")
}

/// The routes, with ETags for what is read, where they give none themselves.
pub fn tagged<S: Clone + Send + Sync + 'static>(routes: Vec<Route<S>>) -> Vec<Route<S>> {
    let tag = |route: Route<S>| match route.endpoint.method {
        Method::GET => Route { handler: route.handler.layer(from_fn(tag)), ..route },
        _ => route,
    };
    routes.into_iter().map(tag).collect()
}

async fn tag(request: Request, next: Next) -> Response {
    let known = Known::of(&request);
    known.answer(with_etag(next.run(request).await).await)
}

/// Bodies that are streamed, and those that must not be kept, get none.
async fn with_etag(response: Response) -> Response {
    let headers = response.headers();
    let must_not_be_kept = |value: &HeaderValue| value.as_bytes().starts_with(b"no-store");
    let is_kept = !headers.get(header::CACHE_CONTROL).is_some_and(must_not_be_kept);
    let is_tagged = headers.contains_key(header::ETAG);
    match response.body().size_hint().exact() {
        Some(length) if response.status() == StatusCode::OK && is_kept && !is_tagged => {
            let (mut parts, body) = response.into_parts();
            let Ok(body) = to_bytes(body, usize::try_from(length).unwrap_or(usize::MAX)).await else {
                return StatusCode::INTERNAL_SERVER_ERROR.into_response();
            };
            parts.headers.insert(header::ETAG, etag(&body));
            parts.headers.entry(header::CACHE_CONTROL).or_insert(REVALIDATE);
            Response::from_parts(parts, body.into())
        }
        _ => response,
    }
}

/// Whether an `If-None-Match` names an ETag, compared weakly (RFC 9110, 13.1.2). Our tags hold no comma.
fn names(tags: &HeaderValue, etag: &str) -> bool {
    let opaque = |tag: &str| tag.trim().trim_start_matches("W/").to_owned();
    let Ok(tags) = tags.to_str() else { return false };
    tags.trim() == "*" || tags.split(',').any(|tag| opaque(tag) == opaque(etag))
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

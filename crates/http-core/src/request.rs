//! What every request gets: an id, a run time and one line in the log. Whatever else the log tells of it has the
//! id too. Paths are logged as their pattern, queries not at all: they may hold numbers and secrets.

use std::time::Instant;

use axum::{
    extract::{MatchedPath, Request},
    http::{HeaderName, HeaderValue},
    middleware::Next,
    response::Response,
};
use tracing::Instrument;
use uuid::Uuid;

const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const X_RUNTIME: HeaderName = HeaderName::from_static("x-runtime");

/// Gives the request its id (the client's, if it sent a sensible one) and answers with it.
pub async fn with_request_id(request: Request, next: Next) -> Response {
    let began = Instant::now();
    let id = sent_id(&request).unwrap_or_else(|| Uuid::new_v4().to_string());
    let method = request.method().clone();
    let route = request.extensions().get::<MatchedPath>().map(|path| path.as_str().to_owned());
    let mut response = next.run(request).instrument(tracing::error_span!("http", request = %id)).await;
    let took = began.elapsed();
    tracing::info!(
        request = %id,
        %method,
        route = route.as_deref().unwrap_or("none"),
        status = response.status().as_u16(),
        micros = took.as_micros(),
        "answered"
    );
    let headers = response.headers_mut();
    headers.extend(HeaderValue::from_str(&id).ok().map(|value| (X_REQUEST_ID, value)));
    let runtime = HeaderValue::from_str(&format!("{:.6}", took.as_secs_f64()));
    headers.extend(runtime.ok().map(|value| (X_RUNTIME, value)));
    response
}

fn sent_id(request: &Request) -> Option<String> {
    let id = request.headers().get(X_REQUEST_ID)?.to_str().ok()?;
    let is_sensible =
        id.len() <= 64 && !id.is_empty() && id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    is_sensible.then(|| id.to_owned())
}

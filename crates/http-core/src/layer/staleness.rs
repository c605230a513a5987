//! As of when an answer is: while nothing can be made durable, live lists show how things were before.

use std::sync::Arc;

use axum::{
    extract::{Request, State},
    http::{HeaderName, HeaderValue},
    middleware::Next,
    response::Response,
};

use crate::{App, time::rfc3339};

const X_LIVE_AS_OF: HeaderName = HeaderName::from_static("x-live-as-of");

/// Says in `X-Live-As-Of` (RFC 3339, UTC) as of when the live calls are, if that is a second ago or more.
pub async fn told(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    // Asked first: the answer is no older than that.
    let as_of = app.live.as_of().and_then(|at| HeaderValue::from_str(&rfc3339(at)).ok());
    let mut response = next.run(request).await;
    response.headers_mut().extend(as_of.map(|value| (X_LIVE_AS_OF, value)));
    response
}

//! What is no vendor's: `/v1`, health and metrics.

mod auth;
pub mod convert;
mod errors;
mod mcp;
pub mod openapi;
mod query;
pub mod routes;
mod wire;

use std::sync::Arc;

use axum::{
    Router,
    extract::Request,
    middleware,
    response::{IntoResponse, Response},
};
use call::ErrorCode;
use http_core::{
    App,
    layer::{host::NoHost, idempotency, quota},
};

pub use routes::routes;

use self::errors::Failure;

/// Adds what the routes share: other methods are refused, every refusal is printed alike, and clients are told what they
/// have left.
pub fn with_fallbacks(routes: Router<Arc<App>>, app: &Arc<App>) -> Router<Arc<App>> {
    let routes = routes.method_not_allowed_fallback(wrong_method);
    let printed = routes.layer(middleware::map_response(errors::print));
    let once =
        idempotency::once(printed, app, |misuse| errors::printed(Failure::from(misuse).into_response()));
    once.layer(middleware::from_fn(quota::told))
}

/// What is answered to a method that a path does not know; which it knows is added to it.
pub async fn wrong_method() -> Response {
    errors::printed(Failure::wrong_method().into_response())
}

/// What is answered under a path that no dialect has.
pub async fn unknown_path() -> Response {
    let failure = Failure::new(ErrorCode::NotFound, "There is nothing under this path");
    errors::printed(failure.into_response())
}

/// What is answered to a request without a host, also in dialects that have no form for it.
pub fn refuse_host(_: &Request, error: NoHost) -> Response {
    errors::printed(Failure::new(ErrorCode::InvalidInput, error.to_string()).into_response())
}

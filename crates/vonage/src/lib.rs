//! Vonage Business Cloud's telephony API, version 3: live calls, their legs, and device registrations.
//!
//! Every request is checked in this order: token, account, ids in the path, existence, body. Whatever goes
//! wrong is told in the one shape of `errors`.

mod answer;
mod auth;
mod body;
mod convert;
mod errors;
mod integration;
mod lookup;
pub mod oauth;
pub mod openapi;
mod paging;
mod path;
mod query;
mod reports;
pub mod routes;
mod state;
pub mod wire;

use axum::{Router, middleware, routing::any};
use http_core::layer::idempotency;

pub use integration::CallEvents;
pub use routes::routes;
pub use state::{Vonage, VonageConfig};
pub use wire::VonageWire;

/// Adds to the dialect's routes what they do not answer themselves: unknown paths, wrong methods, and the
/// printing of refusals.
pub fn with_fallbacks(routes: Router<Vonage>, vonage: &Vonage) -> Router<Vonage> {
    let routes = routes.method_not_allowed_fallback(errors::wrong_method);
    let beyond = |router: Router<Vonage>, path: &str| router.route(path, any(errors::unknown_path));
    let all = routes::BEYOND.into_iter().fold(routes, beyond);
    let wire = vonage.config.wire;
    let printed = all.layer(middleware::map_response_with_state(wire, errors::print));
    idempotency::once(printed, &vonage.app, move |misuse| errors::printed(wire, misuse))
}

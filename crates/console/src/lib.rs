//! The console: pages for people, rendered by the server, about what the dialects tell programs.
//!
//! Whoever is a user of the directory signs in and sees what [`directory::Access`] lets them see. Every page can be
//! read without scripts; one small module lets the live list move. All texts are in `words.rs`.

mod assets;
mod chart;
mod errors;
mod export;
mod form;
mod headers;
mod ladder;
mod look;
mod now;
mod page;
mod routes;
mod search;
mod session;
mod state;
mod viewer;
mod words;

use axum::{Router, extract::Request, middleware, response::Response};
use http_core::layer::host::NoHost;

pub use export::ConsoleCsv;
pub use routes::routes;
pub use state::Console;

/// Where it is.
pub const BASE_PATH: &str = routes::NOW;

/// Adds what the routes share: other methods are refused, and every answer says what a browser may do with it.
pub fn with_fallbacks(routes: Router<Console>) -> Router<Console> {
    routes.method_not_allowed_fallback(errors::wrong_method).layer(middleware::map_response(headers::guarded))
}

/// What is answered to a request without a host.
pub fn refuse_host(_: &Request, error: NoHost) -> Response {
    errors::no_host(&error)
}

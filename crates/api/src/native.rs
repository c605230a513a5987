//! What is no vendor's: health, metrics, and notes about calls for the systems that write them.

mod auth;
pub(crate) mod convert;
mod errors;
pub mod routes;
mod wire;

use std::sync::Arc;

use axum::{Router, middleware};

pub use routes::routes;

use crate::App;

/// Adds what the routes share: every refusal is printed alike.
pub fn with_errors(routes: Router<Arc<App>>) -> Router<Arc<App>> {
    routes.layer(middleware::map_response(errors::print))
}

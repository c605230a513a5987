//! The native routes.

mod health;
mod metrics;

use axum::http::Method;

use crate::route::{Guard, Route};

/// The native routes.
pub fn routes() -> Vec<Route> {
    vec![
        Route::new(Method::GET, "/healthz", Guard::Open, health::show),
        Route::new(Method::GET, "/metrics", Guard::Operator, metrics::show),
    ]
}

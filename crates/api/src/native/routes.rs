//! The native routes.

mod annotations;
mod health;
mod metrics;

use axum::http::Method;

use crate::route::{Guard, Route};

/// The native routes.
pub fn routes() -> Vec<Route> {
    let of_call = "/v1/calls/{call}/annotations";
    vec![
        Route::new(Method::GET, "/healthz", Guard::Open, health::show),
        Route::new(Method::GET, "/metrics", Guard::Operator, metrics::show),
        Route::new(Method::GET, of_call, Guard::Credentials, annotations::show),
        Route::new(Method::POST, of_call, Guard::Credentials, annotations::change),
    ]
}

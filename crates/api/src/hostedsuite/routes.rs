//! The routes of this dialect.

mod calls;

use axum::http::Method;

use crate::route::{Guard, Route};

/// The routes.
///
/// Other verbs get to the same handlers, which refuse them in the dialect's words or honour
/// `X-Http-Method-Override`.
pub fn routes() -> Vec<Route> {
    ["/api/calls", "/api/calls.json"]
        .map(|path| {
            Route::new(Method::POST, path, Guard::Credentials, calls::list).with_fallback(calls::list)
        })
        .into()
}

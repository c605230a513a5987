//! The routes of this dialect.

mod calls;

use axum::http::Method;

use crate::route::{Guard, Route};

/// The routes. An operation is also found under its own name, where the framework's clients look for it.
///
/// Other verbs get to the same handlers, which refuse them in the dialect's words or honour
/// `X-Http-Method-Override`.
pub fn routes() -> Vec<Route> {
    ["/api/calls", "/api/calls.json", "/api/ListCallRecordsRequest", "/api/ListCallRecordsRequest.json"]
        .map(|path| {
            Route::new(Method::POST, path, Guard::Credentials, calls::list).with_fallback(calls::list)
        })
        .into()
}

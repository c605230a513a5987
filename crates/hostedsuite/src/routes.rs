//! The routes of this dialect: of each operation its own, those by its name, and the documents.
//!
//! Other verbs get to the same handlers, which refuse them in the dialect's words or honour
//! `X-Http-Method-Override`.

pub mod authenticate;
pub mod call_allowance;
pub mod calls;
pub mod calls_update;
pub mod centers;
pub mod clients;
pub mod settings;

use axum::{
    Extension, Router,
    extract::{Request, State},
    http::Method,
    response::Response,
    routing::any,
};

use http_core::route::{Guard, Route};
use percent_encoding::percent_decode_str;

use super::{
    format::Word,
    metadata,
    operation::{OPERATIONS, Operation},
    request::{Way, answer},
    spelling::{self, Usual},
};
use crate::state::HostedSuite;

/// The routes.
pub fn routes() -> Vec<Route<HostedSuite>> {
    OPERATIONS.iter().map(own).chain([by_name(), by_name_and_format()]).chain(metadata::routes()).collect()
}

/// An operation at its own path, also with the suffix of a format.
fn own(operation: &'static Operation) -> Route<HostedSuite> {
    let handler = move |State(app): State<HostedSuite>, request: Request| async move {
        answer(app, operation, Way::Own, request).await
    };
    let path = operation.full_path();
    let route = Route::new(operation.method.method(), path, operation.guard(), handler);
    route.with_fallback(handler).also_at(operation.suffixed_paths())
}

/// Every operation by its name, where the framework's newer clients look for it: below `/api`, also if they
/// are told that the service itself is there.
fn by_name() -> Route<HostedSuite> {
    let handler = |State(app): State<HostedSuite>, request: Request| async move {
        answer_by_name(app, None, request).await
    };
    let route = Route::new(Method::POST, "/api/{operation}", Guard::Known, handler);
    route.noted().with_fallback(handler).also_at(["/api/api/{operation}".to_owned()])
}

/// Every operation by its name behind a format, where the framework's older clients look for it. Nobody waits
/// at a queue here, so `oneway` answers like `reply`.
fn by_name_and_format() -> Route<HostedSuite> {
    let handler = |State(app): State<HostedSuite>, request: Request| async move {
        let format = request.uri().path().split('/').nth(2).and_then(Word::parse);
        answer_by_name(app, format, request).await
    };
    let paths = Word::ALL
        .into_iter()
        .flat_map(|word| ["reply", "oneway"].map(|way| format!("/api/{}/{way}/{{operation}}", word.name())));
    let (first, others) = ("/api/json/reply/{operation}", paths);
    let others = others.filter(move |path| path != first);
    let route = Route::new(Method::POST, first, Guard::Known, handler);
    route.noted().with_fallback(handler).also_at(others)
}

/// The name is the end of the path. It may have the suffix of a format, or brackets behind it for a batch.
async fn answer_by_name(app: HostedSuite, format: Option<Word>, request: Request) -> Response {
    let name = request.uri().path().rsplit('/').next().unwrap_or_default();
    let name = percent_decode_str(name).decode_utf8_lossy().into_owned();
    let name = &*name;
    let bare = name.rsplit_once('.').filter(|(_, suffix)| Word::parse(suffix).is_some());
    let bare = bare.map_or(name, |(bare, _)| bare);
    let (bare, is_batch) = bare.strip_suffix("[]").map_or((bare, false), |bare| (bare, true));
    match Operation::named(bare) {
        Some(operation) => answer(app, operation, Way::Name { format, is_batch }, request).await,
        None => match request.extensions().get::<Usual>().cloned() {
            Some(usual) => spelling::answer(Extension(usual), request).await,
            None => spelling::nothing().await,
        },
    }
}

/// The table with what answers paths that are spelled in another way than `usual`.
pub fn with_fallbacks(table: Router<HostedSuite>, usual: Usual) -> Router<HostedSuite> {
    table.route("/api/{operation}/{*rest}", any(spelling::answer)).layer(Extension(usual))
}

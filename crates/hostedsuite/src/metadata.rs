//! What the service says of itself (section 4): pages for people and types for clients, all made from the table
//! of operations. Nobody needs to log in for them, as they tell nothing of any customer.

mod index;
mod languages;
mod page;
mod sample;
mod types;

use axum::{
    extract::{FromRequestParts, Query, State},
    http::{HeaderValue, Method, StatusCode, Uri, header, request::Parts},
    response::{Html, IntoResponse, Redirect, Response},
};
use http_core::{
    auth::ServerUrl,
    layer::host::{NoHost, Origin},
    route::{Guard, Route},
};
use jiff::tz::TimeZone;
use serde::Deserialize;

use self::languages::{Head, Language};
use super::{
    dates,
    format::{Word, page_headers},
    notation::form,
    operation::Operation,
};
use crate::state::HostedSuite;

/// The formats that each operation has a page for.
const PAGES: [Word; 4] = [Word::Json, Word::Xml, Word::Jsv, Word::Csv];

/// The routes.
pub fn routes() -> Vec<Route<HostedSuite>> {
    let pages = PAGES.map(|word| format!("/api/{}/metadata", word.name()));
    let [json, others @ ..] = pages;
    vec![
        Route::new(Method::GET, "/api/metadata", Guard::Open, index).also_at(["/api/types".to_owned()]),
        Route::new(Method::GET, "/api/metadata/", Guard::Open, redirect),
        Route::new(Method::GET, json, Guard::Open, page).also_at(others),
        Route::new(Method::GET, "/api/types/metadata", Guard::Open, types)
            .also_at(["/types/metadata".to_owned()]),
    ]
    .into_iter()
    .chain(Language::ALL.map(in_language))
    .collect()
}

/// The types in a language, for the framework's command line, which is given this server's address, or that and
/// `/api`.
fn in_language(language: Language) -> Route<HostedSuite> {
    let handler =
        move |State(app): State<HostedSuite>, parts: Parts| async move { typed(&app, language, parts).await };
    let path = format!("/types/{}", language.name());
    Route::new(Method::GET, format!("/api{path}"), Guard::Open, handler).also_at([path])
}

/// Which operation a page is asked for.
#[derive(Deserialize)]
struct Asked {
    op: Option<String>,
}

async fn index() -> Response {
    html(index::print())
}

async fn redirect() -> Redirect {
    Redirect::permanent("/api/metadata")
}

/// The page of an operation in a format; the index if none is named.
async fn page(uri: Uri, Query(asked): Query<Asked>, origin: Origin) -> Response {
    let word = uri.path().split('/').nth(2).and_then(Word::parse).unwrap_or(Word::Json);
    let Some(name) = asked.op else { return html(index::print()) };
    match Operation::named(&name) {
        Some(operation) => html(page::print(operation, word, origin.host.as_str())),
        None => (StatusCode::NOT_FOUND, "There is no operation of this name.\n").into_response(),
    }
}

async fn types() -> Response {
    let content_type = HeaderValue::from_static("application/json; charset=utf-8");
    ([(header::CONTENT_TYPE, content_type)], types::print().to_string()).into_response()
}

async fn typed(app: &HostedSuite, language: Language, mut parts: Parts) -> Result<String, NoHost> {
    let server = ServerUrl::from_request_parts(&mut parts, app).await?;
    let query = form::pairs(parts.uri.query().unwrap_or_default().as_bytes());
    let date = dates::print(app.now(), &TimeZone::UTC);
    Ok(language.print(&Head::new(language, server.at("/api"), date, &query)))
}

fn html(page: String) -> Response {
    (page_headers(), Html(page)).into_response()
}

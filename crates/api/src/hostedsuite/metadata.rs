//! What the service says of itself (section 4): pages for people and types for clients, all made from the table
//! of operations. Nobody needs to log in for them, as they tell nothing of any customer.

mod index;
mod page;
mod sample;
mod types;
mod typescript;

use axum::{
    extract::Query,
    http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header},
    response::{Html, IntoResponse, Redirect, Response},
};
use serde::Deserialize;

use super::{
    format::{Word, page_headers},
    operation::Operation,
};
use crate::route::{Guard, Route};

/// The formats that each operation has a page for.
const PAGES: [Word; 4] = [Word::Json, Word::Xml, Word::Jsv, Word::Csv];

/// The routes.
pub fn routes() -> Vec<Route> {
    let pages = PAGES.map(|word| format!("/api/{}/metadata", word.name()));
    let [json, others @ ..] = pages;
    vec![
        Route::new(Method::GET, "/api/metadata", Guard::Open, index).also_at(["/api/types".to_owned()]),
        Route::new(Method::GET, "/api/metadata/", Guard::Open, redirect),
        Route::new(Method::GET, json, Guard::Open, page).also_at(others),
        Route::new(Method::GET, "/api/types/metadata", Guard::Open, types),
        Route::new(Method::GET, "/api/types/typescript", Guard::Open, typescript),
    ]
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
async fn page(uri: Uri, Query(asked): Query<Asked>, headers: HeaderMap) -> Response {
    let word = uri.path().split('/').nth(2).and_then(Word::parse).unwrap_or(Word::Json);
    let Some(name) = asked.op else { return html(index::print()) };
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or("localhost");
    match Operation::named(&name) {
        Some(operation) => html(page::print(operation, word, host)),
        None => (StatusCode::NOT_FOUND, "There is no operation of this name.\n").into_response(),
    }
}

async fn types() -> Response {
    let content_type = HeaderValue::from_static("application/json; charset=utf-8");
    ([(header::CONTENT_TYPE, content_type)], types::print().to_string()).into_response()
}

async fn typescript() -> String {
    typescript::print()
}

fn html(page: String) -> Response {
    (page_headers(), Html(page)).into_response()
}

//! What the dialects are, for programs and for people: `GET /openapi/{dialect}.json` (OpenAPI 3.1) and a page that shows
//! them.

use std::{collections::BTreeMap, sync::LazyLock};

use axum::{
    extract::Path,
    http::{HeaderValue, Method, StatusCode, header},
    response::{Html, IntoResponse, Response},
};
use base64::{Engine, prelude::BASE64_STANDARD};
use http_core::{
    Endpoint, Guard, Route,
    openapi::{self, About, Api},
};
use serde_json::Value;
use sha2::{Digest, Sha256};

type Described = fn() -> (Api, Vec<(Endpoint, About)>);

/// Each dialect, by the name of its document.
const DIALECTS: [(&str, Described); 4] = [
    ("v1", native::openapi::described),
    ("yeti", yeti::openapi::described),
    ("vonage", vonage::openapi::described),
    ("hostedsuite", hostedsuite::openapi::described),
];

static DOCUMENTS: LazyLock<BTreeMap<&str, Value>> = LazyLock::new(|| {
    let document = |(name, described): (&'static str, Described)| {
        let (api, routes) = described();
        (name, openapi::document(api, routes))
    };
    DIALECTS.into_iter().map(document).collect()
});

/// The document of a dialect: `v1`, `yeti`, `vonage` or `hostedsuite`.
pub fn document(name: &str) -> Option<&'static Value> {
    DOCUMENTS.get(name)
}

/// The routes.
pub fn routes<S: Clone + Send + Sync + 'static>() -> Vec<Route<S>> {
    vec![
        Route::new(Method::GET, "/openapi", Guard::Open, page),
        Route::new(Method::GET, "/openapi/{document}", Guard::Open, show),
    ]
}

async fn show(Path(name): Path<String>) -> Response {
    let found = name.strip_suffix(".json").and_then(document);
    match found {
        Some(document) => axum::Json(document).into_response(),
        None => native::unknown_path().await,
    }
}

const STYLE: &str = "body{font:1rem/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;\
color-scheme:light dark}h2{margin-top:3rem}dt{font-family:ui-monospace,monospace;margin-top:.6rem;overflow-wrap:anywhere}\
dd{margin:0 0 0 1.5rem}code{font-size:.9em}";

/// All of them, to be read. It runs nothing and loads nothing.
async fn page() -> Response {
    let parts: String = DIALECTS.iter().filter_map(|(name, _)| Some(part(name, document(name)?))).collect();
    let html = format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width\"><title>APIs</title><style>{STYLE}</style></head>\
         <body><h1>APIs</h1>{parts}</body></html>"
    );
    let style = BASE64_STANDARD.encode(Sha256::digest(STYLE));
    let policy =
        format!("default-src 'none'; style-src 'sha256-{style}'; frame-ancestors 'none'; base-uri 'none'");
    let policy = HeaderValue::from_str(&policy).expect("base64 is a header value");
    let mut response = (StatusCode::OK, Html(html)).into_response();
    response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, policy);
    response.headers_mut().insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response
}

fn part(name: &str, document: &Value) -> String {
    let text = |value: &Value| escaped(value.as_str().unwrap_or_default());
    let (title, about) = (text(&document["info"]["title"]), text(&document["info"]["description"]));
    let paths = document["paths"].as_object().into_iter().flatten();
    let operations = paths.flat_map(|(path, methods)| {
        methods.as_object().into_iter().flatten().map(move |(method, operation)| (path, method, operation))
    });
    let rows: String = operations.map(|(path, method, operation)| row(path, method, operation)).collect();
    format!(
        "<h2 id=\"{name}\">{title}</h2><p>{about}</p>\
         <p><a href=\"/openapi/{name}.json\">/openapi/{name}.json</a></p><dl>{rows}</dl>"
    )
}

fn row(path: &str, method: &str, operation: &Value) -> String {
    let statuses: Vec<_> =
        operation["responses"].as_object().into_iter().flatten().map(|(code, _)| &**code).collect();
    let parameters = operation["parameters"].as_array().into_iter().flatten();
    let names: Vec<_> =
        parameters.filter(|of| of["in"] == "query").filter_map(|of| of["name"].as_str()).collect();
    let query =
        if names.is_empty() { String::new() } else { format!(" Query: {}.", escaped(&names.join(", "))) };
    format!(
        "<dt>{} {}</dt><dd>{}.{query} Answers: {}</dd>",
        method.to_ascii_uppercase(),
        escaped(path),
        escaped(operation["summary"].as_str().unwrap_or_default()),
        statuses.join(", "),
    )
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

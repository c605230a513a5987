//! The descriptions of the dialects: every route is in one, as it is.

use std::{collections::BTreeSet, fs, path::Path};

use axum::http::{Method, StatusCode};
use serde_json::Value;

use crate::harness::Server;

const DOCUMENTS: [&str; 4] = ["v1", "yeti", "vonage", "hostedsuite"];

/// Beginnings of paths that no document describes: pages, health, and what others have described already (OAuth 2, OpenID
/// Connect; operations by their names, which are those at their own paths; tools, which describe themselves).
const ELSEWHERE: [&str; 21] = [
    "/console",
    "/phone",
    "/openapi",
    "/livez",
    "/readyz",
    "/healthz",
    "/metrics",
    "/mcp",
    "/token",
    "/revoke",
    "/authorize",
    "/userinfo",
    "/jwks",
    "/.well-known",
    "/api/metadata",
    "/api/types",
    "/api/{operation}",
    "/api/json",
    "/api/xml",
    "/api/jsv",
    "/api/csv",
];

/// The operation of a route in whichever document has it.
fn operation(method: &Method, path: &str) -> Option<&'static Value> {
    let method = method.as_str().to_ascii_lowercase();
    DOCUMENTS.iter().find_map(|name| api::openapi::document(name)?["paths"].get(path)?.get(&method))
}

/// Checks that the description of a route knows a status that it has answered with.
#[track_caller]
pub fn check_status(method: &Method, path: &str, status: StatusCode) {
    if let Some(operation) = operation(method, path) {
        let known = operation["responses"].get(status.as_str()).is_some();
        assert!(known, "{method} {path} has answered {status}, of which its description knows nothing");
    }
}

#[test]
fn every_route_is_described_or_is_known_to_be_elsewhere() {
    for route in api::routes() {
        let is_elsewhere = ELSEWHERE.iter().any(|begin| route.path.starts_with(begin));
        match operation(&route.method, &route.path) {
            Some(operation) => {
                let summary = operation["summary"].as_str().unwrap_or_default();
                assert!(!summary.is_empty(), "{} {} has no summary", route.method, route.path);
            }
            None => assert!(is_elsewhere, "{} {} is not described", route.method, route.path),
        }
    }
}

#[test]
fn what_is_described_is_a_route() {
    let routes: BTreeSet<_> = api::routes()
        .into_iter()
        .map(|route| (route.method.as_str().to_ascii_lowercase(), route.path))
        .collect();
    for name in DOCUMENTS {
        let paths = api::openapi::document(name).unwrap()["paths"].as_object().unwrap();
        for (path, methods) in paths {
            for method in methods.as_object().unwrap().keys() {
                assert!(routes.contains(&(method.clone(), path.clone())), "{name}: {method} {path}");
            }
        }
    }
}

#[test]
fn every_reference_leads_somewhere_and_no_operation_has_the_name_of_another() {
    for name in DOCUMENTS {
        let document = api::openapi::document(name).unwrap();
        let mut ids = BTreeSet::new();
        let mut check = |value: &Value| {
            if let Some(to) = value.get("$ref").and_then(Value::as_str) {
                let found = document.pointer(to.trim_start_matches('#'));
                assert!(found.is_some_and(|found| !found.is_null()), "{name}: {to}");
            }
            if let Some(id) = value.get("operationId").and_then(Value::as_str) {
                assert!(ids.insert(id.to_owned()), "{name}: {id} twice");
            }
        };
        walk(document, &mut check);
    }
}

fn walk(value: &Value, see: &mut impl FnMut(&Value)) {
    see(value);
    match value {
        Value::Object(members) => members.values().for_each(|member| walk(member, see)),
        Value::Array(items) => items.iter().for_each(|item| walk(item, see)),
        _ => {}
    }
}

/// `OPENAPI_BLESS=1` writes them anew, to be read before they are kept.
#[test]
fn the_documents_are_those_that_were_published() {
    for name in DOCUMENTS {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/all/openapi/{name}.json"));
        let mut document = api::openapi::document(name).unwrap().clone();
        // The release is no part of what is promised.
        document["info"]["version"] = "".into();
        if std::env::var_os("OPENAPI_BLESS").is_some() {
            fs::write(&file, serde_json::to_string_pretty(&document).unwrap() + "\n").unwrap();
        }
        let kept = fs::read(&file).unwrap();
        let kept: Value = serde_json::from_slice(&kept).unwrap();
        assert!(kept == document, "{name} has changed: OPENAPI_BLESS=1 writes it anew; clients read it");
    }
}

#[tokio::test]
async fn they_are_served_with_a_page_that_runs_nothing() {
    let server = Server::start().await;
    for name in DOCUMENTS {
        let answer = server.get(&format!("/openapi/{name}.json")).send().await;
        assert_eq!((answer.status.as_u16(), answer.header("content-type")), (200, "application/json"));
        assert_eq!(answer.json()["openapi"], "3.1.0");
    }
    assert_eq!(server.get("/openapi/other.json").send().await.status, 404);
    let page = server.get("/openapi").send().await;
    assert!(page.header("content-security-policy").starts_with("default-src 'none'; style-src 'sha256-"));
    assert!(page.text().contains("/openapi/v1.json") && !page.text().contains("<script"), "{}", page.text());
}

//! Methods that a path does not know.

use std::collections::{BTreeMap, BTreeSet};

use axum::http::Method;

use crate::harness::Server;

use super::path;

const ALL: [Method; 7] =
    [Method::GET, Method::HEAD, Method::POST, Method::PUT, Method::PATCH, Method::DELETE, Method::OPTIONS];

/// What the table says that each path answers.
fn table() -> BTreeMap<String, BTreeSet<String>> {
    let mut table: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for route in api::routes() {
        let methods = table.entry(path(&route)).or_default();
        methods.insert(route.method.to_string());
        if route.method == Method::GET {
            methods.insert("HEAD".to_owned());
        }
    }
    table
}

#[tokio::test]
async fn a_method_that_is_refused_is_answered_with_those_that_are_not() {
    let server = Server::start().await;
    let mut refused = 0;
    for (path, methods) in table() {
        for method in ALL.iter().filter(|method| !methods.contains(method.as_str())) {
            let answer = server.request(method.clone(), &path).send().await;
            if answer.status != 405 {
                continue;
            }
            refused += 1;
            let allowed = answer.header("allow").split(',').map(|name| name.trim().to_owned()).collect();
            assert_eq!(methods, allowed, "{method} {path}");
            assert_eq!(answer.text().is_empty(), *method == Method::HEAD, "{method} {path}");
        }
    }
    assert!(refused > 200, "{refused}");
}

#[tokio::test]
async fn paths_of_no_dialect_are_refused_with_a_body() {
    let server = Server::start().await;
    for path in ["/", "/nothing", "/v1", "/v1/shoes", "/favicon.ico", "/%ff"] {
        let answer = server.get(path).send().await;
        assert_eq!(answer.status, 404, "{path}");
        assert_eq!(answer.json()["code"], "not_found", "{path}");
    }
}

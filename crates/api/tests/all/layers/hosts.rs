//! The `Host` of a request.

use axum::http::Method;
use http_core::layer::cors::CorsPolicy;

use crate::harness::{Asking, Server};

use super::path;

#[tokio::test]
async fn every_route_wants_one_host() {
    let server = Server::start().await;
    for route in api::routes() {
        let ask = || server.without_host(route.method.clone(), &path(&route));
        for asked in wrong(ask) {
            let answer = asked.send().await;
            assert_eq!(answer.status, 400, "{} {}: {}", route.method, route.path, answer.text());
            assert!(answer.text().contains("Host header"), "{}", answer.text());
        }
    }
}

#[tokio::test]
async fn what_there_is_no_route_for_wants_one_host_too() {
    let origins = CorsPolicy::new(&["*".to_owned()], false).unwrap();
    let server = Server::start_with(|config| config.http.cors = origins).await;
    let yeti = "/api/rest/customer/v1";
    let unknown = ["/", "/nothing", "/console/nothing", "/v1/nothing", "/cc/nothing", "/API//JSON/"];
    let unknown = unknown.map(str::to_owned).into_iter().chain([yeti.to_owned(), format!("{yeti}/nothing")]);
    for path in unknown {
        for method in [Method::GET, Method::POST, Method::OPTIONS, Method::TRACE] {
            let ask = || {
                let asked = server.without_host(method.clone(), &path);
                asked.header("origin", "https://a.example").header("access-control-request-method", "GET")
            };
            for asked in wrong(ask) {
                let answer = asked.send().await;
                assert_eq!(answer.status, 400, "{method} {path}: {}", answer.text());
            }
        }
    }
}

/// Requests that name no host, several, or what is none.
fn wrong<'s>(ask: impl Fn() -> Asking<'s>) -> [Asking<'s>; 6] {
    [
        ask(),
        ask().header("host", "example.org").header("host", "example.org"),
        ask().header("host", ""),
        ask().header("host", "a b"),
        ask().header("host", "user@example.org"),
        ask().header("host", "example.org:port"),
    ]
}

#[tokio::test]
async fn what_anybody_may_write_in_a_host_is_in_no_answer() {
    let server = Server::start().await;
    let token = server.yeti_token("ann");
    let paths = [
        "/api/rest/customer/v1/accounts",
        "/.well-known/openid-configuration",
        "/api/json/metadata?op=ListCallRecordsRequest",
        "/types/typescript",
    ];
    for path in paths {
        let asked = server.without_host(Method::GET, path).header("authorization", &token);
        let answer = asked.header("host", "evil.example").send().await;
        assert_eq!(answer.status, 200, "{path}");
        let told = format!("{:?} {}", answer.headers, answer.text());
        assert!(!told.contains("evil.example") && told.contains("example.org"), "{path}: {told}");
    }
}

#[tokio::test]
async fn a_configured_url_is_in_all_links() {
    let url = "https://pbx.example.org/".to_owned();
    let server = Server::start_with(|config| config.http.public_url = Some(url)).await;
    let asked =
        server.get("/api/rest/customer/v1/accounts").header("authorization", &server.yeti_token("ann"));
    let answer = asked.send().await.json();
    let first = answer["links"]["first"].as_str().unwrap();
    assert!(first.starts_with("https://pbx.example.org/api/rest/"), "{first}");
}

#[tokio::test]
async fn links_show_the_host_that_a_trusted_proxy_was_asked_for() {
    let proxies = vec!["10.0.0.0/8".parse().unwrap()];
    let server = Server::start_with(|config| config.http.trusted_proxies = proxies.into()).await;
    let token = server.yeti_token("ann");
    let path = "/api/rest/customer/v1/accounts";
    let first = async |peer: [u8; 4], forwarded: &str| {
        let asked = server.request(Method::GET, path).header("authorization", &token).from(peer);
        let answer = asked.header("x-forwarded-host", forwarded).send().await.json();
        answer["links"]["first"].as_str().unwrap().split(path).next().unwrap().to_owned()
    };
    let (proxy, stranger) = ([10, 0, 0, 1], [192, 0, 2, 1]);
    assert_eq!(first(proxy, "portal.example:8443").await, "http://portal.example:8443");
    assert_eq!(first(proxy, "portal.example, inner.example").await, "http://portal.example");
    assert_eq!(first(proxy, "no host").await, "http://example.org");
    assert_eq!(first(stranger, "evil.example").await, "http://example.org");
}

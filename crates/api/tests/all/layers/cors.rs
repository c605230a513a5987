//! Which web pages may use the API.

use axum::http::Method;
use http_core::layer::cors::CorsPolicy;

use crate::harness::{Answer, Server};

use super::path;

const PORTAL: &str = "https://portal.example";

async fn server(origins: &[&str], credentials: bool) -> Server {
    let origins: Vec<_> = origins.iter().map(|text| (*text).to_owned()).collect();
    let policy = CorsPolicy::new(&origins, credentials).unwrap();
    Server::start_with(|config| config.http.cors = policy).await
}

async fn preflight(server: &Server, path: &str, origin: &str, method: &Method) -> Answer {
    let asked = server.request(Method::OPTIONS, path).header("origin", origin);
    let asked = asked.header("access-control-request-method", method.as_str());
    asked.header("access-control-request-headers", "authorization,content-type").send().await
}

fn allowed(answer: &Answer) -> [&str; 2] {
    [answer.header("access-control-allow-origin"), answer.header("access-control-allow-credentials")]
}

#[tokio::test]
async fn no_page_may_unless_it_is_said() {
    let server = Server::start().await;
    for route in api::routes() {
        let answer = preflight(&server, &path(&route), PORTAL, &route.method).await;
        assert_eq!(allowed(&answer), ["", ""], "{}", route.path);
        let answer =
            server.request(route.method.clone(), &path(&route)).header("origin", PORTAL).send().await;
        assert_eq!(allowed(&answer), ["", ""], "{}", route.path);
    }
}

#[tokio::test]
async fn pages_of_named_origins_may_use_every_route() {
    let server = server(&[PORTAL, "http://127.0.0.1:3000"], true).await;
    for route in api::routes() {
        let answer = preflight(&server, &path(&route), PORTAL, &route.method).await;
        assert_eq!(answer.status, 200);
        assert_eq!(allowed(&answer), [PORTAL, "true"], "{}", route.path);
        assert_eq!(answer.header("access-control-allow-headers"), "authorization,content-type");
        assert!(answer.header("access-control-allow-methods").contains(route.method.as_str()));
        // Refusals too: a page must be able to read why.
        let answer =
            server.request(route.method.clone(), &path(&route)).header("origin", PORTAL).send().await;
        assert_eq!(allowed(&answer), [PORTAL, "true"], "{}", route.path);
    }
    let answer = preflight(&server, "/token", "https://evil.example", &Method::POST).await;
    assert_eq!(answer.header("access-control-allow-origin"), "");
}

#[tokio::test]
async fn everybodys_pages_come_without_credentials() {
    let server = server(&["*"], false).await;
    let answer = preflight(&server, "/token", "https://any.example", &Method::POST).await;
    assert_eq!(allowed(&answer), ["*", ""]);
}

//! Which credentials pass, on every route that wants some. The list of routes is the server's own.

use std::time::Duration;

use axum::http::Method;
use http_core::Guard;
use serde_json::{Value, json};

use super::{
    BASE, JSON_API, UNKNOWN,
    customer_token::acme,
    token::{ann, customer_token, sign},
};
use crate::harness::{Answer, NOW, Server};

/// A route, with ids of nothing in its path.
struct Place {
    method: Method,
    path: String,
}

/// How a token is sent.
#[derive(Clone, Copy, Debug)]
enum By<'a> {
    Header(&'a str),
    Cookie(&'a str),
    /// A cookie and a header.
    Both(&'a str, &'a str),
    Nothing,
}

fn places() -> Vec<Place> {
    let routes = api::routes().into_iter();
    let is_read = |guard| matches!(guard, Guard::Known | Guard::Reader(_));
    let own = routes.filter(|route| is_read(route.guard) && route.path.starts_with(BASE));
    own.map(|route| Place { method: route.method, path: route.path.replace("{id}", UNKNOWN) }).collect()
}

impl Place {
    /// Whether it is a report, which refuses without a body.
    fn is_report(&self) -> bool {
        let name = self.path.trim_start_matches(BASE);
        name.contains("statistics") || name.ends_with("-active-calls") && !name.starts_with("/chart")
    }

    async fn ask(&self, server: &Server, by: By<'_>) -> Answer {
        let asking = server.request(self.method.clone(), &self.path).header("content-type", JSON_API);
        let cookie = |token: &str| format!("_yeti_customer_v1_session={token}");
        let asking = match by {
            By::Header(token) => asking.header("authorization", token),
            By::Cookie(token) => asking.header("cookie", &cookie(token)),
            By::Both(in_cookie, in_header) => {
                asking.header("cookie", &cookie(in_cookie)).header("authorization", in_header)
            }
            By::Nothing => asking,
        };
        asking.send().await
    }

    #[track_caller]
    fn check_refusal(&self, answer: &Answer, by: By<'_>) {
        let path = &self.path;
        assert_eq!(answer.status, 401, "{path} {by:?}");
        assert_eq!(answer.header("set-cookie"), "", "{path} {by:?}");
        if self.is_report() {
            assert_eq!(answer.text(), "", "{path} {by:?}");
            return;
        }
        let body = r#"{"errors":[{"title":"Authorization failed","detail":"Authorization token expired or incorrect.","code":"401","status":"401"}]}"#;
        assert_eq!(answer.text(), body, "{path} {by:?}");
        let is_auth = path.ends_with("/auth");
        let label = if is_auth { "application/json; charset=utf-8" } else { JSON_API };
        assert_eq!(answer.header("content-type"), label, "{path} {by:?}");
    }
}

fn claims(server: &Server) -> Value {
    json!({ "aud": ["customer-v1"], "sub": ann(server), "exp": NOW.as_seconds() + 60 })
}

/// Ann's claims with one changed, or left out if it is `null`.
fn changed(server: &Server, name: &str, value: Value) -> String {
    let mut claims = claims(server);
    match value {
        Value::Null => drop(claims.as_object_mut().unwrap().remove(name)),
        value => claims[name] = value,
    }
    sign(server, &claims)
}

#[test]
fn the_matrix_has_routes_of_both_families() {
    let places = places();
    assert!(places.len() >= 12);
    assert!(places.iter().any(Place::is_report));
}

#[tokio::test]
async fn a_good_header_passes_and_sets_no_cookie() {
    let server = Server::start().await;
    let good = [
        server.yeti_token("ann"),
        format!("Bearer {}", server.yeti_token("ann")),
        changed(&server, "exp", Value::Null),
        customer_token(&server, &json!({ "customer_id": acme(&server) })),
    ];
    for place in places() {
        for token in &good {
            let answer = place.ask(&server, By::Header(token)).await;
            assert_ne!(answer.status, 401, "{}", place.path);
            assert_eq!(answer.header("set-cookie"), "", "{}", place.path);
        }
    }
}

#[tokio::test]
async fn a_good_cookie_passes_and_is_renewed() {
    let server = Server::start().await;
    let good = [server.yeti_token("ann"), changed(&server, "exp", Value::Null)];
    server.clock.advance(Duration::from_secs(30));
    let expected = format!(
        "_yeti_customer_v1_session={}; path=/; expires=Fri, 02 Jan 2026 12:10:30 GMT; httponly; samesite=lax",
        server.yeti_token("ann")
    );
    for place in places() {
        for token in &good {
            let answer = place.ask(&server, By::Cookie(token)).await;
            assert_ne!(answer.status, 401, "{}", place.path);
            assert_eq!(answer.header("set-cookie"), expected, "{}", place.path);
        }
    }
}

#[tokio::test]
async fn without_a_lifetime_a_cookie_is_renewed_without_an_end() {
    let server = Server::start_with(|config| config.yeti.token_lifetime = None).await;
    let token = server.yeti_token("ann");
    let expected = format!("_yeti_customer_v1_session={token}; path=/; httponly; samesite=lax");
    for place in places() {
        let answer = place.ask(&server, By::Cookie(&token)).await;
        assert_eq!(answer.header("set-cookie"), expected, "{}", place.path);
    }
}

#[tokio::test]
async fn bad_tokens_are_refused_wherever_they_are() {
    let server = Server::start().await;
    let bad = [
        "garbage".to_owned(),
        "logout".to_owned(),
        changed(&server, "exp", json!(NOW.as_seconds())),
        changed(&server, "aud", json!("admin")),
        changed(&server, "aud", Value::Null),
        changed(&server, "sub", json!(4_000_000)),
        customer_token(&server, &json!({ "customer_id": 77 })),
    ];
    for place in places() {
        for token in &bad {
            for by in [By::Header(token), By::Cookie(token)] {
                place.check_refusal(&place.ask(&server, by).await, by);
            }
        }
        place.check_refusal(&place.ask(&server, By::Nothing).await, By::Nothing);
        let good = server.yeti_token("ann");
        let by = By::Both(&good, "garbage");
        place.check_refusal(&place.ask(&server, by).await, by);
    }
}

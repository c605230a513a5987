//! Paths as the framework takes them: in any case, with slashes that are doubled or at the end, and with letters
//! that are percent-encoded. Only a path that is no route as it stands is looked at: then its usual spelling is
//! tried.

use std::sync::Arc;

use axum::{
    Extension, Router,
    extract::Request,
    http::{StatusCode, Uri},
    response::{IntoResponse, Response},
};
use tower::ServiceExt;

/// The dialect's routes, to be tried with another spelling.
#[derive(Clone)]
pub struct Usual(Arc<Router>);

impl Usual {
    /// These routes.
    pub fn new(routes: Router) -> Self {
        Self(Arc::new(routes))
    }

    /// Answers a request at the usual spelling of its path; `None` if that is no other, or not the dialect's.
    pub async fn answer(self, request: Request) -> Option<Response> {
        let uri = respelled(request.uri())?;
        let (mut parts, body) = request.into_parts();
        parts.uri = uri;
        let Ok(response) = Router::clone(&self.0).oneshot(Request::from_parts(parts, body)).await;
        Some(response)
    }
}

/// Answers a request under the dialect's path at the usual spelling of it, if it has one.
pub async fn answer(Extension(usual): Extension<Usual>, request: Request) -> Response {
    usual.answer(request).await.unwrap_or_else(not_found)
}

/// There is nothing at a path that is spelled as usual.
pub async fn nothing() -> Response {
    not_found()
}

fn not_found() -> Response {
    (StatusCode::NOT_FOUND, "There is no operation at this address.\n").into_response()
}

/// The address with its path spelled as usual, if that is another one and the dialect's.
pub(crate) fn respelled(uri: &Uri) -> Option<Uri> {
    let path = usual(uri.path());
    if path == uri.path() || !["/api/", "/types/"].iter().any(|of_ours| path.starts_with(of_ours)) {
        return None;
    }
    let query = uri.query().map(|query| format!("?{query}")).unwrap_or_default();
    format!("{path}{query}").parse().ok()
}

/// The usual spelling: lower case, single slashes, none at the end, letters and digits as they are.
fn usual(path: &str) -> String {
    let decoded = decoded(path).to_ascii_lowercase();
    let parts = decoded.split('/').filter(|part| !part.is_empty());
    parts.fold(String::new(), |path, part| path + "/" + part)
}

/// The path with those characters decoded that need no encoding (RFC 3986 section 2.3), but for the dot: two of
/// them mean something.
fn decoded(path: &str) -> String {
    let mut parts = path.split('%');
    let mut text = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let byte = part.get(..2).and_then(|digits| u8::from_str_radix(digits, 16).ok());
        let plain = byte.filter(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'~'));
        match plain {
            Some(byte) => {
                text.push(char::from(byte));
                text.push_str(&part[2..]);
            }
            None => {
                text.push('%');
                text.push_str(part);
            }
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_has_one_usual_spelling() {
        for (path, expected) in [
            ("/API/Calls", "/api/calls"),
            ("//api///calls//", "/api/calls"),
            ("/api/%63%41lls", "/api/calls"),
            ("/api/calls%2Fupdate", "/api/calls%2fupdate"),
            ("/api/%2e%2e/calls", "/api/%2e%2e/calls"),
            ("/api/calls%", "/api/calls%"),
            ("/api/calls%6", "/api/calls%6"),
            ("/api/%\u{e9}", "/api/%\u{e9}"),
        ] {
            assert_eq!(usual(path), expected, "{path}");
            assert_eq!(usual(expected), expected, "{path}");
        }
    }

    #[test]
    fn only_the_dialects_paths_are_respelled_and_only_once() {
        let respelled = |text: &str| respelled(&text.parse().unwrap()).map(|uri| uri.to_string());
        assert_eq!(respelled("/API/calls?Page=%41").as_deref(), Some("/api/calls?Page=%41"));
        for same in ["/api/calls", "/CC/accounts", "/Apis/x", "/"] {
            assert_eq!(respelled(same), None, "{same}");
        }
    }
}

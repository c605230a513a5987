//! What a request asks for, as the audit trail shows it: the members of its body, without secrets.

use std::sync::Arc;

use axum::{
    body::Body,
    extract::Request,
    http::{HeaderMap, header},
};
use http_body_util::BodyExt;
use parking_lot::Mutex;
use serde_json::Value;

/// Most bytes of a body that are looked at; of a longer one nothing is shown.
const MOST: usize = 8 << 10;
/// Members that hold these words in their names are secrets.
const SECRETS: [&str; 3] = ["password", "secret", "token"];
const HIDDEN: &str = "(not shown)";

/// The body of a request, as far as it was read.
pub(super) struct Asked {
    is_form: bool,
    read: Arc<Mutex<Vec<u8>>>,
}

impl Asked {
    /// The same request, whose body is seen while it is read.
    pub(super) fn of(request: Request) -> (Request, Self) {
        let read = Arc::<Mutex<Vec<u8>>>::default();
        let asked = Self { is_form: is_form(request.headers()), read: read.clone() };
        let request = request.map(|body| {
            Body::new(body.map_frame(move |frame| {
                let mut read = read.lock();
                if let Some(data) = frame.data_ref().filter(|_| read.len() <= MOST) {
                    read.extend_from_slice(&data[..data.len().min(MOST + 1)]);
                }
                frame
            }))
        });
        (request, asked)
    }

    /// A line for each member; `None` if there are none, or the body is neither JSON nor a form.
    pub(super) fn shown(&self) -> Option<String> {
        let read = self.read.lock();
        let whole = Some(read.as_slice()).filter(|read| read.len() <= MOST)?;
        let lines = if self.is_form { form(whole) } else { json(whole)? };
        (!lines.is_empty()).then(|| lines.join("\n"))
    }
}

fn is_form(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    kind.is_some_and(|kind| kind.starts_with("application/x-www-form-urlencoded"))
}

fn form(text: &[u8]) -> Vec<String> {
    let fields = form_urlencoded::parse(text);
    fields
        .map(|(name, value)| {
            let value = if is_secret(&name) { HIDDEN.to_owned() } else { Value::from(&*value).to_string() };
            format!("{name} = {value}")
        })
        .collect()
}

fn json(text: &[u8]) -> Option<Vec<String>> {
    let Value::Object(members) = serde_json::from_slice::<Value>(text).ok()? else { return None };
    let line = |(name, value): (String, Value)| {
        let value = if is_secret(&name) { HIDDEN.to_owned() } else { hidden(value).to_string() };
        format!("{name} = {value}")
    };
    Some(members.into_iter().map(line).collect())
}

/// The same without secrets, however deep they are.
fn hidden(value: Value) -> Value {
    match value {
        Value::Array(items) => items.into_iter().map(hidden).collect(),
        Value::Object(members) => {
            let member = |(name, value): (String, Value)| {
                let value = if is_secret(&name) { HIDDEN.into() } else { hidden(value) };
                (name, value)
            };
            members.into_iter().map(member).collect()
        }
        other => other,
    }
}

fn is_secret(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    SECRETS.iter().any(|secret| name.contains(secret))
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn shown(kind: &str, body: &str) -> Option<String> {
        let request = Request::builder().header("content-type", kind).body(Body::from(body.to_owned()));
        let (request, asked) = Asked::of(request.unwrap());
        let passed = request.into_body().collect().await.unwrap().to_bytes();
        assert_eq!(passed, body.as_bytes(), "the body passes as it is");
        asked.shown()
    }

    #[tokio::test]
    async fn members_are_shown_and_secrets_are_not_however_deep_they_are() {
        let body = r#"{"state":"active","Password":"p","to":{"destination":"100","api_token":"t","all":[{"secret":1}]}}"#;
        let expected = "state = \"active\"\nPassword = (not shown)\n\
                        to = {\"destination\":\"100\",\"api_token\":\"(not shown)\",\"all\":[{\"secret\":\"(not shown)\"}]}";
        assert_eq!(shown("application/json", body).await.as_deref(), Some(expected));
        let expected = "note = \"a b\"\ntoken = (not shown)";
        let form = "application/x-www-form-urlencoded; charset=utf-8";
        assert_eq!(shown(form, "note=a+b&token=t").await.as_deref(), Some(expected));
    }

    #[tokio::test]
    async fn of_what_is_long_or_neither_nothing_is_shown() {
        assert_eq!(shown("application/xml", "<Password>p</Password>").await, None);
        assert_eq!(shown("application/json", "").await, None);
        assert_eq!(shown("application/json", &format!("{{\"a\":\"{}\"}}", "x".repeat(MOST))).await, None);
    }
}

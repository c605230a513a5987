//! The body of a request: a JSON object, and nothing else.

use axum::{body::Bytes, extract::rejection::BytesRejection, http::HeaderMap};
use http_core::body::{self, BodyError, kind};
use serde_json::{Map, Value};

/// The object that a body holds.
pub fn object(
    headers: &HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Map<String, Value>, BodyError> {
    body::object(headers, body, |sent| {
        sent == "application/json" || (sent.starts_with("application/") && sent.ends_with("+json"))
    })
}

/// A member of a body; one that is null counts as missing.
pub fn given<'a>(body: &'a Map<String, Value>, name: &str) -> Option<&'a Value> {
    body.get(name).filter(|value| !value.is_null())
}

/// What was found where something else is accepted: a text as it is, of anything else its kind.
pub fn found(value: Option<&Value>) -> &str {
    match value {
        Some(Value::String(text)) => text,
        other => what(other),
    }
}

/// What kind of thing was found.
pub fn what(value: Option<&Value>) -> &'static str {
    value.map_or("missing", kind)
}

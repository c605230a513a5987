//! The body of a request: a JSON object, and nothing else.

use axum::{
    body::Bytes,
    extract::rejection::BytesRejection,
    http::{HeaderMap, StatusCode, header},
};
use call::ErrorCode;
use serde_json::{Map, Value};

use super::errors::Failure;

/// The object that a body holds. A body without a Content-Type is taken for JSON.
pub fn object(
    headers: &HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Map<String, Value>, Failure> {
    let body = body.map_err(|rejection| unreadable(&rejection))?;
    if !is_json(headers) {
        return Err(Failure::not_json());
    }
    match serde_json::from_slice(&body) {
        Ok(Value::Object(members)) => Ok(members),
        Ok(other) => Err(Failure::bad_value("The body", kind(&other), "a JSON object")),
        Err(error) => Err(Failure::new(ErrorCode::InvalidInput, format!("The body is not JSON: {error}"))),
    }
}

fn unreadable(rejection: &BytesRejection) -> Failure {
    if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE {
        return Failure::new(ErrorCode::TooLarge, "The body is larger than accepted");
    }
    Failure::new(ErrorCode::InvalidInput, "The body did not come whole")
}

fn is_json(headers: &HeaderMap) -> bool {
    let Some(value) = headers.get(header::CONTENT_TYPE) else { return true };
    let essence = value.to_str().unwrap_or_default().split(';').next().unwrap_or_default().trim();
    let essence = essence.to_ascii_lowercase();
    essence == "application/json" || (essence.starts_with("application/") && essence.ends_with("+json"))
}

/// What kind of JSON a value is, in JSON's words.
pub fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "true or false",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    }
}

/// A member of a body; one that is null counts as missing.
pub fn given<'a>(body: &'a Map<String, Value>, name: &str) -> Option<&'a Value> {
    body.get(name).filter(|value| !value.is_null())
}

/// What was found where something else is accepted: a text as it is, of anything else its kind.
pub fn found(value: Option<&Value>) -> &str {
    match value {
        Some(Value::String(text)) => text,
        Some(other) => kind(other),
        None => "missing",
    }
}

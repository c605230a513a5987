//! Bodies that are JSON objects, in the dialects whose requests are.

use axum::{
    body::Bytes,
    extract::rejection::BytesRejection,
    http::{HeaderMap, StatusCode, header},
};
use call::ErrorCode;
use serde_json::{Map, Value, error::Category};

/// Why a body holds no JSON object.
#[derive(Debug, thiserror::Error)]
pub enum BodyError {
    /// There is more of it than the configuration accepts.
    #[error("The body is larger than accepted")]
    TooLarge,
    /// It broke off.
    #[error("The body did not come whole")]
    Incomplete,
    /// Its Content-Type says that it is something else.
    #[error("The body's Content-Type is not accepted; send application/json")]
    MediaType,
    /// It cannot be parsed.
    #[error("The body is not JSON: {0}")]
    NotJson(JsonFault),
    /// It is JSON of this kind.
    #[error("The body is {0}; accepted is a JSON object")]
    NotAnObject(&'static str),
}

/// Where a text stops being JSON, in words for whoever wrote it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{what} at line {line}, column {column}")]
pub struct JsonFault {
    what: &'static str,
    line: usize,
    column: usize,
}

impl JsonFault {
    /// Where the parser gave up.
    pub fn of(error: &serde_json::Error) -> Self {
        let what = match error.classify() {
            Category::Eof => "it ends too early",
            Category::Syntax | Category::Io => "it cannot be read",
            Category::Data => "it holds something else than expected",
        };
        Self { what, line: error.line(), column: error.column() }
    }
}

impl BodyError {
    /// What kind of trouble it is.
    pub const fn code(&self) -> ErrorCode {
        match self {
            Self::TooLarge => ErrorCode::TooLarge,
            Self::Incomplete | Self::MediaType | Self::NotJson(_) | Self::NotAnObject(_) => {
                ErrorCode::InvalidInput
            }
        }
    }
}

impl From<BytesRejection> for BodyError {
    fn from(rejection: BytesRejection) -> Self {
        if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE { Self::TooLarge } else { Self::Incomplete }
    }
}

/// The members of the object that a body holds. `is_json` is asked about the Content-Type; a body without one
/// is taken for JSON.
pub fn object(
    headers: &HeaderMap,
    body: Result<Bytes, BytesRejection>,
    is_json: impl FnOnce(&str) -> bool,
) -> Result<Map<String, Value>, BodyError> {
    let body = body?;
    if !media_type(headers).is_none_or(|sent| is_json(&sent)) {
        return Err(BodyError::MediaType);
    }
    match serde_json::from_slice(&body).map_err(|error| BodyError::NotJson(JsonFault::of(&error)))? {
        Value::Object(members) => Ok(members),
        other => Err(BodyError::NotAnObject(kind(&other))),
    }
}

/// What the Content-Type says without its parameters, in lower case; empty if it is no text.
pub fn media_type(headers: &HeaderMap) -> Option<String> {
    let value = headers.get(header::CONTENT_TYPE)?;
    let essence = value.to_str().unwrap_or_default().split(';').next().unwrap_or_default();
    Some(essence.trim().to_ascii_lowercase())
}

/// What kind of JSON a value is, in JSON's words.
pub const fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "true or false",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    }
}

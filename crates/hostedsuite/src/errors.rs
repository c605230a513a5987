//! What goes wrong, and how this dialect says so (section 3).

use std::{error::Error, time::Duration};

use axum::http::StatusCode;
use call::ErrorCode;
use history::HistoryError;
use http_core::Overstepped;

/// How long a client is asked to wait when the server cannot answer now.
const RETRY: Duration = Duration::from_secs(5);

/// Why a request is not answered with what it asked for.
#[derive(Debug)]
pub struct Failure {
    /// The HTTP status.
    pub status: StatusCode,
    /// `ResponseStatus.ErrorCode`.
    pub name: &'static str,
    /// `ResponseStatus.Message`.
    pub message: String,
    /// What is wrong with which member.
    pub errors: Vec<FieldError>,
    /// Which request of a batch it is that failed, from 0.
    pub place_in_batch: Option<u8>,
    /// When to try again.
    pub retry_after: Option<Duration>,
    /// The verb that is to be used instead.
    pub allowed: Option<&'static str>,
    /// What went wrong below, for the log alone.
    pub source: Option<Box<dyn Error + Send + Sync>>,
}

/// What is wrong with a member.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldError {
    /// What kind of fault it is.
    pub fault: Fault,
    /// The member.
    pub field: &'static str,
    /// What was found and what is accepted.
    pub message: String,
}

/// Kinds of fault of a member.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// A required member is missing.
    Missing,
    /// It is not of the member's type.
    Unbindable,
    /// It is not in an accepted notation.
    Malformed,
    /// It is outside the accepted range.
    OutOfRange,
    /// It is none of the accepted values.
    Unknown,
}

impl Fault {
    /// The vendor's word.
    pub fn name(self) -> &'static str {
        match self {
            Self::Missing => "ArgumentNullException",
            Self::Unbindable => "SerializationException",
            Self::Malformed => "FormatException",
            Self::OutOfRange => "ArgumentOutOfRangeException",
            Self::Unknown => "ArgumentException",
        }
    }
}

/// The one place where kinds of trouble become this dialect's status and word.
fn status_and_name(code: ErrorCode) -> (StatusCode, &'static str) {
    match code {
        ErrorCode::InvalidInput => (StatusCode::BAD_REQUEST, "ArgumentException"),
        ErrorCode::Unauthenticated => (StatusCode::UNAUTHORIZED, "Unauthorized"),
        ErrorCode::Forbidden => (StatusCode::FORBIDDEN, "UnauthorizedAccessException"),
        ErrorCode::NotFound => (StatusCode::NOT_FOUND, "NotFound"),
        ErrorCode::Conflict => (StatusCode::CONFLICT, "Conflict"),
        ErrorCode::TooLarge => (StatusCode::PAYLOAD_TOO_LARGE, "RequestEntityTooLarge"),
        ErrorCode::TooManyRequests => (StatusCode::TOO_MANY_REQUESTS, "TooManyRequests"),
        ErrorCode::Unavailable => (StatusCode::SERVICE_UNAVAILABLE, "ServiceUnavailable"),
        ErrorCode::Internal => (StatusCode::INTERNAL_SERVER_ERROR, "InternalServerError"),
    }
}

impl Failure {
    /// A failure of a kind.
    pub fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        let (status, name) = status_and_name(code);
        Self::http(status, name, message)
    }

    /// Members that are not accepted; the first one gives the word and the message of the whole.
    pub fn of_fields(errors: Vec<FieldError>) -> Self {
        let first = errors.first();
        let name = first.map_or("ArgumentException", |error| error.fault.name());
        let message = first.map(|error| error.message.clone()).unwrap_or_default();
        Self { errors, ..Self::http(StatusCode::BAD_REQUEST, name, message) }
    }

    /// A body that cannot be read.
    pub fn malformed_body(message: impl Into<String>) -> Self {
        Self::http(StatusCode::BAD_REQUEST, Fault::Unbindable.name(), message)
    }

    /// A body in a notation that is not read.
    pub fn unsupported_type(found: &str) -> Self {
        let message = format!(
            "Content-Type is {found:?}; accepted: application/json, application/xml, text/jsv, text/csv, \
             application/x-www-form-urlencoded, multipart/form-data"
        );
        Self::http(StatusCode::UNSUPPORTED_MEDIA_TYPE, "UnsupportedMediaType", message)
    }

    /// A verb that the operation does not take.
    pub fn method_not_allowed(allowed: &'static str) -> Self {
        let message = format!("The operation is called with {allowed}");
        let failure = Self::http(StatusCode::METHOD_NOT_ALLOWED, "MethodNotAllowed", message);
        Self { allowed: Some(allowed), ..failure }
    }

    fn http(status: StatusCode, name: &'static str, message: impl Into<String>) -> Self {
        let (message, errors) = (message.into(), Vec::new());
        Self {
            status,
            name,
            message,
            errors,
            place_in_batch: None,
            retry_after: None,
            allowed: None,
            source: None,
        }
    }
}

impl From<Overstepped> for Failure {
    fn from(error: Overstepped) -> Self {
        Self::new(ErrorCode::Forbidden, error.to_string())
    }
}

impl From<HistoryError> for Failure {
    /// The answer says nothing of the inside.
    fn from(error: HistoryError) -> Self {
        let code = error.code();
        let retry_after = (code == ErrorCode::Unavailable).then_some(RETRY);
        let message = match error {
            HistoryError::TooSlow { .. } => "It takes too long to answer; ask for a shorter time",
            _ => "The call records cannot be read now",
        };
        let failure = Self::new(code, message);
        Self { retry_after, source: Some(Box::new(error)), ..failure }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn trouble_inside_is_told_to_the_log_alone() {
        let below = std::io::Error::other("disk /dev/sda is full");
        let inside = HistoryError::Store { what: "find records", source: Box::new(below) };
        let failure = Failure::from(inside);
        assert_eq!((failure.status.as_u16(), failure.name), (500, "InternalServerError"));
        assert_eq!(failure.message, "The call records cannot be read now");
        assert!(failure.source.is_some());
    }

    #[test]
    fn a_closed_history_is_to_be_asked_again_later() {
        let failure = Failure::from(HistoryError::Closed);
        assert_eq!((failure.status.as_u16(), failure.retry_after), (503, Some(RETRY)));
    }
}

//! Refusals in JSON:API's form: the error catalogue (contract yeti.md, section 3). The reports refuse in
//! their own way ([`report`]).

pub mod report;

use std::time::Duration;

use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use history::HistoryError;
use http_core::{Overstepped, failure::status};

use super::{
    answer::{Answer, Media},
    wire::error::{ErrorWire, ErrorsWire, SourceWire},
};

/// One or more errors, answered together under the status of the first.
#[derive(Debug)]
pub struct Refusal {
    errors: Vec<ErrorWire>,
    media: Media,
    retry_after: Option<Duration>,
    challenge: Option<&'static str>,
}

impl Refusal {
    fn one(error: ErrorWire) -> Self {
        Self { errors: vec![error], media: Media::JsonApi, retry_after: None, challenge: None }
    }

    /// Several errors; `None` if there is none.
    pub fn all(errors: Vec<ErrorWire>) -> Option<Self> {
        (!errors.is_empty()).then_some(Self {
            errors,
            media: Media::JsonApi,
            retry_after: None,
            challenge: None,
        })
    }

    /// The same, labelled as `auth` labels its bodies.
    pub fn plain(self) -> Self {
        Self { media: Media::PlainJson, ..self }
    }

    /// Missing, garbled, expired or foreign credentials.
    pub fn unauthorized() -> Self {
        let detail = "Authorization token expired or incorrect.";
        Self::one(ErrorWire::of_status(StatusCode::UNAUTHORIZED, "Authorization failed", detail))
    }

    /// Credentials that are not good for this.
    pub fn overstepped(error: Overstepped) -> Self {
        let told = ErrorWire::of_status(StatusCode::FORBIDDEN, "Forbidden", format!("{error}."));
        Self { challenge: Some(error.challenge()), ..Self::one(told) }
    }

    /// A call through a gateway that is not there.
    pub fn no_gateway() -> Self {
        let detail = "Provisioning Gateway is not found.";
        Self::one(ErrorWire::of_status(StatusCode::INTERNAL_SERVER_ERROR, "Internal Server Error", detail))
    }

    /// A login that is not accepted, for whatever reason.
    pub fn login_failed() -> Self {
        let detail = "Incorrect login or password.";
        Self::one(ErrorWire::of_status(StatusCode::UNAUTHORIZED, "Authentication failed", detail)).plain()
    }

    /// Too many logins that were not accepted.
    pub fn too_many_logins(retry_after: Duration) -> Self {
        let detail = "Too many failed logins. Try again later.";
        let error = ErrorWire::of_status(StatusCode::TOO_MANY_REQUESTS, "Too many requests", detail);
        Self { retry_after: Some(retry_after), ..Self::one(error).plain() }
    }

    /// A body of another type than JSON:API.
    pub fn unsupported_media_type(sent: &str) -> Self {
        let detail = format!(
            "All requests that create or update must use the 'application/vnd.api+json' Content-Type. This \
             request specified '{sent}'."
        );
        let status = StatusCode::UNSUPPORTED_MEDIA_TYPE;
        Self::one(ErrorWire::of_status(status, "Unsupported media type", detail))
    }

    /// A client that does not want JSON:API.
    pub fn not_acceptable(accept: &str) -> Self {
        let detail = format!(
            "All requests must use the 'application/vnd.api+json' Accept without media type parameters. This \
             request specified '{accept}'."
        );
        Self::one(ErrorWire::of_status(StatusCode::NOT_ACCEPTABLE, "Not acceptable", detail))
    }

    /// A request that cannot be understood at all.
    pub fn bad_request(detail: impl Into<String>) -> Self {
        Self::one(ErrorWire::of_status(StatusCode::BAD_REQUEST, "Bad Request", detail))
    }

    /// A body larger than the server takes.
    pub fn too_large(limit: usize) -> Self {
        let detail = format!("The request body is larger than {limit} bytes.");
        Self::one(ErrorWire::of_status(StatusCode::PAYLOAD_TOO_LARGE, "Request too large", detail))
    }

    /// One of the 400s that have a number of their own.
    pub fn invalid(code: u16, title: &'static str, detail: impl Into<String>) -> Self {
        Self::one(ErrorWire::new(StatusCode::BAD_REQUEST, code, title, detail))
    }

    /// A value that an id cannot have.
    pub fn invalid_id(value: &str) -> Self {
        Self::invalid(103, "Invalid field value", format!("{value} is not a valid value for id."))
    }

    /// A record that is not there, as far as this client may know.
    pub fn record_not_found(id: &str) -> Self {
        let detail = format!("The record identified by {id} could not be found.");
        Self::one(ErrorWire::of_status(StatusCode::NOT_FOUND, "Record not found", detail))
    }

    /// A path or method that the API does not have.
    pub fn no_route(status: StatusCode) -> Self {
        let (title, detail) = match status {
            StatusCode::METHOD_NOT_ALLOWED => ("Method not allowed", "The path does not know this method."),
            _ => ("Not found", "There is nothing under this path."),
        };
        Self::one(ErrorWire::of_status(status, title, detail))
    }

    /// A fault of the server.
    pub fn internal() -> Self {
        let text = "Internal Server Error";
        Self::one(ErrorWire::of_status(StatusCode::INTERNAL_SERVER_ERROR, text, text))
    }
}

/// A member of `data`, an attribute or a relationship that clients may not send.
pub fn param_not_allowed(name: &str) -> ErrorWire {
    ErrorWire::new(StatusCode::BAD_REQUEST, 105, "Param not allowed", format!("{name} is not allowed."))
}

/// An attribute that does not pass validation.
pub fn invalid_attribute(attribute: &str, message: &str) -> ErrorWire {
    let pointer = format!("/data/attributes/{attribute}");
    ErrorWire::of_validation(message, format!("{attribute} - {message}"), pointer)
}

/// A relationship that does not pass validation.
pub fn invalid_relationship(relationship: &str, message: &str) -> ErrorWire {
    let pointer = format!("/data/relationships/{relationship}");
    ErrorWire::of_validation(message, format!("{relationship} - {message}"), pointer)
}

/// A whole that does not pass validation.
pub fn invalid_whole(message: &str) -> ErrorWire {
    ErrorWire::of_validation(message, message.to_owned(), "/data".to_owned())
}

impl From<HistoryError> for Refusal {
    fn from(error: HistoryError) -> Self {
        if let HistoryError::TooManyExports { .. } = error {
            let status = StatusCode::TOO_MANY_REQUESTS;
            return Self::one(ErrorWire::of_status(status, "Too Many Requests", error.to_string()));
        }
        tracing::error!(error = &error as &dyn std::error::Error, "the call history does not answer");
        match status(error.code()) {
            StatusCode::SERVICE_UNAVAILABLE => {
                let detail = match error {
                    HistoryError::TooSlow { .. } => "It takes too long to answer. Ask for a shorter time.",
                    _ => "The server cannot answer now. Try again later.",
                };
                let status = StatusCode::SERVICE_UNAVAILABLE;
                Self::one(ErrorWire::of_status(status, "Service Unavailable", detail))
            }
            _ => Self::internal(),
        }
    }
}

impl ErrorWire {
    fn new(status: StatusCode, code: u16, title: impl Into<String>, detail: impl Into<String>) -> Self {
        Self {
            title: title.into(),
            detail: detail.into(),
            code: code.to_string(),
            source: None,
            status: status.as_str().to_owned(),
        }
    }

    fn of_status(status: StatusCode, title: &'static str, detail: impl Into<String>) -> Self {
        Self::new(status, status.as_u16(), title, detail)
    }

    fn of_validation(title: &str, detail: String, pointer: String) -> Self {
        let error = Self::new(StatusCode::UNPROCESSABLE_ENTITY, 100, title, detail);
        Self { source: Some(SourceWire { pointer }), ..error }
    }

    fn http_status(&self) -> StatusCode {
        StatusCode::from_bytes(self.status.as_bytes()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let first = self.errors.first();
        let status = first.map_or(StatusCode::INTERNAL_SERVER_ERROR, ErrorWire::http_status);
        let answer = Answer::new(status, self.media, &ErrorsWire { errors: self.errors });
        let mut response = answer.into_response();
        let retry_after = self.retry_after.map(|wait| wait.as_secs().max(1).into());
        response.headers_mut().extend(retry_after.map(|wait| (header::RETRY_AFTER, wait)));
        let challenge = self.challenge.map(HeaderValue::from_static);
        response.headers_mut().extend(challenge.map(|value| (header::WWW_AUTHENTICATE, value)));
        response
    }
}

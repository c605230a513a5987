//! What is refused, and how it is told: `{"error": {"code": …, "message": …}}`, and where it is about a
//! member of the request, which one, what was found there and what is accepted.

use std::{error::Error, sync::Arc};

use axum::{
    Json,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use call::ErrorCode;
use history::annotations::{AnnotationEditError, AnnotationPart};
use live::CommandError;

use super::wire::errors::{BadMemberWire, ErrorBodyWire, ErrorWire};
use crate::{auth::BearerError, body::BodyError};

/// A refusal on its way to the client. [`print()`] gives it its body.
#[derive(Clone, Debug)]
pub struct Failure {
    status: StatusCode,
    body: ErrorBodyWire,
    challenge: Option<&'static str>,
    cause: Option<Arc<dyn Error + Send + Sync>>,
}

impl Failure {
    /// A refusal of this kind; `message` is for the client's eyes.
    pub fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        let (status, code) = status(code);
        let body = ErrorBodyWire { code, message: message.into(), member: None };
        Self { status, body, challenge: None, cause: None }
    }

    /// A member of the request that is not accepted.
    pub fn bad_member(field: &str, found: impl Into<String>, accepted: impl Into<String>) -> Self {
        let (found, accepted) = (found.into(), accepted.into());
        let mut failure =
            Self::new(ErrorCode::InvalidInput, format!("{field} is {found}; accepted is {accepted}"));
        failure.body.member = Some(Box::new(BadMemberWire { field: field.to_owned(), found, accepted }));
        failure
    }

    /// No such call, as far as this client may know.
    pub fn no_such_call() -> Self {
        Self::new(ErrorCode::NotFound, "The account has no such call")
    }

    /// A method that the path does not know; what it does is in the `Allow` header.
    pub fn wrong_method() -> Self {
        let failure =
            Self::new(ErrorCode::InvalidInput, "This path has no such method; see the Allow header");
        Self { status: StatusCode::METHOD_NOT_ALLOWED, ..failure }
    }

    /// A token whose holder may read only.
    pub fn read_only() -> Self {
        Self {
            challenge: Some(r#"Bearer error="insufficient_scope""#),
            ..Self::new(ErrorCode::Forbidden, "This user may read, not write")
        }
    }

    fn hiding(code: ErrorCode, message: &str, cause: impl Error + Send + Sync + 'static) -> Self {
        Self { cause: Some(Arc::new(cause)), ..Self::new(code, message) }
    }
}

/// The status of each kind of trouble, and its name in a body.
fn status(code: ErrorCode) -> (StatusCode, &'static str) {
    match code {
        ErrorCode::InvalidInput => (StatusCode::BAD_REQUEST, "invalid_input"),
        ErrorCode::Unauthenticated => (StatusCode::UNAUTHORIZED, "unauthenticated"),
        ErrorCode::Forbidden => (StatusCode::FORBIDDEN, "forbidden"),
        ErrorCode::NotFound => (StatusCode::NOT_FOUND, "not_found"),
        ErrorCode::Conflict => (StatusCode::CONFLICT, "conflict"),
        ErrorCode::TooLarge => (StatusCode::PAYLOAD_TOO_LARGE, "too_large"),
        ErrorCode::TooManyRequests => (StatusCode::TOO_MANY_REQUESTS, "too_many_requests"),
        ErrorCode::Unavailable => (StatusCode::SERVICE_UNAVAILABLE, "unavailable"),
        ErrorCode::Internal => (StatusCode::INTERNAL_SERVER_ERROR, "internal"),
    }
}

impl From<BearerError> for Failure {
    fn from(error: BearerError) -> Self {
        Self {
            challenge: Some(error.challenge()),
            ..Self::new(ErrorCode::Unauthenticated, error.to_string())
        }
    }
}

impl From<BodyError> for Failure {
    fn from(error: BodyError) -> Self {
        let failure = Self::new(error.code(), error.to_string());
        match error {
            BodyError::NotAnObject(kind) => Self::bad_member("The body", kind, "a JSON object"),
            BodyError::MediaType => Self { status: StatusCode::UNSUPPORTED_MEDIA_TYPE, ..failure },
            BodyError::TooLarge | BodyError::Incomplete | BodyError::NotJson(_) => failure,
        }
    }
}

impl From<CommandError> for Failure {
    fn from(error: CommandError) -> Self {
        let code = error.code();
        match error {
            CommandError::Annotation(error) => error.into(),
            CommandError::NotFound => Self::no_such_call(),
            _ => match code {
                ErrorCode::Internal => Self::hiding(code, "The server failed", error),
                ErrorCode::Unavailable => {
                    Self::hiding(code, "The server cannot do this now; try later", error)
                }
                ErrorCode::InvalidInput
                | ErrorCode::Unauthenticated
                | ErrorCode::Forbidden
                | ErrorCode::NotFound
                | ErrorCode::Conflict
                | ErrorCode::TooLarge
                | ErrorCode::TooManyRequests => Self::new(code, error.to_string()),
            },
        }
    }
}

impl From<AnnotationEditError> for Failure {
    fn from(error: AnnotationEditError) -> Self {
        let member = match error.part {
            AnnotationPart::Notes => "notes",
            AnnotationPart::FlagNotes => "flag_notes",
            AnnotationPart::AddedForms => "completed_form_ids",
            AnnotationPart::RemovedForms => "removed_form_ids",
            AnnotationPart::Work => "work_time_in_seconds",
        };
        Self::bad_member(member, error.found, error.accepted)
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let mut response = self.status.into_response();
        let challenge = self.challenge.map(|text| (header::WWW_AUTHENTICATE, HeaderValue::from_static(text)));
        response.headers_mut().extend(challenge);
        response.extensions_mut().insert(self);
        response
    }
}

/// As [`printed`], for a layer.
pub async fn print(response: Response) -> Response {
    printed(response)
}

/// Gives every refusal its body, and a fault of the server its line in the log.
pub fn printed(mut response: Response) -> Response {
    let Some(failure) = response.extensions_mut().remove::<Failure>() else { return response };
    if let Some(cause) = &failure.cause {
        tracing::error!(error = &**cause as &dyn Error, "a request failed");
    }
    let (parts, body) = Json(ErrorWire { error: failure.body }).into_response().into_parts();
    response.headers_mut().extend(parts.headers);
    *response.body_mut() = body;
    response
}

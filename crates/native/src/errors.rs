//! What is refused, and how it is told: as problem details (RFC 9457), with the kind of trouble as `code`, and where it
//! is about a member of the request, which one, what was found there and what is accepted.

use axum::{
    Json,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use call::ErrorCode;
use history::annotations::{AnnotationEditError, AnnotationPart};
use http_core::{
    Overstepped,
    auth::{BearerError, NotOperator},
    body::BodyError,
    failure::{self, Cause},
    layer::{idempotency::Misuse, quota::OverQuota},
};
use live::CommandError;

use super::wire::errors::{BadMemberWire, ProblemWire};

/// The type of such bodies.
pub const PROBLEM: HeaderValue = HeaderValue::from_static("application/problem+json");

/// A refusal on its way to the client. [`print()`] gives it its body.
#[derive(Clone, Debug)]
pub struct Failure {
    status: StatusCode,
    code: ErrorCode,
    message: String,
    member: Option<Box<BadMemberWire>>,
    challenge: Option<&'static str>,
    cause: Option<Cause>,
}

impl Failure {
    /// A refusal of this kind; `message` is for the client's eyes.
    pub fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        let (status, message) = (failure::status(code), message.into());
        Self { status, code, message, member: None, challenge: None, cause: None }
    }

    /// A member of the request that is not accepted.
    pub fn bad_member(field: &str, found: impl Into<String>, accepted: impl Into<String>) -> Self {
        let (found, accepted) = (found.into(), accepted.into());
        let message = format!("{field} is {found}; accepted is {accepted}");
        let member = BadMemberWire { field: field.to_owned(), found, accepted };
        Self { member: Some(Box::new(member)), ..Self::new(ErrorCode::InvalidInput, message) }
    }

    /// No such call, as far as this client may know.
    pub fn no_such_call() -> Self {
        Self::new(ErrorCode::NotFound, "The account has no such call")
    }

    /// The account of the token is gone.
    pub fn no_such_account() -> Self {
        Self::new(ErrorCode::NotFound, "There is no such account")
    }

    /// A method that the path does not know; what it does is in the `Allow` header.
    pub fn wrong_method() -> Self {
        let failure =
            Self::new(ErrorCode::InvalidInput, "This path has no such method; see the Allow header");
        Self { status: StatusCode::METHOD_NOT_ALLOWED, ..failure }
    }
}

/// The name of each kind of trouble in a body.
fn name(code: ErrorCode) -> &'static str {
    match code {
        ErrorCode::InvalidInput => "invalid_input",
        ErrorCode::Unauthenticated => "unauthenticated",
        ErrorCode::Forbidden => "forbidden",
        ErrorCode::NotFound => "not_found",
        ErrorCode::Conflict => "conflict",
        ErrorCode::TooLarge => "too_large",
        ErrorCode::TooManyRequests => "too_many_requests",
        ErrorCode::Unavailable => "unavailable",
        ErrorCode::Internal => "internal",
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

impl From<Overstepped> for Failure {
    fn from(error: Overstepped) -> Self {
        let challenge = Some(error.challenge());
        Self { challenge, ..Self::new(ErrorCode::Forbidden, error.to_string()) }
    }
}

impl From<NotOperator> for Failure {
    fn from(error: NotOperator) -> Self {
        Self::new(ErrorCode::Forbidden, error.to_string())
    }
}

impl From<OverQuota> for Failure {
    fn from(error: OverQuota) -> Self {
        Self::new(ErrorCode::TooManyRequests, error.to_string())
    }
}

impl From<Misuse> for Failure {
    fn from(error: Misuse) -> Self {
        let (status, code) = (error.status(), error.code());
        Self { status, ..Self::new(code, error.to_string()) }
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
            error => {
                let (message, cause) = failure::below(code, error);
                Self { cause, ..Self::new(code, message) }
            }
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
        failure::under_way(self.status, self.challenge, self)
    }
}

impl Failure {
    /// As the body of a refusal says it, where it is not one; a fault of the server has its line in the log.
    pub fn told(self) -> serde_json::Value {
        failure::log(self.cause.as_ref());
        serde_json::to_value(self.problem()).unwrap_or_default()
    }

    fn problem(self) -> ProblemWire {
        ProblemWire {
            kind: "about:blank",
            title: self.status.canonical_reason().unwrap_or_default(),
            status: self.status.as_u16(),
            detail: self.message,
            code: name(self.code),
            member: self.member,
        }
    }
}

/// As [`printed`], for a layer.
pub async fn print(response: Response) -> Response {
    printed(response)
}

/// Gives every refusal its body, and a fault of the server its line in the log.
pub fn printed(mut response: Response) -> Response {
    let extensions = response.extensions_mut();
    let failure = extensions.remove().or_else(|| extensions.remove::<NotOperator>().map(Failure::from));
    let Some(failure) = failure else { return response };
    failure::log(failure.cause.as_ref());
    let (parts, body) = Json(failure.problem()).into_response().into_parts();
    response.headers_mut().extend(parts.headers);
    response.headers_mut().insert(header::CONTENT_TYPE, PROBLEM);
    *response.body_mut() = body;
    response
}

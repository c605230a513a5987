//! What is refused, and how it is told: `{"code": …, "message": …}`, whatever went wrong.

use std::error::Error;

use axum::{
    extract::State,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use call::ErrorCode;
use history::HistoryError;
use http_core::{
    Overstepped,
    auth::BearerError,
    body::BodyError,
    failure::{self, Cause},
    layer::idempotency::Misuse,
};
use live::CommandError;

use super::wire::{Digits, ErrorWire, VonageWire};

/// The vendor's own sentence for an account that is not the client's.
const NOT_PERMITTED: &str = "User is not permitted to make a request against this account";
/// The challenge to a client whose token is good but for another account (RFC 6750 section 3.1).
const OTHER_ACCOUNT: &str = r#"Bearer error="insufficient_scope""#;

/// A refusal on its way to the client. [`print()`] gives it its body.
#[derive(Clone, Debug)]
pub struct Failure {
    status: StatusCode,
    message: String,
    challenge: Option<&'static str>,
    cause: Option<Cause>,
}

impl Failure {
    /// A refusal of this kind; `message` is for the client's eyes.
    pub fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        Self::with_status(status(code), message)
    }

    /// A value of the request that is not accepted.
    pub fn bad_value(field: &str, found: &str, accepted: &str) -> Self {
        let found = Excerpt(found);
        Self::new(ErrorCode::InvalidInput, format!("{field} is {found}; accepted is {accepted}"))
    }

    /// No such thing, as far as this client may know.
    pub fn not_found(what: &str) -> Self {
        Self::new(ErrorCode::NotFound, format!("There is no such {what}"))
    }

    /// A good token, but not for this account.
    pub fn other_account() -> Self {
        Self { challenge: Some(OTHER_ACCOUNT), ..Self::new(ErrorCode::Forbidden, NOT_PERMITTED) }
    }

    /// A change of a call that was not carried out. The vendor's document has no 409 for calls: what the
    /// call's state does not allow is a bad request.
    pub fn of_call(error: CommandError) -> Self {
        match error.code() {
            ErrorCode::Conflict => Self::new(ErrorCode::InvalidInput, error.to_string()),
            _ => error.into(),
        }
    }

    fn with_status(status: StatusCode, message: impl Into<String>) -> Self {
        Self { status, message: message.into(), challenge: None, cause: None }
    }

    /// A failure below.
    fn below(code: ErrorCode, cause: impl Error + Send + Sync + 'static) -> Self {
        match code {
            ErrorCode::Forbidden => Self::other_account(),
            ErrorCode::NotFound => Self::not_found("call or leg"),
            ErrorCode::InvalidInput
            | ErrorCode::Unauthenticated
            | ErrorCode::Conflict
            | ErrorCode::TooLarge
            | ErrorCode::TooManyRequests
            | ErrorCode::Unavailable
            | ErrorCode::Internal => {
                let (message, cause) = failure::below(code, cause);
                Self { cause, ..Self::new(code, message) }
            }
        }
    }

    fn into_body(self, wire: VonageWire) -> Vec<u8> {
        let code = self.status.as_u16();
        // The vendor types the code of a 401 as a number and every other as text.
        let wire = if self.status == StatusCode::UNAUTHORIZED { VonageWire::Numbers } else { wire };
        let body = ErrorWire { code: Digits::integer(wire, code), message: self.message };
        serde_json::to_vec(&body).expect("a number and a text can be printed as JSON")
    }
}

/// The status of each kind of trouble: the vendor knows no 403.
fn status(code: ErrorCode) -> StatusCode {
    match failure::status(code) {
        StatusCode::FORBIDDEN => StatusCode::UNAUTHORIZED,
        status => status,
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

/// The vendor has one sentence and one status for whatever a good token is not good for.
impl From<Overstepped> for Failure {
    fn from(error: Overstepped) -> Self {
        Self { challenge: Some(error.challenge()), ..Self::other_account() }
    }
}

impl From<BodyError> for Failure {
    fn from(error: BodyError) -> Self {
        match error {
            BodyError::NotAnObject(kind) => Self::bad_value("The body", kind, "a JSON object"),
            BodyError::MediaType => Self::with_status(StatusCode::UNSUPPORTED_MEDIA_TYPE, error.to_string()),
            BodyError::TooLarge | BodyError::Incomplete | BodyError::NotJson(_) => {
                Self::new(error.code(), error.to_string())
            }
        }
    }
}

impl From<Misuse> for Failure {
    fn from(error: Misuse) -> Self {
        Self::with_status(error.status(), error.to_string())
    }
}

impl From<CommandError> for Failure {
    fn from(error: CommandError) -> Self {
        Self::below(error.code(), error)
    }
}

impl From<HistoryError> for Failure {
    fn from(error: HistoryError) -> Self {
        Self::below(error.code(), error)
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        failure::under_way(self.status, self.challenge, self)
    }
}

/// Gives every refusal its body, and a fault of the server its line in the log.
pub async fn print(State(wire): State<VonageWire>, response: Response) -> Response {
    told(wire, response)
}

/// A refusal with its body, for a layer around that.
pub fn printed(wire: VonageWire, failure: impl Into<Failure>) -> Response {
    told(wire, failure.into().into_response())
}

fn told(wire: VonageWire, mut response: Response) -> Response {
    let Some(failure) = response.extensions_mut().remove::<Failure>() else { return response };
    failure::log(failure.cause.as_ref());
    let json = HeaderValue::from_static("application/json");
    response.headers_mut().insert(header::CONTENT_TYPE, json);
    *response.body_mut() = failure.into_body(wire).into();
    response
}

/// A path under the dialect's mounts that is not one of its routes.
pub async fn unknown_path() -> Failure {
    Failure::not_found("path")
}

/// A path of the dialect, asked with a method that it does not have. The answer's `Allow` names those it has.
pub async fn wrong_method() -> Failure {
    Failure::with_status(StatusCode::METHOD_NOT_ALLOWED, "This path has no such method; see the Allow header")
}

/// What was found, quoted, and cut if it is long.
struct Excerpt<'a>(&'a str);

impl std::fmt::Display for Excerpt<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        const MOST: usize = 40;
        match self.0.char_indices().nth(MOST) {
            Some((end, _)) => write!(f, "`{}…`", &self.0[..end]),
            None => write!(f, "`{}`", self.0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_of_the_server_tells_nothing_of_its_inside() {
        let source = std::io::Error::other("/var/lib/secret").into();
        let failure = Failure::from(HistoryError::Store { what: "search", source });
        assert!(failure.cause.is_some());
        let body = failure.into_body(VonageWire::Numbers);
        assert_eq!(body, br#"{"code":500,"message":"The server failed"}"#);
    }

    #[test]
    fn a_long_value_is_cut_where_it_is_told() {
        let failure = Failure::bad_value("page", &"é".repeat(1_000), "a number");
        assert_eq!(failure.message, format!("page is `{}…`; accepted is a number", "é".repeat(40)));
    }
}

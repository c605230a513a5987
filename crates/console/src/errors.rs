//! What is refused, and the page that says so.

use axum::{
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use call::ErrorCode;
use directory::DirectoryError;
use history::HistoryError;
use http_core::{
    Overstepped,
    failure::{self, Cause},
    layer::host::NoHost,
};
use live::{CommandError, TooManyReaders};
use tokio::task::JoinError;

use crate::{page, routes, words};

/// Why there is no page.
#[derive(Debug)]
pub enum Failure {
    /// Nobody is signed in: to the form, and from there to the page that was wanted.
    SignedOut {
        /// The page.
        wanted: String,
    },
    /// It is refused.
    Refused {
        /// The status.
        status: StatusCode,
        /// Why, for people.
        message: String,
        /// What the log alone is told.
        cause: Option<Cause>,
    },
}

impl Failure {
    /// Nobody is signed in who may see this page.
    pub fn signed_out(wanted: &str) -> Self {
        Self::SignedOut { wanted: wanted.to_owned() }
    }

    /// A refusal of this kind.
    pub fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        Self::Refused { status: failure::status(code), message: message.into(), cause: None }
    }

    /// Not for whoever asks.
    pub fn forbidden(message: &str) -> Self {
        Self::new(ErrorCode::Forbidden, message)
    }

    /// Something that is, is not so that this can be done.
    pub fn conflict(message: &str) -> Self {
        Self::new(ErrorCode::Conflict, message)
    }

    /// Something that was sent cannot be.
    pub fn invalid(message: impl Into<String>) -> Self {
        Self::new(ErrorCode::InvalidInput, message)
    }

    /// No such thing, as far as this user may know.
    pub fn not_found() -> Self {
        Self::new(ErrorCode::NotFound, words::NOT_FOUND)
    }

    fn below(code: ErrorCode, error: impl std::error::Error + Send + Sync + 'static) -> Self {
        let (message, cause) = failure::below(code, error);
        Self::Refused { status: failure::status(code), message, cause }
    }
}

impl From<HistoryError> for Failure {
    fn from(error: HistoryError) -> Self {
        Self::below(error.code(), error)
    }
}

/// Work beside the requests has been broken off.
impl From<JoinError> for Failure {
    fn from(error: JoinError) -> Self {
        Self::below(ErrorCode::Internal, error)
    }
}

impl From<DirectoryError> for Failure {
    fn from(error: DirectoryError) -> Self {
        Self::below(error.code(), error)
    }
}

impl From<CommandError> for Failure {
    fn from(error: CommandError) -> Self {
        match error {
            CommandError::NotFound => Self::not_found(),
            error => Self::below(error.code(), error),
        }
    }
}

impl From<Overstepped> for Failure {
    fn from(error: Overstepped) -> Self {
        Self::forbidden(match error {
            Overstepped::Role => words::ONLY_LOOK,
            Overstepped::Scope(_) => words::NOT_FOR_YOU,
        })
    }
}

impl From<TooManyReaders> for Failure {
    fn from(error: TooManyReaders) -> Self {
        Self::new(ErrorCode::TooManyRequests, error.to_string())
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        match self {
            Self::SignedOut { wanted } => {
                let form = routes::sign_in::place(&wanted);
                (StatusCode::SEE_OTHER, [(header::LOCATION, form)]).into_response()
            }
            Self::Refused { status, message, cause } => {
                failure::log(cause.as_ref());
                (status, page::bare(words::REFUSED, &page::refusal(&message))).into_response()
            }
        }
    }
}

/// What is answered to a method that a path does not know.
pub async fn wrong_method() -> Response {
    let refused = page::bare(words::REFUSED, &page::refusal(words::WRONG_METHOD));
    (StatusCode::METHOD_NOT_ALLOWED, refused).into_response()
}

/// What is answered to a request without a host.
pub fn no_host(error: &NoHost) -> Response {
    Failure::invalid(error.to_string()).into_response()
}

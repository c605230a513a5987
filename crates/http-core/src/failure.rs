//! What the dialects' refusals have in common: the status of a kind of trouble, what a client is told of a failure
//! below and what the log alone, and how a refusal travels until it is printed.

use std::{error::Error, sync::Arc};

use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use call::ErrorCode;

/// What went wrong below, for the log alone.
pub type Cause = Arc<dyn Error + Send + Sync>;

/// The status of each kind of trouble.
pub fn status(code: ErrorCode) -> StatusCode {
    match code {
        ErrorCode::InvalidInput => StatusCode::BAD_REQUEST,
        ErrorCode::Unauthenticated => StatusCode::UNAUTHORIZED,
        ErrorCode::Forbidden => StatusCode::FORBIDDEN,
        ErrorCode::NotFound => StatusCode::NOT_FOUND,
        ErrorCode::Conflict => StatusCode::CONFLICT,
        ErrorCode::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
        ErrorCode::TooManyRequests => StatusCode::TOO_MANY_REQUESTS,
        ErrorCode::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        ErrorCode::Internal => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

/// What a client is told of a failure below: all that it could mend; of the server's own trouble nothing but its
/// kind. And the cause, if it is for the log alone.
pub fn below(code: ErrorCode, cause: impl Error + Send + Sync + 'static) -> (String, Option<Cause>) {
    match code {
        ErrorCode::Internal => ("The server failed".to_owned(), Some(Arc::new(cause))),
        ErrorCode::Unavailable => {
            ("The server cannot do this now; try later".to_owned(), Some(Arc::new(cause)))
        }
        ErrorCode::InvalidInput
        | ErrorCode::Unauthenticated
        | ErrorCode::Forbidden
        | ErrorCode::NotFound
        | ErrorCode::Conflict
        | ErrorCode::TooLarge
        | ErrorCode::TooManyRequests => (cause.to_string(), None),
    }
}

/// A refusal on its way to where it is printed: it travels as an extension of the response.
pub fn under_way<F: Clone + Send + Sync + 'static>(
    status: StatusCode,
    challenge: Option<&'static str>,
    failure: F,
) -> Response {
    let mut response = status.into_response();
    let challenge = challenge.map(|text| (header::WWW_AUTHENTICATE, HeaderValue::from_static(text)));
    response.headers_mut().extend(challenge);
    response.extensions_mut().insert(failure);
    response
}

/// Tells the log what no client is told.
pub fn log(cause: Option<&Cause>) {
    if let Some(cause) = cause {
        tracing::error!(error = &**cause as &dyn Error, "a request failed");
    }
}

//! Refusals in the form of RFC 6749 section 5.2.

use std::time::Duration;

use axum::{
    Json,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use http_core::auth::LoginError;
use serde_json::json;

/// What kind of refusal it is: the words of RFC 6749 sections 4.1.2.1 and 5.2.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OAuthErrorCode {
    /// A parameter is missing, wrong or there twice.
    InvalidRequest,
    /// The application is not who it says.
    InvalidClient,
    /// Password, code or refresh token is wrong.
    InvalidGrant,
    /// Nothing of what is asked for may be given.
    InvalidScope,
    /// The application may not do this.
    UnauthorizedClient,
    /// There is no such way to a token.
    UnsupportedGrantType,
    /// There is no such kind of answer.
    UnsupportedResponseType,
    /// The person may not let the application do this.
    AccessDenied,
    /// The person must sign in, but may not be asked (OpenID Connect Core section 3.1.2.6).
    LoginRequired,
    /// Too much at once.
    TemporarilyUnavailable,
    /// The server failed.
    ServerError,
}

/// A refusal.
#[derive(Clone, Debug)]
pub struct OAuthError {
    /// What kind.
    pub code: OAuthErrorCode,
    /// What is wrong, for whoever wrote the application.
    pub description: String,
    retry_after: Option<Duration>,
}

impl OAuthErrorCode {
    /// As it is written.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::InvalidRequest => "invalid_request",
            Self::InvalidClient => "invalid_client",
            Self::InvalidGrant => "invalid_grant",
            Self::InvalidScope => "invalid_scope",
            Self::UnauthorizedClient => "unauthorized_client",
            Self::UnsupportedGrantType => "unsupported_grant_type",
            Self::UnsupportedResponseType => "unsupported_response_type",
            Self::AccessDenied => "access_denied",
            Self::LoginRequired => "login_required",
            Self::TemporarilyUnavailable => "temporarily_unavailable",
            Self::ServerError => "server_error",
        }
    }

    fn status(self) -> StatusCode {
        match self {
            Self::InvalidClient => StatusCode::UNAUTHORIZED,
            Self::TemporarilyUnavailable => StatusCode::TOO_MANY_REQUESTS,
            Self::ServerError => StatusCode::INTERNAL_SERVER_ERROR,
            Self::InvalidRequest
            | Self::InvalidGrant
            | Self::InvalidScope
            | Self::UnauthorizedClient
            | Self::UnsupportedGrantType
            | Self::UnsupportedResponseType
            | Self::AccessDenied
            | Self::LoginRequired => StatusCode::BAD_REQUEST,
        }
    }
}

impl OAuthError {
    /// A refusal.
    pub fn new(code: OAuthErrorCode, description: impl Into<String>) -> Self {
        Self { code, description: description.into(), retry_after: None }
    }

    /// A parameter is missing, wrong or there twice.
    pub fn invalid_request(description: impl Into<String>) -> Self {
        Self::new(OAuthErrorCode::InvalidRequest, description)
    }

    /// Password, code or refresh token is wrong.
    pub fn invalid_grant(description: impl Into<String>) -> Self {
        Self::new(OAuthErrorCode::InvalidGrant, description)
    }

    /// Neither the application nor the person may have anything of what is asked for.
    pub fn invalid_scope() -> Self {
        Self::new(OAuthErrorCode::InvalidScope, "Nothing of this scope may be given here")
    }

    /// Too much at once; try again after a time.
    pub fn later(retry_after: Duration) -> Self {
        let description = "Too many failed attempts; try again later";
        let retry_after = Some(retry_after);
        Self { retry_after, ..Self::new(OAuthErrorCode::TemporarilyUnavailable, description) }
    }

    /// The server failed; what of, the log alone tells.
    pub fn server(error: &(dyn std::error::Error + 'static)) -> Self {
        tracing::error!(error, "a token could not be given or revoked");
        Self::new(OAuthErrorCode::ServerError, "The server failed")
    }
}

impl From<LoginError> for OAuthError {
    fn from(error: LoginError) -> Self {
        match error {
            LoginError::TooMany(brake) => Self::later(brake.retry_after),
            LoginError::Wrong(_) => Self::invalid_grant("The user name or password is wrong"),
            LoginError::Broken(error) => Self::server(&error),
        }
    }
}

impl IntoResponse for OAuthError {
    fn into_response(self) -> Response {
        let body = json!({ "error": self.code.as_str(), "error_description": self.description });
        let mut response = (self.code.status(), Json(body)).into_response();
        let headers = response.headers_mut();
        if self.code == OAuthErrorCode::InvalidClient {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Basic realm=\"token\""));
        }
        if let Some(length) = self.retry_after {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(call::time::whole_seconds(length).max(1)));
        }
        unstored(response)
    }
}

/// An answer that nobody may keep (RFC 6749 section 5.1).
pub fn unstored(mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::PRAGMA, HeaderValue::from_static("no-cache"));
    response
}

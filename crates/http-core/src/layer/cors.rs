//! Which web pages may use the API (the Fetch standard, section 3.2). None may, unless the operator says so.

use std::time::Duration;

use axum::http::{HeaderName, HeaderValue, Method, header};
use tower_http::cors::{AllowHeaders, AllowOrigin, CorsLayer};

use super::quota;

/// How long a browser may remember the answer to its question.
const REMEMBERED: Duration = Duration::from_secs(600);

/// Which pages may use the API.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum CorsPolicy {
    /// Those of no other origin.
    #[default]
    Off,
    /// Those of any origin, without credentials that the browser keeps (cookies).
    Everyone,
    /// Those of these origins.
    Origins {
        /// As browsers send them: scheme, host and port, in lower case.
        origins: Vec<HeaderValue>,
        /// Whether requests may carry what the browser keeps (cookies).
        credentials: bool,
    },
}

/// Why a list of origins is none.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum CorsPolicyError {
    /// Not an origin.
    #[error("found {0:?}, accepted: \"*\" alone, or origins such as \"https://portal.example.org\"")]
    Origin(String),
    /// Credentials for whoever asks.
    #[error("credentials are only for origins that are named, not for \"*\"")]
    CredentialsForEveryone,
}

impl CorsPolicy {
    /// The policy of a list of origins, or of `*` alone; nobody may if the list is empty.
    pub fn new(origins: &[String], credentials: bool) -> Result<Self, CorsPolicyError> {
        match origins {
            [] => Ok(Self::Off),
            [any] if any == "*" && credentials => Err(CorsPolicyError::CredentialsForEveryone),
            [any] if any == "*" => Ok(Self::Everyone),
            _ => {
                let origins = origins.iter().map(|text| origin(text)).collect::<Result<_, _>>()?;
                Ok(Self::Origins { origins, credentials })
            }
        }
    }

    /// What answers browsers so; `None` if there is nothing to answer.
    pub fn layer(&self) -> Option<CorsLayer> {
        let (origin, credentials) = match self {
            Self::Off => return None,
            Self::Everyone => (AllowOrigin::any(), false),
            Self::Origins { origins, credentials } => (AllowOrigin::list(origins.clone()), *credentials),
        };
        let methods = [Method::GET, Method::HEAD, Method::POST, Method::PUT, Method::PATCH, Method::DELETE];
        Some(
            CorsLayer::new()
                .allow_origin(origin)
                .allow_credentials(credentials)
                .allow_methods(methods)
                .allow_headers(AllowHeaders::mirror_request())
                .expose_headers(SHOWN)
                .max_age(REMEMBERED),
        )
    }
}

/// Headers of answers that pages may read, beside those that they always may.
const SHOWN: [HeaderName; 11] = [
    header::ACCEPT_RANGES,
    header::ALLOW,
    header::CONTENT_DISPOSITION,
    header::CONTENT_RANGE,
    header::ETAG,
    header::LOCATION,
    header::RETRY_AFTER,
    header::WWW_AUTHENTICATE,
    HeaderName::from_static("x-request-id"),
    quota::POLICY,
    quota::LEFT,
];

/// An origin as browsers send it (RFC 6454, section 6.2).
fn origin(text: &str) -> Result<HeaderValue, CorsPolicyError> {
    let unusable = || CorsPolicyError::Origin(text.to_owned());
    let (scheme, host) = text.split_once("://").ok_or_else(unusable)?;
    let is_origin = matches!(scheme, "http" | "https")
        && !host.is_empty()
        && !host.contains(['/', '@', '*', '?', '#', ' '])
        && !text.contains(|letter: char| letter.is_ascii_uppercase());
    HeaderValue::from_str(text).ok().filter(|_| is_origin).ok_or_else(unusable)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn origins_are_named_or_everyone_without_credentials() {
        let policy = |origins: &[&str], credentials| {
            let origins: Vec<_> = origins.iter().map(|text| (*text).to_owned()).collect();
            CorsPolicy::new(&origins, credentials)
        };
        assert_eq!(policy(&[], true), Ok(CorsPolicy::Off));
        assert_eq!(policy(&["*"], false), Ok(CorsPolicy::Everyone));
        assert_eq!(policy(&["*"], true), Err(CorsPolicyError::CredentialsForEveryone));
        assert!(policy(&["https://a.example", "http://127.0.0.1:3000"], true).is_ok());
        for wrong in
            ["a.example", "https://a.example/", "https://*.a.example", "ftp://a", "HTTPS://a", "null", ""]
        {
            assert_eq!(policy(&[wrong], false), Err(CorsPolicyError::Origin(wrong.to_owned())));
        }
        assert!(policy(&["https://a.example", "*"], false).is_err());
    }
}

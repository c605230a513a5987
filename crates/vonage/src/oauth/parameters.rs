//! The parameters of a query or form (RFC 6749 section 3.1): each at most once; one without a value counts as
//! missing.

use axum::{
    body::Bytes,
    extract::rejection::BytesRejection,
    http::{HeaderMap, Uri},
};
use http_core::body::media_type;

use super::errors::OAuthError;

/// Parameters.
pub struct Parameters(Vec<(String, String)>);

impl Parameters {
    /// Those of a query.
    pub fn of_query(uri: &Uri) -> Self {
        Self::parse(uri.query().unwrap_or_default().as_bytes())
    }

    /// Those of a form in a body.
    pub fn of_form(headers: &HeaderMap, body: Result<Bytes, BytesRejection>) -> Result<Self, OAuthError> {
        if media_type(headers).is_none_or(|sent| sent != "application/x-www-form-urlencoded") {
            return Err(OAuthError::invalid_request(
                "The body must be a form: Content-Type application/x-www-form-urlencoded",
            ));
        }
        let body = body.map_err(|_| OAuthError::invalid_request("The body did not come whole"))?;
        Ok(Self::parse(&body))
    }

    fn parse(text: &[u8]) -> Self {
        Self(form_urlencoded::parse(text).into_owned().collect())
    }

    /// A parameter that may be missing.
    pub fn get(&self, name: &str) -> Result<Option<&str>, OAuthError> {
        let mut values = self.0.iter().filter(|(known, value)| known == name && !value.is_empty());
        match (values.next(), values.next()) {
            (_, Some(_)) => Err(OAuthError::invalid_request(format!("{name} is there twice"))),
            (value, None) => Ok(value.map(|(_, value)| value.as_str())),
        }
    }

    /// A parameter that must be there.
    pub fn needed(&self, name: &str) -> Result<&str, OAuthError> {
        self.get(name)?.ok_or_else(|| OAuthError::invalid_request(format!("{name} is missing")))
    }
}

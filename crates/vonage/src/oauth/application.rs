//! Which application is asking (RFC 6749 section 2.3): by HTTP Basic or in the form. One without a secret
//! says its id alone.

use std::net::IpAddr;

use axum::{
    body::Bytes,
    extract::{FromRequest, FromRequestParts, Request},
    http::{HeaderMap, header},
};
use base64::{Engine, prelude::BASE64_STANDARD};
use directory::{digest, model::Application};
use http_core::{App, auth::ClientAddress};
use subtle::ConstantTimeEq;

use super::{
    errors::{OAuthError, OAuthErrorCode},
    parameters::Parameters,
};
use crate::state::Vonage;

/// A form from an application that is who it says.
pub struct Asking {
    /// The application.
    pub application: Application,
    /// What it asks.
    pub form: Parameters,
    /// Where from.
    pub address: ClientAddress,
}

impl FromRequest<Vonage> for Asking {
    type Rejection = OAuthError;

    async fn from_request(request: Request, app: &Vonage) -> Result<Self, OAuthError> {
        let (mut parts, body) = request.into_parts();
        let Ok(address) = ClientAddress::from_request_parts(&mut parts, app).await;
        let headers = parts.headers.clone();
        let body = Bytes::from_request(Request::from_parts(parts, body), app).await;
        let form = Parameters::of_form(&headers, body)?;
        let application = authenticate(app, address.ip, &headers, &form)?;
        Ok(Self { application, form, address })
    }
}

struct Claim {
    client_id: String,
    secret: Option<String>,
}

/// The application that sent a request, if it is one and its secret is right. Failures count against the
/// address and the id together.
fn authenticate(
    app: &App,
    ip: IpAddr,
    headers: &HeaderMap,
    form: &Parameters,
) -> Result<Application, OAuthError> {
    let claim = match basic(headers)? {
        Some(claim) => agreeing(claim, form)?,
        None => Claim {
            client_id: form.get("client_id")?.ok_or_else(unknown)?.to_owned(),
            secret: form.get("client_secret")?.map(str::to_owned),
        },
    };
    let name = format!("application {}", claim.client_id);
    app.admit(ip, &name).map_err(|brake| OAuthError::later(brake.retry_after))?;
    let directory = app.directory();
    let application = directory.application(&claim.client_id).filter(|known| is_secret(known, &claim));
    if application.is_none() {
        app.guess_failed(ip, &name);
    }
    application.cloned().ok_or_else(unknown)
}

fn is_secret(application: &Application, claim: &Claim) -> bool {
    match (&application.secret_sha256, &claim.secret) {
        (Some(known), Some(given)) => digest::sha256(given).as_bytes().ct_eq(known.as_bytes()).into(),
        (None, None) => true,
        (Some(_), None) | (None, Some(_)) => false,
    }
}

/// Id and secret of HTTP Basic, each encoded as in a form.
fn basic(headers: &HeaderMap) -> Result<Option<Claim>, OAuthError> {
    let Some(value) = headers.get(header::AUTHORIZATION) else { return Ok(None) };
    let text = value.to_str().ok().and_then(|text| text.split_once(' '));
    let encoded =
        text.filter(|(scheme, _)| scheme.eq_ignore_ascii_case("basic")).map(|(_, rest)| rest.trim());
    let decoded = encoded.and_then(|text| BASE64_STANDARD.decode(text).ok());
    let pair = decoded.and_then(|bytes| String::from_utf8(bytes).ok());
    let (id, secret) = pair.as_deref().and_then(|pair| pair.split_once(':')).ok_or_else(unknown)?;
    let secret = Some(decode(secret)).filter(|secret| !secret.is_empty());
    Ok(Some(Claim { client_id: decode(id), secret }))
}

fn decode(text: &str) -> String {
    let spaced = text.replace('+', " ");
    percent_encoding::percent_decode_str(&spaced).decode_utf8_lossy().into_owned()
}

/// The form may say the id again, but nothing else, and no other id.
fn agreeing(claim: Claim, form: &Parameters) -> Result<Claim, OAuthError> {
    let is_other = form.get("client_id")?.is_some_and(|id| id != claim.client_id);
    if is_other || form.get("client_secret")?.is_some() {
        return Err(OAuthError::invalid_request(
            "The application is named twice: in Authorization and in the form",
        ));
    }
    Ok(claim)
}

fn unknown() -> OAuthError {
    OAuthError::new(OAuthErrorCode::InvalidClient, "The application is not known, or its secret is wrong")
}

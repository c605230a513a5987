//! `GET /userinfo` (OpenID Connect Core section 5.3): who the person is, by their access token.

use axum::{
    Json,
    extract::State,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use http_core::auth::{BearerError, ClientAddress};
use serde::Serialize;

use super::{
    errors::unstored,
    id_token::{Person, subject},
};
use crate::state::Vonage;

/// The challenge to a token that was not given for this (RFC 6750 section 3.1).
const NOT_FOR_THIS: &str = r#"Bearer error="insufficient_scope", scope="openid""#;

#[derive(Serialize)]
struct UserInfoWire<'a> {
    sub: String,
    #[serde(flatten)]
    person: Person<'a>,
}

/// Tells it, if the token was given with the scope openid.
pub async fn show(State(app): State<Vonage>, address: ClientAddress, headers: HeaderMap) -> Response {
    let holder = match app.holder(&headers, address) {
        Ok(holder) => holder,
        Err(error) => return challenge(StatusCode::UNAUTHORIZED, error.challenge()),
    };
    let directory = app.directory();
    match holder.user.filter(|_| holder.is_openid).and_then(|id| directory.user(id)) {
        Some(user) => {
            let told = UserInfoWire { sub: subject(user), person: Person::of(user) };
            unstored(Json(told).into_response())
        }
        None if holder.user.is_some() => challenge(StatusCode::FORBIDDEN, NOT_FOR_THIS),
        None => challenge(StatusCode::UNAUTHORIZED, BearerError::Unknown.challenge()),
    }
}

fn challenge(status: StatusCode, challenge: &'static str) -> Response {
    unstored((status, [(header::WWW_AUTHENTICATE, HeaderValue::from_static(challenge))]).into_response())
}

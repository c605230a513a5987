//! Who the person is, for an application that asked (OpenID Connect Core section 2), signed so that everybody can
//! check it.

use call::Timestamp;
use directory::{
    model::User,
    tokens::{ACCESS_LIFETIME, Grant},
};
use http_core::auth::ServerUrl;
use jsonwebtoken::{Algorithm, Header};
use serde::Serialize;

use super::{DOMAIN, keys::SigningKey};
use crate::state::Vonage;

#[derive(Serialize)]
struct Claims<'a> {
    iss: &'a str,
    sub: String,
    aud: &'a str,
    iat: i64,
    exp: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    auth_time: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    nonce: Option<String>,
    #[serde(flatten)]
    person: Person<'a>,
}

/// What is told of a person besides who it is.
#[derive(Serialize)]
pub struct Person<'a> {
    name: &'a str,
    preferred_username: &'a str,
}

/// How a person came to sign in.
pub struct SignIn {
    /// When.
    pub at: Timestamp,
    /// What the application wants to hear again.
    pub nonce: Option<String>,
}

/// What the person is known by to every application.
pub fn subject(user: &User) -> String {
    format!("{}{DOMAIN}", user.login)
}

impl<'a> Person<'a> {
    /// What is told of a user.
    pub fn of(user: &'a User) -> Self {
        Self { name: &user.name, preferred_username: &user.login }
    }
}

/// The token. One that comes of a refresh says nothing of a sign-in (section 12.2).
pub fn id_token(
    app: &Vonage,
    issuer: &ServerUrl,
    (user, grant): (&User, &Grant),
    sign_in: Option<SignIn>,
) -> String {
    let now = app.now();
    let claims = Claims {
        iss: issuer.as_str(),
        sub: subject(user),
        aud: &grant.client_id,
        iat: now.as_seconds(),
        exp: (now + ACCESS_LIFETIME).as_seconds(),
        auth_time: sign_in.as_ref().map(|sign_in| sign_in.at.as_seconds()),
        nonce: sign_in.and_then(|sign_in| sign_in.nonce),
        person: Person::of(user),
    };
    let key = SigningKey::derived(&app.config.signing_keys.load().current.0);
    let header = Header { kid: Some(key.id()), ..Header::new(Algorithm::ES256) };
    jsonwebtoken::encode(&header, &claims, &key.for_signing()).expect("an ES256 key signs plain claims")
}

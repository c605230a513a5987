//! JSON web tokens (contract yeti.md, 2.2): HS256 under a bare header, for one user each.

use std::time::Duration;

use call::{Timestamp, UserId};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde::{Deserialize, Serialize};

use crate::config::YetiConfig;

const AUDIENCE: &str = "customer-v1";

/// A token that was issued.
pub struct Token {
    /// Its text.
    pub text: String,
    /// When it stops being accepted; `None` = never.
    pub expires_at: Option<Timestamp>,
}

/// A token that is not accepted, for whatever reason: clients are not told which.
#[derive(Debug, PartialEq, Eq)]
pub struct InvalidToken;

#[derive(Serialize)]
struct IssuedClaims {
    aud: [&'static str; 1],
    sub: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    exp: Option<i64>,
}

#[derive(Deserialize)]
struct ReadClaims {
    aud: Audience,
    sub: u32,
    exp: Option<i64>,
    nbf: Option<i64>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    Many(Vec<String>),
}

/// A new token for a user.
pub fn issue(config: &YetiConfig, user: UserId, now: Timestamp) -> Token {
    let expires_at = config.token_lifetime.map(|lifetime: Duration| whole_seconds(now + lifetime));
    let claims = IssuedClaims { aud: [AUDIENCE], sub: user.0, exp: expires_at.map(Timestamp::as_seconds) };
    let header = Header { typ: None, ..Header::new(Algorithm::HS256) };
    let key = EncodingKey::from_secret(&config.signing_key.0);
    let text = jsonwebtoken::encode(&header, &claims, &key).expect("any key can sign plain claims by HS256");
    Token { text, expires_at }
}

/// The user that a token was issued for, if it is one of ours, for this API and in force at `now`.
pub fn read(config: &YetiConfig, text: &str, now: Timestamp) -> Result<UserId, InvalidToken> {
    let key = DecodingKey::from_secret(&config.signing_key.0);
    let decoded = jsonwebtoken::decode::<ReadClaims>(text, &key, &signature_only());
    let claims = decoded.map_err(|_| InvalidToken)?.claims;
    let is_for_us = match &claims.aud {
        Audience::One(audience) => audience == AUDIENCE,
        Audience::Many(audiences) => audiences.iter().any(|audience| audience == AUDIENCE),
    };
    let has_begun = claims.nbf.is_none_or(|at| Timestamp::from_seconds(at) <= now);
    let has_expired = claims.exp.is_some_and(|at| Timestamp::from_seconds(at) <= now);
    if is_for_us && has_begun && !has_expired { Ok(UserId(claims.sub)) } else { Err(InvalidToken) }
}

/// The claims are checked here, by the server's own clock.
fn signature_only() -> Validation {
    let mut validation = Validation::new(Algorithm::HS256);
    validation.required_spec_claims.clear();
    validation.validate_exp = false;
    validation.validate_aud = false;
    validation
}

fn whole_seconds(at: Timestamp) -> Timestamp {
    Timestamp::from_seconds(at.as_seconds())
}

//! JSON web tokens (contract yeti.md, 2.2): HS256 under a bare header, for one user each.
//!
//! The key is made of the server's and of the user's password hash: a new password ends the tokens that were
//! issued under the old one.

use std::time::Duration;

use call::{Timestamp, UserId};
use directory::{Snapshot, model::User};
use jsonwebtoken::{
    Algorithm, DecodingKey, EncodingKey, Header, Validation, dangerous::insecure_decode_claims,
};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

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
pub fn issue(config: &YetiConfig, user: &User, now: Timestamp) -> Token {
    let expires_at = config.token_lifetime.map(|lifetime: Duration| whole_seconds(now + lifetime));
    let claims = IssuedClaims { aud: [AUDIENCE], sub: user.id.0, exp: expires_at.map(Timestamp::as_seconds) };
    let header = Header { typ: None, ..Header::new(Algorithm::HS256) };
    let key = EncodingKey::from_secret(&key(config, user));
    let text = jsonwebtoken::encode(&header, &claims, &key).expect("any key can sign plain claims by HS256");
    Token { text, expires_at }
}

/// The user that a token was issued for, if it is one of ours, for this API and in force at `now`.
pub fn read<'a>(
    config: &YetiConfig,
    directory: &'a Snapshot,
    text: &str,
    now: Timestamp,
) -> Result<&'a User, InvalidToken> {
    let claimed = insecure_decode_claims::<ReadClaims>(text).map_err(|_| InvalidToken)?;
    let user = directory.user(UserId(claimed.sub)).ok_or(InvalidToken)?;
    let key = DecodingKey::from_secret(&key(config, user));
    let decoded = jsonwebtoken::decode::<ReadClaims>(text, &key, &signature_only());
    let claims = decoded.map_err(|_| InvalidToken)?.claims;
    if claims.are_for_us() && claims.are_in_force(now) { Ok(user) } else { Err(InvalidToken) }
}

impl ReadClaims {
    fn are_for_us(&self) -> bool {
        match &self.aud {
            Audience::One(audience) => audience == AUDIENCE,
            Audience::Many(audiences) => audiences.iter().any(|audience| audience == AUDIENCE),
        }
    }

    fn are_in_force(&self, now: Timestamp) -> bool {
        let is_past = |at: i64| Timestamp::from_seconds(at) <= now;
        self.nbf.is_none_or(is_past) && !self.exp.is_some_and(is_past)
    }
}

fn key(config: &YetiConfig, user: &User) -> [u8; 32] {
    let own = &config.signing_key.0;
    let digest = Sha256::new().chain_update((own.len() as u64).to_be_bytes()).chain_update(own);
    digest.chain_update(user.password_hash.as_bytes()).finalize().into()
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

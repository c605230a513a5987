//! Who the person is, for an application that asked (OpenID Connect Core section 2). It comes straight from
//! the token endpoint; its signature is for ourselves.

use call::Timestamp;
use directory::{model::User, tokens::ACCESS_LIFETIME};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde::Serialize;
use sha2::{Digest, Sha256};

use super::DOMAIN;
use crate::App;

#[derive(Serialize)]
struct Claims<'a> {
    iss: &'a str,
    sub: String,
    aud: &'a str,
    iat: i64,
    exp: i64,
    name: &'a str,
}

/// The token.
pub fn id_token(app: &App, user: &User, client_id: &str, now: Timestamp) -> String {
    let claims = Claims {
        iss: "trunkline",
        sub: format!("{}{DOMAIN}", user.login),
        aud: client_id,
        iat: now.as_seconds(),
        exp: (now + ACCESS_LIFETIME).as_seconds(),
        name: &user.name,
    };
    let key = Sha256::new_with_prefix(&app.config.yeti.signing_keys.load().current.0)
        .chain_update(b"id_token")
        .finalize();
    let key = EncodingKey::from_secret(&key);
    jsonwebtoken::encode(&Header::new(Algorithm::HS256), &claims, &key)
        .expect("any key can sign plain claims by HS256")
}

//! `auth` (contract yeti.md, section 2).

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The body of a login.
#[derive(Deserialize)]
pub struct LoginWire {
    /// The login.
    pub auth: CredentialsWire,
}

/// Who logs in, and how.
#[derive(Deserialize)]
pub struct CredentialsWire {
    /// The user's login.
    pub login: String,
    /// The user's password.
    pub password: String,
    /// Whether the token shall come as a cookie: a boolean in one of several spellings.
    #[serde(default)]
    pub cookie_auth: Value,
}

/// The answer to a login.
#[derive(Serialize)]
pub struct TokenWire {
    /// The token.
    pub jwt: String,
}

/// What a client may do.
#[derive(Debug, Serialize)]
pub struct SessionWire {
    /// Whether it may fetch recordings.
    #[serde(rename = "allow-rec")]
    pub allow_rec: bool,
}

//! The keys that sign ID tokens (ES256), and `GET /jwks`, where everybody finds what to check them with (RFC 7517).
//! They are derived from the server's own keys: the same on every start, and changed with them.

use axum::{Json, extract::State};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use jsonwebtoken::EncodingKey;
use p256::{SecretKey, elliptic_curve::sec1::ToEncodedPoint, pkcs8::EncodePrivateKey};
use serde::Serialize;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::state::Vonage;

/// A key pair on the curve P-256.
pub struct SigningKey(SecretKey);

/// The public half (RFC 7518 section 6.2.1). The members in the order that a thumbprint needs.
#[derive(Serialize)]
struct PublicKeyWire {
    crv: &'static str,
    kty: &'static str,
    x: String,
    y: String,
}

impl SigningKey {
    /// The key of a secret of the server's.
    pub fn derived(secret: &[u8]) -> Self {
        let seed = |counter: u8| -> [u8; 32] {
            let of_length = Sha256::new_with_prefix(b"id_token ES256").chain_update([counter]);
            of_length.chain_update((secret.len() as u64).to_be_bytes()).chain_update(secret).finalize().into()
        };
        // All but one of 2^32 seeds are below the order of the curve.
        let key = (0..=u8::MAX).find_map(|counter| SecretKey::from_slice(&seed(counter)).ok());
        Self(key.expect("not every seed is above the order of the curve"))
    }

    /// What signs.
    pub fn for_signing(&self) -> EncodingKey {
        let der = self.0.to_pkcs8_der().expect("a key of the curve has a PKCS #8 form");
        EncodingKey::from_ec_der(der.as_bytes())
    }

    /// The key's id: its thumbprint (RFC 7638).
    pub fn id(&self) -> String {
        let canonical = serde_json::to_vec(&self.public()).expect("texts can be printed as JSON");
        BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(canonical))
    }

    fn public(&self) -> PublicKeyWire {
        let point = self.0.public_key().to_encoded_point(false);
        let coordinate = |bytes: Option<&p256::FieldBytes>| {
            BASE64_URL_SAFE_NO_PAD.encode(bytes.map(|bytes| &bytes[..]).unwrap_or_default())
        };
        PublicKeyWire { crv: "P-256", kty: "EC", x: coordinate(point.x()), y: coordinate(point.y()) }
    }

    fn published(&self) -> Value {
        let mut key = json!(self.public());
        key["use"] = json!("sig");
        key["alg"] = json!("ES256");
        key["kid"] = json!(self.id());
        key
    }
}

/// Every key whose signatures count.
pub async fn show(State(app): State<Vonage>) -> Json<Value> {
    let keys = app.config.signing_keys.load();
    let keys: Vec<_> =
        keys.accepted(app.now()).map(|secret| SigningKey::derived(secret).published()).collect();
    Json(json!({ "keys": keys }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_has_one_key_and_another_secret_another() {
        let id = |secret: &[u8]| SigningKey::derived(secret).id();
        assert_eq!(id(b"one"), id(b"one"));
        assert_ne!(id(b"one"), id(b"other"));
        assert_eq!(id(b"one").len(), 43);
    }
}

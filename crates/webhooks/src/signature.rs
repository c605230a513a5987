//! Signatures (Standard Webhooks, "Signature scheme").

use std::fmt;

use base64::{Engine, engine::general_purpose::STANDARD};
use ring::{
    hmac,
    signature::{Ed25519KeyPair, KeyPair},
};

/// Bytes that a symmetric secret has: as the specification says.
const SHORTEST: usize = 24;
const LONGEST: usize = 64;
/// What the text of each kind of secret begins with.
const SYMMETRIC: &str = "whsec_";
const PRIVATE: &str = "whsk_";
const PUBLIC: &str = "whpk_";

/// What requests are signed with.
#[derive(Clone, PartialEq, Eq)]
pub enum Secret {
    /// HMAC-SHA256 with a key that both sides know (`v1`).
    Symmetric(Vec<u8>),
    /// Ed25519, of which the receiver knows the public key (`v1a`): the seed.
    Private([u8; 32]),
}

/// A text that is no secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("it is neither whsec_ with 24 to 64 bytes in base64, nor whsk_ with the 32 bytes of an Ed25519 key")]
pub struct SecretError;

impl Secret {
    /// A new one for HMAC.
    pub fn symmetric() -> Self {
        Self::Symmetric(rand::random::<[u8; 32]>().to_vec())
    }

    /// A new one for Ed25519.
    pub fn private() -> Self {
        Self::Private(rand::random())
    }

    /// The key that a client of a vendor's dialect has chosen, however long it is.
    pub fn chosen(key: &str) -> Self {
        Self::Symmetric(key.as_bytes().to_vec())
    }

    /// The key that both sides know, of one for HMAC.
    pub fn key(&self) -> Option<&[u8]> {
        match self {
            Self::Symmetric(key) => Some(key),
            Self::Private(_) => None,
        }
    }

    /// Reads what [`text`](Self::text) has written, of a key of any length.
    pub(crate) fn kept(text: &str) -> Option<Self> {
        match text.strip_prefix(SYMMETRIC) {
            Some(encoded) => STANDARD.decode(encoded).ok().map(Self::Symmetric),
            None => Self::parse(text).ok(),
        }
    }

    /// Reads the text of one.
    pub fn parse(text: &str) -> Result<Self, SecretError> {
        if let Some(encoded) = text.strip_prefix(SYMMETRIC) {
            let key = STANDARD.decode(encoded).map_err(|_| SecretError)?;
            let is_long_enough = (SHORTEST..=LONGEST).contains(&key.len());
            return is_long_enough.then_some(Self::Symmetric(key)).ok_or(SecretError);
        }
        let encoded = text.strip_prefix(PRIVATE).ok_or(SecretError)?;
        let seed = STANDARD.decode(encoded).map_err(|_| SecretError)?;
        // Some write the public half behind it.
        let seed = seed.first_chunk().filter(|_| matches!(seed.len(), 32 | 64));
        seed.copied().map(Self::Private).ok_or(SecretError)
    }

    /// The text, to be kept.
    pub(crate) fn text(&self) -> String {
        match self {
            Self::Symmetric(key) => format!("{SYMMETRIC}{}", STANDARD.encode(key)),
            Self::Private(seed) => format!("{PRIVATE}{}", STANDARD.encode(seed)),
        }
    }

    /// What the receiver verifies with.
    pub fn for_receiver(&self) -> String {
        match self {
            Self::Symmetric(_) => self.text(),
            Self::Private(seed) => match Ed25519KeyPair::from_seed_unchecked(seed) {
                Ok(pair) => format!("{PUBLIC}{}", STANDARD.encode(pair.public_key())),
                Err(_) => String::new(),
            },
        }
    }

    fn sign(&self, content: &[u8]) -> String {
        match self {
            Self::Symmetric(key) => {
                let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), content);
                format!("v1,{}", STANDARD.encode(tag))
            }
            Self::Private(seed) => match Ed25519KeyPair::from_seed_unchecked(seed) {
                Ok(pair) => format!("v1a,{}", STANDARD.encode(pair.sign(content))),
                Err(_) => String::new(),
            },
        }
    }
}

/// The value of `webhook-signature`: one for each secret that counts.
pub(crate) fn signatures<'a>(
    secrets: impl Iterator<Item = &'a Secret>,
    (id, timestamp, body): (&str, i64, &[u8]),
) -> String {
    let mut content = format!("{id}.{timestamp}.").into_bytes();
    content.extend_from_slice(body);
    secrets.map(|secret| secret.sign(&content)).collect::<Vec<_>>().join(" ")
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of the specification's libraries.
    #[test]
    fn a_symmetric_signature_is_that_of_the_specification() {
        let secret = Secret::parse("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap();
        let body = br#"{"test": 2432232314}"#;
        let signed = signatures([&secret].into_iter(), ("msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, body));
        assert_eq!(signed, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }

    #[test]
    fn each_secret_that_counts_signs_and_a_public_key_verifies() {
        let (old, new) = (Secret::symmetric(), Secret::private());
        let signed = signatures([&new, &old].into_iter(), ("msg_1", 5, b"{}"));
        let (by_new, by_old) = signed.split_once(' ').unwrap();
        assert!(by_old.starts_with("v1,"));
        let public = STANDARD.decode(new.for_receiver().strip_prefix("whpk_").unwrap()).unwrap();
        let signature = STANDARD.decode(by_new.strip_prefix("v1a,").unwrap()).unwrap();
        let key = ring::signature::UnparsedPublicKey::new(&ring::signature::ED25519, public);
        key.verify(b"msg_1.5.{}", &signature).unwrap();
        assert!(key.verify(b"msg_1.6.{}", &signature).is_err());
    }

    #[test]
    fn secrets_come_back_from_their_text_and_are_not_shown() {
        for secret in [Secret::symmetric(), Secret::private()] {
            assert_eq!(Secret::parse(&secret.text()), Ok(secret.clone()));
            assert_eq!(format!("{secret:?}"), "Secret(…)");
        }
        for odd in ["", "whsec_", "whsec_AAAA", "whsk_AAAA", "secret", "whsec_!"] {
            assert_eq!(Secret::parse(odd), Err(SecretError), "{odd}");
        }
    }
}

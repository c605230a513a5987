//! Who the switch is to its parties: a certificate of its own making.

use std::sync::Arc;

use rcgen::{CertificateParams, DistinguishedName, DnType, KeyPair};
use ring::{
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair},
};

use crate::{Fingerprint, signature, wire};

/// A certificate, its key, and how it is used. Clones are the same.
#[derive(Clone)]
pub struct Identity {
    pub(crate) certificate: Arc<[u8]>,
    key: Arc<EcdsaKeyPair>,
    fingerprint: Fingerprint,
}

/// Why there is none.
#[derive(Debug, thiserror::Error)]
pub enum IdentityError {
    /// No key or no certificate can be made.
    #[error("cannot make a certificate for media")]
    Certificate(#[from] rcgen::Error),
    /// The key that was made is none.
    #[error("the key of the certificate for media cannot be used: {0}")]
    Key(ring::error::KeyRejected),
}

impl Identity {
    /// A new one: it lives as long as the process, and says nothing of who that is.
    pub fn new() -> Result<Self, IdentityError> {
        let key = KeyPair::generate()?;
        let mut params = CertificateParams::new(Vec::new())?;
        params.distinguished_name = DistinguishedName::new();
        params.distinguished_name.push(DnType::CommonName, "media");
        let certificate = params.self_signed(&key)?;
        Self::of(certificate.der(), &key.serialize_der())
    }

    /// That of a certificate and its key (PKCS #8).
    pub(crate) fn of(certificate: &[u8], key: &[u8]) -> Result<Self, IdentityError> {
        let key = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, key, &SystemRandom::new());
        Ok(Self {
            certificate: certificate.into(),
            key: Arc::new(key.map_err(IdentityError::Key)?),
            fingerprint: Fingerprint::of(certificate),
        })
    }

    /// Which certificate it has.
    pub const fn fingerprint(&self) -> &Fingerprint {
        &self.fingerprint
    }

    /// Signs; the signature stands behind its scheme.
    pub(crate) fn sign(&self, said: &[u8]) -> Result<Vec<u8>, ring::error::Unspecified> {
        let signature = self.key.sign(&SystemRandom::new(), said)?;
        Ok([&signature::OURS.to_be_bytes()[..], &wire::vector(2, signature.as_ref())].concat())
    }
}

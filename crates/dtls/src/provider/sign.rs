//! Signatures: ours, and those of parties by the certificates that they show.

use std::fmt;

use dimpl::{
    CryptoError, CryptoOperation,
    crypto::{Buf, HashAlgorithm, KeyProvider, SignatureAlgorithm, SignatureVerifier, SigningKey},
};
use ring::{
    rand::SystemRandom,
    signature::{
        ECDSA_P256_SHA256_ASN1, ECDSA_P256_SHA256_ASN1_SIGNING, ECDSA_P256_SHA384_ASN1,
        ECDSA_P384_SHA256_ASN1, ECDSA_P384_SHA384_ASN1, EcdsaKeyPair, UnparsedPublicKey,
        VerificationAlgorithm,
    },
};
use x509_parser::{certificate::X509Certificate, prelude::FromDer};

use super::failed;

#[derive(Debug)]
pub(super) struct Keys;

impl KeyProvider for Keys {
    fn load_private_key(&self, pkcs8: &[u8]) -> Result<Box<dyn SigningKey>, CryptoError> {
        let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, pkcs8, &SystemRandom::new());
        Ok(Box::new(Key(pair.map_err(|_| CryptoError::InvalidPrivateKey)?)))
    }
}

struct Key(EcdsaKeyPair);

impl SigningKey for Key {
    fn sign(&mut self, data: &[u8], hash: HashAlgorithm, out: &mut Buf) -> Result<(), CryptoError> {
        if hash != self.hash_algorithm() {
            return Err(CryptoError::SigningKeyHashMismatch {
                key_hash: self.hash_algorithm(),
                requested: hash,
            });
        }
        let signature = self.0.sign(&SystemRandom::new(), data).map_err(failed(CryptoOperation::Sign))?;
        out.clear();
        out.extend_from_slice(signature.as_ref());
        Ok(())
    }

    fn algorithm(&self) -> SignatureAlgorithm {
        SignatureAlgorithm::ECDSA
    }

    fn hash_algorithm(&self) -> HashAlgorithm {
        HashAlgorithm::SHA256
    }

    fn supported_hash_algorithms(&self) -> &[HashAlgorithm] {
        &[HashAlgorithm::SHA256]
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key")
    }
}

#[derive(Debug)]
pub(super) struct Verifier;

impl SignatureVerifier for Verifier {
    /// Whether whoever signed has the key of the certificate: P-256 or P-384. Who has that, the fingerprint says: of the
    /// certificate nothing else is read, and it may be of any version (that of rtpengine is of the first).
    fn verify_signature(
        &self,
        certificate: &[u8],
        data: &[u8],
        signature: &[u8],
        hash: HashAlgorithm,
        algorithm: SignatureAlgorithm,
    ) -> Result<(), CryptoError> {
        let curves: [&'static dyn VerificationAlgorithm; 2] = match (algorithm, hash) {
            (SignatureAlgorithm::ECDSA, HashAlgorithm::SHA256) => {
                [&ECDSA_P256_SHA256_ASN1, &ECDSA_P384_SHA256_ASN1]
            }
            (SignatureAlgorithm::ECDSA, HashAlgorithm::SHA384) => {
                [&ECDSA_P256_SHA384_ASN1, &ECDSA_P384_SHA384_ASN1]
            }
            _ => return Err(CryptoError::UnsupportedSignatureAlgorithm(algorithm)),
        };
        let (_, certificate) =
            X509Certificate::from_der(certificate).map_err(|_| CryptoError::CertificateParseFailed)?;
        let key = certificate.public_key().subject_public_key.data.as_ref();
        let is_signed = |curve: &'static dyn VerificationAlgorithm| {
            UnparsedPublicKey::new(curve, key).verify(data, signature).is_ok()
        };
        match curves.into_iter().any(is_signed) {
            true => Ok(()),
            false => Err(CryptoError::OperationFailed(CryptoOperation::VerifySignature)),
        }
    }
}

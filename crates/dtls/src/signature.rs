//! Who has signed: the owner of a certificate.

use ring::signature::{
    ECDSA_P256_SHA256_ASN1, ECDSA_P256_SHA384_ASN1, ECDSA_P384_SHA256_ASN1, ECDSA_P384_SHA384_ASN1,
    RSA_PKCS1_1024_8192_SHA256_FOR_LEGACY_USE_ONLY, RSA_PKCS1_1024_8192_SHA512_FOR_LEGACY_USE_ONLY,
    RSA_PKCS1_2048_8192_SHA384, UnparsedPublicKey, VerificationAlgorithm,
};

use crate::{Failure, certificate::public_key, wire::Reader};

/// What we sign with: ECDSA and SHA-256.
pub(crate) const OURS: u16 = 0x0403;

/// What may be signed with, the best first: ECDSA with SHA-256 and SHA-384, RSA (PKCS #1) with SHA-256, SHA-512 and
/// SHA-384. No PSS: `ring` has it for long keys only, and whoever knows it would take it with a short one.
pub(crate) const ALL: [u16; 5] = [OURS, 0x0503, 0x0401, 0x0601, 0x0501];

fn algorithms(scheme: u16) -> Vec<&'static dyn VerificationAlgorithm> {
    match scheme {
        0x0403 => vec![&ECDSA_P256_SHA256_ASN1, &ECDSA_P384_SHA256_ASN1],
        0x0503 => vec![&ECDSA_P256_SHA384_ASN1, &ECDSA_P384_SHA384_ASN1],
        // Phones that have been in use for ten years have keys of 1,024 bits.
        0x0401 => vec![&RSA_PKCS1_1024_8192_SHA256_FOR_LEGACY_USE_ONLY],
        0x0601 => vec![&RSA_PKCS1_1024_8192_SHA512_FOR_LEGACY_USE_ONLY],
        0x0501 => vec![&RSA_PKCS1_2048_8192_SHA384],
        _ => Vec::new(),
    }
}

/// Whether what is said is signed with the key of the certificate. The signature stands behind its scheme
/// (RFC 5246 section 4.7).
pub(crate) fn verify(certificate: &[u8], said: &[u8], mut signature: Reader<'_>) -> Result<(), Failure> {
    let scheme = signature.u16().ok_or(Failure::Malformed)?;
    let signature = signature.vector(2).ok_or(Failure::Malformed)?;
    let key = public_key(certificate).ok_or(Failure::Malformed)?;
    let is_signed = |algorithm: &&'static dyn VerificationAlgorithm| {
        UnparsedPublicKey::new(*algorithm, key).verify(said, signature).is_ok()
    };
    match algorithms(scheme).iter().any(is_signed) {
        true => Ok(()),
        false => Err(Failure::Signature { scheme }),
    }
}

//! What `dimpl` needs of cryptography, by `ring`: the one back end of the whole server.

mod cipher;
mod exchange;
mod hash;
mod sign;

use dimpl::{
    CryptoError, CryptoOperation,
    crypto::{CryptoProvider, SecureRandom},
};
use ring::rand::{SecureRandom as _, SystemRandom};

/// All of it.
pub(crate) fn ring() -> CryptoProvider {
    CryptoProvider {
        kx_groups: exchange::GROUPS,
        signature_verification: &sign::Verifier,
        key_provider: &sign::Keys,
        secure_random: &Random,
        hash_provider: &hash::Hashes,
        hmac_provider: &hash::Hmacs,
        cipher_suites: cipher::SUITES,
        dtls13_cipher_suites: cipher::SUITES_13,
    }
}

#[derive(Debug)]
struct Random;

impl SecureRandom for Random {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), CryptoError> {
        SystemRandom::new().fill(bytes).map_err(failed(CryptoOperation::FillRandom))
    }
}

/// `ring` does not say why something has failed.
fn failed(operation: CryptoOperation) -> impl FnOnce(ring::error::Unspecified) -> CryptoError {
    move |_| CryptoError::OperationFailed(operation)
}

//! Encryption of records.

use std::fmt;

use dimpl::{
    CryptoError, CryptoOperation,
    crypto::{
        Aad, Buf, Cipher, Dtls12CipherSuite, Dtls13CipherSuite, HashAlgorithm, Nonce,
        SupportedDtls12CipherSuite, SupportedDtls13CipherSuite, TmpBuf,
    },
};
use ring::aead::{self, AES_128_GCM, AES_256_GCM, CHACHA20_POLY1305, LessSafeKey, UnboundKey, quic};

use super::failed;

/// Bytes of every tag.
const TAG: usize = 16;

/// The suites for DTLS 1.2, the best first.
pub(super) static SUITES: &[&dyn SupportedDtls12CipherSuite] = &[
    &Suite(Dtls12CipherSuite::ECDHE_ECDSA_AES128_GCM_SHA256),
    &Suite(Dtls12CipherSuite::ECDHE_ECDSA_AES256_GCM_SHA384),
    &Suite(Dtls12CipherSuite::ECDHE_ECDSA_CHACHA20_POLY1305_SHA256),
];

/// `dimpl` wants one for DTLS 1.3 as well, which is not spoken here.
pub(super) static SUITES_13: &[&dyn SupportedDtls13CipherSuite] = &[&ChaCha];

#[derive(Debug)]
struct Suite(Dtls12CipherSuite);

impl Suite {
    fn algorithm(&self) -> &'static aead::Algorithm {
        match self.0 {
            Dtls12CipherSuite::ECDHE_ECDSA_AES256_GCM_SHA384 => &AES_256_GCM,
            Dtls12CipherSuite::ECDHE_ECDSA_CHACHA20_POLY1305_SHA256 => &CHACHA20_POLY1305,
            _ => &AES_128_GCM,
        }
    }

    /// Whether a record says a part of its nonce (RFC 5288); else that comes of its number (RFC 7905).
    fn says_nonce(&self) -> bool {
        self.0 != Dtls12CipherSuite::ECDHE_ECDSA_CHACHA20_POLY1305_SHA256
    }
}

impl SupportedDtls12CipherSuite for Suite {
    fn suite(&self) -> Dtls12CipherSuite {
        self.0
    }

    fn hash_algorithm(&self) -> HashAlgorithm {
        self.0.hash_algorithm()
    }

    fn key_lengths(&self) -> (usize, usize, usize) {
        (0, self.algorithm().key_len(), if self.says_nonce() { 4 } else { 12 })
    }

    fn explicit_nonce_len(&self) -> usize {
        if self.says_nonce() { 8 } else { 0 }
    }

    fn tag_len(&self) -> usize {
        TAG
    }

    fn create_cipher(&self, key: &[u8]) -> Result<Box<dyn Cipher>, CryptoError> {
        Ok(Box::new(Key::new(self.algorithm(), key)?))
    }
}

#[derive(Debug)]
struct ChaCha;

impl SupportedDtls13CipherSuite for ChaCha {
    fn suite(&self) -> Dtls13CipherSuite {
        Dtls13CipherSuite::CHACHA20_POLY1305_SHA256
    }

    fn hash_algorithm(&self) -> HashAlgorithm {
        HashAlgorithm::SHA256
    }

    fn key_len(&self) -> usize {
        CHACHA20_POLY1305.key_len()
    }

    fn iv_len(&self) -> usize {
        aead::NONCE_LEN
    }

    fn tag_len(&self) -> usize {
        TAG
    }

    fn create_cipher(&self, key: &[u8]) -> Result<Box<dyn Cipher>, CryptoError> {
        Ok(Box::new(Key::new(&CHACHA20_POLY1305, key)?))
    }

    fn encrypt_sn(&self, key: &[u8], sample: &[u8; 16]) -> [u8; 16] {
        let mask = quic::HeaderProtectionKey::new(&quic::CHACHA20, key).and_then(|key| key.new_mask(sample));
        let mut bytes = [0; 16];
        bytes[..5].copy_from_slice(&mask.expect("a key of 32 bytes and a sample of 16"));
        bytes
    }
}

struct Key(LessSafeKey);

impl Key {
    fn new(algorithm: &'static aead::Algorithm, key: &[u8]) -> Result<Self, CryptoError> {
        let key = UnboundKey::new(algorithm, key).map_err(failed(CryptoOperation::CreateCipher))?;
        Ok(Self(LessSafeKey::new(key)))
    }
}

impl Cipher for Key {
    fn encrypt(&mut self, plain: &mut Buf, aad: Aad, nonce: Nonce) -> Result<(), CryptoError> {
        let nonce = aead::Nonce::assume_unique_for_key(nonce.0);
        let sealed = self.0.seal_in_place_append_tag(nonce, aead::Aad::from(&aad[..]), plain);
        sealed.map_err(failed(CryptoOperation::Encrypt))
    }

    fn decrypt(&mut self, sealed: &mut TmpBuf, aad: Aad, nonce: Nonce) -> Result<(), CryptoError> {
        let nonce = aead::Nonce::assume_unique_for_key(nonce.0);
        let opened = self.0.open_in_place(nonce, aead::Aad::from(&aad[..]), sealed.as_mut());
        let length = opened.map_err(failed(CryptoOperation::Decrypt))?.len();
        sealed.truncate(length);
        Ok(())
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key")
    }
}

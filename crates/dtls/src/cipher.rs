//! Encryption of records, and what secrets are made of (RFC 5246 sections 5 and 6, RFC 5288, RFC 7905).

use ring::{
    aead::{self, AES_128_GCM, AES_256_GCM, CHACHA20_POLY1305, LessSafeKey, UnboundKey},
    digest, hmac,
};

use crate::record::{Record, VERSION};

/// Bytes of every tag.
const TAG: usize = 16;
/// Bytes of a nonce that AES-GCM sends along.
const EXPLICIT: usize = 8;

/// How records are encrypted and secrets made. Keys are agreed on by elliptic curves in all of them.
#[derive(Debug)]
pub(crate) struct CipherSuite {
    pub(crate) id: u16,
    aead: &'static aead::Algorithm,
    hmac: &'static hmac::Algorithm,
}

/// Those in which the server signs with ECDSA, as we do; the best first.
pub(crate) static ECDSA: [CipherSuite; 3] = [
    CipherSuite { id: 0xc02b, aead: &AES_128_GCM, hmac: &hmac::HMAC_SHA256 },
    CipherSuite { id: 0xc02c, aead: &AES_256_GCM, hmac: &hmac::HMAC_SHA384 },
    CipherSuite { id: 0xcca9, aead: &CHACHA20_POLY1305, hmac: &hmac::HMAC_SHA256 },
];

/// Those in which it signs with RSA.
pub(crate) static RSA: [CipherSuite; 3] = [
    CipherSuite { id: 0xc02f, aead: &AES_128_GCM, hmac: &hmac::HMAC_SHA256 },
    CipherSuite { id: 0xc030, aead: &AES_256_GCM, hmac: &hmac::HMAC_SHA384 },
    CipherSuite { id: 0xcca8, aead: &CHACHA20_POLY1305, hmac: &hmac::HMAC_SHA256 },
];

impl CipherSuite {
    /// The digest of what was said.
    pub(crate) fn digest(&self, transcript: &[u8]) -> digest::Digest {
        digest::digest(self.hmac.digest_algorithm(), transcript)
    }

    /// The pseudorandom function (RFC 5246 section 5).
    pub(crate) fn derive(&self, secret: &[u8], label: &str, seed: &[u8], length: usize) -> Vec<u8> {
        let key = hmac::Key::new(*self.hmac, secret);
        let seed = [label.as_bytes(), seed].concat();
        let (mut chain, mut derived) = (hmac::sign(&key, &seed), Vec::with_capacity(length + 48));
        while derived.len() < length {
            derived.extend_from_slice(hmac::sign(&key, &[chain.as_ref(), &seed].concat()).as_ref());
            chain = hmac::sign(&key, chain.as_ref());
        }
        derived.truncate(length);
        derived
    }

    /// The keys of the client and of the server.
    pub(crate) fn keys(&'static self, master: &[u8], seed: &[u8]) -> [RecordKey; 2] {
        let (key, iv) = (self.aead.key_len(), self.iv_length());
        let block = self.derive(master, "key expansion", seed, 2 * (key + iv));
        let (keys, ivs) = block.split_at(2 * key);
        [0, 1].map(|side| RecordKey::new(self, &keys[side * key..][..key], &ivs[side * iv..][..iv]))
    }

    /// Whether records say a part of their nonces; else that comes of their numbers.
    fn is_explicit(&self) -> bool {
        self.aead != &CHACHA20_POLY1305
    }

    fn iv_length(&self) -> usize {
        if self.is_explicit() { aead::NONCE_LEN - EXPLICIT } else { aead::NONCE_LEN }
    }
}

/// What the records of one direction are encrypted with.
pub(crate) struct RecordKey {
    suite: &'static CipherSuite,
    key: LessSafeKey,
    iv: Vec<u8>,
}

impl RecordKey {
    fn new(suite: &'static CipherSuite, key: &[u8], iv: &[u8]) -> Self {
        let key = UnboundKey::new(suite.aead, key).expect("it has that length");
        Self { suite, key: LessSafeKey::new(key), iv: iv.to_vec() }
    }

    /// What a record carries. `None` if it was not made with this key.
    pub(crate) fn open(&self, record: &Record<'_>) -> Option<Vec<u8>> {
        let explicit = if self.suite.is_explicit() { EXPLICIT } else { 0 };
        let (nonce, sealed) = record.payload.split_at_checked(explicit)?;
        let nonce = if self.suite.is_explicit() { nonce } else { &record.number };
        let aad = additional(record.content, record.number, sealed.len().checked_sub(TAG)?);
        let mut bytes = sealed.to_vec();
        let length = self.key.open_in_place(self.nonce(nonce), aad, &mut bytes).ok()?.len();
        bytes.truncate(length);
        Some(bytes)
    }

    /// The payload of a record that carries this.
    pub(crate) fn seal(&self, content: u8, number: [u8; 8], plain: &[u8]) -> Vec<u8> {
        let mut bytes = plain.to_vec();
        let aad = additional(content, number, plain.len());
        let sealed = self.key.seal_in_place_append_tag(self.nonce(&number), aad, &mut bytes);
        sealed.expect("we send no long records");
        if self.suite.is_explicit() { [&number[..], &bytes].concat() } else { bytes }
    }

    /// The nonce of a record, by the 8 bytes in which it is another than all others.
    fn nonce(&self, number: &[u8]) -> aead::Nonce {
        let mut nonce = [0; aead::NONCE_LEN];
        nonce[..self.iv.len()].copy_from_slice(&self.iv);
        let last = &mut nonce[aead::NONCE_LEN - number.len()..];
        last.iter_mut().zip(number).for_each(|(byte, number)| *byte ^= number);
        aead::Nonce::assume_unique_for_key(nonce)
    }
}

fn additional(content: u8, number: [u8; 8], length: usize) -> aead::Aad<Vec<u8>> {
    let length = u16::try_from(length).unwrap_or(u16::MAX).to_be_bytes();
    aead::Aad::from([&number[..], &[content], &VERSION, &length].concat())
}

//! What packets are encrypted with, and the master keys for it.

use std::fmt;

/// Encryption and authentication of packets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Suite {
    /// AES in counter mode, 80 bits of HMAC-SHA1 (RFC 4568 section 6.2.1).
    AesCm128HmacSha1_80,
    /// The same with 32 bits in RTP (section 6.2.2).
    AesCm128HmacSha1_32,
    /// AES-128 in Galois counter mode (RFC 7714).
    AeadAes128Gcm,
    /// AES-256 in Galois counter mode.
    AeadAes256Gcm,
}

impl Suite {
    /// All of them, the best first.
    pub const ALL: [Self; 4] =
        [Self::AeadAes256Gcm, Self::AeadAes128Gcm, Self::AesCm128HmacSha1_80, Self::AesCm128HmacSha1_32];

    /// Its name in `a=crypto` (RFC 4568 section 10.3.2.1, RFC 7714 section 14.2).
    pub const fn name(self) -> &'static str {
        match self {
            Self::AesCm128HmacSha1_80 => "AES_CM_128_HMAC_SHA1_80",
            Self::AesCm128HmacSha1_32 => "AES_CM_128_HMAC_SHA1_32",
            Self::AeadAes128Gcm => "AEAD_AES_128_GCM",
            Self::AeadAes256Gcm => "AEAD_AES_256_GCM",
        }
    }

    /// The one with this name, whatever its case.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|suite| suite.name().eq_ignore_ascii_case(name))
    }

    /// Bytes of its master key, without the salt.
    pub const fn key_length(self) -> usize {
        match self {
            Self::AesCm128HmacSha1_80 | Self::AesCm128HmacSha1_32 | Self::AeadAes128Gcm => 16,
            Self::AeadAes256Gcm => 32,
        }
    }

    /// Bytes of its master salt.
    pub const fn salt_length(self) -> usize {
        match self {
            Self::AesCm128HmacSha1_80 | Self::AesCm128HmacSha1_32 => 14,
            Self::AeadAes128Gcm | Self::AeadAes256Gcm => 12,
        }
    }

    /// Bytes of both.
    pub const fn length(self) -> usize {
        self.key_length() + self.salt_length()
    }
}

/// Bytes of the longest key with its salt.
const LONGEST: usize = 44;

/// A master key with its salt. It shows nothing of itself.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct MasterKey {
    suite: Suite,
    bytes: [u8; LONGEST],
}

impl MasterKey {
    /// A key and the salt behind it; `None` unless these are as long as the suite wants.
    pub fn new(suite: Suite, key_and_salt: &[u8]) -> Option<Self> {
        let mut bytes = [0; LONGEST];
        (key_and_salt.len() == suite.length()).then(|| {
            bytes[..suite.length()].copy_from_slice(key_and_salt);
            Self { suite, bytes }
        })
    }

    /// What it is for.
    pub const fn suite(&self) -> Suite {
        self.suite
    }

    /// Key and salt, as `inline:` has them.
    pub fn key_and_salt(&self) -> &[u8] {
        &self.bytes[..self.suite.length()]
    }

    pub(crate) fn key(&self) -> &[u8] {
        &self.bytes[..self.suite.key_length()]
    }

    pub(crate) fn salt(&self) -> &[u8] {
        &self.key_and_salt()[self.suite.key_length()..]
    }
}

impl fmt::Debug for MasterKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "MasterKey({})", self.suite.name())
    }
}

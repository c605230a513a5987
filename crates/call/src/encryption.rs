//! How the sound of a leg is encrypted.

/// How the sound of a leg is encrypted, between its party and the switch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MediaEncryption {
    /// How its keys were agreed on.
    pub exchange: KeyExchange,
    /// What they are used for.
    pub suite: CryptoSuite,
}

/// How keys are agreed on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyExchange {
    /// They stand in session descriptions (RFC 4568).
    Sdes,
    /// By a handshake of the media themselves (RFC 5764).
    Dtls,
}

/// Encryption and authentication of packets (RFC 3711, RFC 7714).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CryptoSuite {
    /// AES-128 in counter mode, 80 bits of HMAC-SHA1.
    AesCm128HmacSha1_80,
    /// The same with 32 bits.
    AesCm128HmacSha1_32,
    /// AES-128 in Galois counter mode.
    AeadAes128Gcm,
    /// AES-256 in Galois counter mode.
    AeadAes256Gcm,
}

impl KeyExchange {
    /// Its name, for whoever looks at a leg.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Sdes => "sdes",
            Self::Dtls => "dtls",
        }
    }
}

impl CryptoSuite {
    /// Its registered name (RFC 4568 section 10.3.2.1, RFC 7714 section 14.2).
    pub const fn name(self) -> &'static str {
        match self {
            Self::AesCm128HmacSha1_80 => "AES_CM_128_HMAC_SHA1_80",
            Self::AesCm128HmacSha1_32 => "AES_CM_128_HMAC_SHA1_32",
            Self::AeadAes128Gcm => "AEAD_AES_128_GCM",
            Self::AeadAes256Gcm => "AEAD_AES_256_GCM",
        }
    }
}

//! The hashes of digests.

use md5::Md5;
use sha2::{Digest, Sha256};

/// The hash of a digest (RFC 7616 section 3.2, RFC 8760).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Algorithm {
    /// What every phone knows.
    Md5,
    /// The better one. Many phones answer only the first challenge, or none at all once they are sent a
    /// challenge that they do not know.
    Sha256,
}

impl Algorithm {
    /// Its name in challenges and credentials.
    pub fn name(self) -> &'static str {
        match self {
            Self::Md5 => "MD5",
            Self::Sha256 => "SHA-256",
        }
    }

    /// The one of this name.
    pub fn parse(name: &str) -> Option<Self> {
        [Self::Md5, Self::Sha256].into_iter().find(|known| name.eq_ignore_ascii_case(known.name()))
    }

    /// The hash of a text, in hexadecimal digits.
    pub fn hash(self, text: &str) -> String {
        match self {
            Self::Md5 => hex(&Md5::digest(text)),
            Self::Sha256 => hex(&Sha256::digest(text)),
        }
    }

    /// What stands for user and password in responses (RFC 7616 section 3.4.2).
    pub fn ha1(self, user: &str, realm: &str, password: &str) -> String {
        self.hash(&format!("{user}:{realm}:{password}"))
    }
}

fn hex(bytes: &[u8]) -> String {
    const DIGITS: [u8; 16] = *b"0123456789abcdef";
    let digits = bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    digits.map(|digit| char::from(DIGITS[usize::from(digit)])).collect()
}

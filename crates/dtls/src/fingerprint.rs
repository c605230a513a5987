//! Which certificate somebody has, as session descriptions say it (RFC 8122 section 5).

use std::fmt;

use ring::digest;

/// The digest of a certificate. Digests that can be forged (MD5, SHA-1) are none.
#[derive(Clone, PartialEq, Eq)]
pub struct Fingerprint {
    hash: Hash,
    digest: Vec<u8>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Hash {
    Sha256,
    Sha384,
    Sha512,
}

impl Hash {
    const ALL: [Self; 3] = [Self::Sha256, Self::Sha384, Self::Sha512];

    const fn name(self) -> &'static str {
        match self {
            Self::Sha256 => "sha-256",
            Self::Sha384 => "sha-384",
            Self::Sha512 => "sha-512",
        }
    }

    fn of(self, bytes: &[u8]) -> Vec<u8> {
        let algorithm = match self {
            Self::Sha256 => &digest::SHA256,
            Self::Sha384 => &digest::SHA384,
            Self::Sha512 => &digest::SHA512,
        };
        digest::digest(algorithm, bytes).as_ref().to_vec()
    }
}

impl Fingerprint {
    /// Reads what stands behind `a=fingerprint:`. `None` for a digest that is not known, or is no digest.
    pub fn parse(text: &str) -> Option<Self> {
        let (name, digits) = text.trim().split_once(' ')?;
        let hash = Hash::ALL.into_iter().find(|hash| hash.name().eq_ignore_ascii_case(name))?;
        let byte = |pair: &str| u8::from_str_radix(pair, 16).ok().filter(|_| pair.len() == 2);
        let digest = digits.trim().split(':').map(byte).collect::<Option<Vec<_>>>()?;
        (digest.len() == hash.of(&[]).len()).then_some(Self { hash, digest })
    }

    /// That of a certificate, by SHA-256.
    pub(crate) fn of(certificate: &[u8]) -> Self {
        Self { hash: Hash::Sha256, digest: Hash::Sha256.of(certificate) }
    }

    /// Whether it is that of a certificate.
    pub(crate) fn fits(&self, certificate: &[u8]) -> bool {
        self.hash.of(certificate) == self.digest
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits: Vec<_> = self.digest.iter().map(|byte| format!("{byte:02X}")).collect();
        write!(f, "{} {}", self.hash.name(), digits.join(":"))
    }
}

impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Fingerprint({self})")
    }
}

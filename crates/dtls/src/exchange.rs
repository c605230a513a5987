//! How both sides come to a secret (RFC 8422 section 5).

use ring::{
    agreement::{self, ECDH_P256, ECDH_P384, EphemeralPrivateKey, UnparsedPublicKey, X25519},
    rand::SystemRandom,
};

use crate::{Failure, wire};

/// The groups, the best first.
static GROUPS: [Group; 3] = [
    Group { id: 29, algorithm: &X25519 },
    Group { id: 23, algorithm: &ECDH_P256 },
    Group { id: 24, algorithm: &ECDH_P384 },
];
/// What is meant where nothing is said.
const UNSAID: [u16; 1] = [23];

/// A group in which keys are agreed on.
#[derive(Debug)]
pub(crate) struct Group {
    pub(crate) id: u16,
    algorithm: &'static agreement::Algorithm,
}

impl Group {
    pub(crate) fn ids() -> [u16; 3] {
        GROUPS.each_ref().map(|group| group.id)
    }

    pub(crate) fn named(id: u16) -> Option<&'static Self> {
        GROUPS.iter().find(|group| group.id == id)
    }

    /// The best that a party knows too.
    pub(crate) fn best(theirs: Option<&[u16]>) -> Option<&'static Self> {
        GROUPS.iter().find(|group| theirs.unwrap_or(&UNSAID).contains(&group.id))
    }
}

/// Our half of a secret.
pub(crate) struct Exchange {
    group: &'static Group,
    private: EphemeralPrivateKey,
    pub(crate) public: agreement::PublicKey,
}

impl Exchange {
    pub(crate) fn new(group: &'static Group) -> Result<Self, Failure> {
        let private = EphemeralPrivateKey::generate(group.algorithm, &SystemRandom::new());
        let private = private.map_err(|_| Failure::Cipher)?;
        let public = private.compute_public_key().map_err(|_| Failure::Cipher)?;
        Ok(Self { group, private, public })
    }

    /// The secret that comes of it and the party's half.
    pub(crate) fn complete(self, theirs: &[u8]) -> Result<Vec<u8>, Failure> {
        let theirs = UnparsedPublicKey::new(self.group.algorithm, theirs);
        agreement::agree_ephemeral(self.private, &theirs, <[u8]>::to_vec).map_err(|_| Failure::Cipher)
    }

    /// The group and our half, as the server signs them.
    pub(crate) fn params(&self) -> Vec<u8> {
        let public = wire::vector(1, self.public.as_ref());
        [&[NAMED][..], &self.group.id.to_be_bytes(), &public].concat()
    }
}

/// A group is said by its name.
pub(crate) const NAMED: u8 = 3;

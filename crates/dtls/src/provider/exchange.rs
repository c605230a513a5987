//! How both sides come to a secret.

use std::fmt;

use dimpl::{
    CryptoError, CryptoOperation,
    crypto::{ActiveKeyExchange, Buf, NamedGroup, SupportedKxGroup},
};
use ring::{
    agreement::{self, ECDH_P256, ECDH_P384, EphemeralPrivateKey, UnparsedPublicKey, X25519},
    rand::SystemRandom,
};

use super::failed;

/// The groups, the best first.
pub(super) static GROUPS: &[&dyn SupportedKxGroup] = &[
    &Group { name: NamedGroup::X25519, algorithm: &X25519 },
    &Group { name: NamedGroup::Secp256r1, algorithm: &ECDH_P256 },
    &Group { name: NamedGroup::Secp384r1, algorithm: &ECDH_P384 },
];

#[derive(Debug)]
struct Group {
    name: NamedGroup,
    algorithm: &'static agreement::Algorithm,
}

impl SupportedKxGroup for Group {
    fn name(&self) -> NamedGroup {
        self.name
    }

    fn start_exchange(&self, mut public: Buf) -> Result<Box<dyn ActiveKeyExchange>, CryptoError> {
        let private = EphemeralPrivateKey::generate(self.algorithm, &SystemRandom::new())
            .map_err(failed(CryptoOperation::GenerateEphemeralKey))?;
        let key = private.compute_public_key().map_err(failed(CryptoOperation::ComputePublicKey))?;
        public.clear();
        public.extend_from_slice(key.as_ref());
        Ok(Box::new(Exchange { name: self.name, algorithm: self.algorithm, private, public }))
    }
}

struct Exchange {
    name: NamedGroup,
    algorithm: &'static agreement::Algorithm,
    private: EphemeralPrivateKey,
    public: Buf,
}

impl ActiveKeyExchange for Exchange {
    fn pub_key(&self) -> &[u8] {
        &self.public
    }

    fn complete(self: Box<Self>, theirs: &[u8], secret: &mut Buf) -> Result<(), CryptoError> {
        let theirs = UnparsedPublicKey::new(self.algorithm, theirs);
        agreement::agree_ephemeral(self.private, &theirs, |agreed| {
            secret.clear();
            secret.extend_from_slice(agreed);
        })
        .map_err(|_| CryptoError::InvalidPublicKey(self.name))
    }

    fn group(&self) -> NamedGroup {
        self.name
    }
}

impl fmt::Debug for Exchange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Exchange({:?})", self.name)
    }
}

//! Who the switch is to its parties: a certificate of its own making, and how it shakes hands.

use std::{sync::Arc, time::Duration};

use dimpl::{Config, DtlsCertificate};
use rcgen::{CertificateParams, DistinguishedName, DnType, KeyPair};

use crate::{Fingerprint, provider};

/// The first repetition of what was not answered; each next waits twice as long.
const REPEAT: Duration = Duration::from_millis(250);
/// How often.
const REPEATS: usize = 6;
/// How long a handshake may take.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);
/// Records that wait for one before them, at most.
const MOST_WAITING: usize = 30;

/// A certificate, its key, and how it is used. Clones are the same.
#[derive(Clone)]
pub struct Identity {
    pub(crate) certificate: DtlsCertificate,
    pub(crate) config: Arc<Config>,
    pub(crate) fingerprint: Fingerprint,
}

/// Why there is none.
#[derive(Debug, thiserror::Error)]
pub enum IdentityError {
    /// No key or no certificate can be made.
    #[error("cannot make a certificate for media")]
    Certificate(#[from] rcgen::Error),
    /// The ciphers do not do what they should.
    #[error("the handshake of media cannot be set up")]
    Config(#[from] dimpl::Error),
}

impl Identity {
    /// A new one: it lives as long as the process, and says nothing of who that is.
    pub fn new() -> Result<Self, IdentityError> {
        let key = KeyPair::generate()?;
        let mut params = CertificateParams::new(Vec::new())?;
        params.distinguished_name = DistinguishedName::new();
        params.distinguished_name.push(DnType::CommonName, "media");
        let certificate = params.self_signed(&key)?.der().to_vec();
        // Whose records are taken is known before: cookies would only cost a round trip.
        let config = Config::builder()
            .with_crypto_provider(provider::ring())
            .use_server_cookie(false)
            .flight_start_rto(REPEAT)
            .flight_retries(REPEATS)
            .handshake_timeout(PATIENCE)
            .max_queue_rx(MOST_WAITING);
        Ok(Self {
            fingerprint: Fingerprint::of(&certificate),
            certificate: DtlsCertificate { certificate, private_key: key.serialize_der() },
            config: Arc::new(config.build()?),
        })
    }

    /// Which certificate it has.
    pub const fn fingerprint(&self) -> &Fingerprint {
        &self.fingerprint
    }
}

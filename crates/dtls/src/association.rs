//! One handshake with a party, and the keys that come of it.

use std::{fmt, time::Instant};

use dimpl::{Dtls, Output, SrtpProfile};
use srtp::MasterKey;
pub use srtp::Suite;

use crate::{Fingerprint, Identity};

/// Longer than any record that is sent.
const LONGEST: usize = 2_048;

/// Who begins (RFC 5763 section 5).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// We do.
    Active,
    /// The party does.
    Passive,
}

/// The keys of both directions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Keys {
    /// What we send with.
    pub ours: MasterKey,
    /// What the party sends with.
    pub theirs: MasterKey,
}

/// Why there will be no keys.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// Whoever is there has another certificate than the party's description says.
    #[error("the certificate is not the one of the session description")]
    OtherCertificate,
    /// There is no way to protect media that both sides know.
    #[error("no media protection in common")]
    NoProfile,
    /// The handshake has failed.
    #[error("the handshake has failed")]
    Handshake(#[from] dimpl::Error),
}

/// A handshake. What has come of it stays, while it answers what the party repeats.
pub struct Association {
    dtls: Dtls,
    role: Role,
    theirs: Vec<Fingerprint>,
    is_known: bool,
    is_done: bool,
    due: Option<Instant>,
}

/// Whether a packet is DTLS, as what may share a port is told apart (RFC 7983).
pub fn is_dtls(packet: &[u8]) -> bool {
    packet.first().is_some_and(|first| (20..64).contains(first))
}

impl Association {
    /// One with the party that has a certificate with one of these fingerprints.
    pub fn new(identity: &Identity, role: Role, theirs: Vec<Fingerprint>, now: Instant) -> Self {
        let mut dtls = Dtls::new_12(identity.config.clone(), identity.certificate.clone(), now);
        dtls.set_active(role == Role::Active);
        Self { dtls, role, theirs, is_known: false, is_done: false, due: None }
    }

    /// Takes a datagram of the party. `send` is given what is to be sent back. The keys are given once.
    pub fn receive(
        &mut self,
        datagram: &[u8],
        now: Instant,
        send: impl FnMut(&[u8]),
    ) -> Result<Option<Keys>, Failure> {
        self.dtls.handle_timeout(now)?;
        self.dtls.handle_packet(datagram)?;
        self.poll(send)
    }

    /// Begins if that is for us to do, and repeats what was not answered in time.
    pub fn go_on(&mut self, now: Instant, send: impl FnMut(&[u8])) -> Result<Option<Keys>, Failure> {
        if self.due.is_some_and(|due| now < due) {
            return Ok(None);
        }
        self.dtls.handle_timeout(now)?;
        self.poll(send)
    }

    /// Whether it has come to keys.
    pub const fn is_done(&self) -> bool {
        self.is_done
    }

    fn poll(&mut self, mut send: impl FnMut(&[u8])) -> Result<Option<Keys>, Failure> {
        let (mut buffer, mut keys) = ([0; LONGEST], None);
        loop {
            match self.dtls.poll_output(&mut buffer) {
                Output::Packet(packet) => send(packet),
                Output::PeerCert(certificate) => {
                    self.is_known = self.theirs.iter().any(|theirs| theirs.fits(certificate));
                    if !self.is_known {
                        return Err(Failure::OtherCertificate);
                    }
                }
                Output::KeyingMaterial(material, profile) => {
                    keys = Some(split(&material, profile, self.role).ok_or(Failure::NoProfile)?);
                }
                Output::Timeout(due) => {
                    self.due = Some(due);
                    break;
                }
                _ => {}
            }
        }
        let keys = keys.filter(|_| self.is_known);
        self.is_done |= keys.is_some();
        Ok(keys)
    }
}

/// The keys of both directions, as RFC 5764 section 4.2 has them one after the other.
fn split(material: &[u8], profile: SrtpProfile, role: Role) -> Option<Keys> {
    let suite = match profile {
        SrtpProfile::AES128_CM_SHA1_80 => Suite::AesCm128HmacSha1_80,
        SrtpProfile::AEAD_AES_128_GCM => Suite::AeadAes128Gcm,
        SrtpProfile::AEAD_AES_256_GCM => Suite::AeadAes256Gcm,
        _ => return None,
    };
    let (keys, salts) = material.split_at_checked(2 * suite.key_length())?;
    let (client, server) = keys.split_at(suite.key_length());
    let (client_salt, server_salt) = salts.split_at_checked(suite.salt_length())?;
    let client = MasterKey::new(suite, &[client, client_salt].concat())?;
    let server = MasterKey::new(suite, &[server, server_salt].concat())?;
    Some(match role {
        Role::Active => Keys { ours: client, theirs: server },
        Role::Passive => Keys { ours: server, theirs: client },
    })
}

impl fmt::Debug for Association {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Association").field("role", &self.role).field("is_done", &self.is_done).finish()
    }
}

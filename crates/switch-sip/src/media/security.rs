//! What a party and the switch have agreed on for the protection of a stream and its way.

use std::sync::Arc;

use dtls::{Fingerprint, Keys, Role};
use ice::Credentials;

/// How a stream is protected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Security {
    /// By keys that both sides have told each other.
    Keys(Keys),
    /// By keys that a handshake gives.
    Handshake(Handshake),
}

/// The handshake of a stream (RFC 5764).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Handshake {
    /// Who it is with, once the party has said so.
    pub with: Option<Peer>,
    /// What its way is found by; `None` if its description says where it is.
    pub ice: Option<Ice>,
    /// RTCP comes and goes with RTP.
    pub is_muxed: bool,
}

/// The other side of a handshake.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Peer {
    /// Who begins.
    pub role: Role,
    /// Which certificate it may have.
    pub fingerprints: Vec<Fingerprint>,
}

/// How checks of connectivity are told from those of strangers (RFC 8445).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ice {
    /// Ours.
    pub ours: Credentials,
    /// The party's user fragment, once it has said it.
    pub theirs: Option<Arc<str>>,
}

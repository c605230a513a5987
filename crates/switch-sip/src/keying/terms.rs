//! What a party may and must do about the protection of its media, and how that can be missed.

use directory::model::Encryption;

/// What a party may and must do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Terms {
    pub(crate) encryption: Encryption,
    /// Whether keys may travel in its descriptions: nobody else can read them.
    pub(crate) may_have_keys: bool,
    /// What it is offered besides: a handshake.
    pub(crate) handshake: Option<HandshakeForm>,
}

/// In which form a handshake is offered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum HandshakeForm {
    /// As browsers have it, which take nothing else: with checks of the way, RTCP on the same port, in a group (RFC 8829).
    Browser,
    /// By itself (RFC 5763).
    Phone,
}

impl Terms {
    /// How the media of a party are protected; `is_browser` are those that take nothing but handshakes. A party whose
    /// media must be encrypted, and that keys must not be sent to, has only a handshake left, too.
    pub(crate) fn new(encryption: Encryption, may_have_keys: bool, is_browser: bool) -> Self {
        let handshake = match encryption {
            Encryption::Refuse => None,
            _ if is_browser => Some(HandshakeForm::Browser),
            Encryption::Require if !may_have_keys => Some(HandshakeForm::Phone),
            Encryption::Require | Encryption::Prefer | Encryption::Allow => None,
        };
        Self { encryption, may_have_keys, handshake }
    }
}

/// Why a description is not taken, or not given.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Unmet {
    #[error("encrypted media are refused here")]
    Refused,
    #[error("media must be encrypted here")]
    Required,
    #[error("media keys are taken over TLS and secure WebSocket only")]
    InTheClear,
    #[error("no crypto suite in common")]
    NoSuite,
    #[error("a handshake of media needs a fingerprint by SHA-256, SHA-384 or SHA-512")]
    NoFingerprint,
    #[error("a handshake of media is needed at once")]
    NoHandshake,
    #[error("no codec in common, and there is no room to make one of another")]
    NoTranscoder,
    #[error("ICE needs RTP and RTCP on one port (rtcp-mux)")]
    TwoPorts,
}

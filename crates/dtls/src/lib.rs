//! Keys for media by a handshake of the media themselves (DTLS-SRTP, RFC 5763, RFC 5764): without a clock or a socket.
//!
//! An [`Association`] is one handshake, in which both sides show certificates that they have made themselves. Which one
//! the party has, its session description says by a [`Fingerprint`]; without the right one there are no keys.
//!
//! Of DTLS 1.2 (RFC 6347) it has what that takes: secrets by elliptic curves, AES-GCM and ChaCha20, certificates with
//! keys of ECDSA and RSA. There are no resumption, no renegotiation, no compression, and no data besides the handshake.

mod association;
mod certificate;
mod cipher;
mod exchange;
mod fingerprint;
mod flight;
mod fragments;
mod handshake;
mod identity;
mod record;
mod signature;
#[cfg(test)]
mod tests;
mod wire;

pub use association::{Association, Failure, Role, Suite, is_dtls};
pub use fingerprint::Fingerprint;
pub use handshake::Keys;
pub use identity::{Identity, IdentityError};

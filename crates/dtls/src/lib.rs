//! Keys for media by a handshake of the media themselves (DTLS-SRTP, RFC 5763, RFC 5764): without a clock or a socket.
//!
//! An [`Association`] is one handshake, in which both sides show certificates that they have made themselves. Which one
//! the party has, its session description says by a [`Fingerprint`]; without the right one there are no keys. The
//! handshake itself is `dimpl`'s, on ciphers of `ring` (`provider`).

mod association;
mod fingerprint;
mod identity;
mod provider;
#[cfg(test)]
mod tests;

pub use association::{Association, Failure, Keys, Role, Suite, is_dtls};
pub use fingerprint::Fingerprint;
pub use identity::{Identity, IdentityError};

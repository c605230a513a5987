//! Secure RTP and RTCP (RFC 3711, RFC 7714): packets are encrypted and decrypted where they lie, without a clock, a
//! socket, or memory that strangers could make grow.
//!
//! A [`Sender`] and a [`Receiver`] are the two directions of one party, each made of the master key that the
//! sender of that direction has chosen. How keys come to be agreed on (RFC 4568) is for others.

mod cipher;
mod derive;
mod packet;
mod receiver;
mod sender;
mod suite;
#[cfg(test)]
mod tests;
mod window;

pub use packet::is_control;
pub use receiver::Receiver;
pub use sender::Sender;
pub use suite::{MasterKey, Suite};

/// Bytes by which a packet may grow: a tag of 16, and in RTCP a word with the index.
pub const OVERHEAD: usize = 20;

/// Streams (SSRCs) that are told apart in one direction.
pub const MOST_STREAMS: usize = 16;

/// Why a packet is neither encrypted nor decrypted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// It is too short, no RTP or RTCP of version 2, or its buffer has no room for [`OVERHEAD`].
    #[error("the packet is malformed")]
    Malformed,
    /// It was not made with this key, or was changed on its way.
    #[error("the packet is not authentic")]
    Forged,
    /// It has come before, or is too old for that to be known.
    #[error("the packet has come before")]
    Replayed,
    /// It begins one more stream than [`MOST_STREAMS`].
    #[error("there are too many streams")]
    TooManyStreams,
    /// As many packets were sent as may be under one key (RFC 3711 section 9.2).
    #[error("the key is used up")]
    UsedUp,
}

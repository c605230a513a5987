//! Why the switch does not start.

use std::{io, net::SocketAddr};

use call::ErrorCode;

use crate::media::MediaError;

/// Why the switch does not start.
#[derive(Debug, thiserror::Error)]
pub enum SipError {
    /// A listener cannot be opened.
    #[error("cannot listen for SIP over {transport} at {address}")]
    Listen {
        /// `UDP` or `TCP`.
        transport: &'static str,
        /// Where.
        address: SocketAddr,
        /// Why not.
        #[source]
        source: io::Error,
    },
    /// The configuration names no listener.
    #[error("SIP needs at least one of a UDP and a TCP address to listen at")]
    NoListener,
    /// The switch's thread cannot be started.
    #[error("cannot start the thread that serves SIP")]
    Thread(#[source] io::Error),
    /// Media cannot be relayed.
    #[error("cannot relay media")]
    Media(#[from] MediaError),
}

impl SipError {
    /// What kind of trouble this is.
    pub fn code(&self) -> ErrorCode {
        match self {
            Self::Listen { .. } => ErrorCode::Unavailable,
            Self::NoListener => ErrorCode::InvalidInput,
            Self::Thread(_) => ErrorCode::Internal,
            Self::Media(error) => error.code(),
        }
    }
}

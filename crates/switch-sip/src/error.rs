//! Why the switch does not start.

use std::{io, net::SocketAddr, path::PathBuf};

use call::ErrorCode;
use tls::TlsError;

use crate::media::MediaError;

/// Why the switch does not start.
#[derive(Debug, thiserror::Error)]
pub enum SipError {
    /// A listener cannot be opened.
    #[error("cannot listen for SIP over {transport} at {address}")]
    Listen {
        /// `UDP`, `TCP`, `TLS`, `WS` or `WSS`.
        transport: &'static str,
        /// Where.
        address: SocketAddr,
        /// Why not.
        #[source]
        source: io::Error,
    },
    /// The configuration names no listener.
    #[error("SIP needs at least one address to listen at: of UDP, TCP, TLS, WS or WSS")]
    NoListener,
    /// TLS is to be spoken, but not with which certificate.
    #[error("SIP over TLS or WSS needs a certificate and its key")]
    NoCertificate,
    /// A certificate or its key cannot be used.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// The music for waiting parties cannot be read.
    #[error("{}: a WAV file is expected: {reason}", path.display())]
    Music {
        /// The file.
        path: PathBuf,
        /// What was found.
        reason: String,
    },
    /// The folder of recordings cannot be used.
    #[error("{}: a folder for recordings is expected", path.display())]
    Recordings {
        /// The folder.
        path: PathBuf,
        /// Why it cannot be used.
        #[source]
        source: io::Error,
    },
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
            Self::NoListener | Self::NoCertificate | Self::Music { .. } | Self::Recordings { .. } => {
                ErrorCode::InvalidInput
            }
            Self::Tls(error) => error.code(),
            Self::Thread(_) => ErrorCode::Internal,
            Self::Media(error) => error.code(),
        }
    }
}

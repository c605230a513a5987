//! Our side of TLS, at every door alike: the certificate that we show, read again when its files have changed.

mod files;
mod own;
mod server;

pub use files::{Certificate, TlsError, certificates, unfit};
pub use own::connect_to_own;
pub use server::{TlsServer, TlsStream};

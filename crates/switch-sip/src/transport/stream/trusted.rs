//! TLS where we connect: whom we trust. Our own certificate is `tls`'s.

use std::{io, path::Path, sync::Arc};

use tls::{certificates, unfit};
use tokio::net::TcpStream;
use tokio_rustls::{
    TlsConnector, client,
    rustls::{ClientConfig, RootCertStore, crypto::ring, pki_types::ServerName},
};

use crate::error::SipError;

/// Our side where we connect to a peer.
#[derive(Clone)]
pub(crate) struct TlsClient(TlsConnector);

impl TlsClient {
    /// Trusts the certificates in a file, or those that the system trusts.
    pub(crate) fn load(trusted: Option<&Path>) -> Result<Self, SipError> {
        let mut roots = RootCertStore::empty();
        let certificates = match trusted {
            Some(path) => certificates(path)?,
            // What cannot be read there is not trusted.
            None => rustls_native_certs::load_native_certs().certs,
        };
        roots.add_parsable_certificates(certificates);
        let config = ClientConfig::builder_with_provider(ring::default_provider().into())
            .with_safe_default_protocol_versions()
            .map_err(|error| unfit(trusted.unwrap_or(Path::new("")), error))?
            .with_root_certificates(roots)
            .with_no_client_auth();
        Ok(Self(Arc::new(config).into()))
    }

    pub(crate) async fn connect(
        &self,
        stream: TcpStream,
        host: &str,
    ) -> io::Result<client::TlsStream<TcpStream>> {
        let name = ServerName::try_from(host.to_owned()).map_err(io::Error::other)?;
        self.0.connect(name, stream).await
    }
}

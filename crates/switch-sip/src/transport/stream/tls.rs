//! TLS: our certificate toward whoever connects, and whom we trust where we connect.

use std::{io, path::Path, sync::Arc};

use tokio::net::TcpStream;
use tokio_rustls::{
    TlsAcceptor, TlsConnector, client, rustls,
    rustls::{
        ClientConfig, RootCertStore, ServerConfig,
        crypto::ring,
        pki_types::{CertificateDer, PrivateKeyDer, ServerName, pem, pem::PemObject},
    },
    server,
};

use crate::{config::Certificate, error::SipError};

/// Our side where a peer connects to us.
#[derive(Clone)]
pub(in crate::transport) struct TlsServer(TlsAcceptor);

/// Our side where we connect to a peer.
#[derive(Clone)]
pub(crate) struct TlsClient(TlsConnector);

impl TlsServer {
    /// Reads the certificate chain and its key. TLS 1.2 and 1.3 are spoken.
    pub(in crate::transport) fn load(certificate: &Certificate) -> Result<Self, SipError> {
        let chain = certificates(&certificate.chain)?;
        let key = PrivateKeyDer::from_pem_file(&certificate.key)
            .map_err(|error| unreadable(&certificate.key, "a private key", &error))?;
        let config = ServerConfig::builder_with_provider(ring::default_provider().into())
            .with_safe_default_protocol_versions()
            .and_then(|builder| builder.with_no_client_auth().with_single_cert(chain, key))
            .map_err(|error| unfit(&certificate.chain, error))?;
        Ok(Self(Arc::new(config).into()))
    }

    pub(super) async fn accept(&self, stream: TcpStream) -> io::Result<server::TlsStream<TcpStream>> {
        self.0.accept(stream).await
    }
}

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

fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, SipError> {
    let read = CertificateDer::pem_file_iter(path).and_then(Iterator::collect::<Result<Vec<_>, _>>);
    match read {
        Ok(certificates) if certificates.is_empty() => {
            Err(unreadable(path, "a certificate", &pem::Error::NoItemsFound))
        }
        Ok(certificates) => Ok(certificates),
        Err(error) => Err(unreadable(path, "a certificate", &error)),
    }
}

fn unreadable(path: &Path, expected: &'static str, error: &pem::Error) -> SipError {
    SipError::Pem { path: path.to_owned(), expected, reason: error.to_string() }
}

fn unfit(path: &Path, source: rustls::Error) -> SipError {
    SipError::Certificate { path: path.to_owned(), source }
}

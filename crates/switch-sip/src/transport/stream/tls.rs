//! TLS: our certificate toward whoever connects, and whom we trust where we connect.

use std::{io, path::Path, sync::Arc, time::SystemTime};

use parking_lot::Mutex;
use tokio::net::TcpStream;
use tokio_rustls::{
    TlsAcceptor, TlsConnector, client, rustls,
    rustls::{
        ClientConfig, RootCertStore, ServerConfig,
        crypto::ring,
        pki_types::{CertificateDer, PrivateKeyDer, ServerName, pem, pem::PemObject},
        server::{ClientHello, ResolvesServerCert},
        sign::CertifiedKey,
    },
    server,
};

use crate::{config::Certificate, error::SipError};

/// Our side where a peer connects to us.
#[derive(Clone)]
pub(in crate::transport) struct TlsServer(TlsAcceptor);

/// Our certificate, as its files have it: they are read again when they have changed.
#[derive(Debug)]
struct Shown {
    files: Certificate,
    read: Mutex<Read>,
}

#[derive(Debug)]
struct Read {
    key: Arc<CertifiedKey>,
    /// When the files had changed last.
    changed: Changed,
}

/// When the chain and the key were changed.
type Changed = [Option<SystemTime>; 2];

/// Our side where we connect to a peer.
#[derive(Clone)]
pub(crate) struct TlsClient(TlsConnector);

impl TlsServer {
    /// Reads the certificate chain and its key. TLS 1.2 and 1.3 are spoken.
    pub(in crate::transport) fn load(certificate: &Certificate) -> Result<Self, SipError> {
        let config = ServerConfig::builder_with_provider(ring::default_provider().into())
            .with_safe_default_protocol_versions()
            .map_err(|error| unfit(&certificate.chain, error))?
            .with_no_client_auth()
            .with_cert_resolver(Arc::new(Shown::load(certificate)?));
        Ok(Self(Arc::new(config).into()))
    }

    pub(super) async fn accept(&self, stream: TcpStream) -> io::Result<server::TlsStream<TcpStream>> {
        self.0.accept(stream).await
    }
}

impl Shown {
    fn load(files: &Certificate) -> Result<Self, SipError> {
        let read = Mutex::new(Read { changed: changed(files), key: certified_key(files)? });
        Ok(Self { files: files.clone(), read })
    }
}

impl ResolvesServerCert for Shown {
    /// While new files cannot be used, the last ones that could are.
    fn resolve(&self, _hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        let (mut read, changed) = (self.read.lock(), changed(&self.files));
        if read.changed != changed {
            read.changed = changed;
            match certified_key(&self.files) {
                Ok(key) => read.key = key,
                Err(error) => tracing::error!(%error, "the changed certificate is not used"),
            }
        }
        Some(read.key.clone())
    }
}

fn changed(files: &Certificate) -> Changed {
    [&files.chain, &files.key].map(|path| path.metadata().and_then(|metadata| metadata.modified()).ok())
}

/// Reads the certificate chain and its key, which must fit.
fn certified_key(files: &Certificate) -> Result<Arc<CertifiedKey>, SipError> {
    let chain = certificates(&files.chain)?;
    let key = PrivateKeyDer::from_pem_file(&files.key)
        .map_err(|error| unreadable(&files.key, "a private key", &error))?;
    let certified = CertifiedKey::from_der(chain, key, &ring::default_provider());
    Ok(Arc::new(certified.map_err(|error| unfit(&files.chain, error))?))
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

//! Our side where a peer connects to us.

use std::{io, sync::Arc, time::SystemTime};

use parking_lot::Mutex;
use tokio::net::TcpStream;
use tokio_rustls::{
    TlsAcceptor,
    rustls::{
        ServerConfig,
        crypto::ring,
        server::{ClientHello, ResolvesServerCert},
        sign::CertifiedKey,
    },
    server,
};

use crate::files::{Certificate, TlsError, certified_key, unfit};

/// What is spoken under TLS.
pub type TlsStream = server::TlsStream<TcpStream>;

/// Our side where a peer connects to us.
#[derive(Clone)]
pub struct TlsServer(TlsAcceptor);

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

impl TlsServer {
    /// Reads the certificate chain and its key. TLS 1.2 and 1.3 are spoken, and under them one of `protocols`, the
    /// best first (ALPN, RFC 7301); whatever comes if there are none.
    pub fn load(certificate: &Certificate, protocols: &[&str]) -> Result<Self, TlsError> {
        let mut config = ServerConfig::builder_with_provider(ring::default_provider().into())
            .with_safe_default_protocol_versions()
            .map_err(|error| unfit(&certificate.chain, error))?
            .with_no_client_auth()
            .with_cert_resolver(Arc::new(Shown::load(certificate)?));
        config.alpn_protocols = protocols.iter().map(|name| name.as_bytes().to_vec()).collect();
        Ok(Self(Arc::new(config).into()))
    }

    /// Agrees with a peer that has connected.
    pub async fn accept(&self, stream: TcpStream) -> io::Result<TlsStream> {
        self.0.accept(stream).await
    }
}

impl std::fmt::Debug for TlsServer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("TlsServer(…)")
    }
}

impl Shown {
    fn load(files: &Certificate) -> Result<Self, TlsError> {
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

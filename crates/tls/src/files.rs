//! Certificates and keys in files.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use call::ErrorCode;
use tokio_rustls::rustls::{
    self,
    crypto::ring,
    pki_types::{CertificateDer, PrivateKeyDer, pem, pem::PemObject},
    sign::CertifiedKey,
};

/// A certificate, with those that lead to a root, and its private key: files in PEM.
#[derive(Clone, Debug)]
pub struct Certificate {
    /// The certificates, ours first.
    pub chain: PathBuf,
    /// The key of the first one.
    pub key: PathBuf,
}

/// Why a certificate cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// A file of certificates or keys cannot be read.
    #[error("{}: {expected} in PEM is expected: {reason}", path.display())]
    Pem {
        /// The file.
        path: PathBuf,
        /// What should be in it.
        expected: &'static str,
        /// What was found.
        reason: String,
    },
    /// A certificate is there, but does not serve.
    #[error("{}: the certificate cannot be used", path.display())]
    Certificate {
        /// Its file.
        path: PathBuf,
        /// Why not.
        #[source]
        source: rustls::Error,
    },
}

impl TlsError {
    /// What kind of trouble this is.
    pub fn code(&self) -> ErrorCode {
        match self {
            Self::Pem { .. } | Self::Certificate { .. } => ErrorCode::InvalidInput,
        }
    }
}

/// Reads the certificate chain and its key, which must fit.
pub(crate) fn certified_key(files: &Certificate) -> Result<Arc<CertifiedKey>, TlsError> {
    let chain = certificates(&files.chain)?;
    let key = PrivateKeyDer::from_pem_file(&files.key)
        .map_err(|error| unreadable(&files.key, "a private key", &error))?;
    let certified = CertifiedKey::from_der(chain, key, &ring::default_provider());
    Ok(Arc::new(certified.map_err(|error| unfit(&files.chain, error))?))
}

/// The certificates in a file, at least one.
pub fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let read = CertificateDer::pem_file_iter(path).and_then(Iterator::collect::<Result<Vec<_>, _>>);
    match read {
        Ok(certificates) if certificates.is_empty() => {
            Err(unreadable(path, "a certificate", &pem::Error::NoItemsFound))
        }
        Ok(certificates) => Ok(certificates),
        Err(error) => Err(unreadable(path, "a certificate", &error)),
    }
}

fn unreadable(path: &Path, expected: &'static str, error: &pem::Error) -> TlsError {
    TlsError::Pem { path: path.to_owned(), expected, reason: error.to_string() }
}

/// The certificate in a file does not serve.
pub fn unfit(path: &Path, source: rustls::Error) -> TlsError {
    TlsError::Certificate { path: path.to_owned(), source }
}

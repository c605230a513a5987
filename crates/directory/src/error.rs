//! Why the directory cannot do what was asked.

use std::path::PathBuf;

use call::{AccountId, ErrorCode, Number};

use crate::{file::FileError, password::HashError};

/// Why the directory cannot do what was asked. Never shows a secret.
#[derive(Debug, thiserror::Error)]
pub enum DirectoryError {
    /// A directory file cannot be opened or is not text.
    #[error("the directory file {} cannot be read", path.display())]
    Read {
        /// Which file.
        path: PathBuf,
        /// What went wrong below.
        #[source]
        source: std::io::Error,
    },
    /// A directory file has mistakes.
    #[error(transparent)]
    File(#[from] FileError),
    /// A file names a secret by its digest, and the directory has none of it.
    #[error(
        "webhook {webhook:?} of account {account}: secret_sha256: found the digest of a secret that this account has \
         nowhere in the directory; accepted: that of one that it has, or secret or secret_env"
    )]
    UnknownSecret {
        /// Whose.
        account: AccountId,
        /// Which.
        webhook: String,
    },
    /// A password could not be hashed.
    #[error(transparent)]
    Hash(#[from] HashError),
    /// The database failed while doing `what`.
    #[error("the directory failed to {what}")]
    Store {
        /// What was being done.
        what: &'static str,
        /// What went wrong below.
        #[source]
        source: rusqlite::Error,
    },
    /// The database's file cannot be made.
    #[error("the directory cannot create {}", path.display())]
    Create {
        /// Which file.
        path: PathBuf,
        /// What went wrong below.
        #[source]
        source: std::io::Error,
    },
    /// The database was written by a later version of the program.
    #[error("the directory's database has layout {found}; this version reads layout {accepted} and earlier")]
    Layout {
        /// Its layout.
        found: u32,
        /// The latest layout that can be read.
        accepted: u32,
    },
}

impl DirectoryError {
    /// What kind of trouble this is.
    pub fn code(&self) -> ErrorCode {
        match self {
            Self::Read { .. } | Self::File(_) | Self::UnknownSecret { .. } => ErrorCode::InvalidInput,
            Self::Hash(_) | Self::Store { .. } | Self::Create { .. } | Self::Layout { .. } => {
                ErrorCode::Internal
            }
        }
    }
}

/// Why an item of a list of numbers is not taken.
#[derive(Debug, thiserror::Error)]
pub enum ItemError {
    /// The list has an item of this key.
    #[error("the list has this key already")]
    Taken {
        /// Which.
        key: Number,
    },
    /// The list would have more items than a list can have.
    #[error("a list has at most {most} items")]
    Full {
        /// How many.
        most: usize,
    },
    /// The database failed.
    #[error(transparent)]
    Directory(#[from] DirectoryError),
}

impl ItemError {
    /// What kind of trouble this is.
    pub fn code(&self) -> ErrorCode {
        match self {
            Self::Taken { .. } | Self::Full { .. } => ErrorCode::InvalidInput,
            Self::Directory(error) => error.code(),
        }
    }
}

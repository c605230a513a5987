//! The directory file: one TOML text that describes a whole directory.
//!
//! Entries refer to one another by names. All mistakes of a file are found in one reading.

mod form;
mod forms;
mod mistake;
mod print;
mod read;
mod table;
mod taken;

use std::{collections::HashMap, fmt, path::Path, sync::Arc};

use call::UserId;

use crate::{error::DirectoryError, snapshot::Entries};

pub use mistake::{FileError, Mistake};
pub(crate) use print::Entry;

/// A directory file without mistakes.
pub struct DirectoryFile {
    /// Its entries. Ids of customers, centers, users, devices and trunks count from 1 in the order of the
    /// file; users whose password is in the file have an empty hash.
    pub(crate) entries: Entries,
    /// The passwords in the file.
    pub(crate) passwords: HashMap<UserId, Arc<str>>,
}

impl DirectoryFile {
    /// Reads a file.
    pub fn read(path: &Path) -> Result<Self, DirectoryError> {
        let read = std::fs::read_to_string(path);
        let text = read.map_err(|source| DirectoryError::Read { path: path.to_owned(), source })?;
        Self::parse(&path.to_string_lossy(), &text)
    }

    /// Reads a text; mistakes are reported under `name`.
    pub fn parse(name: &str, text: &str) -> Result<Self, DirectoryError> {
        let read = read::directory(text);
        read.map_err(|mistakes| FileError { name: name.to_owned(), mistakes }.into())
    }
}

impl fmt::Debug for DirectoryFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DirectoryFile").field("entries", &self.entries).finish_non_exhaustive()
    }
}

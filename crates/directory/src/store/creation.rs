//! Making a database's file: it appears as a whole or not at all.
//!
//! Several processes may open a database that is not there yet. Whoever changes the journal mode of a file that others have
//! open asks for a lock that SQLite does not wait for; and whoever closes a file takes from his process all
//! locks that SQLite holds on it (POSIX). So a new database is made under a name of its own, and put into its
//! place when it is done; those who come later find the place taken, and use what is there.

use std::{
    fs::{self, File, OpenOptions},
    io::{Error, ErrorKind},
    path::{Path, PathBuf},
};

use rusqlite::Connection;
use uuid::Uuid;

use crate::error::DirectoryError;

/// Makes a database that only its owner can read, unless there is one. `prepare` gives it its tables.
pub(crate) fn ensure(
    path: &Path,
    prepare: impl FnOnce(Connection) -> Result<(), DirectoryError>,
) -> Result<(), DirectoryError> {
    if path.exists() {
        return Ok(());
    }
    let draft = draft_of(path);
    let made = make(&draft, path, prepare);
    // Nobody else knows the draft, and what stays of it does no harm.
    let _ = fs::remove_file(&draft);
    made
}

fn make(
    draft: &Path,
    path: &Path,
    prepare: impl FnOnce(Connection) -> Result<(), DirectoryError>,
) -> Result<(), DirectoryError> {
    let failed = |source| DirectoryError::Create { path: path.to_owned(), source };
    create_private(draft).map_err(failed)?;
    let opened = Connection::open(draft);
    prepare(opened.map_err(|source| DirectoryError::Store { what: "open its database", source })?)?;
    put_in_place(draft, path).map_err(failed)
}

fn draft_of(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(format!(".{}.new", Uuid::new_v4().simple()));
    name.into()
}

fn create_private(path: &Path) -> Result<(), Error> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map(drop)
}

/// Unlike a renaming, a link does not replace what another process has put there.
fn put_in_place(draft: &Path, path: &Path) -> Result<(), Error> {
    match fs::hard_link(draft, path) {
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(error),
        Ok(()) => sync_folder_of(path),
    }
}

/// What is in a folder is durable when the folder is.
fn sync_folder_of(path: &Path) -> Result<(), Error> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    if cfg!(unix) { File::open(folder.unwrap_or(Path::new(".")))?.sync_all() } else { Ok(()) }
}

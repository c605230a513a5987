//! What SQLite says of a failure, in words that an operator can act on.

use std::{
    fmt,
    fs::File,
    path::{Path, PathBuf},
};

use rusqlite::{Error, ffi};
use rustix::io::Errno;

/// A failure of SQLite, and the file that it was about.
#[derive(Debug)]
pub(super) struct InWords {
    path: Option<PathBuf>,
    error: Error,
}

impl InWords {
    /// Of the database at `path`, if that is known.
    pub(super) fn new(error: Error, path: Option<&Path>) -> Self {
        Self { path: path.map(Path::to_owned), error }
    }
}

impl fmt::Display for InWords {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(path) = &self.path {
            write!(f, "{}: ", path.display())?;
        }
        match self.error.sqlite_error().and_then(|error| words(error.extended_code)) {
            Some((words, code)) => write!(f, "{words} (SQLite code {code})"),
            None => self.error.fmt(f),
        }
    }
}

/// All there is to say is said.
impl std::error::Error for InWords {}

/// Whether no more files can be opened: SQLite does not tell that from a file that is not there.
pub(super) fn are_files_used_up(error: &Error) -> bool {
    let cannot = error.sqlite_error_code() == Some(rusqlite::ErrorCode::CannotOpen);
    cannot
        && File::open("/dev/null").is_err_and(|error| {
            let errno = Errno::from_io_error(&error);
            matches!(errno, Some(Errno::MFILE | Errno::NFILE))
        })
}

fn words(code: i32) -> Option<(&'static str, i32)> {
    let words = match code {
        ffi::SQLITE_IOERR_READ | ffi::SQLITE_IOERR_SHORT_READ => "the disk fails to read",
        ffi::SQLITE_IOERR_WRITE => "the disk fails to write",
        ffi::SQLITE_IOERR_FSYNC | ffi::SQLITE_IOERR_DIR_FSYNC => {
            "the disk fails to make durable what was written (fsync)"
        }
        ffi::SQLITE_IOERR_TRUNCATE => "the disk fails to shorten the file",
        ffi::SQLITE_IOERR_SHMOPEN | ffi::SQLITE_IOERR_SHMSIZE | ffi::SQLITE_IOERR_SHMMAP => {
            "the file that ends in -shm beside it cannot be used; is the disk full, or the folder not writable?"
        }
        ffi::SQLITE_IOERR_NOMEM => "there is no memory left",
        ffi::SQLITE_READONLY_DIRECTORY => "its folder may not be written to",
        _ => return words_of_kind(code & 0xff).map(|words| (words, code)),
    };
    Some((words, code))
}

fn words_of_kind(code: i32) -> Option<&'static str> {
    match code {
        ffi::SQLITE_FULL => Some("the disk is full"),
        ffi::SQLITE_IOERR => Some("the disk fails"),
        ffi::SQLITE_CANTOPEN => {
            Some("it cannot be opened; is it there, may this user read and write it and its folder?")
        }
        ffi::SQLITE_READONLY | ffi::SQLITE_PERM => Some("it may not be written to"),
        ffi::SQLITE_CORRUPT => Some("it is damaged; `trunkline check` says where"),
        ffi::SQLITE_NOTADB => Some("it is no database"),
        ffi::SQLITE_BUSY | ffi::SQLITE_LOCKED => Some("another process keeps it locked"),
        ffi::SQLITE_NOMEM => Some("there is no memory left"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(code: i32) -> String {
        let error = Error::SqliteFailure(ffi::Error::new(code), Some("Error code".to_owned()));
        InWords::new(error, Some(Path::new("/data/history.db"))).to_string()
    }

    #[test]
    fn failures_are_told_in_words_with_the_file() {
        let cases = [
            (ffi::SQLITE_FULL, "the disk is full (SQLite code 13)"),
            (
                4874,
                "the file that ends in -shm beside it cannot be used; is the disk full, or the folder not writable? (SQLite code 4874)",
            ),
            (
                ffi::SQLITE_IOERR_FSYNC,
                "the disk fails to make durable what was written (fsync) (SQLite code 1034)",
            ),
            (ffi::SQLITE_IOERR_LOCK, "the disk fails (SQLite code 3850)"),
            (
                ffi::SQLITE_CANTOPEN,
                "it cannot be opened; is it there, may this user read and write it and its folder? (SQLite code 14)",
            ),
            (ffi::SQLITE_CORRUPT, "it is damaged; `trunkline check` says where (SQLite code 11)"),
            (ffi::SQLITE_BUSY, "another process keeps it locked (SQLite code 5)"),
            (ffi::SQLITE_CONSTRAINT, "Error code"),
        ];
        for (code, expected) in cases {
            assert_eq!(told(code), format!("/data/history.db: {expected}"));
        }
    }
}

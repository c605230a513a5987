//! The number of the latest commit, noted in a file of its own: a database that lacks its latest commits, as one does
//! that has lost its write-ahead log, does not know so itself.
//!
//! It is written after each commit, and is not waited for: it may tell less than there is after a power cut, and
//! never more.

use std::{
    fs::{self, File},
    io,
    os::unix::fs::FileExt,
    path::{Path, PathBuf},
};

use super::OpenError;

/// Its name in the folder of the database.
const FILE_NAME: &str = "history.latest";
/// Digits of the greatest number.
const DIGITS: usize = 19;

/// The open file.
pub(super) struct LatestFile {
    path: PathBuf,
    file: File,
    noted: i64,
}

impl LatestFile {
    /// Opens that of a folder, made if it is not there; tells nothing new.
    pub(super) fn open(folder: &Path, present: i64) -> Result<Self, OpenError> {
        let path = folder.join(FILE_NAME);
        let opened = File::options().create(true).truncate(false).write(true).open(&path);
        let file = opened.map_err(|source| OpenError::File { path: path.clone(), source })?;
        Ok(Self { path, file, noted: present })
    }

    /// Notes a number. What cannot be noted is only told in the log: the commit itself is durable.
    pub(super) fn note(&mut self, number: i64) {
        if number == self.noted {
            return;
        }
        self.noted = number;
        let text = format!("{number:0DIGITS$}\n");
        if let Err(error) = self.file.write_all_at(text.as_bytes(), 0) {
            tracing::warn!(%error, path = %self.path.display(), "the number of the latest commit is not noted");
        }
    }
}

/// The number that was noted last in a folder; 0 if none was.
pub fn latest_noted(folder: &Path) -> io::Result<i64> {
    let path = folder.join(FILE_NAME);
    let text = match fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(0),
        Err(error) => return Err(io::Error::new(error.kind(), format!("{}: {error}", path.display()))),
    };
    match text.trim().parse() {
        Ok(number) => Ok(number),
        Err(_) if text.is_empty() => Ok(0),
        Err(_) => {
            let told = format!("{}: found {text:?}, accepted: the number of a commit", path.display());
            Err(io::Error::new(io::ErrorKind::InvalidData, told))
        }
    }
}

/// Forgets the number: a database that is put in the place of another has its own.
pub(super) fn forget(folder: &Path) -> io::Result<()> {
    match fs::remove_file(folder.join(FILE_NAME)) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_noted_last_is_told_and_what_is_no_number_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(latest_noted(folder.path()).unwrap(), 0);
        let mut latest = LatestFile::open(folder.path(), 0).unwrap();
        assert_eq!(latest_noted(folder.path()).unwrap(), 0);
        for number in [1, i64::MAX, 12] {
            latest.note(number);
            assert_eq!(latest_noted(folder.path()).unwrap(), number);
        }
        fs::write(folder.path().join(FILE_NAME), "many").unwrap();
        let refused = latest_noted(folder.path()).unwrap_err().to_string();
        assert!(refused.ends_with("found \"many\", accepted: the number of a commit"), "{refused}");
    }
}

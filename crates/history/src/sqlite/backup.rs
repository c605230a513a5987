//! Copies of the history: of the database while it is in use, and of the sealed files, which never change.

use std::{
    fs::{self, File},
    io,
    path::{Path, PathBuf},
    time::{Duration, UNIX_EPOCH},
};

use call::Timestamp;
use rusqlite::{Connection, OpenFlags, backup::Backup};

use super::{
    OpenError,
    fault::Fault,
    latest, lock, schema,
    sealed::{self, Sealed},
};
use crate::{HistoryError, columns::is_whole};

/// Pages that are copied at a time, and how long writers go first after that.
const PAGES: i32 = 2_000;
const PAUSE: Duration = Duration::from_millis(5);

/// How often the files are looked for again if what was copied of the database tells of some that are gone.
const TRIES: usize = 3;

/// A file in the folder that tells by its age when a backup was last made.
const NOTE: &str = "history.backed-up";

/// Why a backup cannot be made or put back.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// A file or folder cannot be read or written.
    #[error("cannot copy {path}")]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// A file that is copied is not as it was written.
    #[error("{path} is damaged")]
    Damaged {
        /// Which.
        path: PathBuf,
    },
    /// The database cannot be copied.
    #[error("the database cannot be copied")]
    Database(#[from] rusqlite::Error),
    /// What is stored cannot be read.
    #[error(transparent)]
    Stored(#[from] HistoryError),
    /// The folder cannot be written to now.
    #[error(transparent)]
    InUse(Box<OpenError>),
}

impl From<Fault> for BackupError {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Sqlite(error) => Self::Database(error),
            Fault::History(error) => Self::Stored(error),
        }
    }
}

/// What was put back.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mended {
    /// Sealed files that were damaged or missing, and are whole again.
    pub mended: Vec<String>,
    /// Those that the backup has none of.
    pub left: Vec<String>,
}

/// Copies a database of SQLite that may be in use.
pub fn copy_database(from: &Path, to: &Path, progress: &mut dyn FnMut(u64, u64)) -> Result<(), BackupError> {
    let source = Connection::open_with_flags(from, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    source.busy_timeout(Duration::from_secs(10))?;
    // One state of it: SQLite begins anew whenever it sees another, and a server commits twice a second at least.
    source.execute_batch("BEGIN; SELECT count(*) FROM sqlite_schema")?;
    let mut target = Connection::open(to)?;
    {
        let backup = Backup::new(&source, &mut target)?;
        loop {
            let step = backup.step(PAGES)?;
            let pages = backup.progress();
            let total = u64::try_from(pages.pagecount).unwrap_or(0);
            progress(total - u64::try_from(pages.remaining).unwrap_or(0).min(total), total);
            match step {
                rusqlite::backup::StepResult::Done => break,
                _ => std::thread::sleep(PAUSE),
            }
        }
    }
    target.pragma_update(None, "journal_mode", "delete")?;
    drop(target);
    sync(to)
}

/// Copies the history in a folder, of which a server may run, into another that has none. `progress` is told what is
/// copied, and how much of it there is.
pub fn back_up(
    folder: &Path,
    to: &Path,
    mut progress: impl FnMut(&str, u64, u64),
) -> Result<(), BackupError> {
    make_folder(to)?;
    let database = to.join("history.db");
    let mut tries = 0;
    loop {
        copy_database(&folder.join("history.db"), &database, &mut |done, all| {
            progress("the database", done, all)
        })?;
        match copy_files(folder, to, &database, &mut progress) {
            // The files were replaced by others meanwhile, which a newer state of the database tells of.
            Err(BackupError::File { source, .. })
                if source.kind() == io::ErrorKind::NotFound && tries < TRIES =>
            {
                tries += 1;
            }
            Err(error) => return Err(error),
            Ok(()) => {
                // What was deleted here, or made into one, is not to stay there.
                Sealed::new(to.to_path_buf(), 1).sweep(&schema::open_existing(&database)?)?;
                // A folder that cannot be written to can be copied all the same.
                let _ = fs::write(folder.join(NOTE), "");
                return Ok(());
            }
        }
    }
}

/// When a backup of a folder was last made; `None` if none was.
pub(super) fn backed_up_at(folder: &Path) -> Option<Timestamp> {
    let made = fs::metadata(folder.join(NOTE)).ok()?.modified().ok()?;
    let since = made.duration_since(UNIX_EPOCH).ok()?;
    i64::try_from(since.as_micros()).ok().map(Timestamp::from_micros)
}

/// Makes the history in a folder, which has none and of which no server runs, what a backup has.
pub fn restore(
    from: &Path,
    folder: &Path,
    mut progress: impl FnMut(&str, u64, u64),
) -> Result<(), BackupError> {
    let _lock = lock(folder).map_err(|error| BackupError::InUse(Box::new(error)))?;
    // The database comes last: with it the history is there.
    copy_files(from, folder, &from.join("history.db"), &mut progress)?;
    let (aside, path) = (folder.join("history.db.part"), folder.join("history.db"));
    copy_database(&from.join("history.db"), &aside, &mut |done, all| progress("the database", done, all))?;
    latest::forget(folder).map_err(|source| BackupError::File { path: folder.into(), source })?;
    rename(&aside, &path)
}

/// Puts back the sealed files of a folder that are damaged or missing, as far as a backup has them. Nothing else
/// changes. No server may run.
pub fn mend(
    from: &Path,
    folder: &Path,
    mut progress: impl FnMut(&str, u64, u64),
) -> Result<Mended, BackupError> {
    let _lock = lock(folder).map_err(|error| BackupError::InUse(Box::new(error)))?;
    let connection = schema::open_existing(&folder.join("history.db"))?;
    let listed = sealed::listed_files(&connection, folder)?;
    let (mut outcome, all) = (Mended::default(), listed.len() as u64);
    for (place, (path, sums)) in (1..).zip(listed) {
        progress("sealed files", place, all);
        if is_whole(&path, &sums) {
            continue;
        }
        let name = path.strip_prefix(folder).unwrap_or(&path).to_path_buf();
        let kept = from.join(&name);
        let name = name.display().to_string();
        if is_whole(&kept, &sums) {
            copy(&kept, &path)?;
            outcome.mended.push(name);
        } else {
            outcome.left.push(name);
        }
    }
    Ok(outcome)
}

/// Copies the sealed files that a database lists.
fn copy_files(
    from: &Path,
    to: &Path,
    database: &Path,
    progress: &mut impl FnMut(&str, u64, u64),
) -> Result<(), BackupError> {
    let listed = sealed::listed_files(&schema::open_existing(database)?, from)?;
    let all = listed.len() as u64;
    for (place, (path, sums)) in (1..).zip(listed) {
        progress("sealed files", place, all);
        let copied = to.join(path.strip_prefix(from).unwrap_or(&path));
        if is_whole(&copied, &sums) {
            continue;
        }
        copy(&path, &copied)?;
        if !is_whole(&copied, &sums) {
            return Err(BackupError::Damaged { path });
        }
    }
    Ok(())
}

/// Copies a file; it has its name once it is whole.
fn copy(from: &Path, to: &Path) -> Result<(), BackupError> {
    if let Some(folder) = to.parent() {
        make_folder(folder)?;
    }
    let aside = to.with_extension("part");
    fs::copy(from, &aside).map_err(|source| BackupError::File { path: from.into(), source })?;
    sync(&aside)?;
    rename(&aside, to)
}

fn rename(from: &Path, to: &Path) -> Result<(), BackupError> {
    let failed = |source| BackupError::File { path: to.into(), source };
    fs::rename(from, to).map_err(failed)?;
    to.parent().map_or(Ok(()), sync)
}

fn sync(path: &Path) -> Result<(), BackupError> {
    let failed = |source| BackupError::File { path: path.into(), source };
    File::open(path).and_then(|file| file.sync_all()).map_err(failed)
}

fn make_folder(folder: &Path) -> Result<(), BackupError> {
    fs::create_dir_all(folder).map_err(|source| BackupError::File { path: folder.into(), source })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_database_that_changes_all_the_time_is_copied_once() {
        let folder = tempfile::tempdir().unwrap();
        let (from, to) = (folder.path().join("from.db"), folder.path().join("to.db"));
        let server = Connection::open(&from).unwrap();
        server.pragma_update(None, "journal_mode", "wal").unwrap();
        let size = i64::from(PAGES) * 4_096 * 3;
        server.execute_batch("CREATE TABLE bytes (content BLOB)").unwrap();
        server.execute("INSERT INTO bytes VALUES (zeroblob(?1))", [size]).unwrap();
        let mut seen = Vec::new();
        copy_database(&from, &to, &mut |done, all| {
            seen.push((done, all));
            server.execute("INSERT INTO bytes VALUES (zeroblob(1))", []).unwrap();
        })
        .unwrap();
        assert!(seen.len() > 2 && seen.len() < 6 && seen.is_sorted(), "{seen:?}");
        let copied = Connection::open(&to).unwrap();
        let rows: i64 = copied.query_one("SELECT count(*) FROM bytes", [], |row| row.get(0)).unwrap();
        assert_eq!(rows, 1);
    }
}

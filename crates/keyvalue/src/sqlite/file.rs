//! The file: opening it whatever its state, reading and writing.

use std::{
    fs::OpenOptions,
    io,
    path::{Path, PathBuf},
};

use call::Timestamp;
use rusqlite::{Connection, ErrorCode, Result, params};

use super::writer::{Change, Changes};

/// The layout that this version reads and writes.
const LAYOUT: u32 = 1;
pub(super) const TABLES: &str = "
    CREATE TABLE entries (
        name TEXT NOT NULL,
        key TEXT NOT NULL,
        value BLOB NOT NULL,
        until INTEGER NOT NULL,
        PRIMARY KEY (name, key)
    ) WITHOUT ROWID;";

/// What was found where the file is to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    /// Nothing: it is new.
    Nothing,
    /// A sound file.
    Sound,
    /// A damaged one, or one of another release. It lies aside now, and a new one is in its place.
    Damaged {
        /// Where it lies.
        aside: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// None can be made: nothing outlives the process.
    Unusable {
        /// Why.
        reason: String,
    },
}

/// What is wrong with a file.
#[derive(Debug, thiserror::Error)]
enum Fault {
    #[error("it cannot be made or read: {0}")]
    File(#[from] io::Error),
    #[error("{0}")]
    Database(#[from] rusqlite::Error),
    #[error("its check says: {0}")]
    Check(String),
    #[error("its layout is {0}, accepted: {LAYOUT}")]
    Layout(u32),
}

impl Fault {
    /// Whether another file would do, rather than another try.
    fn is_of_the_file(&self) -> bool {
        match self {
            Self::Check(_) | Self::Layout(_) => true,
            Self::Database(error) => matches!(
                error.sqlite_error_code(),
                Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase)
            ),
            Self::File(_) => false,
        }
    }
}

pub(super) fn open(path: &Path) -> (Connection, Found) {
    let is_there = path.exists();
    match sound(path) {
        Ok(connection) if is_there => (connection, Found::Sound),
        Ok(connection) => (connection, Found::Nothing),
        Err(fault) if is_there && fault.is_of_the_file() => anew(path, &fault),
        Err(fault) => in_memory(&fault),
    }
}

fn anew(path: &Path, fault: &Fault) -> (Connection, Found) {
    match set_aside(path).map_err(Fault::from).and_then(|aside| Ok((aside, sound(path)?))) {
        Ok((aside, connection)) => (connection, Found::Damaged { aside, reason: fault.to_string() }),
        Err(fault) => in_memory(&fault),
    }
}

fn in_memory(fault: &Fault) -> (Connection, Found) {
    let connection = Connection::open_in_memory().expect("memory takes a database");
    // A database that was just made takes a table.
    let _ = connection.execute_batch(TABLES);
    (connection, Found::Unusable { reason: fault.to_string() })
}

fn sound(path: &Path) -> std::result::Result<Connection, Fault> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)?;
    let connection = Connection::open(path)?;
    connection.execute_batch("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;")?;
    match connection.query_row("PRAGMA user_version", (), |row| row.get(0))? {
        0 => connection.execute_batch(&format!("BEGIN; {TABLES} PRAGMA user_version = {LAYOUT}; COMMIT;"))?,
        LAYOUT => check(&connection)?,
        other => return Err(Fault::Layout(other)),
    }
    Ok(connection)
}

fn check(connection: &Connection) -> std::result::Result<(), Fault> {
    let said: String = connection.query_row("PRAGMA quick_check(1)", (), |row| row.get(0))?;
    if said == "ok" { Ok(()) } else { Err(Fault::Check(said)) }
}

/// Moves a file and its log out of the way; the one that was set aside before makes room.
fn set_aside(path: &Path) -> io::Result<PathBuf> {
    let beside = |suffix: &str| {
        let mut name = path.as_os_str().to_owned();
        name.push(suffix);
        PathBuf::from(name)
    };
    let aside = beside(".damaged");
    std::fs::rename(path, &aside)?;
    if_there(std::fs::rename(beside("-wal"), beside(".damaged-wal")))?;
    if_there(std::fs::remove_file(beside("-shm")))?;
    Ok(aside)
}

fn if_there(done: io::Result<()>) -> io::Result<()> {
    done.or_else(|error| if error.kind() == io::ErrorKind::NotFound { Ok(()) } else { Err(error) })
}

pub(super) fn load(connection: &Connection, name: &str, now: Timestamp) -> Result<Vec<crate::Entry>> {
    connection
        .execute("DELETE FROM entries WHERE name = ? AND until <= ?", params![name, now.as_micros()])?;
    let mut read = connection.prepare("SELECT key, value, until FROM entries WHERE name = ?")?;
    let entries = read.query_map([name], |row| {
        let until = Timestamp::from_micros(row.get(2)?);
        Ok(crate::Entry { key: row.get(0)?, value: row.get(1)?, until })
    })?;
    entries.collect()
}

pub(super) fn write(connection: &mut Connection, changes: &Changes) -> Result<()> {
    let transaction = connection.transaction()?;
    {
        let mut put = transaction.prepare_cached("INSERT OR REPLACE INTO entries VALUES (?, ?, ?, ?)")?;
        let mut remove = transaction.prepare_cached("DELETE FROM entries WHERE name = ? AND key = ?")?;
        for ((name, key), change) in changes {
            match change {
                Change::Put(value, until) => put.execute(params![name, key, value, until.as_micros()])?,
                Change::Remove => remove.execute(params![name, key])?,
            };
        }
    }
    transaction.commit()
}

/// Moves what the log holds into the file itself.
pub(super) fn settle(connection: &Connection) {
    // What stays in the log is read from there at the next start.
    let _ = connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", (), |_| Ok(()));
}

//! What goes wrong inside the adapter, before it is known what was being done.

use std::{fmt, path::Path};

use rusqlite::types::FromSqlError;

use super::words::{InWords, are_files_used_up};
use crate::HistoryError;

/// A failure on the way to or from SQLite.
#[derive(Debug)]
pub(super) enum Fault {
    /// SQLite refused or failed.
    Sqlite(rusqlite::Error),
    /// Something is wrong with the question or with what is stored.
    History(HistoryError),
}

impl Fault {
    /// Whether it would have been done if there were more room.
    pub(super) fn is_for_want_of_room(&self) -> bool {
        matches!(self, Self::Sqlite(error) if error.sqlite_error_code() == Some(rusqlite::ErrorCode::DiskFull))
    }

    /// The error for the caller: we were about to `what`.
    pub(super) fn during(self, what: &'static str) -> HistoryError {
        self.of_file(what, None)
    }

    /// The same, with the database at `path`.
    pub(super) fn during_at(self, what: &'static str, path: &Path) -> HistoryError {
        self.of_file(what, Some(path))
    }

    fn of_file(self, what: &'static str, path: Option<&Path>) -> HistoryError {
        match self {
            Self::History(error) => error,
            Self::Sqlite(error) if is_interrupt(&error) => HistoryError::TooSlow { what },
            Self::Sqlite(error) if are_files_used_up(&error) => HistoryError::NoFiles { what },
            Self::Sqlite(error) => HistoryError::Store { what, source: Box::new(InWords::new(error, path)) },
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(error) => error.fmt(f),
            Self::History(error) => error.fmt(f),
        }
    }
}

fn is_interrupt(error: &rusqlite::Error) -> bool {
    error.sqlite_error_code() == Some(rusqlite::ErrorCode::OperationInterrupted)
}

impl From<rusqlite::Error> for Fault {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sqlite(error)
    }
}

impl From<FromSqlError> for Fault {
    fn from(error: FromSqlError) -> Self {
        Self::Sqlite(error.into())
    }
}

impl From<HistoryError> for Fault {
    fn from(error: HistoryError) -> Self {
        Self::History(error)
    }
}

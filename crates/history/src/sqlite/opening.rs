//! How a store is opened, by one process at a time, and why it cannot be.

use std::{
    fs::{self, File, TryLockError},
    io::{self, Write},
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use call::Timestamp;

use super::{
    exporter::Now,
    sealing::{Retaining, Sealing},
    words::InWords,
};
use crate::{
    HistoryError, Retention,
    export::{ExportBounds, ExportFormat},
};

/// The name of the file that a process locks as long as it has the folder; it holds the process's number.
pub const LOCK: &str = "history.lock";

/// How to open a store.
pub struct OpenOptions {
    /// The folder of the database and of the exports; made if it is not there. One process at a time.
    pub folder: PathBuf,
    /// The formats that exports can have.
    pub formats: Vec<Arc<dyn ExportFormat>>,
    /// Queries that run at the same time, at most; others wait.
    pub readers: usize,
    /// How long a query may take before it is broken off. Exports have no limit.
    pub query_limit: Duration,
    /// Bytes that the database may grow to; what would need more is refused. `None` = as the disk allows.
    pub size_limit: Option<u64>,
    /// How far back the event log reaches.
    pub keep_events: Duration,
    /// How days that are over are sealed; `None` = they are not.
    pub sealing: Option<Sealing>,
    /// How long calls and recordings are kept; asked for once a minute.
    pub retention: Retaining,
    /// The folder of recordings, which are deleted for their age; `None` = they are not.
    pub recordings: Option<PathBuf>,
    /// Exports that an account may have at one time.
    pub export_bounds: ExportBounds,
    /// The time at which an export is done and by which days are over.
    pub now: Now,
}

impl OpenOptions {
    /// The usual: no formats, four readers, ten seconds, no limit of size, events of
    /// three days, nothing sealed, all calls kept, the machine's clock.
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self {
            folder: folder.into(),
            formats: Vec::new(),
            readers: 4,
            query_limit: Duration::from_secs(10),
            size_limit: None,
            keep_events: Duration::from_secs(72 * 3_600),
            sealing: None,
            retention: Arc::new(Retention::default),
            recordings: None,
            export_bounds: ExportBounds::default(),
            now: Arc::new(wall_clock),
        }
    }
}

fn wall_clock() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp::from_micros(i64::try_from(since.as_micros()).unwrap_or(i64::MAX))
}

/// Why a store cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// A file or folder cannot be made or opened.
    #[error("cannot open {path}")]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// Another process has it open.
    #[error("{path} is in use by another process; a data folder belongs to one server")]
    InUse {
        /// The folder.
        path: PathBuf,
    },
    /// A later release wrote it.
    #[error(
        "the call history has version {found} and this release knows versions up to {known}; \
         run a release that is at least as new as the one that wrote it"
    )]
    Newer {
        /// The version of the file.
        found: i64,
        /// The latest version that is known.
        known: i64,
    },
    /// What is stored cannot be read back.
    #[error(transparent)]
    Stored(#[from] HistoryError),
    /// SQLite cannot use it.
    #[error("the call history's database cannot be opened")]
    Database(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// A thread cannot be started.
    #[error("cannot start a thread")]
    Thread(#[from] io::Error),
}

impl From<rusqlite::Error> for OpenError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Database(Box::new(InWords::new(error, None)))
    }
}

/// Makes the folder and takes it for this process, as long as the file is held.
pub(super) fn lock(folder: &Path) -> Result<File, OpenError> {
    make_folder(folder)?;
    let path = folder.join(LOCK);
    let opened = File::options().create(true).truncate(false).write(true).open(&path);
    let failed = |source| OpenError::File { path: path.clone(), source };
    let file = match opened {
        Ok(file) => file,
        Err(source) => return Err(failed(source)),
    };
    match file.try_lock() {
        Ok(()) => {
            let named = file.set_len(0).and_then(|()| writeln!(&file, "{}", std::process::id()));
            named.map(|()| file).map_err(failed)
        }
        Err(TryLockError::WouldBlock) => Err(OpenError::InUse { path: folder.into() }),
        Err(TryLockError::Error(source)) => Err(failed(source)),
    }
}

pub(super) fn make_folder(folder: &Path) -> Result<(), OpenError> {
    fs::create_dir_all(folder).map_err(|source| OpenError::File { path: folder.into(), source })
}

//! What the data folder held, told by small files beside the databases, so that a start on a folder that lacks some
//! of it is noticed: the history's latest commit, which it notes itself with each, and the accounts when they were
//! last looked at.

use std::{
    fs::{self, File},
    io::{self, Write},
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::{Context, Result, bail};
use history::{
    Journal,
    sqlite::{DATABASE, latest_noted},
};
use serde::{Deserialize, Serialize};
use tokio_util::sync::CancellationToken;

/// Its name in the data folder.
const FILE_NAME: &str = "landmark.toml";
/// How often it is brought up to date.
const EVERY: Duration = Duration::from_secs(10);

/// What was there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
struct Seen {
    /// Accounts of the directory.
    accounts: usize,
}

/// The file.
#[derive(Clone)]
pub struct Landmark {
    folder: PathBuf,
}

impl Landmark {
    /// That of a data folder.
    pub fn of(folder: &Path) -> Self {
        Self { folder: folder.to_owned() }
    }

    /// Refuses a history or a directory that lacks what was there.
    pub fn check(&self, history: &dyn Journal, accounts: usize) -> Result<()> {
        let (seen, noted) = (self.read()?, latest_noted(&self.folder)?);
        let (found, path) = (history.latest_append(), self.folder.join(DATABASE));
        if found < noted {
            bail!(
                "{} lacks what was there: found commit {found} as the latest, accepted: {noted} or later. Put it \
                 back together with its -wal file, or start with --accept-loss",
                path.display(),
            );
        }
        if accounts == 0 && seen.accounts > 0 {
            bail!(
                "{} lacks what was there: found no account, accepted: some of {}. Put it back, or start with \
                 --accept-loss",
                self.folder.join("directory.db").display(),
                seen.accounts
            );
        }
        Ok(())
    }

    /// Notes what is there now.
    pub fn note(&self, accounts: usize) -> Result<()> {
        let seen = Seen { accounts };
        if self.read().is_ok_and(|known| known == seen) {
            return Ok(());
        }
        self.write(seen).with_context(|| format!("cannot write {}", self.path().display()))
    }

    /// Keeps it up to date.
    pub async fn keep(self, accounts: impl Fn() -> usize + Send + 'static, stopping: CancellationToken) {
        let mut ticks = tokio::time::interval(EVERY);
        loop {
            tokio::select! {
                _ = ticks.tick() => {}
                () = stopping.cancelled() => return,
            }
            let (landmark, accounts) = (self.clone(), accounts());
            let noted = tokio::task::spawn_blocking(move || landmark.note(accounts)).await;
            if let Ok(Err(error)) = noted {
                tracing::warn!(error = %format!("{error:#}"), "what the data folder holds is not noted");
            }
        }
    }

    fn path(&self) -> PathBuf {
        self.folder.join(FILE_NAME)
    }

    fn read(&self) -> Result<Seen> {
        match fs::read_to_string(self.path()) {
            Ok(text) => {
                toml::from_str(&text).with_context(|| format!("cannot read {}", self.path().display()))
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Seen::default()),
            Err(error) => Err(error).with_context(|| format!("cannot read {}", self.path().display())),
        }
    }

    fn write(&self, seen: Seen) -> Result<()> {
        let unfinished = self.path().with_extension("new");
        let mut file = File::create(&unfinished)?;
        file.write_all(toml::to_string(&seen)?.as_bytes())?;
        file.sync_data()?;
        Ok(fs::rename(&unfinished, self.path())?)
    }
}

//! The keys in the data folder that sign tokens: the one of new tokens, and the one before it.

use std::{
    fs,
    io::{self, ErrorKind},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
    time::{Duration, SystemTime},
};

use anyhow::{Context, Result, bail};
use call::Timestamp;
use http_core::config::{KeyRing, RetiredKey, Secret, SigningKeys};
use tokio_util::sync::CancellationToken;

use crate::config::Config;

/// Bytes of a key.
const KEY_BYTES: usize = 32;

/// Where the keys are.
pub struct KeyFiles {
    current: PathBuf,
    retired: PathBuf,
    token_lifetime: Option<Duration>,
}

impl KeyFiles {
    /// Those of a data folder.
    pub fn of(config: &Config) -> Self {
        let seconds = config.yeti.token_seconds;
        Self {
            current: config.data_dir.join("signing.key"),
            retired: config.data_dir.join("signing.key.retired"),
            token_lifetime: (seconds > 0).then(|| Duration::from_secs(seconds)),
        }
    }

    /// Reads the keys; makes the first one, readable by the owner only.
    pub fn load(&self) -> Result<SigningKeys> {
        let current = match read(&self.current)? {
            Some(key) => key,
            None => make(&self.current)?,
        };
        Ok(SigningKeys { current: Secret(current), retired: self.load_retired()? })
    }

    /// The key before the current one counts until the tokens that it signed have ended. Those that have no end
    /// end with it.
    fn load_retired(&self) -> Result<Option<RetiredKey>> {
        let (Some(key), Some(lifetime)) = (read(&self.retired)?, self.token_lifetime) else {
            return Ok(None);
        };
        let made = self.made_at().with_context(|| format!("cannot read {}", self.current.display()))?;
        Ok(Some(RetiredKey { key: Secret(key), accepted_until: timestamp(made) + lifetime }))
    }

    /// Retires the current key and makes a new one. Whatever ends it in between, there is a current key, and
    /// the tokens that it signed are accepted; then it can be done again.
    pub fn rotate(&self) -> Result<()> {
        if let Some(current) = read(&self.current)? {
            let written = write_secret(&self.retired, &current);
            written.with_context(|| format!("cannot write {}", self.retired.display()))?;
        }
        make(&self.current).map(drop)
    }

    fn made_at(&self) -> io::Result<SystemTime> {
        fs::metadata(&self.current)?.modified()
    }

    /// Takes over a key that another process made.
    pub async fn watch(self, ring: KeyRing, every: Duration, stopping: CancellationToken) {
        let (mut ticks, mut known) = (tokio::time::interval(every), self.made_at().ok());
        loop {
            tokio::select! {
                _ = ticks.tick() => {}
                () = stopping.cancelled() => return,
            }
            let made = self.made_at().ok();
            if made.is_none() || made == known {
                continue;
            }
            match self.load() {
                Ok(keys) => {
                    ring.replace(keys);
                    known = made;
                    tracing::info!("the key that signs tokens has changed");
                }
                Err(error) => tracing::error!(%error, "the key that signs tokens cannot be read"),
            }
        }
    }
}

/// `None` if there is no such file.
fn read(path: &Path) -> Result<Option<Vec<u8>>> {
    match fs::read(path) {
        Ok(key) if key.len() >= KEY_BYTES => Ok(Some(key)),
        Ok(key) => bail!("{}: found {} bytes, accepted: at least {KEY_BYTES}", path.display(), key.len()),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error).with_context(|| format!("cannot read {}", path.display())),
    }
}

fn make(path: &Path) -> Result<Vec<u8>> {
    let key: [u8; KEY_BYTES] = rand::random();
    write_secret(path, &key).with_context(|| format!("cannot write {}", path.display()))?;
    Ok(key.to_vec())
}

/// A reader finds all of it or nothing.
fn write_secret(path: &Path, secret: &[u8]) -> io::Result<()> {
    use std::io::Write;
    let mut unfinished = path.as_os_str().to_owned();
    unfinished.push(".new");
    let mut file =
        fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&unfinished)?;
    file.write_all(secret)?;
    file.sync_all()?;
    fs::rename(&unfinished, path)?;
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    fs::File::open(folder)?.sync_all()
}

fn timestamp(at: SystemTime) -> Timestamp {
    let since = at.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    Timestamp::from_micros(0) + since
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files(folder: &Path, token_seconds: u64) -> KeyFiles {
        let mut config = Config { data_dir: folder.to_owned(), ..Config::default() };
        config.yeti.token_seconds = token_seconds;
        KeyFiles::of(&config)
    }

    #[test]
    fn the_first_key_is_made_and_found_again() {
        let folder = tempfile::tempdir().unwrap();
        let first = files(folder.path(), 600).load().unwrap();
        assert_eq!(files(folder.path(), 600).load().unwrap().current.0, first.current.0);
        assert!(first.retired.is_none());
    }

    #[test]
    fn a_retired_key_counts_as_long_as_its_tokens_live() {
        let folder = tempfile::tempdir().unwrap();
        let first = files(folder.path(), 600).load().unwrap().current.0;
        files(folder.path(), 600).rotate().unwrap();
        let keys = files(folder.path(), 600).load().unwrap();
        assert_ne!(keys.current.0, first);
        let retired = keys.retired.unwrap();
        assert_eq!(retired.key.0, first);
        let made = timestamp(files(folder.path(), 600).made_at().unwrap());
        assert_eq!(retired.accepted_until, made + Duration::from_secs(600));
        assert!(files(folder.path(), 0).load().unwrap().retired.is_none());
    }

    /// It was ended after the retired key was written, and once by an earlier release that had moved the key.
    #[test]
    fn a_rotation_that_was_cut_short_leaves_a_key_and_can_be_done_again() {
        let folder = tempfile::tempdir().unwrap();
        let keys = files(folder.path(), 600);
        let first = keys.load().unwrap().current.0;
        fs::copy(&keys.current, &keys.retired).unwrap();
        assert_eq!(keys.load().unwrap().current.0, first);
        keys.rotate().unwrap();
        assert_eq!(keys.load().unwrap().retired.unwrap().key.0, first);
        fs::rename(&keys.current, &keys.retired).unwrap();
        keys.rotate().unwrap();
        assert!(keys.load().unwrap().retired.is_some());
    }

    #[test]
    fn a_short_key_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("signing.key"), b"short").unwrap();
        let error = files(folder.path(), 600).load().unwrap_err().to_string();
        assert!(error.contains("found 5 bytes, accepted: at least 32"), "{error}");
    }
}

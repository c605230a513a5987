//! A disk that is slow or fails, for one server: a library that is preloaded into it and whose source lies in
//! `faults/`.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use anyhow::{Context, ensure};
use tempfile::TempDir;

/// What `fsync` does to the server's files whose path contains a text.
pub struct SyncFault {
    folder: TempDir,
    part: String,
}

impl SyncFault {
    /// Builds the library; nothing is wrong with files whose path contains `part` yet.
    pub fn of(part: &str) -> anyhow::Result<Self> {
        let fault = Self { folder: TempDir::with_prefix("sync-fault-")?, part: part.into() };
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("faults/sync_fault.c");
        let built = Command::new("cc")
            .args(["-shared", "-fPIC", "-O1", "-o"])
            .arg(fault.library())
            .arg(source)
            .arg("-ldl")
            .status()
            .context("cannot run `cc`")?;
        ensure!(built.success(), "the library for faults of the disk cannot be built");
        fault.heal()?;
        Ok(fault)
    }

    /// The variables with which the server is to be started. They live as long as the test program.
    pub fn variables(&self) -> [(&'static str, &'static str); 3] {
        let kept = |text: String| -> &'static str { text.leak() };
        [
            ("LD_PRELOAD", kept(self.library().display().to_string())),
            ("SYNC_FAULT_CONTROL", kept(self.control().display().to_string())),
            ("SYNC_FAULT_PATH", kept(self.part.clone())),
        ]
    }

    /// From now on it takes so much longer.
    pub fn delay(&self, by: Duration) -> anyhow::Result<()> {
        Ok(fs::write(self.control(), by.as_millis().to_string())?)
    }

    /// From now on it fails.
    pub fn fail(&self) -> anyhow::Result<()> {
        Ok(fs::write(self.control(), "fail")?)
    }

    /// From now on nothing is wrong.
    pub fn heal(&self) -> anyhow::Result<()> {
        Ok(fs::write(self.control(), "0")?)
    }

    fn library(&self) -> PathBuf {
        self.folder.path().join("sync_fault.so")
    }

    fn control(&self) -> PathBuf {
        self.folder.path().join("control")
    }
}

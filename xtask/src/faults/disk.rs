//! A disk that is soon full: a file system in a file. Needs root.

use std::{
    fs::{self, File},
    io::Write,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, ensure};
use tempfile::TempDir;

/// Its size.
const SIZE: &str = "96M";

/// The disk; gone when dropped.
pub struct SmallDisk {
    folder: TempDir,
    mounted: PathBuf,
}

impl SmallDisk {
    /// Makes and mounts it.
    pub fn mount() -> Result<Self> {
        let folder = TempDir::with_prefix("small-disk-")?;
        let (image, mounted) = (folder.path().join("image"), folder.path().join("disk"));
        fs::create_dir(&mounted)?;
        done(Command::new("truncate").args(["-s", SIZE]).arg(&image))?;
        done(Command::new("mkfs.ext4").args(["-q", "-m", "0"]).arg(&image))?;
        done(Command::new("mount").args(["-o", "loop"]).arg(&image).arg(&mounted))?;
        Ok(Self { folder, mounted })
    }

    /// Where it is mounted.
    pub fn folder(&self) -> &Path {
        &self.mounted
    }

    /// Fills it to the last block.
    pub fn fill(&self) -> Result<()> {
        let mut file = File::create(self.mounted.join("filler"))?;
        for size in [1 << 16, 1 << 12, 1] {
            while file.write_all(&vec![0; size]).and_then(|()| file.sync_data()).is_ok() {}
        }
        Ok(())
    }

    /// Makes room.
    pub fn free(&self) -> Result<()> {
        Ok(fs::remove_file(self.mounted.join("filler"))?)
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        // What is still in use goes when it is closed.
        let _ = Command::new("umount").arg("-l").arg(&self.mounted).status();
        let _ = self.folder.path();
    }
}

fn done(command: &mut Command) -> Result<()> {
    let status = command.status().with_context(|| format!("cannot run {command:?}"))?;
    ensure!(status.success(), "{command:?}: {status}");
    Ok(())
}

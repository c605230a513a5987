//! `trunkline directory apply|show`.

use std::{io::Write, path::Path};

use anyhow::Result;
use directory::DirectoryFile;

use crate::{assembly, config::Config};

/// Makes the directory what `file` says; prints what that changed. A running server notices by itself.
pub fn apply(config: &Config, file: &Path) -> Result<()> {
    let wanted = DirectoryFile::read(file)?;
    let changes = assembly::open_directory(config)?.apply(&wanted)?;
    write!(std::io::stdout(), "{changes}")?;
    Ok(())
}

/// Prints the directory.
pub fn show(config: &Config) -> Result<()> {
    let directory = assembly::open_directory(config)?;
    write!(std::io::stdout(), "{}", directory.snapshot().to_toml())?;
    Ok(())
}

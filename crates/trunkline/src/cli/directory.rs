//! `trunkline directory apply|show`.

use std::{io::Write, path::Path};

use anyhow::Result;
use directory::{Author, DirectoryFile, Interface, Who};
use switch::{Clock, SystemClock};

use crate::{assembly, config::Config};

/// Makes the directory what `file` says; prints what that changed. A running server notices by itself.
pub fn apply(config: &Config, file: &Path) -> Result<()> {
    let wanted = DirectoryFile::read(file)?;
    let changes = assembly::open_directory(config)?.by(author()).apply(&wanted)?;
    write!(std::io::stdout(), "{changes}")?;
    Ok(())
}

/// Whoever is at the command line, as the audit trail has it.
pub fn author() -> Author {
    let name = ["SUDO_USER", "USER", "LOGNAME"].iter().find_map(|name| std::env::var(name).ok());
    let name = name.unwrap_or_else(|| rustix::process::getuid().as_raw().to_string());
    let at = SystemClock::default().now();
    Author { who: Who::System(name.as_str().into()), source: None, interface: Interface::CommandLine, at }
}

/// Prints the directory.
pub fn show(config: &Config) -> Result<()> {
    let directory = assembly::open_directory(config)?;
    write!(std::io::stdout(), "{}", directory.snapshot().to_toml())?;
    Ok(())
}

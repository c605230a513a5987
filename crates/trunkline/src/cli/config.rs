//! `trunkline config check`.

use std::io::Write;

use anyhow::Result;

use super::ConfigOption;
use crate::{assembly, config::check};

/// Says whether a server could start with the configuration; starts nothing and changes nothing.
pub fn check(option: &ConfigOption) -> Result<()> {
    let config = option.load()?;
    check::refuse_whole(&config)?;
    if config.data_dir.join("directory.db").exists() {
        check::refuse_strangers(&config, &assembly::open_directory(&config)?.snapshot())?;
    }
    writeln!(std::io::stdout(), "the configuration is in order")?;
    Ok(())
}

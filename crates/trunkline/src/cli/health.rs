//! `trunkline health`: asks the server whether it takes calls.

use std::io::{Write, stdout};

use anyhow::{Result, ensure};

use super::nearby;
use crate::config::Config;

/// Prints what `/readyz` says; an error if that is not `ok`.
pub fn ask(config: &Config) -> Result<()> {
    let answer = nearby::ask(config, "GET", "/readyz")?;
    write!(stdout(), "{}", answer.body)?;
    ensure!(answer.status == 200, "the server takes no calls");
    Ok(())
}

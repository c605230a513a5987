//! `trunkline quarantine`: what could never be stored, or read back.

use std::io::{Write, stdout};

use anyhow::{Context, Result, bail};
use history::sqlite::{PutAside, QuarantineDesk, Replayed};

use crate::config::Config;

/// Prints a line for each thing that was put aside.
pub fn list(config: &Config) -> Result<()> {
    let mut out = stdout().lock();
    for PutAside { id, what, call, reason, content, .. } in desk(config)?.list()? {
        let call = call.map_or_else(|| "-".to_owned(), |call| call.to_string());
        writeln!(out, "{id}\t{what}\t{call}\t{} bytes\t{reason}", content.len())?;
    }
    Ok(())
}

/// Prints one as it is stored: JSON, or MessagePack in hexadecimal digits. It may hold numbers and names.
pub fn show(config: &Config, id: i64) -> Result<()> {
    let found = desk(config)?.show(id)?.with_context(|| nothing(id))?;
    let text = String::from_utf8(found.content)
        .unwrap_or_else(|error| error.as_bytes().iter().map(|byte| format!("{byte:02x}")).collect());
    Ok(writeln!(stdout(), "{text}")?)
}

/// Stores it after all.
pub fn replay(config: &Config, id: i64) -> Result<()> {
    match desk(config)?.replay(id)? {
        Replayed::Stored => Ok(writeln!(stdout(), "stored")?),
        Replayed::NotThere => bail!(nothing(id)),
        Replayed::InUse => bail!("a server works on {}; stop it first", config.data_dir.display()),
        Replayed::CallIsOver => {
            bail!("its call has a record already, which it would undo; it can be dropped")
        }
        Replayed::NotReplayable => bail!("what is put aside does not say for whom it is; note it down anew"),
    }
}

/// Throws it away.
pub fn discard(config: &Config, id: i64) -> Result<()> {
    if !desk(config)?.discard(id)? {
        bail!(nothing(id));
    }
    Ok(writeln!(stdout(), "dropped")?)
}

fn desk(config: &Config) -> Result<QuarantineDesk> {
    let opened = QuarantineDesk::open(&config.data_dir);
    opened.with_context(|| format!("the call history in {}", config.data_dir.display()))
}

fn nothing(id: i64) -> String {
    format!("found {id}, accepted: a number that `trunkline quarantine list` shows")
}

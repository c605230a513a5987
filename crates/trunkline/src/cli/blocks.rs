//! `trunkline blocks`: who is kept out for guessing, and letting them in again.

use std::io::{Write, stdout};

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;

use super::nearby::ask;
use crate::config::Config;

/// Prints a line for each: source, who is meant, for what, until when, tries turned away.
pub fn list(config: &Config) -> Result<()> {
    let answer = ask(config, "GET", "/v1/blocks")?;
    ensure!(answer.status == 200, "{}", answer.body);
    let blocks: Value = serde_json::from_str(&answer.body).context("that is no list of blocks")?;
    let mut out = stdout().lock();
    for block in blocks["blocks"].as_array().into_iter().flatten() {
        let text = |member: &str| block[member].as_str().unwrap_or("-").to_owned();
        let (source, who, offence, until) = (text("source"), text("who"), text("offence"), text("until"));
        writeln!(out, "{source}\t{who}\t{offence}\t{until}\t{}", block["refused"])?;
    }
    Ok(())
}

/// Lets everybody at a source in again.
pub fn lift(config: &Config, source: &str) -> Result<()> {
    guard_source(source)?;
    let answer = ask(config, "DELETE", &format!("/v1/blocks/{}", source.replace('/', "%2F")))?;
    match answer.status {
        204 => Ok(()),
        404 => bail!("nobody at {source} is kept out"),
        _ => bail!("{}", answer.body),
    }
}

fn guard_source(source: &str) -> Result<()> {
    let read = source.parse::<guard::Source>();
    read.with_context(|| {
        format!("found {source:?}, accepted: an IP address, or an IPv6 network of 64 bits")
    })?;
    Ok(())
}

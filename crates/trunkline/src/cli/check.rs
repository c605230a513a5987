//! `trunkline check`.

use std::io::Write;

use anyhow::{Result, bail};
use history::sqlite;

use super::progress::Progress;
use crate::config::Config;

/// Checks the history; prints what is wrong in a line each, and in the last line what was looked at.
pub fn run(config: &Config) -> Result<()> {
    let mut progress = Progress::default();
    let report = sqlite::check(&config.data_dir, |what, done, all| progress.tell(what, done, all))?;
    let mut out = std::io::stdout();
    for finding in &report.findings {
        writeln!(out, "{finding}")?;
    }
    let sqlite::CheckReport { hot_rows, sealed_rows, parts, calls, findings } = &report;
    let sqlite::JournalCalls { started, ended, live } = calls;
    let seen = format!(
        "{hot_rows} rows in the database and {sealed_rows} in {parts} sealed parts of days; of {started} calls in the \
         journal {ended} have ended and {live} go on"
    );
    match findings.len() {
        0 => writeln!(out, "The call history is whole: {seen}.")?,
        wrong => bail!("the call history is not whole: {wrong} findings in {seen}"),
    }
    Ok(())
}

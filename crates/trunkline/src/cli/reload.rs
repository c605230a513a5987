//! `trunkline reload`, and what a server does when it is told so.

use std::{io::Write, path::Path};

use anyhow::{Context, Result};
use rustix::process::{Pid, Signal, kill_process};

use super::ConfigOption;
use crate::{
    assembly::Server,
    config::{Config, check},
    logging::LogFilter,
};

/// The options that a server takes over without a restart. Certificates, keys and the directory it takes over by
/// itself.
const CHANGEABLE: [&str; 15] = [
    "[stop] grace_seconds",
    "[history] refuse_after_ms",
    "[history] min_free_mb",
    "[log] filter",
    "[vonage] tokens",
    "[http] operator_networks",
    "[http] trusted_proxies",
    "[http] requests_per_minute",
    "[guard] failures_of_user",
    "[guard] failures_of_source",
    "[guard] window_seconds",
    "[guard] block_seconds",
    "[guard] longest_block_seconds",
    "[guard] trust_seconds",
    "[guard] exempt_networks",
];

/// Tells the server that works on the data folder to read its configuration again; refuses one that cannot work.
pub fn tell(option: &ConfigOption) -> Result<()> {
    let config = option.load()?;
    check::refuse_mistakes(&config)?;
    let server = server_of(&config.data_dir)?;
    kill_process(server, Signal::HUP).context("cannot reach the server")?;
    writeln!(std::io::stdout(), "told; the server's log says what came of it")?;
    Ok(())
}

/// The process that has the folder.
fn server_of(folder: &Path) -> Result<Pid> {
    let path = folder.join(history::sqlite::LOCK);
    let none = || format!("no server works on {}", folder.display());
    let file = std::fs::File::options().write(true).open(&path).with_context(none)?;
    anyhow::ensure!(file.try_lock().is_err(), "{}", none());
    let text = std::fs::read_to_string(&path).with_context(none)?;
    let id = text.trim().parse().ok().and_then(Pid::from_raw);
    id.with_context(|| format!("{}: found {text:?}, accepted: the number of a process", path.display()))
}

/// Takes over what can be changed without a restart. A configuration that cannot work is refused as a whole.
pub fn take_over(server: &Server, filter: &LogFilter, present: &mut Config, option: &ConfigOption) {
    match wanted(server, option).and_then(|wanted| apply(server, filter, present, &wanted)) {
        Ok(later) if later.is_empty() => tracing::info!("the configuration is read again"),
        Ok(later) => {
            tracing::warn!(
                after_a_restart = later.join(", "),
                "the configuration is read again, but for some of it"
            )
        }
        Err(error) => {
            tracing::error!(error = %format!("{error:#}"), "the new configuration is refused; the one before counts")
        }
    }
}

fn wanted(server: &Server, option: &ConfigOption) -> Result<Config> {
    let wanted = option.load()?;
    check::refuse_whole(&wanted)?;
    server.directory().reload()?;
    check::refuse_strangers(&wanted, &server.directory().snapshot())?;
    Ok(wanted)
}

/// Gives the options that differ and count after a restart only.
fn apply(
    server: &Server,
    filter: &LogFilter,
    present: &mut Config,
    wanted: &Config,
) -> Result<Vec<&'static str>> {
    let differ = present.differences(wanted);
    if present.log.filter != wanted.log.filter {
        filter.replace(&wanted.log)?;
    }
    server.take_over(wanted)?;
    present.log.filter.clone_from(&wanted.log.filter);
    present.stop.grace_seconds = wanted.stop.grace_seconds;
    present.history.refuse_after_ms = wanted.history.refuse_after_ms;
    present.history.min_free_mb = wanted.history.min_free_mb;
    present.vonage.tokens.clone_from(&wanted.vonage.tokens);
    present.http.operator_networks.clone_from(&wanted.http.operator_networks);
    present.http.trusted_proxies.clone_from(&wanted.http.trusted_proxies);
    present.http.requests_per_minute = wanted.http.requests_per_minute;
    present.guard = wanted.guard.clone();
    Ok(differ.into_iter().filter(|option| !CHANGEABLE.contains(option)).collect())
}

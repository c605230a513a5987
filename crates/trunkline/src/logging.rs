//! The log: to standard error, as text or JSON.

use anyhow::{Context, Result};
use tracing_subscriber::EnvFilter;

use crate::config::{LogFormat, LogSection};

/// Never logged, whatever the filter says: its lines hold whole SIP messages, with numbers and names.
const TOO_TALKATIVE: &str = "rsipstack=off";

/// Starts logging. A wrong filter is an error.
pub fn start(section: &LogSection) -> Result<()> {
    let filter = EnvFilter::try_new(&section.filter)
        .with_context(|| format!("[log] filter: found \"{}\"", section.filter))?;
    let filter = filter.add_directive(TOO_TALKATIVE.parse().expect("a directive in correct notation"));
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    match section.format {
        LogFormat::Text => log.init(),
        LogFormat::Json => log.json().init(),
    }
    Ok(())
}

//! The log: to standard error, as text or JSON.

use std::io::{IsTerminal, stderr};

use anyhow::{Context, Result};
use tracing_subscriber::{EnvFilter, Registry, layer::SubscriberExt, reload, util::SubscriberInitExt};

use crate::config::{LogFormat, LogSection};

/// Never logged, whatever the filter says: its lines hold whole SIP messages, with numbers and names.
const TOO_TALKATIVE: &str = "rsipstack=off";

/// Changes what is logged, later.
pub struct LogFilter(reload::Handle<EnvFilter, Registry>);

impl LogFilter {
    /// From now on this counts.
    pub fn replace(&self, section: &LogSection) -> Result<()> {
        self.0.reload(filter(section)?).context("the log has no filter any more")
    }
}

/// Starts logging. A wrong filter is an error. Colours are for terminals.
pub fn start(section: &LogSection) -> Result<LogFilter> {
    let (filter, handle) = reload::Layer::new(filter(section)?);
    let log = tracing_subscriber::fmt::layer().with_writer(stderr).with_ansi(stderr().is_terminal());
    let registry = tracing_subscriber::registry().with(filter);
    match section.format {
        LogFormat::Text => registry.with(log).init(),
        LogFormat::Json => registry.with(log.json()).init(),
    }
    Ok(LogFilter(handle))
}

/// What a section says.
pub fn filter(section: &LogSection) -> Result<EnvFilter> {
    let filter = EnvFilter::try_new(&section.filter)
        .with_context(|| format!("[log] filter: found \"{}\"", section.filter))?;
    Ok(filter.add_directive(TOO_TALKATIVE.parse().expect("a directive in correct notation")))
}

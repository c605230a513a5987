//! Benchmarks. Each prints its conditions and figures; none is a test.

mod server;
mod signalling;

use anyhow::Result;
use clap::Subcommand;

/// What can be measured.
#[derive(Debug, Subcommand)]
pub enum Bench {
    /// Calls per second through the built-in switch, SIPp on both sides, every call recorded.
    Signalling(signalling::Options),
}

/// Measures it.
pub fn run(bench: &Bench) -> Result<()> {
    match bench {
        Bench::Signalling(options) => signalling::run(options),
    }
}

//! Benchmarks. Each prints its conditions and figures; none is a test.

mod control;
mod server;
mod signalling;

use anyhow::Result;
use clap::Subcommand;

/// What can be measured.
#[derive(Debug, Subcommand)]
pub enum Bench {
    /// From a command of the API to SIP on the wire.
    Control(control::Options),
    /// Calls per second through the built-in switch, SIPp on both sides, every call recorded.
    Signalling(signalling::Options),
}

/// Measures it.
pub fn run(bench: &Bench) -> Result<()> {
    match bench {
        Bench::Control(options) => control::run(options),
        Bench::Signalling(options) => signalling::run(options),
    }
}

//! Benchmarks. Each prints its conditions and figures; none is a test.

mod control;
mod doors;
mod event_readers;
mod export;
mod history;
mod http;
mod import;
mod live;
mod load;
mod overload;
mod readers;
mod server;
mod signalling;
mod sipp;
mod store;

pub use self::{
    http::Request,
    server::build as build_server,
    signalling::{CONFIG as DIRECTORY_CONFIG, directory},
};

use anyhow::Result;
use clap::Subcommand;

/// What can be measured.
#[derive(Debug, Subcommand)]
pub enum Bench {
    /// From a command of the API to SIP on the wire.
    Control(control::Options),
    /// What honest clients notice while strangers hold thousands of connections at every door.
    Doors(doors::Options),
    /// An export of call records, beside what PostgreSQL takes for the same rows.
    Export(export::Options),
    /// Every list and report over a store of millions of records.
    History(history::Options),
    /// A dump of another switch's call records taken over.
    Import(import::Options),
    /// The live list while thousands of calls go on and change.
    Live(live::Options),
    /// Calls that are carried while more are offered than the machine can carry.
    Overload(overload::Options),
    /// Look-ups and pages of one tenant while another searches.
    Readers(readers::Options),
    /// Calls per second through the built-in switch, SIPp on both sides, every call recorded.
    Signalling(signalling::Options),
}

/// Measures it.
pub fn run(bench: &Bench) -> Result<()> {
    match bench {
        Bench::Control(options) => control::run(options),
        Bench::Doors(options) => doors::run(options),
        Bench::Export(options) => export::run(options),
        Bench::History(options) => history::run(options),
        Bench::Import(options) => import::run(options),
        Bench::Live(options) => live::run(options),
        Bench::Overload(options) => overload::run(options),
        Bench::Readers(options) => readers::run(options),
        Bench::Signalling(options) => signalling::run(options),
    }
}

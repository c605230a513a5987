//! The `trunkline` program: configuration, command line, assembly and the demo.

mod assembly;
mod cli;
mod config;
mod demo;
mod keys;
mod landmark;
mod logging;
mod notify;

use std::process::ExitCode;

use clap::Parser;
use mimalloc::MiMalloc;

/// Transactions and their messages come and go by the thousand in a second; the C library's allocator took a
/// third of the SIP thread's time for them.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    // What it writes (calls, recordings, exports, keys) is its owner's alone.
    rustix::process::umask(rustix::fs::Mode::RWXG | rustix::fs::Mode::RWXO);
    match cli::run(cli::Arguments::parse()) {
        Ok(status) => status,
        Err(error) => {
            eprintln!("trunkline: {error:#}");
            ExitCode::FAILURE
        }
    }
}

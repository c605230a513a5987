//! The `trunkline` program: configuration, command line, assembly and the demo.

mod assembly;
mod cli;
mod config;
mod demo;
mod logging;

use std::process::ExitCode;

use clap::Parser;

fn main() -> ExitCode {
    match cli::run(cli::Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("trunkline: {error:#}");
            ExitCode::FAILURE
        }
    }
}

//! Tasks of the workspace, run as `cargo xtask <task>`.

#![allow(clippy::print_stdout, reason = "what a task finds out goes to its caller")]

mod bench;
mod faults;
mod interop;
mod tidy;

use std::{env, path::PathBuf, process::ExitCode};

use anyhow::Context;
use clap::{Parser, Subcommand};

#[derive(Parser)]
#[command(name = "cargo xtask", about = "Tasks of the workspace")]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Checks what the compiler does not: layers, the purity of `call`, dialects, module headings, lengths
    Tidy,
    /// Injects faults into a server that carries calls, and counts what was lost
    Faults(faults::Options),
    /// Tries phones of other makers against the switch, and writes what came of it into `docs/interop.md`
    Interop,
    /// Measures the server on this machine
    #[command(subcommand)]
    Bench(bench::Bench),
}

fn main() -> anyhow::Result<ExitCode> {
    let arguments = Arguments::parse();
    match arguments.task {
        Task::Tidy => tidy::run(&workspace()?),
        Task::Faults(options) => faults::run(&options).map(|()| ExitCode::SUCCESS),
        Task::Interop => interop::run(&workspace()?),
        Task::Bench(bench) => bench::run(&bench).map(|()| ExitCode::SUCCESS),
    }
}

/// The folder that `cargo xtask` was called in, not the one that this was built in: two working copies may share
/// their build output.
fn workspace() -> anyhow::Result<PathBuf> {
    let own = env::var_os("CARGO_MANIFEST_DIR").context("it is to be called as `cargo xtask`")?;
    Ok(PathBuf::from(own).join(".."))
}

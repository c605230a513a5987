//! The command line.

mod blocks;
mod check;
mod config;
mod copies;
mod directory;
mod health;
mod import;
mod manual;
mod nearby;
mod progress;
mod quarantine;
mod reload;
mod serve;
mod signals;
mod token;

pub use signals::Signals;

use std::{path::PathBuf, process::ExitCode};

use anyhow::{Context, Result};
use clap::{Args, Parser, Subcommand};

use crate::{config::Config, demo::DemoOptions};

/// Switches calls, watches them, controls them, remembers them and answers for them.
#[derive(Debug, Parser)]
#[command(name = "trunkline", version)]
pub struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the server.
    Serve {
        #[command(flatten)]
        config: ConfigOption,
        /// Start on a data folder that lacks what was there.
        #[arg(long)]
        accept_loss: bool,
    },
    /// Run a server with made-up customers whose phones call one another.
    Demo(DemoOptions),
    /// The configuration.
    #[command(subcommand)]
    Config(ConfigCommand),
    /// Ask the server on this machine whether it takes calls.
    Health(ConfigOption),
    /// Who is kept out for guessing, as the server on this machine says.
    #[command(subcommand)]
    Blocks(BlocksCommand),
    /// Write the manual pages into a folder.
    #[command(hide = true)]
    Manual {
        /// Where to.
        folder: PathBuf,
    },
    /// Print what a shell needs to complete commands.
    Completions {
        /// Which shell.
        shell: clap_complete::Shell,
    },
    /// Have a running server read its configuration and its directory again.
    Reload(ConfigOption),
    /// Change or show who is who.
    #[command(subcommand)]
    Directory(DirectoryCommand),
    /// What could never be stored, or read back.
    #[command(subcommand)]
    Quarantine(QuarantineCommand),
    /// Tokens of the Yeti dialect.
    #[command(subcommand)]
    Token(TokenCommand),
    /// Copy everything that is kept but recordings and exports into a folder; a server may run meanwhile.
    Backup {
        /// The folder. What a backup before this one has put there is used again.
        folder: PathBuf,
        #[command(flatten)]
        config: ConfigOption,
    },
    /// Put a backup back. No server may run. Where there is a call history, only sealed files of it that are damaged
    /// or missing are put back.
    Restore {
        /// The folder of the backup.
        folder: PathBuf,
        #[command(flatten)]
        config: ConfigOption,
    },
    /// Take over calls that another switch has recorded (docs/import.md). No server may run.
    Import {
        #[command(flatten)]
        options: import::ImportOptions,
        #[command(flatten)]
        config: ConfigOption,
    },
    /// Look whether the call history is whole and agrees with itself; a server may run meanwhile.
    Check(ConfigOption),
}

#[derive(Debug, Subcommand)]
enum ConfigCommand {
    /// Say whether a server could start with it.
    Check(ConfigOption),
}

#[derive(Debug, Subcommand)]
enum BlocksCommand {
    /// Print a line for each: source, strangers or user, for what, until when, tries turned away.
    List(ConfigOption),
    /// Let everybody at a source in again.
    Lift {
        /// An IP address, or an IPv6 network of 64 bits.
        source: String,
        #[command(flatten)]
        config: ConfigOption,
    },
}

#[derive(Debug, Subcommand)]
enum DirectoryCommand {
    /// Make the directory what a file says, and show what that changes.
    Apply {
        /// The directory file (TOML).
        file: PathBuf,
        /// Show what that would change, and change nothing.
        #[arg(long)]
        preview: bool,
        #[command(flatten)]
        config: ConfigOption,
    },
    /// Print the directory as a file that can be applied.
    Show(ConfigOption),
}

#[derive(Debug, Subcommand)]
enum QuarantineCommand {
    /// Print a line for each: number, kind, call, size, reason.
    List(ConfigOption),
    /// Print one as it is stored. It may hold numbers and names.
    Show(QuarantineEntry),
    /// Store one after all, as the reason is gone. The server must be stopped.
    Replay(QuarantineEntry),
    /// Throw one away.
    Drop(QuarantineEntry),
}

/// Something that was put aside.
#[derive(Debug, Args)]
struct QuarantineEntry {
    /// Its number.
    number: i64,
    #[command(flatten)]
    config: ConfigOption,
}

#[derive(Debug, Subcommand)]
enum TokenCommand {
    /// Print a token for a customer without a login.
    Issue {
        #[command(flatten)]
        options: token::TokenOptions,
        #[command(flatten)]
        config: ConfigOption,
    },
    /// Make a new key that signs tokens. Those that the key before signed are accepted until they expire.
    RotateKey(ConfigOption),
}

/// Which configuration.
#[derive(Debug, Args)]
struct ConfigOption {
    /// The configuration file (TOML). Without it, defaults and TRUNKLINE__… variables count.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
}

impl ConfigOption {
    fn load(&self) -> Result<Config> {
        Config::load(self.config.as_deref())
    }
}

/// Does what the command line says; gives the exit status.
pub fn run(arguments: Arguments) -> Result<ExitCode> {
    let done = match arguments.command {
        Command::Serve { config, accept_loss } => return in_runtime(serve::run(config, accept_loss)),
        Command::Config(ConfigCommand::Check(option)) => config::check(&option),
        Command::Reload(option) => reload::tell(&option),
        Command::Health(option) => health::ask(&option.load()?),
        Command::Blocks(BlocksCommand::List(option)) => blocks::list(&option.load()?),
        Command::Blocks(BlocksCommand::Lift { source, config }) => blocks::lift(&config.load()?, &source),
        Command::Manual { folder } => manual::write_manual(&folder),
        Command::Completions { shell } => manual::print_completions(shell),
        Command::Import { options, config } => return in_runtime(import::run(&config.load()?, options)),
        Command::Demo(options) => in_runtime(crate::demo::run(options)),
        Command::Directory(DirectoryCommand::Apply { file, preview, config }) => match preview {
            true => directory::preview(&config.load()?, &file),
            false => directory::apply(&config.load()?, &file),
        },
        Command::Directory(DirectoryCommand::Show(config)) => directory::show(&config.load()?),
        Command::Quarantine(command) => set_aside(command),
        Command::Token(TokenCommand::Issue { options, config }) => token::issue(&config.load()?, options),
        Command::Token(TokenCommand::RotateKey(config)) => token::rotate_key(&config.load()?),
        Command::Backup { folder, config } => copies::back_up(&config.load()?, &folder),
        Command::Restore { folder, config } => copies::restore(&config.load()?, &folder),
        Command::Check(config) => check::run(&config.load()?),
    };
    done.map(|()| ExitCode::SUCCESS)
}

fn set_aside(command: QuarantineCommand) -> Result<()> {
    match command {
        QuarantineCommand::List(option) => quarantine::list(&option.load()?),
        QuarantineCommand::Show(entry) => quarantine::show(&entry.config.load()?, entry.number),
        QuarantineCommand::Replay(entry) => quarantine::replay(&entry.config.load()?, entry.number),
        QuarantineCommand::Drop(entry) => quarantine::discard(&entry.config.load()?, entry.number),
    }
}

fn in_runtime<T>(work: impl Future<Output = Result<T>>) -> Result<T> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    runtime.context("cannot start the runtime")?.block_on(work)
}

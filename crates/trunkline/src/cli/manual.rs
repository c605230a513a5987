//! `trunkline man` and `trunkline completions`: what packages install beside the program.

use std::{
    fs,
    io::{Write, stdout},
    path::Path,
};

use anyhow::{Context, Result};
use clap::{Command, CommandFactory};
use clap_complete::Shell;

use super::Arguments;

/// Writes a manual page for the program and for each of its commands into a folder.
pub fn write_manual(folder: &Path) -> Result<()> {
    fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    let mut program = Arguments::command().disable_help_subcommand(true);
    program.build();
    write_pages(folder, &program)
}

fn write_pages(folder: &Path, command: &Command) -> Result<()> {
    // A name lives as long as the program, which ends soon.
    let name: &'static str =
        command.get_display_name().unwrap_or_else(|| command.get_name()).to_owned().leak();
    let mut page = Vec::new();
    clap_mangen::Man::new(command.clone().name(name)).render(&mut page)?;
    let path = folder.join(format!("{name}.1"));
    fs::write(&path, page).with_context(|| format!("cannot write {}", path.display()))?;
    command.get_subcommands().try_for_each(|inner| write_pages(folder, inner))
}

/// Prints what a shell needs to complete commands and options.
pub fn print_completions(shell: Shell) -> Result<()> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Arguments::command(), "trunkline", &mut script);
    Ok(stdout().write_all(&script)?)
}

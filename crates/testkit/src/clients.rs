//! Clients, phones, readers, attackers and what speaks for language models, of other makers, as their users install them.

use std::{
    ffi::OsStr,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, ensure};

/// The folder in which `scripts/clients` has installed the clients; installs them first if they are not there.
pub fn folder() -> Result<PathBuf> {
    installed("clients")
}

/// The same for the phones.
pub fn phones() -> Result<PathBuf> {
    installed("phones")
}

/// Python, which finds those that read sealed days in place as modules.
pub fn readers() -> Result<Command> {
    Ok(Command::new(installed("readers")?.join("python/bin/python")))
}

/// One of the programs of SIPVicious, which look for SIP servers, their users and their secrets: `svmap`, `svwar` or
/// `svcrack`.
pub fn attacker(program: &str) -> Result<Command> {
    Ok(Command::new(installed("attackers")?.join(format!("python/bin/sipvicious_{program}"))))
}

/// Schemathesis, which tries what the description of an API says.
pub fn schemathesis() -> Result<Command> {
    Ok(Command::new(installed("fuzzers")?.join("python/bin/schemathesis")))
}

/// Python, which finds the Model Context Protocol's own client as a module.
pub fn models() -> Result<Command> {
    Ok(Command::new(installed("models")?.join("python/bin/python")))
}

fn installed(kind: &str) -> Result<PathBuf> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scripts/clients");
    let run = Command::new(&script)
        .arg(kind)
        .output()
        .with_context(|| format!("cannot run {}", script.display()))?;
    ensure!(run.status.success(), "scripts/clients failed:\n{}", String::from_utf8_lossy(&run.stderr));
    Ok(PathBuf::from(String::from_utf8(run.stdout)?.trim_end()))
}

/// Node, which finds the clients as packages when a script is piped to it.
pub fn node() -> Result<Command> {
    let mut node = Command::new("node");
    node.current_dir(folder()?).args(["--input-type=module", "-"]);
    Ok(node)
}

/// Python, which finds the clients as modules.
pub fn python(script: impl AsRef<OsStr>) -> Result<Command> {
    let mut python = Command::new(folder()?.join("python/bin/python"));
    python.arg(script);
    Ok(python)
}

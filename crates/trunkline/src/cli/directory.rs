//! `trunkline directory apply|show`.

use std::{io::Write, path::Path};

use anyhow::Result;
use directory::{Author, DirectoryFile, Interface, Who};
use switch::{Clock, SystemClock};

use crate::{assembly, config::Config};

/// Makes the directory what `file` says; prints what that changed. A running server notices by itself.
pub fn apply(config: &Config, file: &Path) -> Result<()> {
    let wanted = DirectoryFile::read(file)?;
    let changes = assembly::open_directory(config)?.by(author()).apply(&wanted)?;
    write!(std::io::stdout(), "{changes}")?;
    Ok(())
}

/// Prints what making the directory what `file` says would change.
pub fn preview(config: &Config, file: &Path) -> Result<()> {
    let wanted = DirectoryFile::read(file)?;
    let changes = assembly::open_directory(config)?.preview(&wanted)?;
    write!(std::io::stdout(), "{changes}")?;
    Ok(())
}

/// Whoever is at the command line, as the audit trail has it.
pub fn author() -> Author {
    let known = std::fs::read_to_string("/etc/passwd").unwrap_or_default();
    let uid = rustix::process::getuid().as_raw();
    let who = Who::System(system_name(uid, std::env::var("SUDO_USER").ok(), &known).into());
    Author { who, source: None, interface: Interface::CommandLine, at: SystemClock::default().now() }
}

/// The name of a user of the system, given what passwd(5) knows; without a name, the number. Whose rights the
/// superuser has borrowed is believed of the superuser alone: anybody may set a variable.
fn system_name(uid: u32, sudo_user: Option<String>, known: &str) -> String {
    let borrowed = sudo_user.filter(|name| uid == 0 && !name.is_empty());
    let of_uid = |line: &str| {
        let mut fields = line.split(':');
        let name = fields.next()?;
        (fields.nth(1)?.parse() == Ok(uid)).then(|| name.to_owned())
    };
    borrowed.or_else(|| known.lines().find_map(of_uid)).unwrap_or_else(|| uid.to_string())
}

/// Prints the directory.
pub fn show(config: &Config) -> Result<()> {
    let directory = assembly::open_directory(config)?;
    write!(std::io::stdout(), "{}", directory.snapshot().to_toml())?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const KNOWN: &str = "root:x:0:0:root:/root:/bin/sh\nann:x:1000:1000:Ann:/home/ann:/bin/sh\n";

    #[test]
    fn whose_rights_were_borrowed_is_believed_of_the_superuser_alone() {
        let name = |uid, sudo_user: Option<&str>| system_name(uid, sudo_user.map(str::to_owned), KNOWN);
        assert_eq!(name(0, Some("ann")), "ann");
        assert_eq!(name(0, None), "root");
        assert_eq!(name(1000, Some("root")), "ann");
        assert_eq!(name(1001, Some("ann")), "1001");
    }
}

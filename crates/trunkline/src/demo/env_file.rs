//! The shell variables that the README's commands use.

use std::path::Path;

use anyhow::{Context, Result};

/// Writes `variables` so that `. PATH` sets them. Only the owner may read the file: it holds secrets.
pub fn write(path: &Path, variables: &[(&str, String)]) -> Result<()> {
    let lines: String =
        variables.iter().map(|(name, value)| format!("export {name}='{}'\n", quoted(value))).collect();
    let wrong = || format!("cannot write the file of variables {}", path.display());
    let part = path.with_extension("part");
    std::fs::write(&part, lines).with_context(wrong)?;
    restrict(&part).with_context(wrong)?;
    std::fs::rename(&part, path).with_context(wrong)
}

fn restrict(path: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600))
}

fn quoted(value: &str) -> String {
    value.replace('\'', r"'\''")
}

//! The shell variables that the README's commands use.

use std::{fs, io::Write, os::unix::fs::OpenOptionsExt, path::Path};

use anyhow::{Context, Result};

/// Writes `variables` so that `. PATH` sets them. Only the owner may read the file: it holds secrets.
pub fn write(path: &Path, variables: &[(&str, String)]) -> Result<()> {
    let lines: String =
        variables.iter().map(|(name, value)| format!("export {name}='{}'\n", quoted(value))).collect();
    let wrong = || format!("cannot write the file of variables {}", path.display());
    let part = path.with_extension(format!("{}.part", std::process::id()));
    create(&part, &lines).and_then(|()| fs::rename(&part, path)).with_context(wrong)
}

/// Makes a file that nobody has made before, so that no link is followed; nobody else can read it at any time.
fn create(path: &Path, text: &str) -> std::io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut file = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    file.write_all(text.as_bytes())
}

fn quoted(value: &str) -> String {
    value.replace('\'', r"'\''")
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::{PermissionsExt, symlink};

    use super::*;

    #[test]
    fn the_file_is_its_owners_alone_and_no_link_is_followed() {
        let folder = tempfile::tempdir().unwrap();
        let (path, other) = (folder.path().join("demo.env"), folder.path().join("other"));
        fs::write(&other, "kept").unwrap();
        symlink(&other, path.with_extension("part")).unwrap();
        symlink(&other, path.with_extension(format!("{}.part", std::process::id()))).unwrap();
        write(&path, &[("SECRET", "it's".to_owned())]).unwrap();
        assert_eq!(fs::read_to_string(&other).unwrap(), "kept");
        assert_eq!(fs::read_to_string(&path).unwrap(), "export SECRET='it'\\''s'\n");
        assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    }
}

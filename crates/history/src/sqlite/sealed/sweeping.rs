//! Removing what a stop in the middle of something has left.

use std::{
    collections::HashSet,
    ffi::OsStr,
    fs, io,
    path::{Path, PathBuf},
};

use rusqlite::Connection;

use super::{Sealed, part};
use crate::sqlite::fault::Fault;

impl Sealed {
    /// Removes files that no part lists: what a stop in the middle of something has left.
    pub(in crate::sqlite) fn sweep(&self, connection: &Connection) -> Result<(), Fault> {
        let mut select = connection.prepare("SELECT day, name FROM sealed_parts")?;
        let listed: HashSet<PathBuf> = select
            .query_map([], |row| Ok((row.get(0)?, row.get::<_, String>(1)?)))?
            .flat_map(|row| {
                row.map(|(day, name)| part::paths(&self.folder, day, &name)).into_iter().flatten()
            })
            .collect();
        let swept = part::FOLDERS.iter().try_for_each(|folder| sweep(&self.folder.join(folder), &listed));
        if let Err(error) = swept {
            tracing::warn!(
                error = &error as &dyn std::error::Error,
                "old sealed files cannot be cleared away"
            );
        }
        Ok(())
    }
}

fn sweep(folder: &Path, listed: &HashSet<PathBuf>) -> io::Result<()> {
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        entries => entries?,
    };
    for entry in entries {
        let path = entry?.path();
        if is_of_day(&path) && path.is_dir() {
            sweep_day(&path, listed)?;
            // One that is not empty stays.
            let _ = fs::remove_dir(&path);
        }
    }
    Ok(())
}

fn sweep_day(folder: &Path, listed: &HashSet<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if is_of_part(&path) && !listed.contains(&path) {
            fs::remove_file(&path)?;
        }
    }
    Ok(())
}

/// Whether a folder is called as one of ours: what else lies there is somebody's.
fn is_of_day(folder: &Path) -> bool {
    folder.file_name().and_then(OsStr::to_str).is_some_and(|name| name.starts_with("day="))
}

/// The same, of a file: that of a part, or what is to become one.
fn is_of_part(file: &Path) -> bool {
    let number = file.file_stem().and_then(OsStr::to_str).and_then(|name| name.strip_prefix("part-"));
    let is_ours = number.is_some_and(|number| number.parse::<i64>().is_ok());
    is_ours && file.extension().is_some_and(|extension| extension == "parquet" || extension == "part")
}

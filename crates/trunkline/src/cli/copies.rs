//! `trunkline backup` and `trunkline restore`.

use std::{
    fs,
    io::{ErrorKind, Write},
    path::Path,
};

use anyhow::{Context, Result, ensure};
use history::sqlite::{self, Mended};

use super::progress::Progress;
use crate::config::Config;

/// Databases that are copied beside the history.
const DATABASES: [&str; 3] = ["directory.db", "tokens.db", "state.db"];

/// Files that are copied as they are.
const KEYS: [&str; 2] = ["signing.key", "signing.key.retired"];

/// Says that a backup is whole; it is written last.
const MARK: &str = "backup.complete";

/// Copies what is kept.
pub fn back_up(config: &Config, folder: &Path) -> Result<()> {
    let data = &config.data_dir;
    ensure!(
        data.join("history.db").exists(),
        "data_dir: found {}, accepted: the folder of a server",
        data.display()
    );
    fs::create_dir_all(folder).with_context(|| format!("cannot make the folder {}", folder.display()))?;
    let mark = folder.join(MARK);
    remove(&mark)?;
    let mut progress = Progress::default();
    for name in DATABASES {
        if data.join(name).exists() {
            sqlite::copy_database(&data.join(name), &folder.join(name), &mut |done, all| {
                progress.tell(name, done, all)
            })?;
        }
    }
    copy_keys(data, folder)?;
    sqlite::back_up(data, folder, |what, done, all| progress.tell(what, done, all))?;
    fs::write(&mark, env!("CARGO_PKG_VERSION"))?;
    writeln!(std::io::stdout(), "The backup in {} is complete.", folder.display())?;
    Ok(())
}

/// Puts it back.
pub fn restore(config: &Config, folder: &Path) -> Result<()> {
    let is_whole = folder.join(MARK).exists();
    ensure!(is_whole, "found {}, accepted: the folder of a backup that was completed", folder.display());
    let data = &config.data_dir;
    let mut progress = Progress::default();
    if data.join("history.db").exists() {
        let mended = sqlite::mend(folder, data, |what, done, all| progress.tell(what, done, all))?;
        return tell(&mended);
    }
    fs::create_dir_all(data).with_context(|| format!("cannot make the folder {}", data.display()))?;
    for name in DATABASES {
        put_back(&folder.join(name), &data.join(name))?;
    }
    copy_keys(folder, data)?;
    // The history comes last: with it everything is there, and without it a restore that was cut off begins anew.
    sqlite::restore(folder, data, |what, done, all| progress.tell(what, done, all))?;
    writeln!(std::io::stdout(), "Everything in {} is restored.", folder.display())?;
    Ok(())
}

/// Puts a database back that the backup has and the data folder has not: whole, or not at all.
fn put_back(kept: &Path, wanted: &Path) -> Result<()> {
    if !kept.exists() || wanted.exists() {
        return Ok(());
    }
    let part = wanted.with_extension("part");
    remove(&part)?;
    sqlite::copy_database(kept, &part, &mut |_, _| {})?;
    fs::rename(&part, wanted).with_context(|| format!("cannot put back {}", wanted.display()))
}

fn tell(mended: &Mended) -> Result<()> {
    let mut out = std::io::stdout();
    for name in &mended.mended {
        writeln!(out, "{name} is whole again")?;
    }
    for name in &mended.left {
        writeln!(out, "{name} is damaged, and the backup has none that fits")?;
    }
    ensure!(mended.left.is_empty(), "{} sealed files could not be mended", mended.left.len());
    writeln!(out, "{} sealed files were mended; the rest of the history is as it was.", mended.mended.len())?;
    Ok(())
}

fn copy_keys(from: &Path, to: &Path) -> Result<()> {
    for name in KEYS {
        match fs::copy(from.join(name), to.join(name)) {
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            copied => drop(copied.with_context(|| format!("cannot copy {name}"))?),
        }
    }
    Ok(())
}

fn remove(path: &Path) -> Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(error.into()),
        _ => Ok(()),
    }
}

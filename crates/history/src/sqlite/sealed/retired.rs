//! Files of parts that no later state of the database lists, which go once nobody reads them.

use std::{
    collections::VecDeque,
    fs, io,
    path::PathBuf,
    sync::{Arc, Weak},
};

use parking_lot::Mutex;

/// Who reads them.
#[derive(Default)]
pub(super) struct RetiredFiles(Mutex<State>);

#[derive(Default)]
struct State {
    /// Held by those who have begun to read since files were retired last.
    latest: Arc<()>,
    /// Files, and who may read them; those before may as well.
    waiting: VecDeque<(Weak<()>, Vec<PathBuf>)>,
}

/// As long as it is held, files that were listed when it was given out stay. Dropping it lets them go at the next
/// clearing; it removes nothing itself.
pub(in crate::sqlite) struct Reading(#[allow(dead_code, reason = "what counts is that it is held")] Arc<()>);

impl RetiredFiles {
    /// To be held from before the database is asked for parts until their files are read.
    pub(super) fn reading(&self) -> Reading {
        Reading(self.0.lock().latest.clone())
    }

    /// The database lists these no longer.
    pub(super) fn retire(&self, paths: Vec<PathBuf>) {
        let mut state = self.0.lock();
        let readers = Arc::downgrade(&std::mem::take(&mut state.latest));
        state.waiting.push_back((readers, paths));
    }

    /// Removes those that nobody reads any more.
    pub(super) fn clear(&self) {
        for path in self.unread() {
            match fs::remove_file(&path) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => {
                    tracing::warn!(%error, file = %path.display(), "a sealed file that is listed no more stays until the next start");
                }
                _ => {}
            }
            if let Some(folder) = path.parent() {
                // One that is not empty stays.
                let _ = fs::remove_dir(folder);
            }
        }
    }

    fn unread(&self) -> Vec<PathBuf> {
        let mut state = self.0.lock();
        let read = state.waiting.iter().position(|(readers, _)| readers.strong_count() > 0);
        let unread = read.unwrap_or(state.waiting.len());
        state.waiting.drain(..unread).flat_map(|(_, paths)| paths).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_stay_as_long_as_one_reads_who_began_before_they_were_retired() {
        let folder = tempfile::tempdir().unwrap();
        let paths = ["first", "second"].map(|name| folder.path().join("day").join(name));
        fs::create_dir(folder.path().join("day")).unwrap();
        paths.iter().for_each(|path| fs::write(path, "").unwrap());
        let left = || paths.each_ref().map(|path| path.exists());
        let files = RetiredFiles::default();
        let early = files.reading();
        files.retire(vec![paths[0].clone()]);
        let late = files.reading();
        files.retire(vec![paths[1].clone()]);
        files.clear();
        assert_eq!(left(), [true, true]);
        drop(late);
        files.clear();
        assert_eq!(left(), [true, true], "who began earlier may read both");
        drop(early);
        files.clear();
        assert_eq!(left(), [false, false]);
        assert!(!folder.path().join("day").exists());
        let later = files.reading();
        files.clear();
        drop(later);
    }
}

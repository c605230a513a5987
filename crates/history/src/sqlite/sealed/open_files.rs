//! Files that stay open between questions.

use std::{collections::VecDeque, sync::Arc};

use parking_lot::Mutex;

use super::Files;

/// Parts whose files are kept open between questions, at most.
const MOST_OPEN: usize = 128;

/// Files that are kept open, the least lately asked ones first.
pub(super) struct OpenFiles<F = Files>(Mutex<VecDeque<(i64, Arc<F>)>>);

impl<F> Default for OpenFiles<F> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<F> OpenFiles<F> {
    pub(super) fn get(&self, part: i64) -> Option<Arc<F>> {
        let mut open = self.0.lock();
        let place = open.iter().position(|(id, _)| *id == part)?;
        let (_, files) = open.remove(place)?;
        open.push_back((part, files.clone()));
        Some(files)
    }

    pub(super) fn forget(&self, part: i64) {
        self.0.lock().retain(|(id, _)| *id != part);
    }

    pub(super) fn keep(&self, part: i64, files: Arc<F>) -> Arc<F> {
        if let Some(known) = self.get(part) {
            return known;
        }
        let mut open = self.0.lock();
        open.push_back((part, files.clone()));
        if open.len() > MOST_OPEN {
            open.pop_front();
        }
        files
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_more_parts_than_may_be_open_the_one_asked_the_longest_ago_is_closed() {
        let open = OpenFiles::default();
        let parts = MOST_OPEN as i64;
        for part in 0..parts {
            open.keep(part, Arc::new(part));
        }
        assert!(open.get(0).is_some());
        open.keep(parts, Arc::new(parts));
        assert_eq!(open.0.lock().len(), MOST_OPEN);
        assert!(open.get(1).is_none() && open.get(0).is_some() && open.get(parts).is_some());
    }
}

//! Files that stay open between questions.

use std::{collections::VecDeque, sync::Arc};

use parking_lot::Mutex;

use super::Files;

/// Parts whose files are kept open between questions, at most.
const MOST_OPEN: usize = 128;

/// Files that are kept open, the least lately asked ones first.
#[derive(Default)]
pub(super) struct OpenFiles(Mutex<VecDeque<(i64, Arc<Files>)>>);

impl OpenFiles {
    pub(super) fn get(&self, part: i64) -> Option<Arc<Files>> {
        let mut open = self.0.lock();
        let place = open.iter().position(|(id, _)| *id == part)?;
        let (_, files) = open.remove(place)?;
        open.push_back((part, files.clone()));
        Some(files)
    }

    pub(super) fn forget(&self, part: i64) {
        self.0.lock().retain(|(id, _)| *id != part);
    }

    pub(super) fn keep(&self, part: i64, files: Arc<Files>) -> Arc<Files> {
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

//! What is known of the pages of columns, of those that were asked about of late.

use std::{
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use parking_lot::Mutex;
use parquet::file::page_index::column_index::ColumnIndexMetaData;

/// A column of a group of an open file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct PageIndexKey {
    /// See [`PageIndexes::next_file`].
    pub(super) file: u64,
    pub(super) group: usize,
    pub(super) column: usize,
}

/// Page indexes of all open files together. Who needs one that is not here reads it again.
pub(crate) struct PageIndexes {
    files: AtomicU64,
    most_bytes: usize,
    generations: Mutex<[Generation; 2]>,
}

/// What was asked about in the same time. With a new one, all that only the last but one has goes.
#[derive(Default)]
struct Generation {
    known: HashMap<PageIndexKey, Known>,
    bytes: usize,
}

#[derive(Clone)]
struct Known {
    index: Arc<ColumnIndexMetaData>,
    bytes: usize,
}

/// Bytes of page indexes that are kept at most.
const MOST_BYTES: usize = 32 * 1_024 * 1_024;

/// About how many bytes in memory a byte of an index takes: its values lie one by one.
const UNPACKED: usize = 4;

impl Default for PageIndexes {
    fn default() -> Self {
        Self::with_room(MOST_BYTES)
    }
}

impl PageIndexes {
    fn with_room(most_bytes: usize) -> Self {
        Self { files: AtomicU64::new(0), most_bytes, generations: Mutex::default() }
    }

    /// A number for a file that is opened.
    pub(super) fn next_file(&self) -> u64 {
        self.files.fetch_add(1, Ordering::Relaxed)
    }

    pub(super) fn get(&self, key: PageIndexKey) -> Option<Arc<ColumnIndexMetaData>> {
        let generations = &mut *self.generations.lock();
        if let Some(known) = generations[0].known.get(&key) {
            return Some(known.index.clone());
        }
        let known = generations[1].known.get(&key)?.clone();
        self.put(generations, key, known.clone());
        Some(known.index)
    }

    /// Keeps one, which was read from so many bytes.
    pub(super) fn keep(&self, key: PageIndexKey, index: Arc<ColumnIndexMetaData>, read: usize) {
        let bytes = size_of::<(PageIndexKey, Known)>() + size_of::<ColumnIndexMetaData>() + read * UNPACKED;
        self.put(&mut self.generations.lock(), key, Known { index, bytes });
    }

    /// Each generation has half of the room.
    fn put(&self, generations: &mut [Generation; 2], key: PageIndexKey, known: Known) {
        if generations[0].bytes + known.bytes > self.most_bytes / 2 {
            generations[1] = std::mem::take(&mut generations[0]);
        }
        let bytes = known.bytes;
        if generations[0].known.insert(key, known).is_none() {
            generations[0].bytes += bytes;
        }
    }

    /// About how many bytes they take.
    pub(crate) fn bytes(&self) -> u64 {
        self.generations.lock().iter().map(|generation| generation.bytes as u64).sum()
    }
}

#[cfg(test)]
mod tests {
    use parquet::{basic::Type, file::page_index::index_reader::decode_column_index};

    use super::*;

    fn key(group: usize) -> PageIndexKey {
        PageIndexKey { file: 0, group, column: 1 }
    }

    /// Of no pages, as it lies in a file (Thrift's compact protocol: three empty lists and a number).
    const NO_PAGES: [u8; 9] = [0x19, 0x02, 0x19, 0x08, 0x19, 0x08, 0x15, 0x00, 0x00];

    #[test]
    fn no_more_is_kept_than_there_is_room_for_and_what_is_asked_about_stays() {
        let indexes = PageIndexes::with_room(20_000);
        let none = Arc::new(decode_column_index(&NO_PAGES, Type::INT64).unwrap());
        for group in 0..1_000 {
            indexes.keep(key(group), none.clone(), 100);
            assert!(indexes.get(key(0)).is_some(), "{group}");
            assert!(indexes.bytes() <= 20_000);
        }
        assert!(indexes.bytes() > 8_000);
        assert!(indexes.get(key(999)).is_some() && indexes.get(key(1)).is_none());
    }
}

//! An account's calls, ordered by their start.
//!
//! Sorted chunks of keys. A clone shares all of them; a change copies one chunk and the list of chunks, and
//! any place is found without a look at the keys before it.

use std::sync::Arc;

use crate::{id::CallId, time::Timestamp};

/// When a call began, and which it is.
pub(super) type Key = (Timestamp, CallId);

/// Keys that a chunk has at most.
const MOST: usize = 256;

/// A set of calls. No chunk is empty.
#[derive(Clone, Default)]
pub(super) struct ByStart {
    chunks: Arc<Vec<Arc<Vec<Key>>>>,
    len: usize,
}

impl ByStart {
    pub(super) fn len(&self) -> usize {
        self.len
    }

    pub(super) fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The keys at these places of the order.
    pub(super) fn range(&self, places: std::ops::Range<usize>) -> Keys<'_> {
        Keys {
            set: self,
            front: self.position(places.start),
            back: self.position(places.end),
            left: places.len(),
        }
    }

    /// How many calls began before `at`.
    pub(super) fn before(&self, at: Timestamp) -> usize {
        let is_before = |key: &Key| key.0 < at;
        let whole = self.chunks.partition_point(|chunk| chunk.last().is_some_and(is_before));
        let counted: usize = self.chunks.iter().take(whole).map(|chunk| chunk.len()).sum();
        counted + self.chunks.get(whole).map_or(0, |chunk| chunk.partition_point(is_before))
    }

    /// Adds a key; nothing happens if it is there.
    pub(super) fn insert(&mut self, key: Key) {
        let home = self.home_of(&key);
        let chunks = Arc::make_mut(&mut self.chunks);
        let Some(chunk) = chunks.get_mut(home) else {
            chunks.push(Arc::new(vec![key]));
            self.len += 1;
            return;
        };
        let Err(place) = chunk.binary_search(&key) else { return };
        self.len += 1;
        if chunk.len() < MOST {
            Arc::make_mut(chunk).insert(place, key);
        } else if place == MOST {
            chunks.insert(home + 1, Arc::new(vec![key]));
        } else {
            let chunk = Arc::make_mut(chunk);
            chunk.insert(place, key);
            let upper = chunk.split_off(MOST / 2);
            chunks.insert(home + 1, Arc::new(upper));
        }
    }

    /// Takes a key out, if it is there. Chunks that are left small become one with a neighbour.
    pub(super) fn remove(&mut self, key: &Key) {
        let home = self.home_of(key);
        let chunks = Arc::make_mut(&mut self.chunks);
        let Some(chunk) = chunks.get_mut(home) else { return };
        let Ok(place) = chunk.binary_search(key) else { return };
        Arc::make_mut(chunk).remove(place);
        self.len -= 1;
        if chunk.is_empty() {
            chunks.remove(home);
        } else {
            unite_if_small(chunks, home);
            unite_if_small(chunks, home.wrapping_sub(1));
        }
    }

    /// The chunk that the key is in or belongs into: the first that ends with it or later, else the last.
    fn home_of(&self, key: &Key) -> usize {
        let first = self.chunks.partition_point(|chunk| chunk.last().is_some_and(|last| last < key));
        first.min(self.chunks.len().saturating_sub(1))
    }

    fn position(&self, mut place: usize) -> Position {
        for (chunk, keys) in self.chunks.iter().enumerate() {
            if place < keys.len() {
                return Position { chunk, offset: place };
            }
            place -= keys.len();
        }
        Position { chunk: self.chunks.len(), offset: 0 }
    }
}

/// Makes one of this chunk and the next if the two leave enough room for more.
fn unite_if_small(chunks: &mut Vec<Arc<Vec<Key>>>, first: usize) {
    let Some([one, next]) = chunks.get(first..).and_then(|rest| rest.get(..2)) else { return };
    if one.len() + next.len() <= MOST / 2 {
        let next = chunks.remove(first + 1);
        Arc::make_mut(&mut chunks[first]).extend_from_slice(&next);
    }
}

/// A place in a chunk; past the last one at the end.
#[derive(Clone, Copy)]
struct Position {
    chunk: usize,
    offset: usize,
}

/// Some keys in their order, from either end.
#[derive(Clone)]
pub(super) struct Keys<'a> {
    set: &'a ByStart,
    front: Position,
    back: Position,
    left: usize,
}

impl Iterator for Keys<'_> {
    type Item = Key;

    fn next(&mut self) -> Option<Key> {
        self.left = self.left.checked_sub(1)?;
        let chunk = self.set.chunks.get(self.front.chunk)?;
        let key = chunk.get(self.front.offset).copied();
        self.front.offset += 1;
        if self.front.offset == chunk.len() {
            self.front = Position { chunk: self.front.chunk + 1, offset: 0 };
        }
        key
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.left, Some(self.left))
    }
}

impl DoubleEndedIterator for Keys<'_> {
    fn next_back(&mut self) -> Option<Key> {
        self.left = self.left.checked_sub(1)?;
        if self.back.offset == 0 {
            self.back.chunk = self.back.chunk.checked_sub(1)?;
            self.back.offset = self.set.chunks.get(self.back.chunk)?.len();
        }
        self.back.offset -= 1;
        self.set.chunks.get(self.back.chunk)?.get(self.back.offset).copied()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    fn key(nth: u16) -> Key {
        let at = Timestamp::from_seconds(i64::from(nth / 3));
        (at, CallId::new(at, [u8::try_from(nth % 3).unwrap_or(0); 10]))
    }

    fn assert_same(set: &ByStart, model: &BTreeSet<Key>) {
        let ordered: Vec<_> = model.iter().copied().collect();
        assert_eq!(set.len(), ordered.len());
        assert_eq!(set.range(0..set.len()).collect::<Vec<_>>(), ordered);
        let backwards: Vec<_> = set.range(0..set.len()).rev().collect();
        assert!(backwards.iter().rev().eq(&ordered));
        assert!(set.chunks.iter().all(|chunk| (1..=MOST).contains(&chunk.len())));
    }

    #[test]
    fn it_holds_what_an_ordinary_set_holds_and_its_clones_do_not_change() {
        proptest!(ProptestConfig::with_cases(48), |(
            steps in prop::collection::vec((any::<bool>(), 0_u16..2_000), 0..4_000),
            from in 0_usize..2_500,
            length in 0_usize..300,
            at in 0_i64..700,
        )| {
            let (mut set, mut model) = (ByStart::default(), BTreeSet::new());
            let mut older = None;
            for (step, (adds, nth)) in steps.into_iter().enumerate() {
                if adds { set.insert(key(nth)) } else { set.remove(&key(nth)) }
                if adds { model.insert(key(nth)) } else { model.remove(&key(nth)) };
                if step == 1_000 {
                    older = Some((set.clone(), model.clone()));
                }
            }
            assert_same(&set, &model);
            if let Some((set, model)) = older {
                assert_same(&set, &model);
            }
            let ordered: Vec<_> = model.iter().copied().collect();
            let start = from.min(set.len());
            let end = (start + length).min(set.len());
            prop_assert_eq!(set.range(start..end).collect::<Vec<_>>(), &ordered[start..end]);
            prop_assert_eq!(set.range(start..end).rev().collect::<Vec<_>>().len(), end - start);
            let at = Timestamp::from_seconds(at);
            prop_assert_eq!(set.before(at), ordered.iter().filter(|key| key.0 < at).count());
        });
    }

    #[test]
    fn calls_that_come_and_go_in_order_leave_no_small_chunks_behind() {
        let mut set = ByStart::default();
        for nth in 0..60_000 {
            set.insert(key(nth));
            if nth >= 10_000 && nth % 50 != 0 {
                set.remove(&key(nth - 10_000));
            }
        }
        assert!(
            set.chunks.len() < 2 * set.len().div_ceil(MOST / 2),
            "{} for {}",
            set.chunks.len(),
            set.len()
        );
    }
}

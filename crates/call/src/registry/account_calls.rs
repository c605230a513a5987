//! The live calls of one account, ordered by their start, from any place on.

use std::{ops::Range, sync::Arc};

use rpds::HashTrieMapSync;

use super::by_start::{ByStart, Keys};
use crate::{id::CallId, state::Call, time::Timestamp};

/// The live calls of an account, oldest first; those of one instant by id.
///
/// An iterator from either end. How many there are, and how to get past many, it knows without a look at
/// them: `calls.rev().skip(5_000).take(100)` costs what its hundred calls cost.
#[derive(Clone)]
pub struct AccountCalls<'a> {
    calls: &'a HashTrieMapSync<CallId, Arc<Call>>,
    index: Option<&'a ByStart>,
    places: Range<usize>,
    keys: Option<Keys<'a>>,
}

impl<'a> AccountCalls<'a> {
    pub(super) fn new(calls: &'a HashTrieMapSync<CallId, Arc<Call>>, index: Option<&'a ByStart>) -> Self {
        Self::at(calls, index, 0..index.map_or(0, ByStart::len))
    }

    /// Those of them that began within `[from, to)`; found without a look at the others.
    #[must_use]
    pub fn begun(self, from: Timestamp, to: Timestamp) -> Self {
        let place = |at| self.index.map_or(0, |index| index.before(at));
        let start = place(from).clamp(self.places.start, self.places.end);
        let end = place(to).clamp(start, self.places.end);
        Self::at(self.calls, self.index, start..end)
    }

    fn at(
        calls: &'a HashTrieMapSync<CallId, Arc<Call>>,
        index: Option<&'a ByStart>,
        places: Range<usize>,
    ) -> Self {
        let keys = index.map(|index| index.range(places.clone()));
        Self { calls, index, places, keys }
    }

    /// Starts anew with only these places left.
    fn jump(&mut self, places: Range<usize>) {
        *self = Self::at(self.calls, self.index, places);
    }

    fn call(&self, id: CallId) -> Option<&'a Arc<Call>> {
        self.calls.get(&id)
    }
}

impl<'a> Iterator for AccountCalls<'a> {
    type Item = &'a Arc<Call>;

    fn next(&mut self) -> Option<Self::Item> {
        let (_, id) = self.keys.as_mut()?.next()?;
        self.places.start += 1;
        self.call(id)
    }

    fn nth(&mut self, skipped: usize) -> Option<Self::Item> {
        let start = self.places.start.saturating_add(skipped).min(self.places.end);
        self.jump(start..self.places.end);
        self.next()
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.places.len(), Some(self.places.len()))
    }

    fn count(self) -> usize {
        self.places.len()
    }
}

impl DoubleEndedIterator for AccountCalls<'_> {
    fn next_back(&mut self) -> Option<Self::Item> {
        let (_, id) = self.keys.as_mut()?.next_back()?;
        self.places.end -= 1;
        self.call(id)
    }

    fn nth_back(&mut self, skipped: usize) -> Option<Self::Item> {
        let end = self.places.end.saturating_sub(skipped).max(self.places.start);
        self.jump(self.places.start..end);
        self.next_back()
    }
}

impl ExactSizeIterator for AccountCalls<'_> {}

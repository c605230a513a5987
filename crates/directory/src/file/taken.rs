//! The names that entries of a directory file have taken, to find repeated ones and to resolve references.

use std::{borrow::Borrow, collections::HashMap, hash::Hash};

use super::table::Table;

/// What stands for each name, and the line that took it.
pub(super) struct Taken<K, V> {
    names: HashMap<K, (V, usize)>,
}

impl<K, V> Default for Taken<K, V> {
    fn default() -> Self {
        Self { names: HashMap::new() }
    }
}

impl<K: Hash + Eq, V: Copy> Taken<K, V> {
    /// Takes a name that the field `key` of `table` gives. A name that is taken already is reported.
    pub(super) fn take(&mut self, table: &Table<'_>, key: &'static str, name: K, value: V, accepted: &str) {
        match self.names.get(&name) {
            Some((_, first)) => table.refuse_repeated(key, *first, accepted),
            None => {
                self.names.insert(name, (value, table.line_of(key)));
            }
        }
    }

    /// What stands for a name.
    pub(super) fn get<Q: Hash + Eq + ?Sized>(&self, name: &Q) -> Option<V>
    where
        K: Borrow<Q>,
    {
        self.names.get(name).map(|(value, _)| *value)
    }
}

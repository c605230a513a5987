//! The longest prefix that fits a number.

use std::collections::HashMap;

/// Values by prefixes of digits. A look-up takes one step for each digit of the longest prefix, however
/// many prefixes there are.
pub(crate) struct PrefixTable<T> {
    values: HashMap<String, T>,
    longest: usize,
}

impl<T> Default for PrefixTable<T> {
    fn default() -> Self {
        Self { values: HashMap::new(), longest: 0 }
    }
}

impl<T: Default> PrefixTable<T> {
    /// The value of a prefix; the default if it had none.
    pub(crate) fn at(&mut self, prefix: &str) -> &mut T {
        self.longest = self.longest.max(prefix.len());
        self.values.entry(prefix.to_owned()).or_default()
    }

    /// The values of the prefixes that `digits` begin with, longest first.
    pub(crate) fn fitting(&self, digits: &str) -> impl Iterator<Item = &T> {
        let lengths = (0..=self.longest.min(digits.len())).rev();
        lengths.filter_map(move |length| self.values.get(digits.get(..length)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prefixes_that_fit_come_longest_first() {
        let mut table = PrefixTable::default();
        for prefix in ["4930", "", "49", "50"] {
            *table.at(prefix) = prefix.to_owned();
        }
        assert_eq!(table.fitting("493012").collect::<Vec<_>>(), ["4930", "49", ""]);
        assert_eq!(table.fitting("4").collect::<Vec<_>>(), [""]);
        assert_eq!(table.fitting("é").collect::<Vec<_>>(), [""]);
    }
}

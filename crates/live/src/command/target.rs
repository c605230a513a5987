//! Whom a number means that somebody has typed.

use call::{AccountId, Number, command::Target};
use directory::Snapshot;

use crate::Live;

/// Digits of a number outside.
const OUTSIDE: std::ops::RangeInclusive<usize> = 3..=15;

impl Live {
    /// An extension of the account, what the switch serves itself, or somebody outside; `None` if it is none of
    /// these.
    pub fn target(&self, directory: &Snapshot, account: AccountId, number: &Number) -> Option<Target> {
        let number = number.without_separators();
        if let Some(extension) = directory.extension(account, &number) {
            return Some(Target::Extension(extension.number.clone()));
        }
        let is_code = number.is_feature_code() && number.as_str().len() > 1;
        if is_code || self.switch().serves(&number) {
            return Some(Target::FeatureCode(number));
        }
        let is_dialable = number.digits().is_some_and(|digits| OUTSIDE.contains(&digits.len()));
        is_dialable.then_some(Target::Number(number))
    }
}

//! Whom a number means that somebody has typed.

use call::{AccountId, Number, command::Target};
use directory::Snapshot;

use crate::Live;

/// How many digits a number outside has: this and the texts below are all that say so.
const OUTSIDE: std::ops::RangeInclusive<usize> = 3..=15;

/// What [`Live::target`] takes, for whoever is refused.
pub const ACCEPTED_TARGET: &str =
    "an extension of the account, a parking slot, a feature code, or `+` or nothing and 3 to 15 digits";
/// What [`outside`] takes.
pub const ACCEPTED_OUTSIDE: &str = "`+` or nothing, then 3 to 15 digits";

impl Live {
    /// An extension of the account, what the switch serves itself, or somebody outside; `None` if it is none of
    /// these.
    pub fn target(&self, directory: &Snapshot, account: AccountId, number: &Number) -> Option<Target> {
        let number = number.without_separators();
        if let Some(extension) = directory.extension(account, &number) {
            return Some(Target::Extension(extension.number.clone()));
        }
        let served = || self.switch().serves(&number).then(|| Target::FeatureCode(number.clone()));
        feature_code(&number).or_else(served).or_else(|| outside(&number))
    }
}

/// A feature code: `*` or `#`, and something after it. Whether the switch has it is for the switch to say.
pub fn feature_code(number: &Number) -> Option<Target> {
    let is_code = number.is_feature_code() && number.as_str().len() > 1;
    is_code.then(|| Target::FeatureCode(number.clone()))
}

/// Somebody outside; `None` if it is no number that can be dialed.
pub fn outside(number: &Number) -> Option<Target> {
    let number = number.without_separators();
    let is_dialable = number.digits().is_some_and(|digits| OUTSIDE.contains(&digits.len()));
    is_dialable.then_some(Target::Number(number))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_dialable_is_as_it_is_told() {
        let told = format!("{} to {} digits", OUTSIDE.start(), OUTSIDE.end());
        assert!(ACCEPTED_TARGET.ends_with(&told) && ACCEPTED_OUTSIDE.ends_with(&told), "{told}");
        for digits in 1..=20 {
            let number = Number::from("1".repeat(digits));
            assert_eq!(outside(&number).is_some(), OUTSIDE.contains(&digits), "{digits} digits");
        }
    }
}

//! The country of a phone number.

use std::sync::LazyLock;

use call::Number;
use isocountry::CountryCode;

use crate::prefix::PrefixTable;

/// Fewest digits of a number that has a country: shorter ones are dialed inside a network.
const FEWEST_DIGITS: usize = 7;

/// ISO 3166-1 numeric code of the country that an international number belongs to, written with or without
/// `+`. `None` for short numbers, feature codes, and numbers that are not bound to one country.
pub fn country_of(number: &Number) -> Option<u16> {
    let digits = number.digits().filter(|_| has_country_digits(number))?;
    *COUNTRIES.fitting(digits).next()?
}

/// Whether a number is long enough to be dialed from everywhere.
pub(crate) fn has_country_digits(number: &Number) -> bool {
    number.digits().is_some_and(|digits| digits.len() >= FEWEST_DIGITS)
}

/// ISO 3166-1 numeric code of a country that is written in two letters, such as `DE`.
pub(crate) fn numeric_code(alpha2: &str) -> Option<u16> {
    let country = CountryCode::for_alpha2(alpha2).ok()?;
    u16::try_from(country.numeric_id()).ok()
}

/// The two letters of a country.
pub(crate) fn alpha2_of(numeric: u16) -> Option<&'static str> {
    CountryCode::for_id(numeric.into()).ok().map(|country| country.alpha2())
}

/// Countries by prefix; `None` for prefixes that are bound to none.
///
/// A table, because to match the patterns of a numbering plan takes up to milliseconds a number.
static COUNTRIES: LazyLock<PrefixTable<Option<u16>>> = LazyLock::new(|| {
    let mut countries = PrefixTable::default();
    let lines = include_str!("country/prefixes.txt").lines();
    for line in lines.filter(|line| !line.starts_with('#')) {
        let mut words = line.split(' ');
        let country = words.next().and_then(numeric_code);
        words.for_each(|prefix| *countries.at(prefix) = country);
    }
    countries
});

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_names_a_country_and_no_prefix_is_there_twice() {
        let text = include_str!("country/prefixes.txt");
        let mut seen = std::collections::HashSet::new();
        for line in text.lines().filter(|line| !line.starts_with('#')) {
            let (country, prefixes) = line.split_once(' ').unwrap();
            assert!(country == "--" || numeric_code(country).is_some(), "{line}");
            for prefix in prefixes.split(' ') {
                assert!(prefix.bytes().all(|byte| byte.is_ascii_digit()), "{line}");
                assert!(seen.insert(prefix), "{prefix} is there twice");
            }
        }
    }
}

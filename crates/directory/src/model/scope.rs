//! What a token, or a person, is let near: some areas of what the APIs give, or all.

use std::fmt;

use crate::words::Word;

/// An area of what the APIs give. Every route that wants credentials is of one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Area {
    /// Live calls.
    Calls,
    /// To place, change and end calls.
    Commands,
    /// Finished calls: records, recordings, notes, statistics, charts.
    History,
    /// Files of finished calls.
    Exports,
    /// The stream of events, and where it is sent.
    Events,
    /// Who is who: accounts, users, phones, trunks, lists of numbers, mailboxes.
    Directory,
    /// Rates, balances, payments, invoices.
    Billing,
    /// The audit trail, how the server is, who is kept out.
    System,
}

/// The areas that somebody may use.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Scope(u16);

impl Area {
    /// All of them.
    pub fn all() -> impl Iterator<Item = Self> {
        Self::WORDS.iter().map(|(area, _)| *area)
    }

    /// Its word in directory files, configurations and scopes of RFC 6749.
    pub fn name(self) -> &'static str {
        self.word()
    }

    /// The area of a word.
    pub fn named(word: &str) -> Option<Self> {
        Self::from_word(word)
    }
}

impl Scope {
    /// Every area, also those that are yet to come.
    pub const ALL: Self = Self(u16::MAX);
    /// No area.
    pub const NONE: Self = Self(0);

    /// These areas; all if none is named.
    pub fn of(areas: &[Area]) -> Self {
        if areas.is_empty() { Self::ALL } else { areas.iter().copied().collect() }
    }

    /// Whether an area is in it.
    pub const fn allows(self, area: Area) -> bool {
        self.0 & bit(area) != 0
    }

    /// What is in both.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// Whether nothing is in it.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The areas that are named; none if it is everything.
    pub fn named(self) -> impl Iterator<Item = Area> {
        Area::all().filter(move |area| self != Self::ALL && self.allows(*area))
    }
}

const fn bit(area: Area) -> u16 {
    1 << area as u16
}

impl Default for Scope {
    fn default() -> Self {
        Self::ALL
    }
}

impl FromIterator<Area> for Scope {
    fn from_iter<I: IntoIterator<Item = Area>>(areas: I) -> Self {
        Self(areas.into_iter().fold(0, |bits, area| bits | bit(area)))
    }
}

impl fmt::Debug for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if *self == Self::ALL { f.write_str("Scope(all)") } else { write!(f, "Scope({self})") }
    }
}

/// The words of its areas with blanks between them; nothing for everything.
impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let words: Vec<_> = self.named().map(Area::name).collect();
        f.write_str(&words.join(" "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scope_allows_what_it_names_and_everything_if_it_names_nothing() {
        for area in Area::all() {
            let (all, own) = (Scope::of(&[]), Scope::of(&[area]));
            assert!(all.allows(area) && own.allows(area) && !Scope::NONE.allows(area));
            assert!(Area::all().filter(|other| *other != area).all(|other| !own.allows(other)));
            assert_eq!(Area::named(area.name()), Some(area));
        }
        assert_eq!(Scope::ALL.to_string(), "");
        let some = Scope::of(&[Area::History, Area::Calls]);
        assert_eq!(some.to_string(), "calls history");
        assert_eq!(some.and(Scope::of(&[Area::History, Area::Events])), Scope::of(&[Area::History]));
        assert!(some.and(Scope::of(&[Area::Events])).is_empty());
        assert_eq!(Scope::ALL.and(some), some);
    }
}

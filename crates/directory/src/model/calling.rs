//! Where and when the calls of an account may go to the outside.

use std::fmt;

use call::{Number, Timestamp};
use jiff::{civil::Weekday, tz::TimeZone};

use crate::country::{country_of, has_country_digits};

/// What the operator lets the calls of an account to the outside do. What is empty forbids nothing. Numbers that are
/// too short to have a country, such as those of emergency services, are held to the prefixes alone.
#[derive(Clone, Debug, PartialEq)]
pub struct CallingRules {
    /// The only countries that may be called (ISO 3166-1 numeric).
    pub countries: Vec<u16>,
    /// Countries that may not be called.
    pub blocked_countries: Vec<u16>,
    /// Digits that each number must begin with one of.
    pub prefixes: Vec<String>,
    /// Digits that no number may begin with, unless longer ones of `prefixes` fit it.
    pub blocked_prefixes: Vec<String>,
    /// When calls may begin.
    pub hours: Vec<Hours>,
    /// Whose clock the hours go by.
    pub time_zone: TimeZone,
}

/// Hours of some days of the week.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hours {
    first: Weekday,
    last: Weekday,
    /// Minutes of the day.
    from: u16,
    /// Minutes of the day, up to and without.
    until: u16,
}

/// Which rule a call is against.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Forbidden {
    /// The country may not be called.
    Country,
    /// Numbers that begin so may not be called.
    Prefix,
    /// Not now.
    Hours,
}

impl Default for CallingRules {
    fn default() -> Self {
        Self {
            countries: Vec::new(),
            blocked_countries: Vec::new(),
            prefixes: Vec::new(),
            blocked_prefixes: Vec::new(),
            hours: Vec::new(),
            time_zone: TimeZone::UTC,
        }
    }
}

impl CallingRules {
    /// The rule that a call to a number of the outside which begins at an instant is against, if any.
    pub fn forbid(&self, dialed: &Number, at: Timestamp) -> Option<Forbidden> {
        if !self.allows_prefix(dialed) {
            return Some(Forbidden::Prefix);
        }
        if !has_country_digits(dialed) {
            return None;
        }
        if !self.allows_country(dialed) {
            return Some(Forbidden::Country);
        }
        (!self.allows_hour(at)).then_some(Forbidden::Hours)
    }

    fn allows_prefix(&self, dialed: &Number) -> bool {
        let number = dialed.without_plus();
        let longest = |prefixes: &[String]| {
            let fitting = prefixes.iter().filter(|prefix| number.starts_with(prefix.as_str()));
            fitting.map(String::len).max()
        };
        match (longest(&self.prefixes), longest(&self.blocked_prefixes)) {
            (allowed, Some(blocked)) => allowed.is_some_and(|allowed| allowed > blocked),
            (Some(_), None) => true,
            (None, None) => self.prefixes.is_empty(),
        }
    }

    /// A number that belongs to no one country, such as a satellite's, is in no list. One that begins with 0 is in
    /// a national or another network's form: where a trunk takes it to is not known, so it may be a blocked country.
    fn allows_country(&self, dialed: &Number) -> bool {
        let country = country_of(dialed);
        let is_in = |countries: &[u16]| country.is_some_and(|country| countries.contains(&country));
        let may_be_blocked = !self.blocked_countries.is_empty() && dialed.without_plus().starts_with('0');
        (self.countries.is_empty() || is_in(&self.countries))
            && !is_in(&self.blocked_countries)
            && !may_be_blocked
    }

    fn allows_hour(&self, at: Timestamp) -> bool {
        if self.hours.is_empty() {
            return true;
        }
        let Ok(at) = jiff::Timestamp::from_microsecond(at.as_micros()) else { return false };
        let local = at.to_zoned(self.time_zone.clone());
        let minute = local.hour() as u16 * 60 + local.minute() as u16;
        self.hours.iter().any(|hours| hours.has(local.weekday(), minute))
    }
}

const DAYS: [(Weekday, &str); 7] = [
    (Weekday::Monday, "mon"),
    (Weekday::Tuesday, "tue"),
    (Weekday::Wednesday, "wed"),
    (Weekday::Thursday, "thu"),
    (Weekday::Friday, "fri"),
    (Weekday::Saturday, "sat"),
    (Weekday::Sunday, "sun"),
];

impl Hours {
    /// Reads `mon-fri 08:00-18:00` or `sat 09:00-24:00`.
    pub fn parse(text: &str) -> Option<Self> {
        let (days, times) = text.split_once(' ')?;
        let (first, last) = days.split_once('-').unwrap_or((days, days));
        let (from, until) = times.split_once('-')?;
        let hours = Self { first: day(first)?, last: day(last)?, from: minute(from)?, until: minute(until)? };
        (hours.from < hours.until).then_some(hours)
    }

    /// Days go round: `fri-mon` is Friday to Monday.
    fn has(&self, day: Weekday, minute: u16) -> bool {
        let from_first = |day: Weekday| self.first.until(day);
        from_first(day) <= from_first(self.last) && (self.from..self.until).contains(&minute)
    }
}

fn day(text: &str) -> Option<Weekday> {
    DAYS.iter().find(|(_, name)| *name == text).map(|(day, _)| *day)
}

/// Minutes of the day of `08:00`, up to `24:00`.
fn minute(text: &str) -> Option<u16> {
    let (hour, minute) = text.split_once(':')?;
    let is_number = |text: &str| text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_digit());
    let number = |text: &str| is_number(text).then(|| text.parse::<u16>().ok())?;
    let (hour, minute) = (number(hour)?, number(minute)?);
    let total = hour * 60 + minute;
    (minute < 60 && total <= 24 * 60).then_some(total)
}

impl fmt::Display for Hours {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = |day: Weekday| DAYS.iter().find(|(known, _)| *known == day).map_or("", |(_, name)| name);
        f.write_str(name(self.first))?;
        if self.first != self.last {
            write!(f, "-{}", name(self.last))?;
        }
        let clock = |minute: u16| format!("{:02}:{:02}", minute / 60, minute % 60);
        write!(f, " {}-{}", clock(self.from), clock(self.until))
    }
}

impl Forbidden {
    /// The rule in one word, for the log and for what is counted.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Country => "country",
            Self::Prefix => "prefix",
            Self::Hours => "hours",
        }
    }
}

//! Stretches of the calendar, in UTC.

use std::time::Duration;

use crate::time::Timestamp;

/// Into what stretches time is cut. They begin where the calendar's do, in UTC; weeks begin on Sunday.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Sampling {
    /// A minute.
    Minute,
    /// Five minutes.
    FiveMinutes,
    /// A quarter of an hour.
    FifteenMinutes,
    /// An hour.
    Hour,
    /// A day.
    Day,
    /// A week.
    Week,
    /// A month.
    Month,
}

const DAY: i64 = 86_400;
/// 1970-01-01, from which instants are counted, was a Thursday.
const SUNDAY_BEFORE_EPOCH: i64 = -4 * DAY;
/// Days in four hundred years, after which the calendar repeats itself.
const DAYS_IN_CYCLE: i64 = 146_097;

impl Sampling {
    /// The first instant of the stretch that `at` lies in.
    pub fn start_of(self, at: Timestamp) -> Timestamp {
        let seconds = at.as_seconds();
        Timestamp::from_seconds(match self.length() {
            Some(length) => {
                let length = i64::try_from(length.as_secs()).unwrap_or(DAY);
                let offset = if self == Self::Week { SUNDAY_BEFORE_EPOCH } else { 0 };
                seconds - (seconds - offset).rem_euclid(length)
            }
            None => first_of_month(seconds.div_euclid(DAY)) * DAY,
        })
    }

    /// How long a stretch is; `None` for months, which differ.
    pub fn length(self) -> Option<Duration> {
        let seconds = match self {
            Self::Minute => 60,
            Self::FiveMinutes => 300,
            Self::FifteenMinutes => 900,
            Self::Hour => 3_600,
            Self::Day => 86_400,
            Self::Week => 7 * 86_400,
            Self::Month => return None,
        };
        Some(Duration::from_secs(seconds))
    }
}

/// The first day of the month of `day`, both counted from 1970-01-01, by the Gregorian calendar.
fn first_of_month(day: i64) -> i64 {
    // Exact but for the days around a turn of the year.
    let guess = 1970 + (day * 400).div_euclid(DAYS_IN_CYCLE);
    let years = [guess + 1, guess, guess - 1];
    let year = years.into_iter().find(|year| first_of_year(*year) <= day).unwrap_or(guess);
    let mut first = first_of_year(year);
    for length in month_lengths(year) {
        if day < first + length {
            break;
        }
        first += length;
    }
    first
}

/// The first day of a year, counted from 1970-01-01.
fn first_of_year(year: i64) -> i64 {
    365 * (year - 1970) + leap_years_before(year) - leap_years_before(1970)
}

/// Leap years from year 0 on; negative for those that lie before it.
fn leap_years_before(year: i64) -> i64 {
    let last = year - 1;
    last.div_euclid(4) - last.div_euclid(100) + last.div_euclid(400)
}

fn month_lengths(year: i64) -> [i64; 12] {
    let february = 28 + leap_years_before(year + 1) - leap_years_before(year);
    [31, february, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
}

//! What a clock on the wall shows, a million times over: calls that come one after the other share their minute.

use std::fmt::Write;

use call::Timestamp;
use http_core::time::in_zone;
use jiff::{Zoned, tz::TimeZone};

use crate::wire::cdr_export::TimeFormatWire;

/// Minutes that are kept.
const KEPT: usize = 64;

const SECOND: i64 = 1_000_000;
const MINUTE: i64 = 60 * SECOND;

/// A clock in a zone.
pub struct Wall {
    format: TimeFormatWire,
    zone: TimeZone,
    /// Those minutes that came last, each where its number says.
    minutes: Vec<Option<Shown>>,
}

/// What the clock shows in a minute of UTC.
struct Shown {
    minute: i64,
    /// Up to the seconds.
    before: String,
    /// The offset, if it is shown.
    after: String,
}

impl Wall {
    /// A clock that shows times in this form.
    pub fn new(format: TimeFormatWire, zone: TimeZone) -> Self {
        Self { format, zone, minutes: (0..KEPT).map(|_| None).collect() }
    }

    /// Prints what it shows at an instant.
    pub fn print(&mut self, at: Timestamp, out: &mut Vec<u8>) {
        let (minute, within) = (at.as_micros().div_euclid(MINUTE), at.as_micros().rem_euclid(MINUTE));
        let place = minute.rem_euclid(KEPT as i64) as usize;
        if self.minutes[place].as_ref().is_none_or(|shown| shown.minute != minute) {
            self.minutes[place] = self.shown(minute);
        }
        match &self.minutes[place] {
            Some(shown) => {
                out.extend_from_slice(shown.before.as_bytes());
                print_seconds(self.format, within, out);
                out.extend_from_slice(shown.after.as_bytes());
            }
            None => out.extend_from_slice(self.whole(at).as_bytes()),
        }
    }

    /// What is the same in the whole of a minute; `None` if the clock is changed within it, or goes by other minutes
    /// than UTC.
    fn shown(&self, minute: i64) -> Option<Shown> {
        let start = minute.checked_mul(MINUTE)?;
        let ends = [start, start.checked_add(MINUTE - 1)?].map(Timestamp::from_micros);
        let [first, last] = ends.map(|at| in_zone(at, &self.zone));
        let is_even = first.offset() == last.offset() && first.offset().seconds() % 60 == 0;
        let is_told = is_even && first.timestamp().as_microsecond() == start && first.year() >= 0;
        is_told.then(|| Shown {
            minute,
            before: first.strftime("%F %H:%M:").to_string(),
            after: match self.format {
                TimeFormatWire::WithTimezone => offset(&first),
                TimeFormatWire::WithoutTimezone | TimeFormatWire::RoundToSeconds => String::new(),
            },
        })
    }

    fn whole(&self, at: Timestamp) -> String {
        let at = in_zone(at, &self.zone);
        match self.format {
            TimeFormatWire::RoundToSeconds => at.strftime("%F %T").to_string(),
            TimeFormatWire::WithoutTimezone => at.strftime("%F %T%.6f").to_string(),
            TimeFormatWire::WithTimezone => format!("{}{}", at.strftime("%F %T%.6f"), offset(&at)),
        }
    }
}

/// Seconds of a minute, with six places unless they are to be rounded down.
fn print_seconds(format: TimeFormatWire, micros: i64, out: &mut Vec<u8>) {
    let digit = |number: i64| b'0' + (number % 10) as u8;
    let seconds = micros / SECOND;
    out.extend_from_slice(&[digit(seconds / 10), digit(seconds)]);
    if format != TimeFormatWire::RoundToSeconds {
        out.push(b'.');
        let places = [100_000, 10_000, 1_000, 100, 10, 1];
        out.extend(places.map(|place| digit(micros / place)));
    }
}

/// As PostgreSQL writes it: minutes and seconds only where there are any.
fn offset(at: &Zoned) -> String {
    let total = at.offset().seconds();
    let sign = if total < 0 { '-' } else { '+' };
    let total = total.unsigned_abs();
    let (hours, minutes, seconds) = (total / 3_600, total / 60 % 60, total % 60);
    let mut text = format!("{sign}{hours:02}");
    if (minutes, seconds) != (0, 0) {
        let _ = write!(text, ":{minutes:02}");
    }
    if seconds != 0 {
        let _ = write!(text, ":{seconds:02}");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_of_a_minute_shows_what_the_clock_shows() {
        let formats =
            [TimeFormatWire::RoundToSeconds, TimeFormatWire::WithoutTimezone, TimeFormatWire::WithTimezone];
        // Berlin sets its clocks on 2026-03-29, 01:00 UTC; Monrovia was 44 minutes and 30 seconds behind until 1972.
        let starts = [1_774_746_000, 63_072_000, 0, -1, -62_135_596_800, 253_402_300_799];
        for (zone, format) in ["UTC", "Europe/Berlin", "Asia/Kathmandu", "Africa/Monrovia"]
            .iter()
            .flat_map(|zone| formats.map(|format| (zone, format)))
        {
            let mut wall = Wall::new(format, TimeZone::get(zone).unwrap());
            for start in starts {
                for micros in [-60_000_001, -1_000_000, -1, 0, 1, 999_999, 59_999_999, 3_600_000_000] {
                    let at = Timestamp::from_micros(start * SECOND + micros);
                    let mut out = Vec::new();
                    wall.print(at, &mut out);
                    assert_eq!(String::from_utf8(out).unwrap(), wall.whole(at), "{zone} {format:?}");
                }
            }
        }
    }
}

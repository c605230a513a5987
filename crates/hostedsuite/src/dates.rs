//! Dates as text (section 1.3). A text without an offset is in the configured zone.
//!
//! Answers show whole seconds. So the end of a range, written without a fraction, takes in its whole second:
//! whoever asks for the times that an answer showed finds the calls that it showed them for.

use std::time::Duration;

use call::Timestamp;
use http_core::time::{in_zone, instant};
use jiff::{
    civil::{Date, DateTime},
    fmt::{strtime, temporal::Pieces},
    tz::TimeZone,
};

use super::{dto::read::Misfit, errors::Fault};

/// How answers write an instant.
const SHOWN: &str = "%Y-%m-%d %H:%M:%S";
/// A US date.
const US_DATE: &str = "%m/%d/%Y";
/// A US date with its time.
const US_TIMES: [&str; 4] =
    ["%m/%d/%Y %H:%M", "%m/%d/%Y %H:%M:%S", "%m/%d/%Y %I:%M %p", "%m/%d/%Y %I:%M:%S %p"];
/// What a wrong date is told.
const ACCEPTED: &str = "ISO 8601, yyyy-MM-dd[ HH:mm[:ss]], yyyyMMdd, M/d/yyyy[ H:mm[:ss][ AM|PM]], \
                        /Date(milliseconds)/";

/// An instant as answers show it.
pub fn print(at: Timestamp, zone: &TimeZone) -> String {
    in_zone(at, zone).strftime(SHOWN).to_string()
}

/// The first instant of a range that begins with `text`.
pub fn parse_start(text: &str, zone: &TimeZone) -> Result<Timestamp, Misfit> {
    let start = match parse(text)? {
        Moment::Instant(at) => at,
        Moment::Day(date) => start_of_day(date, zone),
        Moment::Local(local) => local_instant(local, zone, Fold::First),
    };
    Ok(start)
}

/// The first instant after a range that ends with `text`; the latest of all if the calendar ends before it.
pub fn parse_end(text: &str, zone: &TimeZone) -> Result<Timestamp, Misfit> {
    let last = match parse(text)? {
        Moment::Instant(at) => at,
        Moment::Day(date) => {
            return Ok(date.tomorrow().map_or(Timestamp::MAX, |next| start_of_day(next, zone)));
        }
        Moment::Local(local) => local_instant(local, zone, Fold::Second),
    };
    let has_fraction = last.as_micros().rem_euclid(1_000_000) != 0;
    Ok(last + if has_fraction { Duration::from_micros(1) } else { Duration::from_secs(1) })
}

/// What a text says, before its zone is known.
#[derive(Debug, PartialEq)]
enum Moment {
    Instant(Timestamp),
    Day(Date),
    Local(DateTime),
}

/// Which of two readings of a local time is meant when clocks are set back. In the gap when they are set
/// forward, the first reading is the earlier instant too.
#[derive(Clone, Copy)]
enum Fold {
    First,
    Second,
}

fn parse(text: &str) -> Result<Moment, Misfit> {
    let text = text.trim();
    let moment = wcf(text).or_else(|| us(text)).or_else(|| iso(text));
    moment.ok_or(Misfit { fault: Fault::Malformed, accepted: ACCEPTED })
}

/// ISO 8601, also with a blank for the `T` and without separators. Zone names are not accepted.
fn iso(text: &str) -> Option<Moment> {
    let pieces = Pieces::parse(text).ok().filter(|pieces| pieces.time_zone_annotation().is_none())?;
    let date = pieces.date();
    let Some(time) = pieces.time() else { return Some(Moment::Day(date)) };
    let local = date.to_datetime(time);
    match pieces.to_numeric_offset() {
        Some(offset) => offset.to_timestamp(local).ok().map(|at| Moment::Instant(instant(at))),
        None => Some(Moment::Local(local)),
    }
}

/// Month before day, a year of four digits.
fn us(text: &str) -> Option<Moment> {
    let (date, _) = text.split_once(' ').unwrap_or((text, ""));
    date.rsplit('/').next().filter(|year| year.len() == 4)?;
    let day = || strtime::parse(US_DATE, text).ok()?.to_date().ok().map(Moment::Day);
    let local = |format: &str| strtime::parse(format, text).ok()?.to_datetime().ok();
    day().or_else(|| US_TIMES.iter().find_map(|format| local(format)).map(Moment::Local))
}

/// Microsoft's `/Date(ms)/` or `/Date(ms±hhmm)/`. The milliseconds are UTC; the offset only says where they
/// were written.
fn wcf(text: &str) -> Option<Moment> {
    let inner = text.strip_prefix("/Date(")?.strip_suffix(")/")?;
    let sign = inner.char_indices().skip(1).find(|(_, c)| matches!(c, '+' | '-')).map(|(at, _)| at);
    let (millis, offset) = inner.split_at(sign.unwrap_or(inner.len()));
    let is_offset = |digits: &str| digits.len() == 4 && digits.bytes().all(|byte| byte.is_ascii_digit());
    if !offset.is_empty() && !offset.get(1..).is_some_and(is_offset) {
        return None;
    }
    let millis: i64 = millis.parse().ok()?;
    Some(Moment::Instant(Timestamp::from_micros(millis.saturating_mul(1_000))))
}

fn start_of_day(date: Date, zone: &TimeZone) -> Timestamp {
    date.to_zoned(zone.clone()).map_or(edge(date), |start| instant(start.timestamp()))
}

fn local_instant(local: DateTime, zone: &TimeZone, fold: Fold) -> Timestamp {
    let readings = zone.to_ambiguous_timestamp(local);
    let reading = match fold {
        Fold::First => readings.earlier(),
        Fold::Second => readings.later(),
    };
    reading.map_or(edge(local.date()), instant)
}

/// For the calendar's first and last day, parts of which no instant can show in some zones.
fn edge(date: Date) -> Timestamp {
    if date.year() < 0 { Timestamp::MIN } else { Timestamp::MAX }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn new_york() -> TimeZone {
        TimeZone::get("America/New_York").unwrap()
    }

    fn start(text: &str) -> String {
        shown(parse_start(text, &TimeZone::UTC))
    }

    fn end(text: &str) -> String {
        shown(parse_end(text, &TimeZone::UTC))
    }

    fn shown(parsed: Result<Timestamp, Misfit>) -> String {
        match parsed {
            Ok(at) => in_zone(at, &TimeZone::UTC).strftime("%Y-%m-%d %H:%M:%S%.f").to_string(),
            Err(misfit) => misfit.fault.name().to_owned(),
        }
    }

    #[test]
    fn every_accepted_notation_is_read() {
        for (text, expected) in [
            ("2026-03-01", "2026-03-01 00:00:00"),
            ("20260301", "2026-03-01 00:00:00"),
            ("2026-03-01 09:05", "2026-03-01 09:05:00"),
            ("2026-03-01 09:05:07", "2026-03-01 09:05:07"),
            ("2026-03-01T09:05:07", "2026-03-01 09:05:07"),
            ("2026-03-01T09:05:07.25", "2026-03-01 09:05:07.25"),
            ("2026-03-01T09:05:07Z", "2026-03-01 09:05:07"),
            ("2026-03-01T09:05:07+02:00", "2026-03-01 07:05:07"),
            ("2026-03-01T09:05:07.5-0430", "2026-03-01 13:35:07.5"),
            ("3/1/2026", "2026-03-01 00:00:00"),
            ("03/01/2026 9:05", "2026-03-01 09:05:00"),
            ("3/1/2026 21:05:07", "2026-03-01 21:05:07"),
            ("3/1/2026 9:05 PM", "2026-03-01 21:05:00"),
            ("3/1/2026 12:05:07 am", "2026-03-01 00:05:07"),
            ("/Date(1772356507250)/", "2026-03-01 09:15:07.25"),
            ("/Date(1772356507250+0200)/", "2026-03-01 09:15:07.25"),
            ("/Date(-1000-0500)/", "1969-12-31 23:59:59"),
            (" 2026-03-01 ", "2026-03-01 00:00:00"),
            ("0001-01-01T00:00:00", "0001-01-01 00:00:00"),
        ] {
            assert_eq!(start(text), expected, "{text}");
        }
    }

    #[test]
    fn anything_else_is_refused() {
        for text in [
            "String",
            "yesterday",
            "2026-02-30",
            "2026-13-01",
            "31/12/2026",
            "3/1/26",
            "3/1/2026 13:05 PM",
            "3/1/2026 25:00",
            "2026-03-01T09:05:07[Europe/Vienna]",
            "2026-03-01T09:05:07+99:00",
            "/Date()/",
            "/Date(12x)/",
            "/Date(1000+02)/",
            "/Date(99999999999999999999)/",
            "2026",
            "1772356507",
            "99999-01-01",
            "3/1/2026/",
            "\u{663}/1/2026",
        ] {
            assert_eq!(start(text), "FormatException", "{text}");
        }
    }

    #[test]
    fn an_end_takes_in_what_it_names() {
        assert_eq!(end("2026-03-01"), "2026-03-02 00:00:00");
        assert_eq!(end("3/1/2026"), "2026-03-02 00:00:00");
        assert_eq!(end("2026-03-01 09:05"), "2026-03-01 09:05:01");
        assert_eq!(end("2026-03-01 09:05:07.25"), "2026-03-01 09:05:07.250001");
        assert_eq!(end("2026-03-01T09:05:07Z"), "2026-03-01 09:05:08");
    }

    #[test]
    fn the_ends_of_the_calendar_are_no_fault() {
        assert!(parse_end("9999-12-31", &new_york()).is_ok_and(|at| at == Timestamp::MAX));
        assert!(parse_end("9999-12-31 23:59:59", &new_york()).is_ok());
        assert!(parse_start("-009999-01-01", &TimeZone::get("Asia/Tokyo").unwrap()).is_ok());
        assert!(parse_end("/Date(9223372036854775807)/", &TimeZone::UTC).is_ok());
    }

    #[test]
    fn local_times_are_of_the_configured_zone() {
        assert_eq!(shown(parse_start("2026-03-01 09:05", &new_york())), "2026-03-01 14:05:00");
        assert_eq!(shown(parse_start("2026-07-01", &new_york())), "2026-07-01 04:00:00");
        assert_eq!(shown(parse_end("2026-07-01", &new_york())), "2026-07-02 04:00:00");
        let at = parse_start("2026-07-01 00:00:00", &new_york());
        assert_eq!(at.map(|at| print(at, &new_york())).ok().as_deref(), Some("2026-07-01 00:00:00"));
    }

    #[test]
    fn a_range_in_the_hour_that_comes_twice_takes_in_both() {
        assert_eq!(shown(parse_start("2026-11-01 01:30", &new_york())), "2026-11-01 05:30:00");
        assert_eq!(shown(parse_end("2026-11-01 01:30", &new_york())), "2026-11-01 06:30:01");
    }
}

//! Between the dialect's texts and the core's values.

use std::{borrow::Cow, net::IpAddr, time::Duration};

use call::Timestamp;
use jiff::{
    SignedDuration,
    civil::{DateTime, Time},
    fmt::temporal::Pieces,
    tz::{AmbiguousOffset, Offset, TimeZone},
};
use rust_decimal::{Decimal, RoundingStrategy};
use serde_json::Value;
use uuid::Uuid;

const EPOCH: DateTime = DateTime::constant(1970, 1, 1, 0, 0, 0, 0);
/// Length of a UUID in the only form that the dialect takes: 8-4-4-4-12 hex digits.
const UUID_LENGTH: usize = 36;

/// An id in the only form that the dialect takes.
pub fn uuid(text: &str) -> Option<Uuid> {
    Uuid::try_parse(text).ok().filter(|_| text.len() == UUID_LENGTH)
}

/// An instant (contract yeti.md, 6.1): a date, with or without a time after a blank or `T`, with or without
/// an offset from UTC. Without an offset it is UTC.
pub fn time(text: &str) -> Option<Timestamp> {
    time_in(text, &TimeZone::UTC)
}

/// The same; without an offset it is the local time of a zone. Midnight may be written as the end of the day
/// before it, 24:00 (ISO 8601, section 4.2.3 of the edition of 2004).
pub fn time_in(text: &str, zone: &TimeZone) -> Option<Timestamp> {
    let (text, is_end_of_day) = without_hour_24(text.trim());
    let pieces = Pieces::parse(&*text).ok().filter(|pieces| pieces.time_zone_annotation().is_none())?;
    let time = pieces.time().unwrap_or_default();
    let midnight =
        if is_end_of_day { Some(time).filter(|time| *time == Time::midnight()) } else { Some(time) };
    let civil = DateTime::from_parts(pieces.date(), midnight?);
    let day = SignedDuration::from_hours(if is_end_of_day { 24 } else { 0 });
    let civil = civil.checked_add(day).ok()?;
    let offset = pieces.to_numeric_offset().unwrap_or_else(|| offset_of(civil, zone));
    let since_epoch = civil.duration_since(EPOCH) - SignedDuration::from_secs(offset.seconds().into());
    i64::try_from(since_epoch.as_micros()).ok().map(Timestamp::from_micros)
}

/// The text with hour 0 for hour 24, and whether it had that.
fn without_hour_24(text: &str) -> (Cow<'_, str>, bool) {
    match text.split_once(['T', 't', ' ']) {
        Some((date, time)) if time.starts_with("24") => (format!("{date}T00{}", &time[2..]).into(), true),
        _ => (text.into(), false),
    }
}

/// The offset of a zone at a local time. One that the clock skips, or has twice, is read as RFC 5545 says.
fn offset_of(civil: DateTime, zone: &TimeZone) -> Offset {
    match zone.to_ambiguous_zoned(civil).offset() {
        AmbiguousOffset::Unambiguous { offset: before }
        | AmbiguousOffset::Gap { before, .. }
        | AmbiguousOffset::Fold { before, .. } => before,
    }
}

/// How exactly instants are shown, and so compared: what is shown as the same is the same.
pub const SHOWN: Duration = Duration::from_millis(1);

/// The instant as it is shown: in whole milliseconds.
pub fn shown_instant(at: Timestamp) -> Timestamp {
    let micros = at.as_micros();
    Timestamp::from_micros(micros.saturating_sub(micros.rem_euclid(1_000)))
}

/// An IP address; one of version 4 that is written as version 6 is of version 4.
pub fn address(text: &str) -> Option<IpAddr> {
    text.parse::<IpAddr>().ok().map(|address| address.to_canonical())
}

/// Date and time of an instant in UTC. Instants outside the calendar's range (±9999 years) are moved to its
/// ends.
pub fn utc(at: Timestamp) -> DateTime {
    EPOCH.saturating_add(SignedDuration::from_micros(at.as_micros()))
}

/// Yes or no, as filters and parameters say it.
pub fn boolean(text: &str) -> Option<bool> {
    match text {
        "true" | "TRUE" | "t" | "T" | "1" => Some(true),
        "false" | "FALSE" | "f" | "F" | "0" => Some(false),
        _ => None,
    }
}

/// A number rounded to so many places, halves away from zero.
pub fn rounded(number: Decimal, places: u32) -> Decimal {
    number.round_dp_with_strategy(places, RoundingStrategy::MidpointAwayFromZero)
}

/// A value as it stands in an error's text.
pub fn shown(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// Whether a value says yes, in any of the spellings of Ruby on Rails; absent says no.
pub fn is_true(value: &Value) -> bool {
    const NO: [&str; 8] = ["", "0", "f", "F", "false", "FALSE", "off", "OFF"];
    !(value.is_null() || NO.contains(&shown(value).as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seconds(text: &str) -> Option<i64> {
        time(text).map(Timestamp::as_seconds)
    }

    #[test]
    fn times_are_read_in_every_form_of_the_contract() {
        let texts = [
            "2019-01-01 00:00:00",
            "2019-01-01T00:00:00",
            "2019-01-01T00:00:00.000Z",
            "2019-01-01T02:00:00+02",
            "2019-01-01T02:00:00+0200",
            "2019-01-01 02:00:00+02:00",
            "2018-12-31T19:00:00-05:00",
            "2019-01-01",
        ];
        for text in texts {
            assert_eq!(seconds(text), Some(1_546_300_800), "{text}");
        }
        let ends_of_days = ["2018-12-31T24:00:00Z", "2018-12-31 24:00", "2018-12-31T24:00:00.000+00:00"];
        for text in ends_of_days {
            assert_eq!(seconds(text), Some(1_546_300_800), "{text}");
        }
        assert_eq!(seconds("9999-12-31 23:59:59"), Some(253_402_300_799));
        assert_eq!(time("2019-01-01 00:00:00.25").map(Timestamp::as_micros), Some(1_546_300_800_250_000));
    }

    #[test]
    fn an_instant_is_shown_as_it_was_read() {
        for text in
            ["0001-01-01T00:00:00", "1969-12-31T23:59:59.9", "2026-02-28T12:00:00", "9999-12-31T23:59:59"]
        {
            assert_eq!(time(text).map(utc), text.parse().ok(), "{text}");
        }
    }

    #[test]
    fn times_without_an_offset_are_those_of_a_zone() {
        let kyiv = TimeZone::get("Europe/Kyiv").unwrap();
        let cases = [
            ("2019-01-01 02:00:00", 1_546_300_800),
            ("2018-12-31T24:00", 1_546_293_600),
            ("2019-01-01T00:00:00Z", 1_546_300_800),
            // Skipped, and twice: an hour later, and the first.
            ("2019-03-31 03:30:00", 1_553_995_800),
            ("2019-10-27 03:30:00", 1_572_136_200),
        ];
        for (text, seconds) in cases {
            assert_eq!(time_in(text, &kyiv).map(Timestamp::as_seconds), Some(seconds), "{text}");
        }
    }

    #[test]
    fn what_is_no_time_is_refused() {
        for text in [
            "",
            "now",
            "12:00",
            "2019-13-01",
            "2019-02-30 00:00:00",
            "1546300800",
            "2019-01-01T25:00:00Z",
            "2019-01-01T24:00:01Z",
            "2019-01-01T24:30",
        ] {
            assert_eq!(seconds(text), None, "{text}");
        }
        assert_eq!(seconds("2019-01-01T00:00:00Z[Europe/Kyiv]"), None);
    }

    #[test]
    fn ids_are_taken_in_one_form_only() {
        let id = "aac8a832-a26e-11ef-a008-0242ac120003";
        assert!(uuid(id).is_some());
        assert_eq!(uuid(&id.replace('-', "")), None);
        assert_eq!(uuid(&format!("{{{id}}}")), None);
        assert_eq!(uuid("abc"), None);
    }
}

//! Between the dialect's texts and the core's values.

use std::{net::IpAddr, time::Duration};

use call::Timestamp;
use jiff::{SignedDuration, civil::DateTime, fmt::temporal::Pieces, tz::Offset};
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
    let pieces = Pieces::parse(text.trim()).ok().filter(|pieces| pieces.time_zone_annotation().is_none())?;
    let civil = DateTime::from_parts(pieces.date(), pieces.time().unwrap_or_default());
    let offset = pieces.to_numeric_offset().unwrap_or(Offset::UTC);
    let since_epoch = civil.duration_since(EPOCH) - SignedDuration::from_secs(offset.seconds().into());
    i64::try_from(since_epoch.as_micros()).ok().map(Timestamp::from_micros)
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
    fn what_is_no_time_is_refused() {
        for text in
            ["", "now", "12:00", "2019-13-01", "2019-02-30 00:00:00", "1546300800", "2019-01-01T25:00:00Z"]
        {
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

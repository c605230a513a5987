//! Between [`Timestamp`] and calendar dates.

use call::Timestamp;
use jiff::tz::TimeZone;

/// The calendar date and time of an instant in a zone. Instants outside the calendar's range (±9999 years)
/// are moved to its ends.
pub fn in_zone(at: Timestamp, zone: &TimeZone) -> jiff::Zoned {
    let (least, most) = (jiff::Timestamp::MIN.as_microsecond(), jiff::Timestamp::MAX.as_microsecond());
    let instant = jiff::Timestamp::from_microsecond(at.as_micros().clamp(least, most));
    instant.unwrap_or(jiff::Timestamp::UNIX_EPOCH).to_zoned(zone.clone())
}

/// The instant of a calendar date and time.
pub fn instant(at: jiff::Timestamp) -> Timestamp {
    Timestamp::from_micros(at.as_microsecond())
}

/// An instant as RFC 3339 says it, in UTC, with microseconds.
pub fn rfc3339(at: Timestamp) -> String {
    in_zone(at, &TimeZone::UTC).strftime("%Y-%m-%dT%H:%M:%S%.6fZ").to_string()
}

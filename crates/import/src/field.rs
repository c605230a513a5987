//! What a field says, or what is wrong with it.

use std::{
    fmt,
    net::{IpAddr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use call::{Timestamp, event::SipStatus};
use jiff::{civil, tz::TimeZone};
use rust_decimal::Decimal;

/// Something that cannot be understood.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{field}: found {found}, accepted: {accepted}")]
pub struct Mistake {
    /// The column or key.
    pub field: String,
    /// What stands there, shortened.
    pub found: String,
    /// What may.
    pub accepted: String,
}

/// Characters of what was found that are shown.
const SHOWN: usize = 60;

impl Mistake {
    /// A text where something else is accepted.
    pub(crate) fn new(field: &str, found: &str, accepted: impl Into<String>) -> Self {
        let shown: String = found.chars().take(SHOWN).collect();
        let found = if found.is_empty() { "nothing".to_owned() } else { format!("{shown:?}") };
        Self { field: field.to_owned(), found, accepted: accepted.into() }
    }
}

/// A field of a line, with its name.
#[derive(Clone, Copy)]
pub(crate) struct Field<'a> {
    pub(crate) name: &'a str,
    /// Blanks at its ends are none of it.
    pub(crate) text: &'a str,
}

/// Characters of a text that is kept.
const MOST: usize = 500;

impl<'a> Field<'a> {
    pub(crate) fn new(name: &'a str, text: &'a str) -> Self {
        Self { name, text: text.trim() }
    }

    fn wrong(&self, accepted: &str) -> Mistake {
        Mistake::new(self.name, self.text, accepted)
    }

    /// `None` if nothing stands there; PostgreSQL writes `\N` for that.
    pub(crate) fn given(self) -> Option<Self> {
        (!self.text.is_empty() && self.text != "\\N").then_some(self)
    }

    pub(crate) fn text(self) -> Result<Option<Arc<str>>, Mistake> {
        let Some(given) = self.given() else { return Ok(None) };
        let is_text = given.text.chars().count() <= MOST && !given.text.contains(char::is_control);
        let accepted = "text of at most 500 characters without control characters";
        if is_text { Ok(Some(given.text.into())) } else { Err(self.wrong(accepted)) }
    }

    /// An instant: `2026-11-29T10:00:00.5Z`, `2026-11-29 10:00:00+01`, the same without an offset in `zone`, or
    /// seconds since 1970.
    pub(crate) fn instant(self, zone: &TimeZone) -> Result<Option<Timestamp>, Mistake> {
        let Some(given) = self.given() else { return Ok(None) };
        let instant = seconds_since_1970(given.text).or_else(|| written(given.text, zone));
        let accepted = "a time such as 2026-11-29 10:00:00, 2026-11-29T10:00:00.5+01:00 or 1795946400";
        instant.map(Some).ok_or_else(|| self.wrong(accepted))
    }

    /// Microseconds since 1970; 0 is none.
    pub(crate) fn microseconds(self) -> Result<Option<Timestamp>, Mistake> {
        let Some(given) = self.given() else { return Ok(None) };
        let micros: i64 = given.text.parse().map_err(|_| self.wrong("microseconds since 1970"))?;
        Ok((micros != 0).then(|| Timestamp::from_micros(micros)))
    }

    /// Seconds, with or without a fraction.
    pub(crate) fn length(self) -> Result<Option<Duration>, Mistake> {
        let Some(given) = self.given() else { return Ok(None) };
        let seconds: Option<f64> = given.text.parse().ok().filter(|seconds| (0.0..=1e9).contains(seconds));
        let length = seconds.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
        length.map(Some).ok_or_else(|| self.wrong("seconds from 0 to 1000000000"))
    }

    /// A whole number in a range.
    pub(crate) fn whole(self, range: std::ops::RangeInclusive<u64>) -> Result<Option<u64>, Mistake> {
        let Some(given) = self.given() else { return Ok(None) };
        let number = given.text.parse().ok().filter(|number| range.contains(number));
        let accepted = format!("a whole number from {} to {}", range.start(), range.end());
        number.map(Some).ok_or_else(|| self.wrong(&accepted))
    }

    /// An amount of money that is not negative.
    pub(crate) fn amount(self) -> Result<Option<Decimal>, Mistake> {
        let Some(given) = self.given() else { return Ok(None) };
        let amount = given.text.parse().ok().filter(|amount: &Decimal| !amount.is_sign_negative());
        amount.map(Some).ok_or_else(|| self.wrong("a decimal that is not negative, such as 0.012"))
    }

    /// `t`, `true`, `1`, or the opposite.
    pub(crate) fn flag(self) -> Result<Option<bool>, Mistake> {
        let Some(given) = self.given() else { return Ok(None) };
        match given.text {
            "t" | "true" | "1" => Ok(Some(true)),
            "f" | "false" | "0" => Ok(Some(false)),
            _ => Err(self.wrong("t or f")),
        }
    }

    /// An address, with the port in a field of its own, which may be absent.
    pub(crate) fn address(self, port: Field<'_>) -> Result<Option<SocketAddr>, Mistake> {
        let Some(given) = self.given() else { return Ok(None) };
        let port = u16::try_from(port.whole(0..=65_535)?.unwrap_or(5_060)).unwrap_or(5_060);
        let ip = given.text.split('/').next().and_then(|ip| ip.parse::<IpAddr>().ok());
        let address = ip.map(|ip| SocketAddr::new(ip, port)).or_else(|| given.text.parse().ok());
        address.map(Some).ok_or_else(|| self.wrong("an IP address"))
    }

    /// A status of SIP, with its reason in a field of its own.
    pub(crate) fn status(self, reason: Field<'_>) -> Result<Option<SipStatus>, Mistake> {
        let code = self.whole(0..=699)?.and_then(|code| u16::try_from(code).ok()).filter(|code| *code >= 100);
        let reason = reason.text()?.unwrap_or_else(|| "".into());
        Ok(code.map(|code| SipStatus { code, reason }))
    }
}

/// Whole seconds, or with a fraction.
fn seconds_since_1970(text: &str) -> Option<Timestamp> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let is_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || !is_digits(whole) || !is_digits(fraction) {
        return None;
    }
    let micros: i64 = format!("{fraction:0<6}").get(..6)?.parse().ok()?;
    Some(Timestamp::from_micros(whole.parse::<i64>().ok()?.checked_mul(1_000_000)?.checked_add(micros)?))
}

fn written(text: &str, zone: &TimeZone) -> Option<Timestamp> {
    let instant = match text.parse::<jiff::Timestamp>() {
        Ok(instant) => instant,
        Err(_) => zone.to_timestamp(text.parse::<civil::DateTime>().ok()?).ok()?,
    };
    Some(Timestamp::from_micros(instant.as_microsecond()))
}

impl fmt::Debug for Field<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Field({})", self.name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn zone() -> TimeZone {
        TimeZone::get("Europe/Berlin").unwrap()
    }

    #[test]
    fn times_are_read_in_each_of_their_spellings() {
        let at = 1_795_946_400_000_000;
        for (text, micros) in [
            ("2026-11-29T10:00:00Z", at),
            ("2026-11-29 10:00:00+00", at),
            ("2026-11-29 11:00:00.5+01", at + 500_000),
            ("2026-11-29 11:00:00", at),
            ("2026-11-29T11:00:00.000001", at + 1),
            ("1795946400", at),
            ("1795946400.25", at + 250_000),
        ] {
            assert_eq!(
                Field::new("start", text).instant(&zone()),
                Ok(Some(Timestamp::from_micros(micros))),
                "{text}"
            );
        }
        for text in ["", " ", "\\N"] {
            assert_eq!(Field::new("start", text).instant(&zone()), Ok(None));
        }
        for text in ["yesterday", "10:00", "-5", "2026-13-01 00:00:00", "1.x", "."] {
            let mistake = Field::new("start", text).instant(&zone()).unwrap_err();
            assert!(mistake.to_string().starts_with("start: found "), "{mistake}");
        }
    }

    #[test]
    fn what_is_no_number_or_address_is_said_with_what_is_accepted() {
        let said = |outcome: Result<(), Mistake>| outcome.unwrap_err().to_string();
        let none = Field::new("port", "");
        assert_eq!(
            said(Field::new("billsec", "-1").length().map(drop)),
            "billsec: found \"-1\", accepted: seconds from 0 to 1000000000"
        );
        assert_eq!(
            said(Field::new("ip", "here").address(none).map(drop)),
            "ip: found \"here\", accepted: an IP address"
        );
        assert_eq!(
            Field::new("ip", "192.0.2.1/32").address(none),
            Ok(Some("192.0.2.1:5060".parse().unwrap()))
        );
        assert_eq!(
            Field::new("ip", "[2001:db8::1]:5070").address(none),
            Ok(Some("[2001:db8::1]:5070".parse().unwrap()))
        );
        assert!(
            Field::new("price", "1e400").amount().is_err() && Field::new("price", "-0.1").amount().is_err()
        );
        assert_eq!(Field::new("length", "NaN").length().map_err(|_| ()), Err(()));
    }
}

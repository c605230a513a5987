//! What the headers of session timers say (RFC 4028).

use std::{fmt, time::Duration};

use crate::param::param;

/// The shortest session that may be asked for (section 4).
pub const SHORTEST: Duration = Duration::from_secs(90);

/// The side of a request that refreshes the session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refresher {
    /// Whoever has sent the request.
    Client,
    /// Whoever answers it.
    Server,
}

impl Refresher {
    /// Its name in `Session-Expires`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Client => "uac",
            Self::Server => "uas",
        }
    }

    fn parse(name: &str) -> Option<Self> {
        [Self::Client, Self::Server].into_iter().find(|side| name.eq_ignore_ascii_case(side.name()))
    }
}

/// A `Session-Expires` value: how long a session lives without a refresh, and whose that is, if it says so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SessionExpires {
    /// How long, in whole seconds.
    pub interval: Duration,
    /// The refresher.
    pub refresher: Option<Refresher>,
}

impl SessionExpires {
    /// Reads a value.
    pub fn parse(text: &str) -> Option<Self> {
        let refresher = param(text, "refresher").and_then(Refresher::parse);
        Some(Self { interval: seconds(text)?, refresher })
    }
}

impl fmt::Display for SessionExpires {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.interval.as_secs())?;
        self.refresher.map_or(Ok(()), |side| write!(f, ";refresher={}", side.name()))
    }
}

/// The seconds that a value begins with, as in `Session-Expires`, `Min-SE` and `Expires`.
pub fn seconds(text: &str) -> Option<Duration> {
    let seconds = text.split(';').next()?.trim().parse::<u32>().ok()?;
    Some(Duration::from_secs(seconds.into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_value_is_read_and_written() {
        for (text, written) in [
            ("1800", "1800"),
            (" 600 ; Refresher=UAS", "600;refresher=uas"),
            ("90;x=y;refresher=uac", "90;refresher=uac"),
            ("90;refresher=none", "90"),
        ] {
            assert_eq!(SessionExpires::parse(text).unwrap().to_string(), written, "{text}");
        }
        for text in ["", "x", "-1", "4294967296", ";refresher=uac"] {
            assert_eq!(SessionExpires::parse(text), None, "{text}");
        }
    }
}

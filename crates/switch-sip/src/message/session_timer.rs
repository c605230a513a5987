//! What messages say of session timers (RFC 4028).

use std::time::Duration;

use rsipstack::sip::{
    HasHeaders, Header, Request,
    headers::{MinSE, SessionExpires},
};

pub(crate) use sip::session_timer::Refresher;
use sip::session_timer::SessionExpires as Asked;

use super::{
    extension::{self, TIMER},
    fields::first,
};
use crate::SessionLimits;

/// How long a session lives without a refresh, and whose it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Terms {
    pub(crate) interval: Duration,
    pub(crate) refresher: Refresher,
}

/// What a message asks for: how long, and the refresher if it names one.
fn asked(message: &impl HasHeaders) -> Option<(Duration, Option<Refresher>)> {
    let asked = Asked::parse(first!(message, SessionExpires)?)?;
    Some((asked.interval, asked.refresher))
}

/// Whether a request asks for a session that is too short for us (section 9). Who does not know the
/// extension could not do anything about a refusal.
pub(crate) fn is_too_short(request: &Request, limits: &SessionLimits) -> bool {
    let is_short = asked(request).is_some_and(|(interval, _)| interval < limits.shortest);
    is_short && extension::is_supported(request, TIMER)
}

impl Terms {
    /// `Session-Expires` with these.
    pub(crate) fn header(self) -> Header {
        let value = Asked { interval: self.interval, refresher: Some(self.refresher) };
        Header::SessionExpires(SessionExpires::new(value.to_string()))
    }
}

/// `Session-Expires` that leaves the refresher to the peer.
pub(crate) fn wish(interval: Duration) -> Header {
    Header::SessionExpires(SessionExpires::new(interval.as_secs().to_string()))
}

/// `Min-SE`.
pub(crate) fn shortest_header(shortest: Duration) -> Header {
    Header::MinSE(MinSE::new(shortest.as_secs().to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(headers: &str) -> Request {
        let text = format!("INVITE sip:a@b SIP/2.0\r\nVia: SIP/2.0/UDP c;branch=z9hG4bKx\r\n{headers}\r\n");
        Request::try_from(text.as_bytes()).unwrap()
    }

    const LIMITS: SessionLimits =
        SessionLimits { longest: Duration::from_secs(1800), shortest: Duration::from_secs(90) };

    #[test]
    fn a_session_is_too_short_only_for_who_could_make_it_longer() {
        for (headers, expected) in [
            ("Supported: timer\r\nSession-Expires: 60\r\n", true),
            ("Supported: timer\r\nSession-Expires: 90\r\n", false),
            ("Session-Expires: 60\r\n", false),
            ("Supported: timer\r\n", false),
        ] {
            assert_eq!(is_too_short(&request(headers), &LIMITS), expected, "{headers}");
        }
    }
}

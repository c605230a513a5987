//! Why a party ends a dialog or refuses one, in its own words (RFC 3326): passed on to the other side as it is.

use std::sync::Arc;

use rsipstack::sip::{HasHeaders, Header};

/// Longer ones are not kept.
const LONGEST: usize = 512;

/// The values of a message's `Reason`, comma-joined: `Q.850;cause=16;text="Normal call clearing"`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Reason(Arc<str>);

impl Reason {
    /// That of a message; `None` if it gives none, or one that is too long to keep.
    pub(crate) fn of(message: &impl HasHeaders) -> Option<Self> {
        let values = message.headers().iter().filter_map(|header| match header {
            Header::Reason(reason) => Some(reason.value().trim()),
            _ => None,
        });
        let text = values.filter(|value| !value.is_empty()).collect::<Vec<_>>().join(", ");
        let is_fit = !text.is_empty() && text.len() <= LONGEST && !text.contains(char::is_control);
        is_fit.then(|| Self(text.into()))
    }

    pub(crate) fn text(&self) -> &Arc<str> {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use rsipstack::sip::Request;

    use super::*;

    fn read(headers: &str) -> Option<String> {
        let text = format!("BYE sip:a@b SIP/2.0\r\n{headers}\r\n");
        let request = Request::try_from(text.as_bytes()).unwrap();
        Reason::of(&request).map(|reason| reason.text().to_string())
    }

    #[test]
    fn what_a_message_gives_is_kept_as_it_is() {
        let long = format!("Reason: SIP;text=\"{}\"\r\n", "x".repeat(LONGEST));
        let cases = [
            ("", None),
            ("Reason: \r\n", None),
            ("Reason: Q.850;cause=16;text=\"a, b\"\r\n", Some("Q.850;cause=16;text=\"a, b\"")),
            ("Reason: SIP;cause=480, Q.850 ;cause=18\r\n", Some("SIP;cause=480, Q.850 ;cause=18")),
            ("Reason: SIP;cause=480\r\nReason: Q.850;cause=18\r\n", Some("SIP;cause=480, Q.850;cause=18")),
            (&long, None),
        ];
        for (headers, expected) in cases {
            assert_eq!(read(headers).as_deref(), expected, "{headers}");
        }
    }
}

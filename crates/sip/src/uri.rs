//! `sip:`, `sips:` and `tel:` URIs (RFC 3261 section 19.1, RFC 3966).

use crate::{
    escape::{decode, encode_user},
    host::HostPort,
    param::param,
    telephone,
};

/// A URI, in pieces of the text that it was read from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Uri<'a> {
    /// `sip:` or `sips:`.
    Sip(SipUri<'a>),
    /// `tel:`, the number with its parameters.
    Tel(&'a str),
}

/// A `sip:` or `sips:` URI.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SipUri<'a> {
    /// `sips`: every hop is to be TLS.
    pub is_secure: bool,
    /// The user, still encoded, with the parameters that a telephone number may have; `None` without `@`.
    pub user: Option<&'a str>,
    /// What stands behind `:` in the user part.
    pub password: Option<&'a str>,
    /// Where it leads.
    pub host: HostPort<'a>,
    params: &'a str,
    headers: &'a str,
}

impl<'a> Uri<'a> {
    /// Reads a URI; `None` if it is of another scheme or not of the form.
    pub fn parse(text: &'a str) -> Option<Self> {
        if text.bytes().any(|byte| byte <= b' ' || byte == 0x7f || matches!(byte, b'<' | b'>' | b'"')) {
            return None;
        }
        let (scheme, rest) = text.split_once(':')?;
        match scheme {
            _ if scheme.eq_ignore_ascii_case("sip") => SipUri::parse(rest, false).map(Self::Sip),
            _ if scheme.eq_ignore_ascii_case("sips") => SipUri::parse(rest, true).map(Self::Sip),
            _ if scheme.eq_ignore_ascii_case("tel") => is_subscriber(rest).then_some(Self::Tel(rest)),
            _ => None,
        }
    }

    /// What it names: a telephone number without separators and parameters, or a user, decoded; empty if it
    /// names a host alone.
    pub fn number(&self) -> String {
        match self {
            Self::Tel(subscriber) => telephone::number(&decode(subscriber), true),
            Self::Sip(uri) => telephone::number(&decode(uri.user.unwrap_or_default()), uri.is_phone()),
        }
    }

    /// A parameter of the URI; empty if it has no value.
    pub fn param(&self, name: &str) -> Option<&'a str> {
        match self {
            Self::Tel(subscriber) => param(subscriber, name),
            Self::Sip(uri) => param(uri.params, name),
        }
    }

    /// The host and port; none in a `tel:` URI.
    pub fn host(&self) -> Option<HostPort<'a>> {
        match self {
            Self::Sip(uri) => Some(uri.host),
            Self::Tel(_) => None,
        }
    }
}

impl<'a> SipUri<'a> {
    /// Reads what stands behind the scheme. The user part ends at the first `@`; `?` and `;` may stand in it.
    fn parse(text: &'a str, is_secure: bool) -> Option<Self> {
        let (user_info, rest) = text.split_once('@').map_or((None, text), |(user, rest)| (Some(user), rest));
        let (user, password) = match user_info.map(|info| info.split_once(':').unwrap_or((info, ""))) {
            Some((user, password)) => (Some(user), Some(password).filter(|password| !password.is_empty())),
            None => (None, None),
        };
        let (rest, headers) = rest.split_once('?').unwrap_or((rest, ""));
        let (host, params) = rest.split_at(rest.find(';').unwrap_or(rest.len()));
        let is_sound = user.is_none_or(|user| !user.is_empty());
        let host = HostPort::parse(host).filter(|_| is_sound)?;
        Some(Self { is_secure, user, password, host, params, headers })
    }

    /// A parameter of the URI; empty if it has no value.
    pub fn param(&self, name: &str) -> Option<&'a str> {
        param(self.params, name)
    }

    /// A header in the URI, decoded (RFC 3261 section 19.1.1).
    pub fn header(&self, name: &str) -> Option<String> {
        header(self.headers, name)
    }

    /// Whether it says that its user part is a telephone number.
    pub fn is_phone(&self) -> bool {
        self.param("user").is_some_and(|user| user.eq_ignore_ascii_case("phone"))
    }
}

/// Whether anything that could be called stands before the parameters of a `tel:` URI.
fn is_subscriber(text: &str) -> bool {
    let digits = text.split(';').next().unwrap_or_default();
    let is_sign = |byte: u8| {
        byte.is_ascii_hexdigit() || matches!(byte, b'-' | b'.' | b'(' | b')' | b'*' | b'#' | b'+' | b'%')
    };
    !digits.is_empty() && digits.bytes().all(is_sign)
}

/// A URI's text, and that of the headers in it (RFC 3261 section 19.1.1). A `?` in the user part begins none.
pub fn split_headers(text: &str) -> (&str, &str) {
    let host = text.find('@').unwrap_or(0);
    text[host..].find('?').map_or((text, ""), |at| (&text[..host + at], &text[host + at + 1..]))
}

/// A header in a URI, decoded.
pub fn header(headers: &str, name: &str) -> Option<String> {
    let mut pairs = headers.split('&').filter_map(|pair| pair.split_once('='));
    pairs.find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| decode(value).into_owned())
}

/// `sip:user@host`, the user encoded as needed. An empty user leaves the host alone.
pub fn sip(user: &str, host: &str) -> String {
    match user {
        "" => format!("sip:{host}"),
        user => format!("sip:{}@{host}", encode_user(user)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::host::Host;

    fn sip_uri(text: &str) -> SipUri<'_> {
        match Uri::parse(text) {
            Some(Uri::Sip(uri)) => uri,
            other => panic!("{text}: {other:?}"),
        }
    }

    #[test]
    fn each_piece_is_found() {
        let uri = sip_uri("SIPS:+49;npdi:secret@example.org:5070;lr;Transport=tcp?Replaces=a%40b&x=y");
        assert_eq!((uri.is_secure, uri.user, uri.password), (true, Some("+49;npdi"), Some("secret")));
        assert_eq!((uri.host.host, uri.host.port), (Host::Name("example.org"), Some(5070)));
        assert_eq!((uri.param("transport"), uri.param("lr")), (Some("tcp"), Some("")));
        assert_eq!((uri.header("replaces").as_deref(), uri.header("z")), (Some("a@b"), None));
    }

    #[test]
    fn the_user_names_a_number_whatever_stands_behind_it() {
        for (text, number) in [
            ("sip:1001@h", "1001"),
            ("sip:h", ""),
            ("sip:+49301234;npdi;rn=+4930999@h;user=phone", "+49301234"),
            ("sip:+49-30-1234@h", "+49301234"),
            ("sip:030-1234@h;user=PHONE", "0301234"),
            ("sip:030-1234@h", "030-1234"),
            ("sip:301234;phone-context=+49@h;user=phone", "+49301234"),
            ("sip:%2321%41@h", "#21A"),
            ("sip:%2541@h", "%41"),
            ("sip:%2B49301234;cpc=payphone@h", "+49301234"),
            ("sip:1234;phone-context=%2B49-30@h", "+49301234"),
            ("sip:%28030%291234@h;user=phone", "0301234"),
            ("sip:anna;x=1@h", "anna;x=1"),
            ("tel:+1-415-555-0100;cpc=ordinary", "+14155550100"),
            ("TEL:7042;phone-context=example.com", "7042"),
            ("tel:30-1234;phone-context=+49", "+49301234"),
        ] {
            assert_eq!(Uri::parse(text).unwrap().number(), number, "{text}");
        }
    }

    #[test]
    fn what_is_no_uri_is_refused() {
        for text in [
            "",
            "sip:",
            "sip:@h",
            "sip:a@",
            "a@b",
            "http://h",
            "mailto:a@b",
            "sip:a@2001:db8::10",
            "sip:a@[2001:db8::10",
            "sip:a@[::1]x",
            "sip:a@b:99999",
            "sip:a b@h",
            "sip:a@b@c",
            "sip:a\0@h",
            "<sip:a@h>",
            "tel:",
            "tel:;x",
            "tel:anna",
        ] {
            assert_eq!(Uri::parse(text), None, "{text:?}");
        }
    }

    #[test]
    fn headers_begin_behind_the_host() {
        for (text, expected) in [
            ("sip:a@h?Replaces=x", ("sip:a@h", "Replaces=x")),
            ("sip:a?b@h?c=d@e?f", ("sip:a?b@h", "c=d@e?f")),
            ("sip:h?x=y", ("sip:h", "x=y")),
            ("sip:a?b@h", ("sip:a?b@h", "")),
        ] {
            assert_eq!(split_headers(text), expected, "{text}");
        }
    }

    #[test]
    fn an_encoded_user_is_written_encoded() {
        assert_eq!(sip("#21", "h"), "sip:%2321@h");
        assert_eq!(sip("", "h"), "sip:h");
    }

    /// The unusual but sound URIs of RFC 4475 section 3.1.1.
    #[test]
    fn every_sign_that_the_standard_allows_is_taken() {
        let odd = "sip:1_unusual.URI~(to-be!sure)&isn't+it$/crazy?,/;;*:&it+has=1,weird!*pas$wo~d_too.\
                   (doesn't-it)@example.com";
        let uri = sip_uri(odd);
        assert_eq!(uri.user, Some("1_unusual.URI~(to-be!sure)&isn't+it$/crazy?,/;;*"));
        assert_eq!(uri.host.host, Host::Name("example.com"));
        assert_eq!(sip_uri("sip:null-%00-null@example.com").host.host, Host::Name("example.com"));
        assert_eq!(sip_uri("sip:%E4%BD%A0@h").user, Some("%E4%BD%A0"));
    }
}

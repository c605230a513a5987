//! URIs of the stack: reading them, and the number in them. The stack takes what stands behind the first `;` or
//! `?` for parameters or headers even where a user part follows, so these are encoded before it sees them.

use std::{borrow::Cow, net::SocketAddr};

use rsipstack::sip::{Host, Param, Scheme, Uri};
use sip::{escape::decode, telephone};
pub(crate) use sip::{
    host::host_port,
    uri::{header, sip, split_headers},
};

/// Reads a URI; `None` if it is of no scheme that can be called or not of the form. The user part comes out
/// decoded; writing it encodes again.
pub(crate) fn parse(text: &str) -> Option<Uri> {
    let text = text.trim();
    sip::Uri::parse(text)?;
    let mut uri = Uri::try_from(&*readable(text)).ok()?;
    if let Some(auth) = &mut uri.auth {
        auth.user = decode(&auth.user).into_owned();
    }
    Some(uri)
}

/// A URI, or a text that begins with one, as the stack reads it: without `;` and `?` in its user part.
pub(crate) fn readable(text: &str) -> Cow<'_, str> {
    let (user, rest) = text.split_at(text.find('@').unwrap_or(0));
    if !user.contains([';', '?']) {
        return text.into();
    }
    format!("{}{rest}", user.replace(';', "%3B").replace('?', "%3F")).into()
}

/// The number that a URI names, read by [`parse`]: a telephone number without separators and parameters, or a
/// user. Empty if there is none.
pub(crate) fn user(uri: &Uri) -> String {
    match (&uri.scheme, &uri.auth) {
        (Some(Scheme::Other(_)), None) => telephone::number(&subscriber(uri), true),
        (_, Some(auth)) => telephone::number(&auth.user, is_phone(uri)),
        (_, None) => String::new(),
    }
}

/// What stands behind the scheme of a `tel:` URI.
fn subscriber(uri: &Uri) -> String {
    let params = uri.params.iter().map(Param::to_string).collect::<String>();
    format!("{}{params}", uri.host_with_port.host)
}

fn is_phone(uri: &Uri) -> bool {
    let says_phone =
        |param: &Param| matches!(param, Param::User(user) if user.value().eq_ignore_ascii_case("phone"));
    uri.params.iter().any(says_phone)
}

/// The number that a request's own URI names: the stack hands its user part over as it was sent.
pub(crate) fn requested_user(uri: &Uri) -> String {
    match &uri.auth {
        Some(auth) => telephone::number(&decode(&auth.user), is_phone(uri)),
        None => user(uri),
    }
}

/// The host, as text.
pub(crate) fn host(uri: &Uri) -> String {
    uri.host_with_port.host.to_string()
}

/// The address that the URI names, if it names one in digits.
pub(crate) fn address(uri: &Uri) -> Option<SocketAddr> {
    let Host::IpAddr(ip) = &uri.host_with_port.host else { return None };
    let port = uri.host_with_port.port.as_ref().map_or(5060, |port| port.value());
    Some(SocketAddr::new(*ip, port))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_encoded_user_is_read_plain_and_written_encoded() {
        let uri = parse("sip:%2321%41@h:5070;transport=tcp").unwrap();
        assert_eq!(user(&uri), "#21A");
        assert_eq!(uri.to_string(), "sip:%2321A@h:5070;transport=TCP");
    }

    #[test]
    fn a_user_is_decoded_once() {
        let text = "sip:%2541@h";
        assert_eq!(user(&parse(text).unwrap()), "%41");
        assert_eq!(requested_user(&Uri::try_from(text).unwrap()), "%41");
        assert_eq!(parse(text).unwrap().to_string(), text);
    }

    #[test]
    fn the_parameters_of_a_number_stay_with_it() {
        let text = "sip:+4930;npdi;rn=+4930999@h:5070;user=phone";
        let uri = parse(text).unwrap();
        assert_eq!((user(&uri).as_str(), host(&uri).as_str()), ("+4930", "h"));
        assert_eq!(uri.to_string(), text);
        let requested = Uri::try_from(&*readable(text)).unwrap();
        assert_eq!((requested_user(&requested).as_str(), host(&requested).as_str()), ("+4930", "h"));
    }

    #[test]
    fn a_telephone_uri_has_its_number_as_user() {
        for (text, number) in
            [("tel:+1-415-555-0100", "+14155550100"), ("tel:030-1;phone-context=+49;cpc=x", "+49301")]
        {
            assert_eq!(user(&parse(text).unwrap()), number);
            assert_eq!(requested_user(&Uri::try_from(text).unwrap()), number);
        }
    }

    #[test]
    fn what_could_not_be_called_is_no_uri() {
        for text in ["sip:a@2001:db8::10", "sip:a@[::1", "mailto:a@b", "sip:a b@h", ""] {
            assert!(parse(text).is_none(), "{text}");
        }
    }
}

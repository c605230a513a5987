//! URIs: the number in them, and building ours.

use std::net::{IpAddr, SocketAddr};

use rsipstack::sip::{Auth, Host, Scheme, Uri};

/// Reads a URI. The user part comes out decoded; writing it encodes again.
pub(crate) fn parse(text: &str) -> Option<Uri> {
    let mut uri = Uri::try_from(text).ok()?;
    if let Some(auth) = &mut uri.auth {
        auth.user = decode(&auth.user);
    }
    Some(uri)
}

/// The user part of a URI that was read by [`parse`]; of a `tel:` URI its number. Empty if there is none.
pub(crate) fn user(uri: &Uri) -> String {
    match (&uri.scheme, &uri.auth) {
        (Some(Scheme::Other(_)), None) => uri.host_with_port.host.to_string(),
        (_, Some(auth)) => auth.user.clone(),
        (_, None) => String::new(),
    }
}

/// The user part, decoded, of a request's own URI: the stack hands that over as it was sent.
pub(crate) fn requested_user(uri: &Uri) -> String {
    decode(&user(uri))
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

/// `host:port`, with the brackets that an address of version 6 needs.
pub(crate) fn host_port(host: &str, port: u16) -> String {
    match host.parse::<IpAddr>() {
        Ok(address) => SocketAddr::new(address, port).to_string(),
        Err(_) => format!("{host}:{port}"),
    }
}

/// `sip:user@host`, the user encoded as needed. An empty user leaves the host alone.
pub(crate) fn sip(user: &str, host: &str) -> String {
    match user {
        "" => format!("sip:{host}"),
        user => format!("sip:{}@{host}", Auth { user: user.to_owned(), password: None }),
    }
}

/// A URI's text, and that of the headers in it (RFC 3261 section 19.1.1).
pub(crate) fn split_headers(text: &str) -> (&str, &str) {
    text.split_once('?').unwrap_or((text, ""))
}

/// A header in a URI, decoded.
pub(crate) fn header(headers: &str, name: &str) -> Option<String> {
    let mut pairs = headers.split('&').filter_map(|pair| pair.split_once('='));
    pairs.find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| decode(value))
}

/// Undoes percent-encoding; broken escapes stay as they are.
fn decode(text: &str) -> String {
    if !text.contains('%') {
        return text.to_owned();
    }
    let bytes = text.as_bytes();
    let mut plain = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let escape = (bytes[at] == b'%').then(|| text.get(at + 1..at + 3)).flatten();
        let byte = escape.and_then(|hex| u8::from_str_radix(hex, 16).ok());
        plain.push(byte.unwrap_or(bytes[at]));
        at += if byte.is_some() { 3 } else { 1 };
    }
    String::from_utf8(plain).unwrap_or_else(|_| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_encoded_user_is_read_plain_and_written_encoded() {
        let uri = parse("sip:%2321%41@h:5070;transport=tcp").unwrap();
        assert_eq!(user(&uri), "#21A");
        assert_eq!(uri.to_string(), "sip:%2321A@h:5070;transport=TCP");
        assert_eq!(sip("#21", "h"), "sip:%2321@h");
    }

    #[test]
    fn a_user_is_decoded_once() {
        let text = "sip:%2541@h";
        assert_eq!(user(&parse(text).unwrap()), "%41");
        assert_eq!(requested_user(&Uri::try_from(text).unwrap()), "%41");
        assert_eq!(parse(text).unwrap().to_string(), text);
    }

    #[test]
    fn a_telephone_uri_has_its_number_as_user() {
        let uri = parse("tel:+14155550100").unwrap();
        assert_eq!(user(&uri), "+14155550100");
    }

    #[test]
    fn broken_escapes_stay() {
        assert_eq!(decode("a%zz%4"), "a%zz%4");
        assert_eq!(decode("%é"), "%é");
        assert_eq!(decode("%ff"), "%ff");
    }
}

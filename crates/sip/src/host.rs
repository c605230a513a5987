//! Where a URI or a Via leads: a name or an address, and a port (RFC 3261 section 25.1).

use std::{
    fmt,
    net::{IpAddr, Ipv6Addr, SocketAddr},
};

/// A name or an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Host<'a> {
    /// A name, as it was written.
    Name(&'a str),
    /// An address in digits; one of version 6 stood in brackets.
    Address(IpAddr),
}

/// A host with the port that may stand behind it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HostPort<'a> {
    /// The host.
    pub host: Host<'a>,
    /// The port; `None` if none is given.
    pub port: Option<u16>,
}

impl<'a> HostPort<'a> {
    /// Reads `host[:port]`. An address of version 6 without brackets, a bracket that does not close, a name
    /// with letters that no name has, and a port above 65535 are refused.
    pub fn parse(text: &'a str) -> Option<Self> {
        match text.strip_prefix('[') {
            Some(rest) => {
                let (address, rest) = rest.split_once(']')?;
                let address: Ipv6Addr = address.parse().ok()?;
                Some(Self { host: Host::Address(address.into()), port: port(rest)? })
            }
            None => {
                let (host, rest) = text.split_at(text.find(':').unwrap_or(text.len()));
                Some(Self { host: Host::of_digits_or_letters(host)?, port: port(rest)? })
            }
        }
    }

    /// The address, if it is one in digits, with this port if none is given.
    pub fn address(&self, default_port: u16) -> Option<SocketAddr> {
        match self.host {
            Host::Address(address) => Some(SocketAddr::new(address, self.port.unwrap_or(default_port))),
            Host::Name(_) => None,
        }
    }
}

/// What stands behind a host: nothing, or `:` and a port.
fn port(text: &str) -> Option<Option<u16>> {
    match text.strip_prefix(':') {
        None => text.is_empty().then_some(None),
        Some(digits) if digits.bytes().all(|byte| byte.is_ascii_digit()) => digits.parse().ok().map(Some),
        Some(_) => None,
    }
}

impl<'a> Host<'a> {
    /// Underscores stand in no name of the standard, but in many of the field.
    fn of_digits_or_letters(text: &'a str) -> Option<Self> {
        if let Ok(address) = text.parse::<IpAddr>() {
            return address.is_ipv4().then_some(Self::Address(address));
        }
        let is_letter = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_');
        (!text.is_empty() && text.bytes().all(is_letter)).then_some(Self::Name(text))
    }
}

impl fmt::Display for Host<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name(name) => f.write_str(name),
            Self::Address(IpAddr::V6(address)) => write!(f, "[{address}]"),
            Self::Address(IpAddr::V4(address)) => address.fmt(f),
        }
    }
}

/// `host:port`, with the brackets that an address of version 6 needs.
pub fn host_port(host: &str, port: u16) -> String {
    match host.parse::<IpAddr>() {
        Ok(address) => SocketAddr::new(address, port).to_string(),
        Err(_) => format!("{host}:{port}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_addresses_are_told_apart() {
        for (text, host, port) in [
            ("example.org", Host::Name("example.org"), None),
            ("a_b-c.local:5070", Host::Name("a_b-c.local"), Some(5070)),
            ("192.0.2.1:1", Host::Address([192, 0, 2, 1].into()), Some(1)),
            ("[2001:db8::10]", Host::Address("2001:db8::10".parse().unwrap()), None),
            ("[::1]:5061", Host::Address("::1".parse().unwrap()), Some(5061)),
        ] {
            let read = HostPort::parse(text).unwrap();
            assert_eq!((read.host, read.port), (host, port), "{text}");
        }
    }

    #[test]
    fn what_is_no_host_is_refused() {
        for text in [
            "",
            ":5060",
            "2001:db8::10",
            "::1",
            "[2001:db8::10",
            "2001:db8::10]",
            "[192.0.2.1]",
            "[::1]5060",
            "[::1%eth0]",
            "a:",
            "a:65536",
            "a:+1",
            "a:5060:5060",
            "a b",
            "a@b",
            "bücher.example",
            "a<b",
        ] {
            assert_eq!(HostPort::parse(text), None, "{text}");
        }
    }

    #[test]
    fn an_address_of_version_6_is_written_in_brackets() {
        assert_eq!(host_port("2001:db8::1", 5060), "[2001:db8::1]:5060");
        assert_eq!(host_port("h", 5060), "h:5060");
        assert_eq!(HostPort::parse("[::1]").unwrap().host.to_string(), "[::1]");
    }
}

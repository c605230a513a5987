//! One line of a session description: reading its fields, and writing it with other ones.

use std::{net::IpAddr, str};

use super::{
    format::{Format, listed},
    origin::Origin,
};
use crate::host::{Host, HostPort};

/// A line and what ends it.
#[derive(Clone, Copy)]
pub(super) struct Line<'a> {
    pub(super) content: &'a [u8],
    pub(super) end: &'a [u8],
}

/// The address of a `c=` line; `None` if it names a host (RFC 4566 section 5.7).
#[derive(Clone, Copy)]
pub(super) struct Connection(pub(super) Option<IpAddr>);

/// What an `a=rtcp` line says (RFC 3605).
#[derive(Clone, Copy)]
pub(super) struct Control {
    pub(super) port: u16,
    /// Where, if it says so.
    pub(super) place: Option<Connection>,
}

/// What an `m=` line says.
pub(super) struct MediaLine {
    pub(super) is_audio: bool,
    pub(super) is_relayable: bool,
    pub(super) is_secured: bool,
    pub(super) port: u16,
    pub(super) formats: Vec<Format>,
}

/// What leads media past a relay (RFC 8839).
const ICE: [&str; 4] = ["a=candidate:", "a=remote-candidates:", "a=end-of-candidates", "a=ice-"];

/// The lines of `text`, which may end with CR LF or with LF.
pub(super) fn lines(text: &[u8]) -> impl Iterator<Item = Line<'_>> {
    text.split_inclusive(|byte| *byte == b'\n').map(|line| {
        let content = line.strip_suffix(b"\n").unwrap_or(line);
        let content = content.strip_suffix(b"\r").unwrap_or(content);
        let (content, end) = line.split_at(content.len());
        Line { content, end }
    })
}

impl<'a> Line<'a> {
    /// Its letter; `None` if it is not of the form `<letter>=`.
    pub(super) fn kind(self) -> Option<u8> {
        match self.content {
            [kind, b'=', ..] if kind.is_ascii_alphabetic() => Some(*kind),
            _ => None,
        }
    }

    pub(super) fn is_ice(self) -> bool {
        ICE.iter().any(|start| self.content.starts_with(start.as_bytes()))
    }

    pub(super) fn is_rtcp(self) -> bool {
        self.content.starts_with(b"a=rtcp:")
    }

    /// What an `a=rtpmap` line says.
    pub(super) fn rtpmap(self) -> Option<Format> {
        Format::mapped(self.content.strip_prefix(b"a=rtpmap:")?)
    }

    /// How long packets shall be, of an `a=ptime` line. Some write it with a fraction, which nothing has.
    pub(super) fn packet_ms(self) -> Option<u8> {
        let value = str::from_utf8(self.content.strip_prefix(b"a=ptime:")?).ok()?;
        value.trim().split('.').next()?.parse().ok()
    }

    /// Whether it says that its sender wants to receive, or does not (RFC 4566 section 6).
    pub(super) fn listens(self) -> Option<bool> {
        match self.content {
            b"a=sendrecv" | b"a=recvonly" => Some(true),
            b"a=sendonly" | b"a=inactive" => Some(false),
            _ => None,
        }
    }

    pub(super) fn connection(self) -> Option<Connection> {
        let [net, family, address] = self.fields()?;
        Connection::parse(net, family, address)
    }

    pub(super) fn origin(self) -> Option<Origin<'a>> {
        Origin::parse(str::from_utf8(self.content.strip_prefix(b"o=")?).ok()?)
    }

    pub(super) fn media(self) -> Option<MediaLine> {
        let (media, port, rest) = self.media_fields()?;
        let (protocol, formats) = rest.split_once(' ')?;
        formats.split(' ').find(|format| !format.is_empty())?;
        let (port, is_single) = match port.split_once('/') {
            None => (port, true),
            Some((port, count)) => (port, count.parse::<u16>().ok()? == 1),
        };
        let is_datagrams = protocol.contains("RTP/") || protocol.eq_ignore_ascii_case("udptl");
        let over_tcp = protocol.to_ascii_uppercase().starts_with("TCP");
        Some(MediaLine {
            is_audio: media == "audio",
            is_relayable: is_single && is_datagrams && !over_tcp,
            is_secured: protocol.to_ascii_uppercase().contains("SAVP"),
            port: port.parse().ok()?,
            formats: if protocol.contains("RTP/") { listed(formats) } else { Vec::new() },
        })
    }

    pub(super) fn control(self) -> Option<Control> {
        let value = str::from_utf8(self.content.strip_prefix(b"a=rtcp:")?).ok()?;
        let mut fields = value.split(' ').filter(|field| !field.is_empty());
        let port = fields.next()?.parse().ok()?;
        let place = match (fields.next(), fields.next(), fields.next()) {
            (None, ..) => None,
            (Some(net), Some(family), Some(address)) => Some(Connection::parse(net, family, address)?),
            _ => return None,
        };
        Some(Control { port, place })
    }

    pub(super) fn connection_at(self, address: IpAddr) -> Option<Vec<u8>> {
        let Connection(own) = self.connection()?;
        (!own.is_some_and(|own| own.is_unspecified()))
            .then(|| format!("c=IN {}", printed(address)).into_bytes())
    }

    pub(super) fn origin_at(self, address: IpAddr) -> Option<Vec<u8>> {
        let Origin { session, version, .. } = self.origin()?;
        Some(format!("o={session} {version} IN {}", printed(address)).into_bytes())
    }

    pub(super) fn media_on(self, port: u16) -> Option<Vec<u8>> {
        let (media, _port, rest) = self.media_fields()?;
        Some(format!("m={media} {port} {rest}").into_bytes())
    }

    pub(super) fn rtcp_on(self, port: u16, address: IpAddr) -> Option<Vec<u8>> {
        let address = match self.control()?.place {
            None => String::new(),
            Some(_) => format!(" IN {}", printed(address)),
        };
        Some(format!("a=rtcp:{port}{address}").into_bytes())
    }

    fn media_fields(self) -> Option<(&'a str, &'a str, &'a str)> {
        let value = str::from_utf8(self.content.strip_prefix(b"m=")?).ok()?;
        let (media, rest) = value.split_once(' ')?;
        let (port, rest) = rest.split_once(' ')?;
        Some((media, port, rest))
    }

    /// The value's fields, if there are exactly as many.
    fn fields<const COUNT: usize>(self) -> Option<[&'a str; COUNT]> {
        let value = str::from_utf8(self.content.get(2..)?).ok()?;
        let fields: Vec<_> = value.split(' ').filter(|field| !field.is_empty()).collect();
        fields.try_into().ok()
    }
}

impl Connection {
    /// A single host's address or name. A group's address, and one with a `/` after it, is none.
    fn parse(net: &str, family: &str, host: &str) -> Option<Self> {
        if net != "IN" || !matches!(family, "IP4" | "IP6") {
            return None;
        }
        let Ok(address) = host.parse::<IpAddr>() else { return is_name(host).then_some(Self(None)) };
        let fits = address.is_ipv4() == (family == "IP4");
        (fits && !address.is_multicast()).then_some(Self(Some(address)))
    }
}

/// Whether a text may name a host: the last of its labels begins with a letter (RFC 3261 section 25.1).
fn is_name(text: &str) -> bool {
    let top = text.strip_suffix('.').unwrap_or(text).rsplit('.').next().unwrap_or_default();
    let is_host = matches!(HostPort::parse(text), Some(HostPort { host: Host::Name(_), port: None }));
    is_host && top.starts_with(|first: char| first.is_ascii_alphabetic())
}

fn printed(address: IpAddr) -> String {
    match address {
        IpAddr::V4(address) => format!("IP4 {address}"),
        IpAddr::V6(address) => format!("IP6 {address}"),
    }
}

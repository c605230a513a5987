//! Session descriptions (RFC 4566) as the media relay needs them: read where media goes, and change that
//! and nothing else. Every byte that need not change stays as it was.

mod crypto;
mod fit;
mod format;
mod handshake;
mod line;
mod origin;
mod protection;

use std::net::{IpAddr, SocketAddr};

pub use crypto::Crypto;
pub use fit::{Offered, extended, fitted, is_foreign, offered};
pub use format::{Codec, Format};
pub use handshake::{Handshake, IceCredentials, Setup};
use line::{Connection, Line, lines};
pub use origin::next_version;
pub use protection::{Change, Protection, Protocol, profile, protected, protections};

/// The media type of session descriptions.
pub const MEDIA_TYPE: &str = "application/sdp";

/// A session description that was read.
#[derive(Debug)]
pub struct Description<'a> {
    text: &'a [u8],
    media: Vec<Media>,
}

/// One media stream of a description.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Media {
    /// `audio`, as opposed to `video` and so on.
    pub is_audio: bool,
    /// Datagrams on one port (and its RTCP port): what a relay can take.
    pub is_relayable: bool,
    /// Its packets are encrypted end to end (SRTP, RFC 3711): they can be passed on, and nothing else.
    pub is_secured: bool,
    /// Where its sender wants to receive it; `None` if refused or ended (port 0).
    pub receives_at: Option<Place>,
    /// Where its sender wants to receive RTCP: as `a=rtcp` says, else on the next port.
    pub control_at: Option<Place>,
    /// Whether its sender wants to receive it now (`sendrecv` or `recvonly`).
    pub listens: bool,
    /// What it may be sent, the best first.
    pub formats: Vec<Format>,
    /// How many milliseconds of sound its sender wants in a packet (`a=ptime`), if it says so.
    pub packet_ms: Option<u8>,
}

/// Where something is received.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// The address; `None` if a host is named instead, which whoever sends the description most likely is.
    pub ip: Option<IpAddr>,
    /// The port.
    pub port: u16,
}

impl Place {
    /// The address and port, with that of the description's sender where it names a host.
    pub fn of(self, sender: IpAddr) -> SocketAddr {
        SocketAddr::new(self.ip.unwrap_or(sender), self.port)
    }
}

/// The ports that take the place of those in a description.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ports {
    /// For RTP.
    pub rtp: u16,
    /// For RTCP.
    pub rtcp: u16,
}

/// What is wrong with a session description, and in which line (from 1).
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line} of the session description: {expected} is expected")]
pub struct SdpError {
    /// The line.
    pub line: usize,
    /// What should stand there.
    pub expected: &'static str,
}

impl<'a> Description<'a> {
    /// Reads a description.
    pub fn parse(text: &'a [u8]) -> Result<Self, SdpError> {
        let mut reader = Reader::default();
        for (index, line) in lines(text).enumerate() {
            reader.read(index + 1, line)?;
        }
        Ok(Self { text, media: reader.finish()? })
    }

    /// The streams, in their order.
    pub fn media(&self) -> &[Media] {
        &self.media
    }

    /// The description with `address` in the place of its own, and for each stream the ports given, or a
    /// refusal (port 0) where none are. What is refused stays so; an address that says "hold" (0.0.0.0)
    /// stays too. ICE is taken out, as its candidates lead past the relay.
    pub fn rewrite(&self, address: IpAddr, ports: &[Option<Ports>]) -> Vec<u8> {
        let mut written = Vec::with_capacity(self.text.len() + 64);
        let mut streams = self.media.iter().zip(ports);
        let mut stream = None;
        for line in lines(self.text) {
            if line.kind() == Some(b'm') {
                stream = streams.next();
            }
            write_line(&mut written, line, address, stream);
        }
        written
    }
}

/// Writes `line` as it shall read in the section of `stream`.
fn write_line(
    written: &mut Vec<u8>,
    line: Line<'_>,
    address: IpAddr,
    stream: Option<(&Media, &Option<Ports>)>,
) {
    if line.is_ice() {
        return;
    }
    let own_ports = stream.and_then(|(_, ports)| *ports);
    let rewritten = match line.kind() {
        Some(b'o') => line.origin_at(address),
        Some(b'c') => line.connection_at(address),
        Some(b'm') => stream.and_then(|(media, ports)| {
            let ports = ports.filter(|_| media.receives_at.is_some());
            line.media_on(ports.map_or(0, |ports| ports.rtp))
        }),
        _ => own_ports.and_then(|ports| {
            let is_shared = stream.is_some_and(|(media, _)| media.receives_at == media.control_at);
            line.rtcp_on(if is_shared { ports.rtp } else { ports.rtcp }, address)
        }),
    };
    match rewritten {
        Some(rewritten) => written.extend(rewritten),
        None => written.extend_from_slice(line.content),
    }
    written.extend_from_slice(line.end);
}

/// Collects the streams line by line.
#[derive(Default)]
struct Reader {
    lines: usize,
    session: Option<Connection>,
    listens: Option<bool>,
    media: Vec<Section>,
}

struct Section {
    line: usize,
    is_audio: bool,
    is_relayable: bool,
    is_secured: bool,
    port: u16,
    connection: Option<Connection>,
    control: Option<line::Control>,
    listens: Option<bool>,
    formats: Vec<Format>,
    packet_ms: Option<u8>,
}

impl Reader {
    fn read(&mut self, number: usize, line: Line<'_>) -> Result<(), SdpError> {
        let wrong = |expected| SdpError { line: number, expected };
        self.lines = number;
        if number == 1 && line.content != b"v=0" {
            return Err(wrong("`v=0`"));
        }
        if line.content.is_empty() {
            return Ok(());
        }
        match line.kind().ok_or(wrong("`<letter>=<value>`"))? {
            b'o' => {
                line.origin().map(drop).ok_or(wrong("`o=<user> <id> <version> IN IP4|IP6 <address or name>`"))
            }
            b'c' => {
                let connection = line.connection().ok_or(wrong("`c=IN IP4|IP6 <address or name>`"))?;
                let place = self.media.last_mut().map_or(&mut self.session, |media| &mut media.connection);
                place.get_or_insert(connection);
                Ok(())
            }
            b'm' => {
                let media = line.media().ok_or(wrong("`m=<media> <port> <protocol> <format>`"))?;
                self.media.push(Section {
                    line: number,
                    is_audio: media.is_audio,
                    is_relayable: media.is_relayable,
                    is_secured: media.is_secured,
                    port: media.port,
                    connection: None,
                    control: None,
                    listens: None,
                    formats: media.formats,
                    packet_ms: None,
                });
                Ok(())
            }
            b'a' if line.is_rtcp() => {
                let control = line.control().ok_or(wrong("`a=rtcp:<port> [IN IP4|IP6 <address>]`"))?;
                if let Some(media) = self.media.last_mut() {
                    media.control = Some(control);
                }
                Ok(())
            }
            b'a' => {
                if let (Some(media), Some(mapped)) = (self.media.last_mut(), line.rtpmap()) {
                    let listed =
                        media.formats.iter_mut().filter(|listed| listed.payload_type == mapped.payload_type);
                    listed.for_each(|listed| *listed = mapped);
                }
                if let (Some(media), Some(time)) = (self.media.last_mut(), line.packet_ms()) {
                    media.packet_ms = Some(time);
                }
                if let Some(listens) = line.listens() {
                    *self.media.last_mut().map_or(&mut self.listens, |media| &mut media.listens) =
                        Some(listens);
                }
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn finish(self) -> Result<Vec<Media>, SdpError> {
        if self.lines == 0 {
            return Err(SdpError { line: 1, expected: "`v=0`" });
        }
        self.media.iter().map(|section| section.finish(self.session, self.listens)).collect()
    }
}

impl Section {
    fn finish(&self, session: Option<Connection>, listens: Option<bool>) -> Result<Media, SdpError> {
        let refused = Media {
            is_audio: self.is_audio,
            is_relayable: self.is_relayable,
            is_secured: self.is_secured,
            receives_at: None,
            control_at: None,
            listens: self.listens.or(listens).unwrap_or(true),
            formats: self.formats.clone(),
            packet_ms: self.packet_ms,
        };
        if self.port == 0 {
            return Ok(refused);
        }
        let expected = "a `c=` line for this stream or the whole session";
        let Connection(ip) = self.connection.or(session).ok_or(SdpError { line: self.line, expected })?;
        let next = line::Control { port: self.port.saturating_add(1), place: None };
        let control = self.control.unwrap_or(next);
        Ok(Media {
            receives_at: Some(Place { ip, port: self.port }),
            control_at: Some(Place { ip: control.place.map_or(ip, |Connection(ip)| ip), port: control.port }),
            ..refused
        })
    }
}

#[cfg(test)]
mod tests;

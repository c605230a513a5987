//! What the machine reads in a session description, and the little that it writes: which way media flows, and
//! whether it is something that the switch itself could speak (RFC 3264, RFC 6337).

use std::{fmt, sync::Arc};

/// A session description, as text. Cheap to clone.
#[derive(Clone, PartialEq, Eq)]
pub struct Sdp(Arc<str>);

/// Which way media flows, as the party says that a description comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// It sends and listens.
    SendRecv,
    /// It only sends: the other side is on hold.
    SendOnly,
    /// It only listens.
    RecvOnly,
    /// Neither.
    Inactive,
}

const DIRECTIONS: [Direction; 4] =
    [Direction::SendRecv, Direction::SendOnly, Direction::RecvOnly, Direction::Inactive];

impl Direction {
    const fn line(self) -> &'static str {
        match self {
            Self::SendRecv => "a=sendrecv",
            Self::SendOnly => "a=sendonly",
            Self::RecvOnly => "a=recvonly",
            Self::Inactive => "a=inactive",
        }
    }

    const fn new(sends: bool, listens: bool) -> Self {
        match (sends, listens) {
            (true, true) => Self::SendRecv,
            (true, false) => Self::SendOnly,
            (false, true) => Self::RecvOnly,
            (false, false) => Self::Inactive,
        }
    }

    const fn sends(self) -> bool {
        matches!(self, Self::SendRecv | Self::SendOnly)
    }

    const fn listens(self) -> bool {
        matches!(self, Self::SendRecv | Self::RecvOnly)
    }

    /// The most that an answer to an offer of this direction may say (RFC 3264 section 6.1).
    pub const fn mirrored(self) -> Self {
        Self::new(self.listens(), self.sends())
    }

    /// What is left of both.
    pub const fn within(self, most: Self) -> Self {
        Self::new(self.sends() && most.sends(), self.listens() && most.listens())
    }

    /// Whether it puts the other side on hold.
    pub const fn holds(self) -> bool {
        !self.listens()
    }
}

impl Sdp {
    /// A description as text.
    pub fn new(text: &str) -> Self {
        Self(text.into())
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    fn lines(&self) -> impl Iterator<Item = &str> + Clone {
        self.0.lines().map(str::trim_end)
    }

    /// Which way its media flows: that of its first stream that is not refused. `None` if it has none. An
    /// address of zeros listens to nothing, as phones hold that are older than RFC 3264 (section 8.4).
    pub fn direction(&self) -> Option<Direction> {
        let session = self.lines().take_while(|line| !line.starts_with("m="));
        let mut general = Direction::SendRecv;
        let mut is_nowhere = false;
        for line in session {
            general = read_direction(line).unwrap_or(general);
            is_nowhere |= is_no_address(line);
        }
        let streams = self.streams();
        let stream = streams.iter().find(|stream| !stream.is_refused()).or(streams.first())?;
        let own = stream.lines.iter().find_map(|line| read_direction(line)).unwrap_or(general);
        let own_address = stream.lines.iter().find(|line| line.starts_with("c="));
        let is_nowhere = own_address.map_or(is_nowhere, |line| is_no_address(line));
        Some(if is_nowhere { own.within(Direction::SendOnly) } else { own })
    }

    fn streams(&self) -> Vec<Stream<'_>> {
        let mut streams: Vec<Stream<'_>> = Vec::new();
        for line in self.lines() {
            if line.starts_with("m=") {
                streams.push(Stream { lines: vec![line] });
            } else if let Some(stream) = streams.last_mut() {
                stream.lines.push(line);
            }
        }
        streams
    }

    /// The same with `direction` for each of its streams.
    pub fn directed(&self, direction: Direction) -> Self {
        let mut written = String::with_capacity(self.0.len() + 16);
        let mut is_in_stream = false;
        for line in self.lines().filter(|line| read_direction(line).is_none()) {
            let begins_stream = line.starts_with("m=");
            if begins_stream && is_in_stream {
                written.extend([direction.line(), "\r\n"]);
            }
            is_in_stream |= begins_stream;
            written.extend([line, "\r\n"]);
        }
        if is_in_stream {
            written.extend([direction.line(), "\r\n"]);
        }
        Self(written.into())
    }

    /// The same with media both ways; as it is if it says so already.
    pub fn without_hold(&self) -> Self {
        let is_one_way =
            self.lines().any(|line| read_direction(line).is_some_and(|said| said != Direction::SendRecv));
        if is_one_way { self.directed(Direction::SendRecv) } else { self.clone() }
    }

    /// An answer no wider than `offered` lets it be; as it is if it is none.
    pub fn answering(&self, offered: Direction) -> Self {
        match self.direction() {
            Some(said) if said.within(offered.mirrored()) != said => {
                self.directed(said.within(offered.mirrored()))
            }
            Some(_) | None => self.clone(),
        }
    }

    /// An answer that takes the offer's media and sends none, and has no address: for a party that waits for
    /// another whose media would go past the switch (RFC 3725 section 4.4).
    pub fn answer_from_nowhere(&self) -> Self {
        let mut answer = String::with_capacity(self.0.len() + 16);
        for line in self.lines() {
            let is_address = line.starts_with("c=IN IP4 ");
            answer.extend([if is_address { "c=IN IP4 0.0.0.0" } else { line }, "\r\n"]);
        }
        Self(answer.into()).directed(Direction::Inactive)
    }

    /// Whether one of its streams is keyed (SRTP): by SDES, DTLS or as its profile says.
    pub fn is_secured(&self) -> bool {
        self.streams().iter().any(|stream| {
            let profile = stream.profile().to_ascii_uppercase();
            profile.contains("SAVP") || profile.contains("TLS")
        }) || self.lines().any(|line| line.starts_with("a=fingerprint:") || line.starts_with("a=crypto:"))
    }

    /// Whether the switch itself can speak to its party: plain RTP with PCMU or PCMA.
    pub fn is_speakable(&self) -> bool {
        let speaks = |stream: &Stream<'_>| stream.is_audio() && !stream.is_refused() && stream.has_g711();
        !self.is_secured() && self.streams().iter().any(speaks)
    }

    /// Whether its party takes keys in RTP (RFC 4733).
    pub fn takes_keys(&self) -> bool {
        let takes = |line: &str| line.to_ascii_lowercase().contains(" telephone-event/");
        self.lines().any(|line| line.starts_with("a=rtpmap:") && takes(line))
    }

    /// Whether it describes anything.
    pub fn has_streams(&self) -> bool {
        self.lines().any(|line| line.starts_with("m="))
    }
}

/// What one `m=` line begins.
struct Stream<'a> {
    lines: Vec<&'a str>,
}

impl Stream<'_> {
    fn words(&self) -> impl Iterator<Item = &str> {
        self.lines.first().map_or("", |line| &line[2..]).split_whitespace()
    }

    fn is_audio(&self) -> bool {
        self.words().next() == Some("audio")
    }

    fn is_refused(&self) -> bool {
        self.words().nth(1) == Some("0")
    }

    fn profile(&self) -> &str {
        self.words().nth(2).unwrap_or_default()
    }

    fn has_g711(&self) -> bool {
        self.words().skip(3).any(|format| matches!(format, "0" | "8"))
    }
}

fn read_direction(line: &str) -> Option<Direction> {
    DIRECTIONS.into_iter().find(|direction| direction.line() == line)
}

fn is_no_address(line: &str) -> bool {
    line.starts_with("c=IN IP4 0.0.0.0")
}

impl fmt::Debug for Sdp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Sdp({:?})", self.direction())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TALKING: &str = "v=0\r\nc=IN IP4 192.0.2.1\r\nm=audio 4000 RTP/AVP 0\r\na=ptime:20\r\na=sendrecv\r\n\
m=audio 4002 RTP/AVP 8\r\na=ptime:20\r\n";

    fn sdp(session: &str, profile: &str, formats: &str, lines: &str) -> Sdp {
        Sdp::new(&format!("v=0\r\n{session}m=audio 4000 {profile} {formats}\r\n{lines}"))
    }

    #[test]
    fn each_stream_gets_the_direction_at_its_end() {
        let held = Sdp::new(TALKING).directed(Direction::SendOnly);
        let expected = "v=0\r\nc=IN IP4 192.0.2.1\r\nm=audio 4000 RTP/AVP 0\r\na=ptime:20\r\na=sendonly\r\n\
m=audio 4002 RTP/AVP 8\r\na=ptime:20\r\na=sendonly\r\n";
        assert_eq!(held.as_str(), expected);
        assert_eq!(held.direction(), Some(Direction::SendOnly));
    }

    #[test]
    fn the_direction_is_read_wherever_it_stands() {
        use Direction::*;
        let cases = [
            ("", "", Some(SendRecv)),
            ("a=sendonly\r\n", "", Some(SendOnly)),
            ("a=sendonly\r\n", "a=recvonly\r\n", Some(RecvOnly)),
            ("", "a=inactive\r\n", Some(Inactive)),
            ("c=IN IP4 0.0.0.0\r\n", "", Some(SendOnly)),
            ("c=IN IP4 0.0.0.0\r\n", "c=IN IP4 192.0.2.1\r\n", Some(SendRecv)),
            ("", "c=IN IP4 0.0.0.0\r\na=recvonly\r\n", Some(Inactive)),
        ];
        for (session, lines, expected) in cases {
            assert_eq!(sdp(session, "RTP/AVP", "0", lines).direction(), expected, "{session}{lines}");
        }
        assert_eq!(Sdp::new("v=0\r\n").direction(), None);
    }

    #[test]
    fn an_answer_is_no_wider_than_its_offer() {
        use Direction::*;
        let cases = [
            (SendRecv, SendRecv, SendRecv),
            (SendOnly, SendRecv, RecvOnly),
            (SendOnly, SendOnly, Inactive),
            (RecvOnly, SendRecv, SendOnly),
            (Inactive, SendRecv, Inactive),
            (SendRecv, SendOnly, SendOnly),
        ];
        for (offered, said, expected) in cases {
            let answer = Sdp::new(TALKING).directed(said).answering(offered);
            assert_eq!(answer.direction(), Some(expected), "{offered:?} {said:?}");
        }
    }

    #[test]
    fn only_what_is_held_is_changed_back() {
        let talking = Sdp::new(TALKING);
        assert_eq!(talking.without_hold(), talking);
        let back = talking.directed(Direction::Inactive).without_hold();
        assert_eq!(back.direction(), Some(Direction::SendRecv));
    }

    #[test]
    fn an_answer_for_one_who_waits_has_no_address() {
        let answer = Sdp::new(TALKING).answer_from_nowhere();
        assert!(answer.as_str().contains("c=IN IP4 0.0.0.0\r\n"), "{answer:?}");
        assert_eq!(answer.direction(), Some(Direction::Inactive));
    }

    #[test]
    fn the_switch_speaks_plain_g711_only() {
        let cases = [
            ("RTP/AVP", "0", "", true),
            ("RTP/AVP", "18 8", "", true),
            ("RTP/AVP", "18", "", false),
            ("RTP/SAVP", "0", "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:x\r\n", false),
            ("UDP/TLS/RTP/SAVPF", "0 111", "", false),
            ("udp/tls/rtp/savpf", "0", "", false),
            ("RTP/AVP", "0", "a=fingerprint:sha-256 AA\r\n", false),
        ];
        for (profile, formats, lines, expected) in cases {
            let described = sdp("", profile, formats, lines);
            assert_eq!(described.is_speakable(), expected, "{profile} {formats} {lines}");
        }
    }

    #[test]
    fn what_is_shown_of_a_description_tells_no_address() {
        assert_eq!(format!("{:?}", Sdp::new(TALKING)), "Sdp(Some(SendRecv))");
    }
}

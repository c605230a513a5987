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

    /// Which way its media flows: that of all its voices together, or of whatever lives if there are none. `None`
    /// if nothing does. An address of zeros listens to nothing, as phones hold that are older than RFC 3264
    /// (section 8.4).
    pub fn direction(&self) -> Option<Direction> {
        let streams = self.streams();
        let flows = voices(&streams).map(|(_, stream)| stream.flow());
        flows.reduce(|one, other| {
            Direction::new(one.sends() || other.sends(), one.listens() || other.listens())
        })
    }

    /// Whether an offer of these puts the other side on hold: its sender wants to hear nothing, be it that it sees
    /// something. `None` if it says nothing of media.
    pub(crate) fn holds(&self) -> Option<bool> {
        self.direction().map(Direction::holds)
    }

    /// The same of an answer. Who was offered nothing to hear does not say by its answer whether it would hear
    /// something.
    pub(crate) fn holds_in_answer_to(&self, offer: &Self) -> Option<bool> {
        let (streams, offered) = (self.streams(), offer.streams());
        let says = voices(&streams).filter_map(|(at, stream)| {
            match offered.get(at).map_or(Direction::Inactive, |stream| stream.direction) {
                Direction::RecvOnly | Direction::Inactive => None,
                Direction::SendRecv => Some(!stream.flow().listens()),
                Direction::SendOnly => stream.flow().listens().then_some(false),
            }
        });
        says.reduce(|one, other| one && other)
    }

    fn streams(&self) -> Vec<Stream<'_>> {
        let mut whole = Stream { lines: Vec::new(), direction: Direction::SendRecv, is_nowhere: false };
        let mut streams: Vec<Stream<'_>> = Vec::new();
        for line in self.lines() {
            if line.starts_with("m=") {
                streams.push(Stream { lines: vec![line], ..whole });
                continue;
            }
            let stream = streams.last_mut().unwrap_or(&mut whole);
            if !stream.lines.is_empty() {
                stream.lines.push(line);
            }
            if line.starts_with("c=") {
                stream.is_nowhere = is_no_address(line);
            }
            stream.direction = read_direction(line).unwrap_or(stream.direction);
        }
        streams
    }

    /// The same with `direction` for each of its streams.
    pub fn directed(&self, direction: Direction) -> Self {
        self.redirected(|_, _| direction)
    }

    /// The same with the directions that `change` makes of a stream's place and direction. Not a byte changes if
    /// these are as they were.
    fn redirected(&self, change: impl Fn(usize, Direction) -> Direction) -> Self {
        let before: Vec<_> = self.streams().iter().map(|stream| stream.direction).collect();
        let after: Vec<_> = before.iter().enumerate().map(|(at, direction)| change(at, *direction)).collect();
        if before == after { self.clone() } else { self.written(&after) }
    }

    /// Writes each stream's direction at its end.
    fn written(&self, directions: &[Direction]) -> Self {
        let mut written = String::with_capacity(self.0.len() + 16);
        let mut directions = directions.iter();
        let mut open: Option<&Direction> = None;
        for line in self.lines().filter(|line| read_direction(line).is_none()) {
            if line.starts_with("m=") {
                written.extend(open.into_iter().flat_map(|direction| [direction.line(), "\r\n"]));
                open = directions.next();
            }
            written.extend([line, "\r\n"]);
        }
        written.extend(open.into_iter().flat_map(|direction| [direction.line(), "\r\n"]));
        Self(written.into())
    }

    /// The same with media both ways; as it is if it says so already.
    pub fn without_hold(&self) -> Self {
        self.directed(Direction::SendRecv)
    }

    /// An answer as it may be given to who made `offer`, whatever its sender makes of a hold (RFC 3264 section 6.1).
    pub fn answering(&self, offer: &Self) -> Self {
        let offered = offer.streams();
        self.redirected(|at, said| {
            offered.get(at).map_or(said, |stream| said.within(stream.direction.mirrored()))
        })
    }

    /// The description of one who waits as the answer to it of one who only sends.
    pub fn answered_by_sender(&self) -> Self {
        self.redirected(|_, offered| match offered {
            Direction::Inactive => Direction::Inactive,
            // Who offers to send alone is listened to.
            Direction::SendOnly => Direction::RecvOnly,
            Direction::SendRecv | Direction::RecvOnly => Direction::SendOnly,
        })
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

    /// Whether the switch itself can speak to its party: plain RTP with PCMU, PCMA, G.722 or Opus.
    pub fn is_speakable(&self) -> bool {
        let speaks =
            |stream: &Stream<'_>| stream.is_audio() && !stream.is_refused() && stream.has_codec_of_ours();
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
    /// As it is declared, for it or for all.
    direction: Direction,
    /// Its address is none, which says what `sendonly` does (RFC 2543).
    is_nowhere: bool,
}

/// The live audio streams, or whatever lives if there are none, with their places.
fn voices<'a>(streams: &'a [Stream<'a>]) -> impl Iterator<Item = (usize, &'a Stream<'a>)> {
    let has_audio = streams.iter().any(|stream| !stream.is_refused() && stream.is_audio());
    let live = streams.iter().enumerate().filter(|(_, stream)| !stream.is_refused());
    live.filter(move |(_, stream)| stream.is_audio() || !has_audio)
}

impl Stream<'_> {
    /// Which way it flows.
    fn flow(&self) -> Direction {
        if self.is_nowhere { self.direction.within(Direction::SendOnly) } else { self.direction }
    }

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

    fn has_codec_of_ours(&self) -> bool {
        let is_opus = |line: &&str| line.to_ascii_lowercase().ends_with(" opus/48000/2");
        self.words().skip(3).any(|format| matches!(format, "0" | "8" | "9"))
            || self.lines.iter().any(|line| line.starts_with("a=rtpmap:") && is_opus(line))
    }
}

fn read_direction(line: &str) -> Option<Direction> {
    DIRECTIONS.into_iter().find(|direction| direction.line() == line)
}

fn is_no_address(line: &str) -> bool {
    matches!(line, "c=IN IP4 0.0.0.0" | "c=IN IP6 ::")
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
        let holds = [&held, &Sdp::new(TALKING), &Sdp::new("v=0\r\n")].map(Sdp::holds);
        assert_eq!(holds, [Some(true), Some(false), None]);
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
    fn whose_voice_is_not_wanted_is_held_whatever_else_flows() {
        let head = "v=0\r\nc=IN IP4 192.0.2.1\r\n";
        let cases = [
            ("m=audio 4000 RTP/AVP 0\r\n", Some(false)),
            ("m=audio 4000 RTP/AVP 0\r\na=recvonly\r\n", Some(false)),
            ("m=audio 4000 RTP/AVP 0\r\na=inactive\r\n", Some(true)),
            ("a=sendonly\r\nm=audio 4000 RTP/AVP 0\r\n", Some(true)),
            ("a=sendonly\r\nm=audio 4000 RTP/AVP 0\r\na=sendrecv\r\n", Some(false)),
            ("m=audio 4000 RTP/AVP 0\r\nc=IN IP4 0.0.0.0\r\n", Some(true)),
            ("m=audio 4000 RTP/AVP 0\r\nc=IN IP6 ::\r\n", Some(true)),
            ("m=audio 4000 RTP/AVP 0\r\nm=video 4002 RTP/AVP 96\r\na=inactive\r\n", Some(false)),
            ("m=audio 4000 RTP/AVP 0\r\na=sendonly\r\nm=video 4002 RTP/AVP 96\r\n", Some(true)),
            ("m=audio 4000 RTP/AVP 0\r\na=sendonly\r\nm=audio 4002 RTP/AVP 0\r\n", Some(false)),
            ("m=audio 0 RTP/AVP 0\r\nm=video 4002 RTP/AVP 96\r\na=sendonly\r\n", Some(true)),
            ("m=audio 0 RTP/AVP 0\r\n", None),
        ];
        for (streams, expected) in cases {
            assert_eq!(Sdp::new(&format!("{head}{streams}")).holds(), expected, "{streams}");
        }
    }

    /// RFC 3264 section 6.1, with what phones answer against it; and what the answer says of a hold.
    #[test]
    fn an_answer_is_within_its_offer_and_says_of_a_hold_what_it_can() {
        let cases = [
            ("sendrecv", "sendrecv", "sendrecv", Some(false)),
            ("sendrecv", "sendonly", "sendonly", Some(true)),
            ("sendrecv", "recvonly", "recvonly", Some(false)),
            ("sendrecv", "inactive", "inactive", Some(true)),
            ("sendonly", "sendrecv", "recvonly", Some(false)),
            ("sendonly", "sendonly", "inactive", None),
            ("sendonly", "recvonly", "recvonly", Some(false)),
            ("sendonly", "inactive", "inactive", None),
            ("recvonly", "sendrecv", "sendonly", None),
            ("recvonly", "sendonly", "sendonly", None),
            ("recvonly", "recvonly", "inactive", None),
            ("recvonly", "inactive", "inactive", None),
            ("inactive", "sendrecv", "inactive", None),
            ("inactive", "sendonly", "inactive", None),
            ("inactive", "recvonly", "inactive", None),
            ("inactive", "inactive", "inactive", None),
        ];
        let audio = |direction| sdp("", "RTP/AVP", "0", &format!("a={direction}\r\n"));
        for (offer, answer, passed, holds) in cases {
            let (offer, answer) = (audio(offer), audio(answer));
            assert_eq!(answer.answering(&offer), audio(passed), "{offer:?}, {passed}");
            assert_eq!(answer.holds_in_answer_to(&offer), holds, "{offer:?}, {passed}");
        }
    }

    #[test]
    fn an_answer_keeps_the_directions_of_streams_that_were_not_offered() {
        let passed = Sdp::new(TALKING).answering(&sdp("", "RTP/AVP", "0", "a=sendonly\r\n"));
        let directions: Vec<_> = passed.streams().iter().map(|stream| stream.direction).collect();
        assert_eq!(directions, [Direction::RecvOnly, Direction::SendRecv]);
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
    fn the_switch_speaks_its_codecs_in_the_clear_only() {
        let cases = [
            ("RTP/AVP", "0", "", true),
            ("RTP/AVP", "18 8", "", true),
            ("RTP/AVP", "9", "", true),
            ("RTP/AVP", "96", "a=rtpmap:96 opus/48000/2\r\n", true),
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

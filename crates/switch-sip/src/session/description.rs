//! Which way the media of a session description flows, who holds whom by that, and making it so
//! (RFC 3264 sections 5.1, 6.1 and 8.4).

/// Which way a stream flows, as the party says that a description comes from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Direction {
    #[default]
    Both,
    Send,
    Receive,
    Neither,
}

impl Direction {
    const ALL: [Self; 4] = [Self::Both, Self::Send, Self::Receive, Self::Neither];

    fn of(sends: bool, receives: bool) -> Self {
        match (sends, receives) {
            (true, true) => Self::Both,
            (true, false) => Self::Send,
            (false, true) => Self::Receive,
            (false, false) => Self::Neither,
        }
    }

    fn sends(self) -> bool {
        matches!(self, Self::Both | Self::Send)
    }

    fn receives(self) -> bool {
        matches!(self, Self::Both | Self::Receive)
    }

    /// What of it may be answered to an offer: nobody sends what the other does not receive.
    fn within(self, offer: Self) -> Self {
        Self::of(self.sends() && offer.receives(), self.receives() && offer.sends())
    }

    /// As the answer of one who only sends, for whom waits; who offers to send alone is listened to.
    fn sending(offer: Self) -> Self {
        match offer {
            Self::Neither => Self::Neither,
            Self::Send => Self::Receive,
            Self::Both | Self::Receive => Self::Send,
        }
    }

    fn line(self) -> &'static str {
        match self {
            Self::Both => "a=sendrecv",
            Self::Send => "a=sendonly",
            Self::Receive => "a=recvonly",
            Self::Neither => "a=inactive",
        }
    }

    fn of_line(line: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|direction| direction.line() == line)
    }
}

/// The streams of a description, in their order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Streams(Vec<Stream>);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Stream {
    is_audio: bool,
    /// Its port is not 0.
    is_live: bool,
    /// Its address is 0.0.0.0, which says what `sendonly` does (RFC 2543).
    is_nowhere: bool,
    direction: Direction,
}

impl Stream {
    fn of(line: &str, whole: Stream) -> Self {
        let mut words = line.split(' ');
        let is_audio = words.next() == Some("m=audio");
        let is_live = words.next() != Some("0");
        Self { is_audio, is_live, ..whole }
    }

    fn receives(self) -> bool {
        self.direction.receives() && !self.is_nowhere
    }
}

impl Streams {
    pub(crate) fn of(sdp: &[u8]) -> Self {
        let mut whole =
            Stream { is_audio: false, is_live: true, is_nowhere: false, direction: Direction::Both };
        let mut streams = Vec::new();
        for line in std::str::from_utf8(sdp).unwrap_or_default().lines().map(str::trim_end) {
            if line.starts_with("m=") {
                streams.push(Stream::of(line, whole));
                continue;
            }
            let stream = streams.last_mut().unwrap_or(&mut whole);
            if line.starts_with("c=") {
                stream.is_nowhere = matches!(line, "c=IN IP4 0.0.0.0" | "c=IN IP6 ::");
            }
            stream.direction = Direction::of_line(line).unwrap_or(stream.direction);
        }
        Self(streams)
    }

    /// Whether there are none: it is no session description, or one without media.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether an offer of these puts the other side on hold: its sender wants to hear nothing, be it that it
    /// sees something. `None` if it says nothing of media.
    pub(crate) fn hold(&self) -> Option<bool> {
        let mut voices = self.voices().peekable();
        voices.peek()?;
        Some(voices.all(|(_, stream)| !stream.receives()))
    }

    /// The same of an answer. Who was offered nothing to hear does not say by its answer whether it would hear
    /// something.
    pub(crate) fn hold_in_answer_to(&self, offer: &Self) -> Option<bool> {
        let offered = |at: usize| offer.0.get(at).map_or(Direction::Neither, |stream| stream.direction);
        let says = self.voices().filter_map(|(at, stream)| match offered(at) {
            Direction::Receive | Direction::Neither => None,
            Direction::Both => Some(!stream.receives()),
            Direction::Send => stream.receives().then_some(false),
        });
        says.reduce(|one, other| one && other)
    }

    /// Whether its sender and the other side may both speak.
    pub(crate) fn is_both_ways(&self) -> bool {
        self.voices().any(|(_, stream)| stream.direction == Direction::Both && !stream.is_nowhere)
    }

    /// The live audio streams, or whatever lives if there are none, with their places.
    fn voices(&self) -> impl Iterator<Item = (usize, Stream)> {
        let has_audio = self.0.iter().any(|stream| stream.is_live && stream.is_audio);
        let streams = self.0.iter().copied().enumerate();
        streams.filter(move |(_, stream)| stream.is_live && (stream.is_audio || !has_audio))
    }
}

/// The description with `direction` for each of its streams.
pub(crate) fn directed(sdp: &[u8], direction: Direction) -> Vec<u8> {
    redirected(sdp, |_, _| direction)
}

/// The description with media both ways; as it is if it says so already.
pub(crate) fn without_hold(sdp: &[u8]) -> Vec<u8> {
    redirected(sdp, |_, _| Direction::Both)
}

/// An answer as it may be given to who made `offer`, whatever its sender makes of a hold.
pub(crate) fn within(answer: &[u8], offer: &Streams) -> Vec<u8> {
    redirected(answer, |at, direction| {
        offer.0.get(at).map_or(direction, |offered| direction.within(offered.direction))
    })
}

/// The description of one who waits as the answer to it of one who only sends.
pub(crate) fn answered_by_sender(sdp: &[u8]) -> Vec<u8> {
    redirected(sdp, |_, offered| Direction::sending(offered))
}

/// The description with the directions that `change` makes of a stream's place and direction. Not a byte
/// changes if these are as they were.
fn redirected(sdp: &[u8], change: impl Fn(usize, Direction) -> Direction) -> Vec<u8> {
    let Streams(streams) = Streams::of(sdp);
    let changed: Vec<_> =
        streams.iter().enumerate().map(|(at, stream)| change(at, stream.direction)).collect();
    let is_same = streams.iter().map(|stream| stream.direction).eq(changed.iter().copied());
    match std::str::from_utf8(sdp) {
        Ok(text) if !is_same => written(text, &changed).into_bytes(),
        _ => sdp.to_vec(),
    }
}

/// Writes each stream's direction at its end.
fn written(text: &str, directions: &[Direction]) -> String {
    let mut written = String::with_capacity(text.len() + 16);
    let mut directions = directions.iter();
    let mut open = None;
    for line in text.lines().map(str::trim_end).filter(|line| Direction::of_line(line).is_none()) {
        if line.starts_with("m=") {
            written.extend(open.into_iter().flat_map(|direction: &Direction| [direction.line(), "\r\n"]));
            open = directions.next();
        }
        written.extend([line, "\r\n"]);
    }
    written.extend(open.into_iter().flat_map(|direction| [direction.line(), "\r\n"]));
    written
}

/// An answer to `offer` that takes its media and sends none: for a party that waits for another
/// (RFC 3725 section 4.4).
pub(crate) fn waiting_answer(offer: &[u8]) -> Option<Vec<u8>> {
    let text = std::str::from_utf8(offer).ok()?;
    if !text.contains("m=") {
        return None;
    }
    let mut answer = String::with_capacity(text.len() + 16);
    for line in text.lines().map(str::trim_end) {
        let is_address = line.starts_with("c=IN IP4 ");
        answer.extend([if is_address { "c=IN IP4 0.0.0.0" } else { line }, "\r\n"]);
    }
    Some(directed(answer.as_bytes(), Direction::Neither))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TALKING: &[u8] =
        b"v=0\r\nc=IN IP4 192.0.2.1\r\nm=audio 4000 RTP/AVP 0\r\na=ptime:20\r\na=sendrecv\r\n\
m=audio 4002 RTP/AVP 8\r\na=ptime:20\r\n";

    /// A description of one audio stream.
    fn audio(direction: &str) -> Vec<u8> {
        format!("v=0\r\nc=IN IP4 192.0.2.1\r\nm=audio 4000 RTP/AVP 0\r\na={direction}\r\n").into_bytes()
    }

    fn hold(sdp: &[u8]) -> Option<bool> {
        Streams::of(sdp).hold()
    }

    #[test]
    fn each_stream_gets_the_direction_at_its_end() {
        let held = directed(TALKING, Direction::Send);
        let expected = "v=0\r\nc=IN IP4 192.0.2.1\r\nm=audio 4000 RTP/AVP 0\r\na=ptime:20\r\na=sendonly\r\n\
m=audio 4002 RTP/AVP 8\r\na=ptime:20\r\na=sendonly\r\n";
        assert_eq!(String::from_utf8(held.clone()).unwrap(), expected);
        assert_eq!((hold(&held), hold(TALKING), hold(b"v=0\r\n")), (Some(true), Some(false), None));
    }

    #[test]
    fn only_what_is_held_is_changed_back() {
        assert_eq!(without_hold(TALKING), TALKING);
        assert_eq!(hold(&without_hold(&directed(TALKING, Direction::Neither))), Some(false));
    }

    #[test]
    fn an_answer_for_one_who_waits_has_no_address() {
        let answer = String::from_utf8(waiting_answer(TALKING).unwrap()).unwrap();
        assert!(answer.contains("c=IN IP4 0.0.0.0\r\n") && answer.contains("a=inactive\r\n"), "{answer}");
        assert_eq!(waiting_answer(b"v=0\r\n"), None);
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
            assert_eq!(hold(format!("{head}{streams}").as_bytes()), expected, "{streams}");
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
        for (offer, answer, passed, holds) in cases {
            let (offered, answer) = (Streams::of(&audio(offer)), audio(answer));
            assert_eq!(within(&answer, &offered), audio(passed), "{offer}, {passed}");
            assert_eq!(Streams::of(&answer).hold_in_answer_to(&offered), holds, "{offer}, {passed}");
        }
    }

    #[test]
    fn an_answer_keeps_the_directions_of_streams_that_were_not_offered() {
        let offered = Streams::of(&audio("sendonly"));
        let passed = within(TALKING, &offered);
        let directions: Vec<_> = Streams::of(&passed).0.iter().map(|stream| stream.direction).collect();
        assert_eq!(directions, [Direction::Receive, Direction::Both]);
    }
}

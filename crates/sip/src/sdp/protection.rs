//! How the streams of a description are protected: by keys in it (RFC 4568), by a handshake of their own (RFC 5764), or
//! not at all; and the same description with another protection.

use std::net::IpAddr;

use super::{
    crypto::{CRYPTO, Crypto},
    handshake::{Handshake, bundled, is_own},
    line::{Connection, Line, lines},
};

/// Where a stream of ICE is received as long as nobody needs to know: a name that is nobody's (RFC 6761).
const BY_ICE: &str = "c=IN IP4 ice.invalid";

/// How packets of a stream are protected, by the protocol of its `m=` line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protocol {
    /// `RTP/AVP`, `RTP/AVPF`. Keys beside it are an offer that may be passed over (RFC 8643).
    Plain,
    /// `RTP/SAVP`, `RTP/SAVPF`: with keys in the description.
    Keyed,
    /// `UDP/TLS/RTP/SAVP`, `UDP/TLS/RTP/SAVPF`: with keys from a handshake.
    Handshake,
    /// No RTP over datagrams.
    Other,
}

/// What one `m=` line and those that belong to it say of protection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Protection {
    /// The medium: `audio`, `video`.
    pub medium: String,
    /// The port, as written. `0` if the stream is refused or ended.
    pub port: String,
    /// By which protocol.
    pub protocol: Protocol,
    /// The same as written.
    pub profile: String,
    /// The keys that can be used, in their order.
    pub keys: Vec<Crypto>,
    /// What else it says: by whom, and by which way.
    pub handshake: Handshake,
}

impl Protection {
    /// Whether the stream is refused or ended.
    pub fn is_refused(&self) -> bool {
        self.port == "0"
    }
}

/// What becomes of a stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// It stays as it is.
    None,
    /// It is refused (port 0), and has neither keys nor anything of a handshake.
    Refuse {
        /// What the `m=` line says.
        profile: String,
    },
    /// It gets this protocol and these keys in the place of its own.
    Protect {
        /// What the `m=` line says.
        profile: String,
        /// Its keys.
        keys: Vec<Crypto>,
    },
    /// It gets this protocol, and loses what it says of a handshake and its way.
    Bare {
        /// What the `m=` line says.
        profile: String,
        /// Its way is found by checks: where it is received need not be known.
        is_checked: bool,
    },
    /// It gets this protocol and this handshake in the place of its own, and where its way is found by checks, the
    /// address at which it is received as the only candidate.
    Shake {
        /// What the `m=` line says.
        profile: String,
        /// What is said of the handshake.
        handshake: Handshake,
    },
}

impl Change {
    /// Whether it is about a handshake, so that what the whole session says of one is not so any more.
    const fn is_of_handshake(&self) -> bool {
        matches!(self, Self::Bare { .. } | Self::Shake { .. })
    }
}

/// How each stream of a description is protected, by its `m=` line.
pub fn protections(text: &str) -> Vec<Protection> {
    let (mut session, mut group, mut streams) = (Handshake::default(), Vec::new(), Vec::<Protection>::new());
    for line in text.lines() {
        match (line.strip_prefix("m="), streams.last_mut()) {
            (Some(media), _) => streams.push(Protection::of(media, &session)),
            (None, Some(stream)) => {
                stream.keys.extend(Crypto::parse(line));
                stream.handshake.read(line, &session);
            }
            (None, None) => {
                group.extend(bundled(line).into_iter().flatten());
                session.read(line, &Handshake::default());
            }
        }
    }
    for Protection { handshake, .. } in &mut streams {
        handshake.is_bundled = handshake.mid.as_deref().is_some_and(|mid| group.contains(&mid));
    }
    streams
}

/// The description with its streams changed; those for which nothing is said stay as they are. Keys before the first
/// stream, where none may be, are left out.
pub fn protected(text: &str, changes: &[Change]) -> String {
    let has_handshake = changes.iter().any(Change::is_of_handshake);
    let mut written =
        Written { text: String::with_capacity(text.len() + 128), has_handshake, ..Written::default() };
    let (mut rest, mut change) = (changes.iter(), None);
    for line in lines(text.as_bytes()) {
        if line.kind() == Some(b'm') {
            match change {
                None => written.end_session(changes),
                Some(_) => written.end_stream(),
            }
            change = Some(rest.next().unwrap_or(&Change::None));
        }
        written.add(line, change);
    }
    written.end_stream();
    written.text
}

#[derive(Default)]
struct Written<'a> {
    text: String,
    /// What belongs to the end of the stream that is being written.
    keys: Vec<Crypto>,
    handshake: Option<&'a Handshake>,
    /// Where it is received, and where all of the session are that do not say.
    port: String,
    place: Option<IpAddr>,
    session_place: Option<IpAddr>,
    has_handshake: bool,
}

impl<'a> Written<'a> {
    /// Adds a line of the stream that is changed so; `None` before the first.
    fn add(&mut self, line: Line<'_>, change: Option<&'a Change>) {
        let content = String::from_utf8_lossy(line.content);
        if self.leaves_out(&content, change) {
            return;
        }
        if let (Some(b'c'), Some(Connection(place))) = (line.kind(), line.connection()) {
            *(if change.is_some() { &mut self.place } else { &mut self.session_place }) = place;
        }
        match content.strip_prefix("m=") {
            Some(media) => self.begin_stream(media, change.unwrap_or(&Change::None), line),
            None => self.push(&content, line),
        }
    }

    fn push(&mut self, content: &str, line: Line<'_>) {
        self.text.push_str(content);
        self.text.push_str(&String::from_utf8_lossy(line.end));
    }

    fn leaves_out(&self, content: &str, change: Option<&Change>) -> bool {
        let is_key = content.starts_with(CRYPTO);
        match change {
            Some(Change::None) => false,
            None => is_key || (self.has_handshake && is_own(content)),
            Some(Change::Protect { .. }) => is_key,
            Some(Change::Refuse { .. }) => is_key || is_own(content),
            Some(Change::Bare { is_checked, .. }) => {
                let is_place = content.starts_with("a=rtcp:") || content.starts_with("c=");
                is_key || is_own(content) || (*is_checked && is_place)
            }
            Some(Change::Shake { handshake, .. }) => {
                is_key || is_own(content) || (handshake.is_muxed && content.starts_with("a=rtcp:"))
            }
        }
    }

    fn begin_stream(&mut self, media: &str, change: &'a Change, line: Line<'_>) {
        match change {
            Change::None => self.push(&format!("m={media}"), line),
            Change::Refuse { profile } => self.push(&media_line(media, Some("0"), profile), line),
            Change::Protect { profile, keys } => {
                self.push(&media_line(media, None, profile), line);
                self.keys.clone_from(keys);
            }
            Change::Bare { profile, is_checked } => {
                self.push(&media_line(media, None, profile), line);
                if *is_checked {
                    self.push(BY_ICE, line);
                }
            }
            Change::Shake { profile, handshake } => {
                self.push(&media_line(media, None, profile), line);
                self.handshake = Some(handshake);
            }
        }
        media.split(' ').nth(1).unwrap_or_default().clone_into(&mut self.port);
    }

    /// What the whole session says of the handshakes of its streams.
    fn end_session(&mut self, changes: &[Change]) {
        let handshakes = || {
            changes.iter().filter_map(|change| match change {
                Change::Shake { handshake, .. } => Some(handshake),
                _ => None,
            })
        };
        let bundled = handshakes().filter(|handshake| handshake.is_bundled);
        let mids: Vec<_> = bundled.filter_map(|handshake| handshake.mid.as_deref()).collect();
        if !mids.is_empty() {
            self.add_line(&format!("a=group:BUNDLE {}", mids.join(" ")));
        }
        if handshakes().any(|handshake| handshake.ice.is_some()) {
            self.add_line("a=ice-lite");
        }
    }

    fn end_stream(&mut self) {
        for key in std::mem::take(&mut self.keys) {
            self.add_line(&key.line());
        }
        let place = self.place.take().or(self.session_place);
        if let Some(handshake) = self.handshake.take() {
            let port = std::mem::take(&mut self.port);
            let lines = handshake.lines(place.map(|place| (place, &*port)));
            lines.iter().for_each(|line| self.add_line(line));
        }
    }

    fn add_line(&mut self, line: &str) {
        if !self.text.is_empty() && !self.text.ends_with('\n') {
            self.text.push_str("\r\n");
        }
        self.text.push_str(line);
        self.text.push_str("\r\n");
    }
}

/// An `m=` line with another profile, and another port if one is given.
fn media_line(media: &str, port: Option<&str>, profile: &str) -> String {
    let words = media.split(' ').enumerate().map(|(at, own)| match at {
        1 => port.unwrap_or(own),
        2 => profile,
        _ => own,
    });
    format!("m={}", words.collect::<Vec<_>>().join(" "))
}

impl Protection {
    fn of(media: &str, session: &Handshake) -> Self {
        let mut words = media.split(' ');
        let mut next = || words.next().unwrap_or_default().to_owned();
        let (medium, port, profile) = (next(), next(), next());
        let protocol = match &*profile.to_ascii_uppercase() {
            "RTP/AVP" | "RTP/AVPF" => Protocol::Plain,
            "RTP/SAVP" | "RTP/SAVPF" => Protocol::Keyed,
            "UDP/TLS/RTP/SAVP" | "UDP/TLS/RTP/SAVPF" => Protocol::Handshake,
            _ => Protocol::Other,
        };
        Self { medium, port, protocol, profile, keys: Vec::new(), handshake: session.clone() }
    }
}

/// The profile of the same feedback without keys, or with keys in the description.
pub fn profile(of: &str, protocol: Protocol) -> String {
    let feedback = if of.to_ascii_uppercase().ends_with("AVPF") { "F" } else { "" };
    match protocol {
        Protocol::Plain => format!("RTP/AVP{feedback}"),
        Protocol::Keyed => format!("RTP/SAVP{feedback}"),
        Protocol::Handshake => format!("UDP/TLS/RTP/SAVP{feedback}"),
        Protocol::Other => of.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::{
        super::handshake::{IceCredentials, Setup},
        *,
    };

    const KEY: &str = "WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz";

    fn crypto(tag: u32) -> String {
        format!("a=crypto:{tag} AES_CM_128_HMAC_SHA1_80 inline:{KEY}\r\n")
    }

    fn both() -> String {
        format!(
            "v=0\r\nc=IN IP4 192.0.2.1\r\nm=audio 4000 RTP/SAVP 0 101\r\na=rtpmap:0 PCMU/8000\r\n{}{}a=sendrecv\r\n\
             m=audio 4000 RTP/AVP 0\r\nm=video 0 RTP/SAVPF 96\r\nm=image 5000 udptl t38\r\n",
            crypto(1),
            crypto(2),
        )
    }

    #[test]
    fn each_stream_says_how_it_is_protected() {
        let read = protections(&both());
        let protocols: Vec<_> = read.iter().map(|stream| stream.protocol).collect();
        assert_eq!(protocols, [Protocol::Keyed, Protocol::Plain, Protocol::Keyed, Protocol::Other]);
        let tags: Vec<Vec<_>> =
            read.iter().map(|stream| stream.keys.iter().map(|key| key.tag).collect()).collect();
        assert_eq!(tags, [vec![1, 2], vec![], vec![], vec![]]);
        assert_eq!(read.iter().map(Protection::is_refused).collect::<Vec<_>>(), [false, false, true, false]);
    }

    #[test]
    fn a_description_without_its_keys_is_the_plain_one() {
        let plain = Change::Protect { profile: "RTP/AVP".into(), keys: Vec::new() };
        let written = protected(&both(), &[plain, Change::Refuse { profile: "RTP/AVP".into() }]);
        let expected = both()
            .replace("RTP/SAVP 0", "RTP/AVP 0")
            .replace(&crypto(1), "")
            .replace(&crypto(2), "")
            .replacen("audio 4000 RTP/AVP 0\r\nm=video", "audio 0 RTP/AVP 0\r\nm=video", 1);
        assert_eq!(written, expected);
    }

    #[test]
    fn keys_stand_at_the_end_of_their_stream() {
        let keys = protections(&both())[0].keys.clone();
        let plain = "v=0\r\nm=audio 4000 RTP/AVP 0\r\na=sendrecv\r\nm=audio 5000 RTP/AVP 8";
        let change = |keys: &[Crypto]| Change::Protect { profile: "RTP/SAVP".into(), keys: keys.to_vec() };
        let written = protected(plain, &[change(&keys), change(&keys[..1])]);
        let expected = format!(
            "v=0\r\nm=audio 4000 RTP/SAVP 0\r\na=sendrecv\r\n{}{}m=audio 5000 RTP/SAVP 8\r\n{0}",
            crypto(1),
            crypto(2)
        );
        assert_eq!(written, expected);
        assert_eq!(protections(&written)[1].keys, keys[..1]);
    }

    #[test]
    fn what_nothing_is_said_of_stays_as_it_is_but_keys_of_no_stream() {
        assert_eq!(protected(&both(), &[]), both());
        let odd = format!("v=0\n{}m=audio 1 RTP/AVP 0\n", crypto(1));
        assert_eq!(protected(&odd, &[]), "v=0\nm=audio 1 RTP/AVP 0\n");
    }

    #[test]
    fn a_profile_keeps_its_feedback() {
        assert_eq!(profile("RTP/AVPF", Protocol::Keyed), "RTP/SAVPF");
        assert_eq!(profile("UDP/TLS/RTP/SAVPF", Protocol::Plain), "RTP/AVPF");
        assert_eq!(profile("RTP/SAVP", Protocol::Plain), "RTP/AVP");
    }

    const BROWSER: &str = "v=0\r\no=- 1 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=group:BUNDLE 0 1\r\n\
        a=extmap-allow-mixed\r\na=msid-semantic: WMS s\r\na=fingerprint:sha-256 AA:BB\r\n\
        m=audio 9 UDP/TLS/RTP/SAVPF 111 0 126\r\nc=IN IP4 0.0.0.0\r\na=rtcp:9 IN IP4 0.0.0.0\r\n\
        a=candidate:1 1 udp 2113937151 x.local 51000 typ host\r\na=ice-ufrag:frag\r\na=ice-pwd:pass\r\n\
        a=ice-options:trickle\r\na=fingerprint:sha-256 CC:DD\r\na=setup:actpass\r\na=mid:0\r\n\
        a=extmap:1 urn:x\r\na=sendrecv\r\na=msid:s t\r\na=rtcp-mux\r\na=rtcp-rsize\r\n\
        a=rtpmap:111 opus/48000/2\r\na=rtcp-fb:111 transport-cc\r\na=fmtp:111 useinbandfec=1\r\n\
        a=rtpmap:126 telephone-event/8000\r\na=ssrc:1 cname:c\r\nm=video 9 UDP/TLS/RTP/SAVPF 96\r\na=mid:1\r\n\
        a=setup:actpass\r\n";

    #[test]
    fn what_a_browser_says_of_its_streams_is_read() {
        let read = protections(BROWSER);
        let ice = IceCredentials { fragment: "frag".into(), password: "pass".into() };
        let expected = Handshake {
            setup: Some(Setup::ActPass),
            fingerprints: vec!["sha-256 CC:DD".into()],
            ice: Some(ice),
            mid: Some("0".into()),
            is_muxed: true,
            is_bundled: true,
        };
        assert_eq!((read[0].protocol, &read[0].handshake), (Protocol::Handshake, &expected));
        assert_eq!(read[1].handshake.fingerprints, ["sha-256 AA:BB"], "as the session says");
        assert_eq!((read[1].handshake.is_muxed, read[1].handshake.is_bundled), (false, true));
    }

    #[test]
    fn a_browsers_description_made_plain_says_what_any_phone_understands() {
        let bare = Change::Bare { profile: "RTP/AVP".into(), is_checked: true };
        let written = protected(BROWSER, &[bare, Change::Refuse { profile: "RTP/AVP".into() }]);
        let expected = "v=0\r\no=- 1 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\nm=audio 9 RTP/AVP 111 0 126\r\n\
            c=IN IP4 ice.invalid\r\na=sendrecv\r\na=rtpmap:111 opus/48000/2\r\na=fmtp:111 useinbandfec=1\r\n\
            a=rtpmap:126 telephone-event/8000\r\nm=video 0 RTP/AVP 96\r\n";
        assert_eq!(written, expected);
    }

    #[test]
    fn a_plain_description_gets_a_handshake_and_its_one_candidate() {
        let plain = "v=0\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\nm=audio 4000 RTP/AVP 0\r\na=rtcp:4001\r\na=rtcp-mux\r\n\
            a=sendrecv\r\nm=video 4002 RTP/AVP 96";
        let handshake = protections(BROWSER)[0].handshake.clone();
        let shake = Change::Shake { profile: "UDP/TLS/RTP/SAVPF".into(), handshake };
        let refuse = Change::Refuse { profile: "UDP/TLS/RTP/SAVPF".into() };
        let expected = "v=0\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\na=group:BUNDLE 0\r\na=ice-lite\r\n\
            m=audio 4000 UDP/TLS/RTP/SAVPF 0\r\na=sendrecv\r\na=mid:0\r\na=setup:actpass\r\n\
            a=fingerprint:sha-256 CC:DD\r\na=rtcp-mux\r\na=ice-ufrag:frag\r\na=ice-pwd:pass\r\n\
            a=candidate:1 1 udp 2130706431 192.0.2.1 4000 typ host\r\na=end-of-candidates\r\n\
            m=video 0 UDP/TLS/RTP/SAVPF 96";
        assert_eq!(protected(plain, &[shake.clone(), refuse]), expected);
        let nowhere = protected(&plain.replace("192.0.2.1", "0.0.0.0"), &[shake]);
        assert!(!nowhere.contains("candidate"), "{nowhere}");
    }
}

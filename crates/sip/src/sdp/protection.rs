//! How the streams of a description are protected: by keys in it (RFC 4568), by a handshake of their own (RFC 5764), or
//! not at all; and the same description with another protection.

use super::{
    crypto::{CRYPTO, Crypto},
    line::{Line, lines},
};

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
    /// It is refused (port 0), and has no keys.
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
}

/// How each stream of a description is protected, by its `m=` line.
pub fn protections(text: &str) -> Vec<Protection> {
    let mut streams: Vec<Protection> = Vec::new();
    for line in text.lines() {
        if let Some(media) = line.strip_prefix("m=") {
            streams.push(Protection::of(media));
        } else if let (Some(stream), Some(key)) = (streams.last_mut(), Crypto::parse(line)) {
            stream.keys.push(key);
        }
    }
    streams
}

/// The description with its streams changed; those for which nothing is said stay as they are. Keys before the first
/// stream, where none may be, are left out.
pub fn protected(text: &str, changes: &[Change]) -> String {
    let mut written = Written { text: String::with_capacity(text.len() + 128), keys: Vec::new() };
    let (mut changes, mut change) = (changes.iter(), None);
    for line in lines(text.as_bytes()) {
        if line.kind() == Some(b'm') {
            written.end_stream();
            change = Some(changes.next().unwrap_or(&Change::None));
        }
        written.add(line, change);
    }
    written.end_stream();
    written.text
}

struct Written {
    text: String,
    /// Those of the stream that is being written.
    keys: Vec<Crypto>,
}

impl Written {
    /// Adds a line of the stream that is changed so; `None` before the first.
    fn add(&mut self, line: Line<'_>, change: Option<&Change>) {
        let content = String::from_utf8_lossy(line.content);
        if content.starts_with(CRYPTO) && change != Some(&Change::None) {
            return;
        }
        match (content.strip_prefix("m="), change) {
            (Some(media), Some(Change::Refuse { profile })) => {
                self.text.push_str(&media_line(media, Some("0"), profile));
            }
            (Some(media), Some(Change::Protect { profile, keys })) => {
                self.text.push_str(&media_line(media, None, profile));
                self.keys.clone_from(keys);
            }
            _ => self.text.push_str(&content),
        }
        self.text.push_str(&String::from_utf8_lossy(line.end));
    }

    fn end_stream(&mut self) {
        if !self.keys.is_empty() && !self.text.ends_with('\n') {
            self.text.push_str("\r\n");
        }
        for key in std::mem::take(&mut self.keys) {
            self.text.push_str(&key.line());
            self.text.push_str("\r\n");
        }
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
    fn of(media: &str) -> Self {
        let mut words = media.split(' ');
        let mut next = || words.next().unwrap_or_default().to_owned();
        let (medium, port, profile) = (next(), next(), next());
        let protocol = match &*profile.to_ascii_uppercase() {
            "RTP/AVP" | "RTP/AVPF" => Protocol::Plain,
            "RTP/SAVP" | "RTP/SAVPF" => Protocol::Keyed,
            "UDP/TLS/RTP/SAVP" | "UDP/TLS/RTP/SAVPF" => Protocol::Handshake,
            _ => Protocol::Other,
        };
        Self { medium, port, protocol, profile, keys: Vec::new() }
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
    use super::*;

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
}

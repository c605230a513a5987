//! Reading the words of a ladder.

use std::{fmt::Write as _, time::Duration};

use b2bua::{
    Direction, Sdp,
    message::{Body, Content, Expires, Reasons, Refresher, SessionTimer},
};
use call::encryption::{CryptoSuite, KeyExchange, MediaEncryption};

/// The words of a line, taken one by one.
pub struct Words<'a> {
    pub line: &'a str,
    rest: Vec<&'a str>,
}

impl<'a> Words<'a> {
    pub fn new(line: &'a str) -> Self {
        Self { line, rest: line.split_whitespace().collect() }
    }

    pub fn next(&mut self) -> &'a str {
        assert!(!self.rest.is_empty(), "a word is missing in: {}", self.line);
        self.rest.remove(0)
    }

    pub fn peek(&self) -> Option<&'a str> {
        self.rest.first().copied()
    }

    /// Takes a word if it is there.
    pub fn take(&mut self, word: &str) -> bool {
        let found = self.rest.iter().position(|known| *known == word);
        found.map(|at| self.rest.remove(at)).is_some()
    }

    /// Takes the value of `name=value` if it is there.
    pub fn value(&mut self, name: &str) -> Option<&'a str> {
        let at =
            self.rest.iter().position(|word| word.split_once('=').is_some_and(|(known, _)| known == name))?;
        self.rest.remove(at).split_once('=').map(|(_, value)| value)
    }

    pub fn number<T: std::str::FromStr>(&mut self, name: &str) -> Option<T> {
        self.value(name).map(|value| value.parse().ok().unwrap_or_else(|| panic!("no number: {}", self.line)))
    }

    pub fn end(&self) {
        assert!(self.rest.is_empty(), "not understood: {:?} in: {}", self.rest, self.line);
    }

    /// `sdp`, `sdp:sendonly`, `savp`, `g729`, `keys` (with telephone-event), `broken` or `fault` (at which the world
    /// panics), of a party.
    pub fn sdp(&mut self, of: &str) -> Option<Sdp> {
        let kinds = ["sdp", "savp", "g729", "keys", "broken", "fault"];
        let is_sdp = |word: &&str| kinds.contains(&word.split(':').next().unwrap_or_default());
        let at = self.rest.iter().position(is_sdp)?;
        let word = self.rest.remove(at);
        let (kind, direction) = word.split_once(':').unwrap_or((word, "sendrecv"));
        Some(sdp(of, kind, direction))
    }

    pub fn body(&mut self, of: &str) -> Body {
        self.sdp(of).into()
    }

    /// `timer=INTERVAL[:uac|:uas]`, `knows-timer`, `min=SECONDS`.
    pub fn timer(&mut self) -> SessionTimer {
        let expires = self.value("timer").map(|value| {
            let (interval, side) = value.split_once(':').unwrap_or((value, ""));
            let refresher = match side {
                "uac" => Some(Refresher::Client),
                "uas" => Some(Refresher::Server),
                _ => None,
            };
            Expires { interval: Duration::from_secs(interval.parse().unwrap()), refresher }
        });
        let shortest = self.number("min").map(Duration::from_secs);
        SessionTimer { is_known: self.take("knows-timer") || expires.is_some(), expires, shortest }
    }

    /// `no-more`, or that the keys stand in descriptions.
    pub fn encryption(&mut self) -> Option<MediaEncryption> {
        match self.next() {
            "no-more" => None,
            "sdes" => {
                Some(MediaEncryption { exchange: KeyExchange::Sdes, suite: CryptoSuite::AeadAes128Gcm })
            }
            other => panic!("{other} is no encryption in: {}", self.line),
        }
    }

    /// `reason=TEXT`, with `_` for blanks.
    pub fn reasons(&mut self) -> Reasons {
        Reasons(self.value("reason").map(|text| text.replace('_', " ").into()))
    }
}

/// A description of a party.
pub fn sdp(of: &str, kind: &str, direction: &str) -> Sdp {
    let media = match kind {
        "savp" => "m=audio 4000 RTP/SAVP 0 8\r\na=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:x\r\n",
        "g729" => "m=audio 4000 RTP/AVP 18\r\n",
        "keys" => "m=audio 4000 RTP/AVP 0 101\r\na=rtpmap:101 telephone-event/8000\r\n",
        "broken" => "x=broken\r\nm=audio 4000 RTP/AVP 0\r\n",
        "fault" => "x=fault\r\nm=audio 4000 RTP/AVP 0\r\n",
        _ => "m=audio 4000 RTP/AVP 0 8\r\n",
    };
    Sdp::new(&format!("v=0\r\ns={of}\r\nc=IN IP4 192.0.2.1\r\n{media}a={direction}\r\n"))
}

/// The same, as it is printed.
pub fn print_sdp(sdp: &Sdp) -> String {
    let of = sdp.as_str().lines().find_map(|line| line.strip_prefix("s=")).unwrap_or("?");
    let kind = match () {
        () if sdp.is_secured() => "savp",
        () if sdp.as_str().contains("x=broken") => "broken",
        () if sdp.takes_keys() => "keys",
        () if sdp.is_speakable() => "sdp",
        () => "g729",
    };
    let direction = match sdp.direction() {
        Some(Direction::SendRecv) | None => "",
        Some(Direction::SendOnly) => ":sendonly",
        Some(Direction::RecvOnly) => ":recvonly",
        Some(Direction::Inactive) => ":inactive",
    };
    let address = if sdp.as_str().contains("0.0.0.0") { ":nowhere" } else { "" };
    format!("{kind}({of}{direction}{address})")
}

pub fn print_body(body: &Body) -> String {
    match body {
        Body::Empty => String::new(),
        Body::Sdp(sdp) => format!(" {}", print_sdp(sdp)),
        Body::Other(Content { bytes, .. }) => {
            format!(" {}", String::from_utf8_lossy(bytes).split_whitespace().collect::<Vec<_>>().join(","))
        }
    }
}

pub fn print_timer(timer: &SessionTimer) -> String {
    let mut text = String::new();
    if let Some(Expires { interval, refresher }) = timer.expires {
        write!(text, " timer={}", interval.as_secs()).unwrap();
        match refresher {
            Some(Refresher::Client) => text.push_str(":uac"),
            Some(Refresher::Server) => text.push_str(":uas"),
            None => {}
        }
    }
    text
}

pub fn print_reasons(reasons: &Reasons) -> String {
    reasons.0.as_ref().map(|text| format!(" reason={}", text.replace(' ', "_"))).unwrap_or_default()
}

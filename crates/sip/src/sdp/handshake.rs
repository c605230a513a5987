//! What streams say of a handshake for their keys (RFC 5763, RFC 8122) and of the checks that find their way (ICE,
//! RFC 8839).

use std::net::IpAddr;

/// What one `m=` line, those that belong to it, and those of the whole session say of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Handshake {
    /// Who begins.
    pub setup: Option<Setup>,
    /// What stands behind `a=fingerprint:`.
    pub fingerprints: Vec<String>,
    /// What connectivity checks are made with.
    pub ice: Option<IceCredentials>,
    /// How the stream is named to group it.
    pub mid: Option<String>,
    /// RTCP goes by the port of RTP (RFC 5761).
    pub is_muxed: bool,
    /// It is one of those that share a port (RFC 8843).
    pub is_bundled: bool,
}

/// A user fragment and a password (RFC 8839 section 5.4).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IceCredentials {
    /// Names them.
    pub fragment: String,
    /// What checks are signed with.
    pub password: String,
}

/// Who begins a handshake (RFC 4145 section 4).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Setup {
    /// Who says so.
    Active,
    /// The other.
    Passive,
    /// The other may say.
    ActPass,
    /// Nobody yet.
    HoldConn,
}

/// What is between a party and the switch alone: ways, keys, and what browsers tell each other of their streams. None of
/// it means anything to whoever is on the other side.
const OWN: [&str; 22] = [
    "a=bundle-only",
    "a=candidate:",
    "a=connection:",
    "a=dtls-id:",
    "a=end-of-candidates",
    "a=extmap-allow-mixed",
    "a=extmap:",
    "a=fingerprint:",
    "a=group:",
    "a=ice-",
    "a=identity:",
    "a=mid:",
    "a=msid-semantic:",
    "a=msid:",
    "a=remote-candidates:",
    "a=rtcp-fb:",
    "a=rtcp-mux",
    "a=rtcp-rsize",
    "a=setup:",
    "a=ssrc-group:",
    "a=ssrc:",
    "a=tls-id:",
];

/// Whether a line is of that kind.
pub(super) fn is_own(line: &str) -> bool {
    OWN.iter().any(|start| line.starts_with(start))
}

impl Setup {
    const ALL: [Self; 4] = [Self::Active, Self::Passive, Self::ActPass, Self::HoldConn];

    const fn name(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Passive => "passive",
            Self::ActPass => "actpass",
            Self::HoldConn => "holdconn",
        }
    }

    fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|setup| setup.name() == name.trim())
    }
}

impl Handshake {
    /// Takes in a line of the stream. What it says itself goes before what the session says.
    pub(super) fn read(&mut self, line: &str, session: &Self) {
        let Some((name, value)) =
            line.strip_prefix("a=").map(|line| line.split_once(':').unwrap_or((line, "")))
        else {
            return;
        };
        match name {
            "setup" => self.setup = Setup::named(value).or(self.setup),
            "fingerprint" => {
                if self.fingerprints == session.fingerprints {
                    self.fingerprints.clear();
                }
                self.fingerprints.push(value.to_owned());
            }
            "ice-ufrag" => self.ice_mut().fragment = value.trim().to_owned(),
            "ice-pwd" => self.ice_mut().password = value.trim().to_owned(),
            "mid" => self.mid = Some(value.trim().to_owned()),
            "rtcp-mux" => self.is_muxed = true,
            _ => {}
        }
    }

    fn ice_mut(&mut self) -> &mut IceCredentials {
        self.ice.get_or_insert_with(|| IceCredentials { fragment: String::new(), password: String::new() })
    }

    /// What is said of it by a stream that is received there: the only candidate of a server (RFC 8445 section 2.5).
    pub(super) fn lines(&self, place: Option<(IpAddr, &str)>) -> Vec<String> {
        let mut lines = Vec::new();
        lines.extend(self.mid.as_ref().map(|mid| format!("a=mid:{mid}")));
        lines.extend(self.setup.map(|setup| format!("a=setup:{}", setup.name())));
        lines.extend(self.fingerprints.iter().map(|fingerprint| format!("a=fingerprint:{fingerprint}")));
        if self.is_muxed {
            lines.push("a=rtcp-mux".to_owned());
        }
        let Some(IceCredentials { fragment, password }) = &self.ice else { return lines };
        lines.extend([format!("a=ice-ufrag:{fragment}"), format!("a=ice-pwd:{password}")]);
        if let Some((ip, port)) = place.filter(|(ip, _)| !ip.is_unspecified()) {
            // The highest priority of a host candidate (RFC 8445 section 5.1.2).
            lines.push(format!("a=candidate:1 1 udp 2130706431 {ip} {port} typ host"));
            lines.push("a=end-of-candidates".to_owned());
        }
        lines
    }
}

/// The streams that share a port, by what `a=group:BUNDLE` names.
pub(super) fn bundled(line: &str) -> Option<impl Iterator<Item = &str>> {
    Some(line.strip_prefix("a=group:BUNDLE")?.split_ascii_whitespace())
}

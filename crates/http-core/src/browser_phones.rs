//! What a browser needs to be a phone: where the switch takes SIP over WebSocket, a bearer, and servers that help
//! sound through networks that translate addresses.

use std::{
    sync::Arc,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use base64::{Engine, prelude::BASE64_STANDARD};
use directory::Bearers;
use ring::hmac;
use serde::Serialize;

use crate::config::Secret;

/// How long a bearer, and what a TURN server takes, is good for. The page fetches others long before.
pub const LIFETIME: Duration = Duration::from_secs(3_600);

/// What browsers that are phones are given.
#[derive(Clone, Debug, Default)]
pub struct BrowserPhones {
    /// What lets them be phones of their users.
    pub bearers: Arc<Bearers>,
    /// The port of SIP over WebSocket, and of the same over TLS, at the host that the page came from.
    pub ports: Ports,
    /// Where they are to connect instead, `ws://…` or `wss://…`.
    pub web_socket: Option<String>,
    /// `stun:` URLs.
    pub stun: Vec<String>,
    /// `turn:` and `turns:` URLs.
    pub turn: Vec<String>,
    /// The secret that the TURN servers share with us.
    pub turn_secret: Option<Secret<String>>,
}

/// Where SIP over WebSocket is taken.
#[derive(Clone, Copy, Debug, Default)]
pub struct Ports {
    /// In clear.
    pub ws: Option<u16>,
    /// Over TLS.
    pub wss: Option<u16>,
}

/// A server as `RTCPeerConnection` wants it (W3C WebRTC, `RTCIceServer`).
#[derive(Debug, Serialize)]
pub struct IceServer {
    /// Where it is.
    pub urls: Vec<String>,
    /// Who comes, and what proves it.
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    pub login: Option<IceLogin>,
}

/// What a TURN server takes for a while: the scheme of `use-auth-secret` in coturn.
#[derive(Debug, Serialize)]
pub struct IceLogin {
    /// When it ends, in seconds since 1970, and for whom it was made.
    pub username: String,
    /// HMAC-SHA1 of that, in base64.
    pub credential: String,
}

impl BrowserPhones {
    /// Where a page connects to that came from `host`, securely or not; `None` if nobody can connect so.
    pub fn web_socket(&self, host: &str, is_secure: bool) -> Option<String> {
        let of = |scheme: &str, port: u16| format!("{scheme}://{host}:{port}");
        let wss = self.ports.wss.map(|port| of("wss", port));
        // A page that came by https may not connect in clear.
        let ws = self.ports.ws.filter(|_| !is_secure).map(|port| of("ws", port));
        self.web_socket.clone().or(if is_secure { wss } else { ws.or(wss) })
    }

    /// The servers that help, with what they take from `user` for as long as a bearer is good.
    pub fn ice_servers(&self, user: &str, now: SystemTime) -> Vec<IceServer> {
        let of =
            |urls: &[String], login| (!urls.is_empty()).then(|| IceServer { urls: urls.to_vec(), login });
        let login = self.turn_secret.as_ref().map(|secret| IceLogin::new(&secret.0, user, now + LIFETIME));
        of(&self.stun, None).into_iter().chain(of(&self.turn, login)).collect()
    }
}

impl IceLogin {
    fn new(secret: &str, user: &str, until: SystemTime) -> Self {
        let until = until.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
        let username = format!("{until}:{user}");
        let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, secret.as_bytes());
        Self { credential: BASE64_STANDARD.encode(hmac::sign(&key, username.as_bytes())), username }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_connects_as_securely_as_it_came() {
        let phones =
            BrowserPhones { ports: Ports { ws: Some(80), wss: Some(443) }, ..BrowserPhones::default() };
        assert_eq!(phones.web_socket("pbx.example", false).unwrap(), "ws://pbx.example:80");
        assert_eq!(phones.web_socket("pbx.example", true).unwrap(), "wss://pbx.example:443");
        let clear = BrowserPhones { ports: Ports { ws: Some(80), wss: None }, ..BrowserPhones::default() };
        assert_eq!(clear.web_socket("pbx.example", true), None);
    }

    /// Made with `printf 1700003600:alice | openssl dgst -sha1 -hmac north -binary | base64`.
    #[test]
    fn a_turn_server_can_check_what_it_is_shown() {
        let login = IceLogin::new("north", "alice", UNIX_EPOCH + Duration::from_secs(1_700_003_600));
        assert_eq!(
            (&*login.username, &*login.credential),
            ("1700003600:alice", "wjwSXO2ch1B6VaLTLMy2Avn5O9o=")
        );
    }
}

//! The client's side of digest authentication.

use md5::Md5;
use sha2::{Digest, Sha256};

use super::Message;

pub fn md5(text: &str) -> String {
    Md5::digest(text).iter().map(|byte| format!("{byte:02x}")).collect()
}

pub fn sha256(text: &str) -> String {
    Sha256::digest(text).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// What is needed to answer a challenge.
#[derive(Clone)]
pub struct Challenge {
    pub nonce: String,
    pub realm: String,
    pub stale: bool,
}

impl Challenge {
    /// The MD5 challenge of a 401 or 407.
    pub fn of(response: &Message) -> Self {
        let name = if response.status() == 401 { "WWW-Authenticate" } else { "Proxy-Authenticate" };
        let value = response.all(name).find(|value| value.contains("algorithm=MD5")).expect("MD5 is offered");
        let get = |key: &str| {
            let rest = value.split_once(&format!("{key}=\"")).expect(key).1;
            rest.split_once('"').unwrap().0.to_owned()
        };
        Self { nonce: get("nonce"), realm: get("realm"), stale: value.contains("stale=true") }
    }

    /// The header that answers it, with count `nc`.
    pub fn answer(&self, header: &str, who: (&str, &str), method: &str, uri: &str, nc: u32) -> String {
        self.answer_with(md5, "MD5", header, who, method, uri, nc)
    }

    pub fn answer_sha256(&self, header: &str, who: (&str, &str), method: &str, uri: &str, nc: u32) -> String {
        self.answer_with(sha256, "SHA-256", header, who, method, uri, nc)
    }

    #[allow(clippy::too_many_arguments)]
    fn answer_with(
        &self,
        hash: fn(&str) -> String,
        algorithm: &str,
        header: &str,
        (user, secret): (&str, &str),
        method: &str,
        uri: &str,
        nc: u32,
    ) -> String {
        let Self { nonce, realm, .. } = self;
        let ha1 = hash(&format!("{user}:{realm}:{secret}"));
        let ha2 = hash(&format!("{method}:{uri}"));
        let response = hash(&format!("{ha1}:{nonce}:{nc:08x}:c1:auth:{ha2}"));
        format!(
            "{header}: Digest username=\"{user}\", realm=\"{realm}\", nonce=\"{nonce}\", uri=\"{uri}\", \
             response=\"{response}\", algorithm={algorithm}, cnonce=\"c1\", qop=auth, nc={nc:08x}"
        )
    }
}

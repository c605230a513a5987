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

/// What the far end of a trunk asks, and how it checks the answer.
#[derive(Clone, Copy)]
pub struct Asking {
    pub realm: &'static str,
    pub nonce: &'static str,
    pub algorithm: &'static str,
}

impl Asking {
    /// The header of a 401 or 407 that asks.
    pub fn header(&self, status: &str) -> String {
        let name = if status.starts_with("401") { "WWW-Authenticate" } else { "Proxy-Authenticate" };
        let Self { realm, nonce, algorithm } = self;
        format!("{name}: Digest realm=\"{realm}\", nonce=\"{nonce}\", algorithm={algorithm}, qop=\"auth\"")
    }

    /// Asserts that a request has the right credentials, the `count`th ones with this nonce.
    pub fn assert_answered(&self, request: &Message, (user, password): (&str, &str), count: u32) {
        let value = request.find("Authorization").or_else(|| request.find("Proxy-Authorization"));
        let value = value.unwrap_or_else(|| panic!("no credentials in {request:#?}"));
        let get = |key: &str| {
            let rest =
                value.split_once(&format!(" {key}=")).unwrap_or_else(|| panic!("no {key} in {value}")).1;
            let text = rest.split(',').next().unwrap();
            text.trim_matches('"').to_owned()
        };
        let hash = if self.algorithm == "MD5" { md5 } else { sha256 };
        let ha1 = hash(&format!("{user}:{}:{password}", self.realm));
        let ha2 = hash(&format!("{}:{}", request.method(), request.request_uri()));
        let (nonce, cnonce) = (self.nonce, get("cnonce"));
        let expected = hash(&format!("{ha1}:{nonce}:{count:08x}:{cnonce}:auth:{ha2}"));
        let found = (get("nonce"), get("nc"), get("response"), get("uri"));
        let right = (nonce.to_owned(), format!("{count:08x}"), expected, request.request_uri().to_owned());
        assert_eq!(found, right);
    }
}

//! The challenges in a 401 or 407, and what answers them.

use directory::model::TrunkAuth;
use rsipstack::sip::{
    Header, Request, Response,
    headers::{Authorization, ProxyAuthorization},
};
use sip::digest::{self, Algorithm, Answer};

/// A challenge that we can answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Challenge {
    asker: Asker,
    asked: digest::Challenge,
}

/// Who asks, and so where the answer goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Asker {
    /// 401: the server itself.
    Server,
    /// 407: a proxy before it.
    Proxy,
}

impl Challenge {
    /// The first challenge of a response that is of our realm and of a kind that we know (RFC 8760 section
    /// 2.4: the topmost that is known).
    pub(super) fn of(response: &Response, realm: &str) -> Option<Self> {
        let challenges = response.headers.iter().filter_map(|header| match header {
            Header::WwwAuthenticate(value) => Some((Asker::Server, value.value())),
            Header::ProxyAuthenticate(value) => Some((Asker::Proxy, value.value())),
            _ => None,
        });
        let read = |(asker, value)| Some(Self { asker, asked: digest::Challenge::parse(value)? });
        challenges.filter_map(read).find(|known| known.asked.realm == realm)
    }

    /// The credentials for a request: the `count`th ones with this nonce (RFC 7616 section 3.4).
    pub(super) fn answer(&self, auth: &TrunkAuth, request: &Request, count: u32, cnonce: &str) -> Header {
        let ha1 = match self.asked.algorithm {
            Algorithm::Md5 => &auth.ha1_md5,
            Algorithm::Sha256 => &auth.ha1_sha256,
        };
        let (method, uri) = (request.method.to_string(), request.uri.to_string());
        let answer = Answer { user: &auth.user, ha1, method: &method, uri: &uri, count, cnonce };
        let value = self.asked.answered(answer);
        match self.asker {
            Asker::Server => Header::Authorization(Authorization::new(value)),
            Asker::Proxy => Header::ProxyAuthorization(ProxyAuthorization::new(value)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The 401 of RFC 7616 section 3.9.1, and the request that it is an answer to.
    fn example(challenges: &[&str]) -> (Response, Request) {
        let response = format!(
            "SIP/2.0 401 Unauthorized\r\n{}Content-Length: 0\r\n\r\n",
            challenges.iter().map(|value| format!("WWW-Authenticate: {value}\r\n")).collect::<String>()
        );
        let request = "REGISTER sip:example.org SIP/2.0\r\nContent-Length: 0\r\n\r\n";
        (Response::try_from(response.as_str()).unwrap(), Request::try_from(request).unwrap())
    }

    const MD5: &str =
        r#"Digest realm="http-auth@example.org", qop="auth, auth-int", algorithm=MD5, nonce="n", opaque="o""#;
    const SHA256: &str =
        r#"Digest realm="http-auth@example.org", qop="auth", algorithm=SHA-256, nonce="n", opaque="o""#;

    #[test]
    fn the_topmost_known_challenge_of_our_realm_is_taken() {
        let algorithm = |challenges: &[&str]| {
            Challenge::of(&example(challenges).0, "http-auth@example.org").map(|known| known.asked.algorithm)
        };
        assert_eq!(algorithm(&[SHA256, MD5]), Some(Algorithm::Sha256));
        assert_eq!(algorithm(&[MD5, SHA256]), Some(Algorithm::Md5));
        assert_eq!(algorithm(&[&SHA256.replace("SHA-256", "SHA-512-256"), MD5]), Some(Algorithm::Md5));
        assert_eq!(algorithm(&[&SHA256.replace("example.org", "example.com"), MD5]), Some(Algorithm::Md5));
        for unknown in [&MD5.replace("auth, ", ""), "Basic realm=\"http-auth@example.org\"", "Digest"] {
            assert_eq!(algorithm(&[unknown]), None, "{unknown}");
        }
    }
}

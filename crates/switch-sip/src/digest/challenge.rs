//! The challenges in a 401 or 407, and what answers them.

use directory::model::TrunkAuth;
use rsipstack::sip::{
    Header, Request, Response,
    headers::{Authorization, ProxyAuthorization},
};

use super::credentials::parameters;
use crate::config::DigestAlgorithm;

/// A challenge that we can answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Challenge {
    asker: Asker,
    realm: String,
    nonce: String,
    opaque: Option<String>,
    algorithm: DigestAlgorithm,
    /// Whether counts are used; RFC 2069 had none.
    has_counts: bool,
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
        challenges.filter_map(|(asker, value)| Self::parse(asker, value)).find(|known| known.realm == realm)
    }

    fn parse(asker: Asker, value: &str) -> Option<Self> {
        let (scheme, rest) = value.trim().split_once(' ')?;
        if !scheme.eq_ignore_ascii_case("Digest") {
            return None;
        }
        let get =
            |name| parameters(rest).find_map(|(key, value)| key.eq_ignore_ascii_case(name).then_some(value));
        let has_counts = match get("qop") {
            None => false,
            Some(kinds) if kinds.split(',').any(|kind| kind.trim().eq_ignore_ascii_case("auth")) => true,
            Some(_) => return None,
        };
        Some(Self {
            asker,
            realm: get("realm")?.to_owned(),
            nonce: get("nonce")?.to_owned(),
            opaque: get("opaque").map(str::to_owned),
            algorithm: DigestAlgorithm::parse(get("algorithm").unwrap_or("MD5"))?,
            has_counts,
        })
    }

    /// The credentials for a request: the `count`th ones with this nonce (RFC 7616 section 3.4).
    pub(super) fn answer(&self, auth: &TrunkAuth, request: &Request, count: u32, cnonce: &str) -> Header {
        let Self { realm, nonce, algorithm, .. } = self;
        let (uri, user) = (request.uri.to_string(), &auth.user);
        let ha1 = match algorithm {
            DigestAlgorithm::Md5 => &auth.ha1_md5,
            DigestAlgorithm::Sha256 => &auth.ha1_sha256,
        };
        let ha2 = algorithm.hash(&format!("{}:{uri}", request.method));
        let (middle, counted) = match self.has_counts {
            true => (
                format!("{count:08x}:{cnonce}:auth:"),
                format!(r#", cnonce="{cnonce}", qop=auth, nc={count:08x}"#),
            ),
            false => (String::new(), String::new()),
        };
        let response = algorithm.hash(&format!("{ha1}:{nonce}:{middle}{ha2}"));
        let opaque = self.opaque.as_ref().map(|opaque| format!(r#", opaque="{opaque}""#)).unwrap_or_default();
        let value = format!(
            r#"Digest username="{user}", realm="{realm}", nonce="{nonce}", uri="{uri}", response="{response}", algorithm={}{counted}{opaque}"#,
            algorithm.name(),
        );
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

    fn auth() -> TrunkAuth {
        let (user, realm, password) = ("Mufasa", "http-auth@example.org", "Circle of Life");
        TrunkAuth {
            user: user.into(),
            realm: realm.into(),
            ha1_md5: directory::digest::ha1_md5(user, realm, password),
            ha1_sha256: directory::digest::ha1_sha256(user, realm, password),
        }
    }

    const MD5: &str =
        r#"Digest realm="http-auth@example.org", qop="auth, auth-int", algorithm=MD5, nonce="n", opaque="o""#;
    const SHA256: &str =
        r#"Digest realm="http-auth@example.org", qop="auth", algorithm=SHA-256, nonce="n", opaque="o""#;

    #[test]
    fn the_topmost_known_challenge_of_our_realm_is_taken() {
        let algorithm = |challenges: &[&str]| {
            Challenge::of(&example(challenges).0, "http-auth@example.org").map(|known| known.algorithm)
        };
        assert_eq!(algorithm(&[SHA256, MD5]), Some(DigestAlgorithm::Sha256));
        assert_eq!(algorithm(&[MD5, SHA256]), Some(DigestAlgorithm::Md5));
        assert_eq!(algorithm(&[&SHA256.replace("SHA-256", "SHA-512-256"), MD5]), Some(DigestAlgorithm::Md5));
        assert_eq!(
            algorithm(&[&SHA256.replace("example.org", "example.com"), MD5]),
            Some(DigestAlgorithm::Md5)
        );
        for unknown in [&MD5.replace("auth, ", ""), "Basic realm=\"http-auth@example.org\"", "Digest"] {
            assert_eq!(algorithm(&[unknown]), None, "{unknown}");
        }
    }

    #[test]
    fn the_answer_is_what_the_server_s_side_expects() {
        for challenge in [MD5, SHA256] {
            let (response, request) = example(&[challenge]);
            let challenge = Challenge::of(&response, "http-auth@example.org").unwrap();
            let Header::Authorization(answer) = challenge.answer(&auth(), &request, 2, "c") else {
                panic!("a 401 is answered with Authorization")
            };
            assert!(answer.value().contains(r#"opaque="o""#), "{}", answer.value());
            let credentials = super::super::Credentials::parse(answer.value()).unwrap();
            assert_eq!((credentials.count, credentials.username), (2, "Mufasa"));
            let ha1 = match credentials.algorithm {
                DigestAlgorithm::Md5 => auth().ha1_md5,
                DigestAlgorithm::Sha256 => auth().ha1_sha256,
            };
            assert_eq!(credentials.response, credentials.expected(&ha1, &request.method));
        }
    }

    #[test]
    fn a_challenge_without_quality_of_protection_is_answered_without_a_count() {
        let (response, request) = example(&[r#"Digest realm="http-auth@example.org", nonce="n""#]);
        let challenge = Challenge::of(&response, "http-auth@example.org").unwrap();
        let Header::Authorization(answer) = challenge.answer(&auth(), &request, 1, "c") else {
            panic!("a 401 is answered with Authorization")
        };
        let ha2 = DigestAlgorithm::Md5.hash("REGISTER:sip:example.org");
        let expected = DigestAlgorithm::Md5.hash(&format!("{}:n:{ha2}", auth().ha1_md5));
        assert!(answer.value().contains(&format!("response=\"{expected}\"")));
        assert!(!answer.value().contains("nc="));
    }
}

//! The challenge in a 401 or 407, and what answers it.

use super::{Algorithm, of_digest, value};

/// A challenge that we can answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Challenge {
    /// Who asks: the same secret has another HA1 in another realm.
    pub realm: String,
    /// The hash that is asked for.
    pub algorithm: Algorithm,
    nonce: String,
    opaque: Option<String>,
    /// Whether counts are used; RFC 2069 had none.
    has_counts: bool,
}

/// What a challenge is answered with.
#[derive(Clone, Copy)]
pub struct Answer<'a> {
    /// The user.
    pub user: &'a str,
    /// The HA1 of user and secret, of the challenge's algorithm and realm.
    pub ha1: &'a str,
    /// The method of the request.
    pub method: &'a str,
    /// The URI of the request.
    pub uri: &'a str,
    /// How often the challenge was answered, with this time.
    pub count: u32,
    /// A text that nobody can guess.
    pub cnonce: &'a str,
}

impl Challenge {
    /// Reads a `WWW-Authenticate` or `Proxy-Authenticate` value; `None` if it is of a kind that we do not know.
    pub fn parse(text: &str) -> Option<Self> {
        let pairs = of_digest(text)?;
        let get = |name| value(pairs, name);
        let has_counts = match get("qop") {
            None => false,
            Some(kinds) if kinds.split(',').any(|kind| kind.trim().eq_ignore_ascii_case("auth")) => true,
            Some(_) => return None,
        };
        Some(Self {
            realm: get("realm")?.to_owned(),
            nonce: get("nonce")?.to_owned(),
            opaque: get("opaque").map(str::to_owned),
            algorithm: Algorithm::parse(get("algorithm").unwrap_or("MD5"))?,
            has_counts,
        })
    }

    /// A challenge of ours, as a header's value. `realm` and `nonce` have nothing in them to be escaped.
    pub fn of_ours(realm: &str, nonce: &str, algorithm: Algorithm, is_stale: bool) -> String {
        let stale = if is_stale { ", stale=true" } else { "" };
        let algorithm = algorithm.name();
        format!(r#"Digest realm="{realm}", nonce="{nonce}", algorithm={algorithm}, qop="auth"{stale}"#)
    }

    /// The credentials for a request, as a header's value (RFC 7616 section 3.4).
    pub fn answered(&self, answer: Answer<'_>) -> String {
        let Self { realm, nonce, algorithm, .. } = self;
        let Answer { user, ha1, method, uri, count, cnonce } = answer;
        let ha2 = algorithm.hash(&format!("{method}:{uri}"));
        let (middle, counted) = match self.has_counts {
            true => (
                format!("{count:08x}:{cnonce}:auth:"),
                format!(r#", cnonce="{cnonce}", qop=auth, nc={count:08x}"#),
            ),
            false => (String::new(), String::new()),
        };
        let response = algorithm.hash(&format!("{ha1}:{nonce}:{middle}{ha2}"));
        let opaque = self.opaque.as_ref().map(|opaque| format!(r#", opaque="{opaque}""#)).unwrap_or_default();
        let algorithm = algorithm.name();
        format!(
            r#"Digest username="{user}", realm="{realm}", nonce="{nonce}", uri="{uri}", response="{response}", algorithm={algorithm}{counted}{opaque}"#,
        )
    }
}

#[cfg(test)]
mod tests {
    use super::{super::Credentials, *};

    const REALM: &str = "http-auth@example.org";

    fn ask(algorithm: &str, rest: &str) -> String {
        format!(
            r#"Digest realm="{REALM}", qop="auth, auth-int", algorithm={algorithm}, nonce="n", opaque="o"{rest}"#
        )
    }

    fn answer(challenge: &Challenge, ha1: &str) -> String {
        let (user, method, uri, cnonce) = ("Mufasa", "REGISTER", "sip:example.org", "c");
        challenge.answered(Answer { user, ha1, method, uri, count: 2, cnonce })
    }

    #[test]
    fn the_answer_is_what_the_server_s_side_expects() {
        for algorithm in [Algorithm::Md5, Algorithm::Sha256] {
            let challenge = Challenge::parse(&ask(algorithm.name(), "")).unwrap();
            let ha1 = algorithm.ha1("Mufasa", REALM, "Circle of Life");
            let answer = answer(&challenge, &ha1);
            assert!(answer.contains(r#"opaque="o""#), "{answer}");
            let credentials = Credentials::parse(&answer).unwrap();
            assert_eq!((credentials.count, credentials.username), (2, "Mufasa"));
            assert_eq!(credentials.response, credentials.expected(&ha1, "REGISTER"));
        }
    }

    #[test]
    fn a_challenge_without_quality_of_protection_is_answered_without_a_count() {
        let challenge = Challenge::parse(r#"Digest realm="r", nonce="n""#).unwrap();
        let answer = answer(&challenge, "ha1");
        let ha2 = Algorithm::Md5.hash("REGISTER:sip:example.org");
        let expected = Algorithm::Md5.hash(&format!("ha1:n:{ha2}"));
        assert!(answer.contains(&format!("response=\"{expected}\"")) && !answer.contains("nc="), "{answer}");
    }

    #[test]
    fn kinds_that_we_do_not_know_are_not_read() {
        assert_eq!(Challenge::parse(&ask("sha-256", "")).unwrap().algorithm, Algorithm::Sha256);
        for unknown in
            [&ask("MD5", "").replace("auth, ", ""), &ask("SHA-512-256", ""), "Basic realm=\"r\"", "Digest"]
        {
            assert_eq!(Challenge::parse(unknown), None, "{unknown}");
        }
    }

    #[test]
    fn a_challenge_of_ours_can_be_read() {
        let text = Challenge::of_ours("r", "n", Algorithm::Sha256, true);
        let read = Challenge::parse(&text).unwrap();
        assert_eq!((read.realm.as_str(), read.nonce.as_str(), read.has_counts), ("r", "n", true));
        assert!(text.ends_with("stale=true"));
    }
}

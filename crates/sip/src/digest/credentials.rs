//! What an `Authorization` header says, and the response that it should have.

use super::{Algorithm, of_digest, value};

/// Digest credentials with `qop=auth`, the only kind that is taken: without a count, a nonce could be used
/// again by whoever has seen it.
#[derive(Debug, PartialEq, Eq)]
pub struct Credentials<'a> {
    /// The hash.
    pub algorithm: Algorithm,
    /// Who.
    pub username: &'a str,
    /// Where.
    pub realm: &'a str,
    /// Of which challenge.
    pub nonce: &'a str,
    /// What only whoever knows the secret can tell.
    pub response: &'a str,
    /// How often the nonce was used, with this time.
    pub count: u32,
    /// For a request to which URI.
    pub uri: &'a str,
    count_text: &'a str,
    cnonce: &'a str,
}

impl<'a> Credentials<'a> {
    /// Reads an `Authorization` value; `None` if it is of another scheme or lacks something.
    pub fn parse(text: &'a str) -> Option<Self> {
        let pairs = of_digest(text)?;
        let get = |name| value(pairs, name);
        let count_text = get("nc").filter(|count| count.len() == 8)?;
        get("qop").filter(|qop| qop.eq_ignore_ascii_case("auth"))?;
        Some(Self {
            algorithm: Algorithm::parse(get("algorithm").unwrap_or("MD5"))?,
            username: get("username")?,
            realm: get("realm")?,
            nonce: get("nonce")?,
            response: get("response")?,
            count: u32::from_str_radix(count_text, 16).ok()?,
            uri: get("uri")?,
            count_text,
            cnonce: get("cnonce")?,
        })
    }

    /// The response that whoever knows the secret behind `ha1` gives (RFC 7616 section 3.4.1).
    pub fn expected(&self, ha1: &str, method: &str) -> String {
        let ha2 = self.algorithm.hash(&format!("{method}:{}", self.uri));
        let Self { nonce, count_text, cnonce, .. } = self;
        self.algorithm.hash(&format!("{ha1}:{nonce}:{count_text}:{cnonce}:auth:{ha2}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of RFC 7616 section 3.9.1.
    fn example(algorithm: &str, response: &str) -> String {
        format!(
            r#"Digest username="Mufasa", realm="http-auth@example.org", uri="/dir/index.html", algorithm={algorithm}, nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", nc=00000001, cnonce="f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ", qop=auth, response="{response}""#
        )
    }

    #[test]
    fn the_examples_of_the_standard_come_out() {
        for (algorithm, response) in [
            (Algorithm::Md5, "8ca523f5e9506fed4657c9700eebdbec"),
            (Algorithm::Sha256, "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"),
        ] {
            let text = example(algorithm.name(), response);
            let credentials = Credentials::parse(&text).unwrap();
            let ha1 = algorithm.ha1("Mufasa", "http-auth@example.org", "Circle of Life");
            assert_eq!((credentials.algorithm, credentials.response), (algorithm, response));
            assert_eq!(credentials.expected(&ha1, "GET"), response);
        }
    }

    #[test]
    fn credentials_without_a_count_or_of_another_kind_are_not_taken() {
        let whole = example("MD5", "x");
        assert!(Credentials::parse(&whole).is_some());
        for (from, to) in [
            ("nc=00000001, ", ""),
            ("qop=auth", "qop=auth-int"),
            ("Digest", "Basic"),
            ("algorithm=MD5", "algorithm=SHA-512"),
            ("nc=00000001", "nc=1"),
        ] {
            assert_eq!(Credentials::parse(&whole.replace(from, to)), None, "{to}");
        }
    }
}

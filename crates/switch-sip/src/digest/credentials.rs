//! What an `Authorization` header says, and the response that it should have.

use directory::model::Device;
use md5::Md5;
use rsipstack::sip::{Method, Uri};
use sha2::{Digest, Sha256};

use crate::{config::DigestAlgorithm, message::uri};

impl DigestAlgorithm {
    /// Its name in challenges and credentials.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Md5 => "MD5",
            Self::Sha256 => "SHA-256",
        }
    }

    pub(super) fn parse(name: &str) -> Option<Self> {
        [Self::Md5, Self::Sha256].into_iter().find(|known| name.eq_ignore_ascii_case(known.name()))
    }

    pub(super) fn ha1(self, device: &Device) -> &str {
        match self {
            Self::Md5 => &device.ha1_md5,
            Self::Sha256 => &device.ha1_sha256,
        }
    }

    pub(super) fn hash(self, text: &str) -> String {
        match self {
            Self::Md5 => hex(&Md5::digest(text)),
            Self::Sha256 => hex(&Sha256::digest(text)),
        }
    }
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// Digest credentials with `qop=auth`, the only kind that is taken: without a count, a nonce could be used
/// again by whoever has seen it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Credentials<'a> {
    pub(super) algorithm: DigestAlgorithm,
    pub(super) username: &'a str,
    pub(super) realm: &'a str,
    pub(super) nonce: &'a str,
    pub(super) response: &'a str,
    pub(super) count: u32,
    uri: &'a str,
    count_text: &'a str,
    cnonce: &'a str,
}

impl<'a> Credentials<'a> {
    /// Reads an `Authorization` value; `None` if it is of another scheme or lacks something.
    pub(super) fn parse(value: &'a str) -> Option<Self> {
        let (scheme, rest) = value.trim().split_once(' ')?;
        if !scheme.eq_ignore_ascii_case("Digest") {
            return None;
        }
        let get =
            |name| parameters(rest).find_map(|(key, value)| key.eq_ignore_ascii_case(name).then_some(value));
        let count_text = get("nc").filter(|count| count.len() == 8)?;
        get("qop").filter(|qop| qop.eq_ignore_ascii_case("auth"))?;
        Some(Self {
            algorithm: DigestAlgorithm::parse(get("algorithm").unwrap_or("MD5"))?,
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

    /// Whether they are for a request to this URI: as it is, or at least to the same user. Phones differ in
    /// which parameters of the URI they repeat.
    pub(super) fn is_for(&self, target: &Uri, method: &Method) -> bool {
        *method == Method::Register
            || self.uri == target.to_string()
            || uri::parse(self.uri).is_some_and(|named| uri::user(&named) == uri::requested_user(target))
    }

    /// The response that whoever knows the secret behind `ha1` gives (RFC 7616 section 3.4.1).
    pub(super) fn expected(&self, ha1: &str, method: &Method) -> String {
        let ha2 = self.algorithm.hash(&format!("{method}:{}", self.uri));
        let Self { nonce, count_text, cnonce, .. } = self;
        self.algorithm.hash(&format!("{ha1}:{nonce}:{count_text}:{cnonce}:auth:{ha2}"))
    }
}

/// `key=value` pairs, separated by commas outside quotes; values without their quotes.
pub(super) fn parameters(text: &str) -> impl Iterator<Item = (&str, &str)> {
    let mut quoted = false;
    let pairs = text.split(move |c| {
        quoted ^= c == '"';
        c == ',' && !quoted
    });
    pairs.filter_map(|pair| {
        let (key, value) = pair.split_once('=')?;
        let value = value.trim();
        let plain = value.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
        Some((key.trim(), plain.unwrap_or(value)))
    })
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
        let cases = [
            ("MD5", DigestAlgorithm::Md5, "8ca523f5e9506fed4657c9700eebdbec"),
            (
                "SHA-256",
                DigestAlgorithm::Sha256,
                "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1",
            ),
        ];
        for (name, algorithm, response) in cases {
            let text = example(name, response);
            let credentials = Credentials::parse(&text).unwrap();
            let ha1 = algorithm.hash("Mufasa:http-auth@example.org:Circle of Life");
            let ha2 = algorithm.hash("GET:/dir/index.html");
            let Credentials { nonce, cnonce, .. } = &credentials;
            let expected = algorithm.hash(&format!("{ha1}:{nonce}:00000001:{cnonce}:auth:{ha2}"));
            assert_eq!((credentials.algorithm, credentials.response), (algorithm, response));
            assert_eq!(expected, response);
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

    #[test]
    fn commas_inside_quotes_do_not_separate() {
        let pairs: Vec<_> = parameters(r#"a="x, y" , b=z"#).collect();
        assert_eq!(pairs, [("a", "x, y"), ("b", "z")]);
    }
}

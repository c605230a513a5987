//! Digest authentication (RFC 7616, RFC 8760, RFC 3261 section 22): challenges, credentials and the responses
//! that secrets give.

mod algorithm;
mod challenge;
mod credentials;

pub use algorithm::Algorithm;
pub use challenge::{Answer, Challenge};
pub use credentials::Credentials;

use crate::param::split;

/// What stands behind the scheme `Digest`; `None` if a value is of another scheme.
fn of_digest(value: &str) -> Option<&str> {
    let (scheme, rest) = value.trim().split_once([' ', '\t'])?;
    scheme.eq_ignore_ascii_case("Digest").then_some(rest)
}

/// The value of a key in `key=value` pairs that commas outside quotes separate, without its quotes.
fn value<'a>(pairs: &'a str, name: &str) -> Option<&'a str> {
    let pairs = split(pairs, b',').filter_map(|pair| pair.split_once('='));
    let mut found = pairs.filter(|(key, _)| key.trim().eq_ignore_ascii_case(name));
    let value = found.next()?.1.trim();
    Some(value.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commas_inside_quotes_do_not_separate() {
        let pairs = r#"a="x, y" , B=z,c="\", d=evil", d = "real""#;
        for (name, expected) in [("a", Some("x, y")), ("b", Some("z")), ("d", Some("real")), ("e", None)] {
            assert_eq!(value(pairs, name), expected, "{name}");
        }
    }

    #[test]
    fn other_schemes_are_told_apart() {
        assert_eq!(of_digest(" dIGEST\ta=b"), Some("a=b"));
        assert_eq!((of_digest("Basic a=b"), of_digest("Digest"), of_digest("")), (None, None, None));
    }
}

//! `application/x-www-form-urlencoded`, in a body or a query string.

use percent_encoding::percent_decode;
use serde_json::Value as Json;

/// The tree of a form's body.
pub fn parse(body: &[u8]) -> Json {
    super::object(pairs(body))
}

/// The pairs, in order. Never fails: bytes that are not UTF-8 are replaced.
pub fn pairs(encoded: &[u8]) -> Vec<(String, String)> {
    let pairs = encoded.split(|byte| *byte == b'&').filter(|pair| !pair.is_empty());
    pairs.map(pair).collect()
}

fn pair(encoded: &[u8]) -> (String, String) {
    let equals = encoded.iter().position(|byte| *byte == b'=').unwrap_or(encoded.len());
    let (name, value) = encoded.split_at(equals);
    (decoded(name), decoded(value.get(1..).unwrap_or_default()))
}

fn decoded(text: &[u8]) -> String {
    let spaced: Vec<u8> = text.iter().map(|byte| if *byte == b'+' { b' ' } else { *byte }).collect();
    percent_decode(&spaced).decode_utf8_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_are_percent_decoded_and_plus_is_a_blank() {
        let expected = [("A b", "c=d&"), ("e", ""), ("", "f"), ("g", "\u{fffd}")];
        let expected = expected.map(|(name, value)| (name.to_owned(), value.to_owned()));
        assert_eq!(pairs(b"A+b=c%3Dd%26&e&&=f&g=%FF"), expected);
    }

    #[test]
    fn a_form_has_the_fields_that_are_filled_in() {
        assert_eq!(parse(b"a=1&b=&c&a=2"), serde_json::json!({"a": "2"}));
    }
}

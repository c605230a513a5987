//! Percent-encoding (RFC 3261 section 19.1.2).

use std::borrow::Cow;

/// Undoes percent-encoding; broken escapes stay as they are, and so does what would be no UTF-8.
pub fn decode(text: &str) -> Cow<'_, str> {
    if !text.contains('%') {
        return text.into();
    }
    let bytes = text.as_bytes();
    let mut plain = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let byte = escaped(bytes, at);
        plain.push(byte.unwrap_or(bytes[at]));
        at += if byte.is_some() { 3 } else { 1 };
    }
    String::from_utf8(plain).map_or(text.into(), Cow::from)
}

/// The byte that the escape at `at` stands for, if there is one.
fn escaped(bytes: &[u8], at: usize) -> Option<u8> {
    let [b'%', high, low] = bytes.get(at..at + 3)? else { return None };
    let digit = |byte: &u8| char::from(*byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    Some(digit(high)? << 4 | digit(low)?)
}

/// A user part in a URI of ours, encoded as needed.
pub fn encode_user(text: &str) -> Cow<'_, str> {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.!~*'()&=+$,;?/".contains(&byte);
    if text.bytes().all(is_plain) {
        return text.into();
    }
    let mut encoded = String::with_capacity(text.len() + 8);
    for byte in text.bytes() {
        match is_plain(byte) {
            true => encoded.push(char::from(byte)),
            false => encoded.push_str(&format!("%{byte:02X}")),
        }
    }
    encoded.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn broken_escapes_stay() {
        for (text, plain) in [
            ("a", "a"),
            ("%2321%41", "#21A"),
            ("%2541", "%41"),
            ("a%zz%4", "a%zz%4"),
            ("%+1%-1", "%+1%-1"),
            ("%é", "%é"),
            ("%ff", "%ff"),
            ("%", "%"),
        ] {
            assert_eq!(decode(text), plain, "{text}");
        }
    }

    #[test]
    fn what_is_encoded_is_decoded_again() {
        for text in ["1001", "+49;npdi", "#21", "a b@c:%41", "ünï", ""] {
            assert_eq!(decode(&encode_user(text)), text);
        }
        assert_eq!(encode_user("#21"), "%2321");
    }
}

//! Keys that travel in a session description (RFC 4568): the line `a=crypto`.

use std::fmt;

use base64::{
    Engine,
    alphabet::STANDARD,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};

/// Some leave out the padding, which says nothing.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// What begins such a line.
pub(super) const CRYPTO: &str = "a=crypto:";

/// What an `a=crypto` line offers or takes. It shows nothing of its key.
#[derive(Clone, PartialEq, Eq)]
pub struct Crypto {
    /// Tells it from the others of its stream, and an answer from those that it does not take.
    pub tag: u32,
    /// The name of the crypto suite.
    pub suite: String,
    /// The master key and its salt.
    pub key_and_salt: Vec<u8>,
}

impl Crypto {
    /// Reads a line. `None` if it makes no sense, or wants what is not done here: several keys, or one that packets
    /// name (MKI), and whatever session parameter must not be passed over. A lifetime may be of any length: keys are
    /// used up after it by their sender alone, and a call ends before.
    pub fn parse(line: &str) -> Option<Self> {
        let mut words = line.trim_end().strip_prefix(CRYPTO)?.split_ascii_whitespace();
        let (tag, suite, key) = (words.next()?, words.next()?, words.next()?);
        let is_tag = !tag.is_empty() && tag.len() <= 9 && tag.bytes().all(|byte| byte.is_ascii_digit());
        let mut parts = key.strip_prefix("inline:")?.split('|');
        let key_and_salt = BASE64.decode(parts.next()?).ok()?;
        let has_one_key = parts.all(|part| !part.contains([':', ';']));
        let is_wanted = is_tag && has_one_key && words.all(may_be_passed_over);
        is_wanted.then(|| Some(Self { tag: tag.parse().ok()?, suite: suite.to_owned(), key_and_salt }))?
    }

    /// The line, without its end.
    pub fn line(&self) -> String {
        let Self { tag, suite, key_and_salt } = self;
        format!("{CRYPTO}{tag} {suite} inline:{}", BASE64.encode(key_and_salt))
    }
}

/// Session parameters that change nothing for who receives: hints for a window, what says how it is anyway, and those
/// that say of themselves that they may be passed over (RFC 4568 sections 6.3 and 6.3.7).
fn may_be_passed_over(parameter: &str) -> bool {
    parameter == "KDR=0" || parameter.starts_with("WSH=") || parameter.starts_with('-')
}

impl fmt::Debug for Crypto {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Crypto({} {})", self.tag, self.suite)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz";

    #[test]
    fn lines_are_read_that_can_be_used() {
        let long = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8gISIjJCUmJygpKis=";
        let cases = [
            (format!("1 AES_CM_128_HMAC_SHA1_80 inline:{KEY}"), Some((1, "AES_CM_128_HMAC_SHA1_80", 30))),
            (
                format!("2 AES_CM_128_HMAC_SHA1_32 inline:{KEY}|2^20"),
                Some((2, "AES_CM_128_HMAC_SHA1_32", 30)),
            ),
            (format!("3 AEAD_AES_256_GCM inline:{long}|1048576  WSH=64"), Some((3, "AEAD_AES_256_GCM", 44))),
            (format!("03 X inline:{} KDR=0 -ODD", &long[..59]), Some((3, "X", 44))),
            // A key with a name, several keys, and parameters that change packets.
            (format!("1 A inline:{KEY}|2^20|1:4"), None),
            (format!("1 A inline:{KEY}|1:4"), None),
            (format!("1 A inline:{KEY};inline:{KEY}"), None),
            (format!("1 A inline:{KEY}|2^20;inline:{KEY}|2^20"), None),
            (format!("1 A inline:{KEY} UNENCRYPTED_SRTP"), None),
            (format!("1 A inline:{KEY} KDR=1"), None),
            // No such lines.
            (format!("-1 A inline:{KEY}"), None),
            (format!("9999999999 A inline:{KEY}"), None),
            (format!("1 A uri:{KEY}"), None),
            ("1 A inline:*".to_owned(), None),
            ("1 A".to_owned(), None),
            (String::new(), None),
        ];
        for (line, expected) in cases {
            let read = Crypto::parse(&format!("a=crypto:{line}\r\n"));
            let read = read.as_ref().map(|read| (read.tag, &*read.suite, read.key_and_salt.len()));
            assert_eq!(read, expected, "{line}");
        }
    }

    #[test]
    fn a_line_is_written_as_it_was_read_and_shown_without_its_key() {
        let line = format!("a=crypto:7 AES_CM_128_HMAC_SHA1_80 inline:{KEY}");
        let crypto = Crypto::parse(&line).unwrap();
        assert_eq!(crypto.line(), line);
        assert_eq!(format!("{crypto:?}"), "Crypto(7 AES_CM_128_HMAC_SHA1_80)");
    }
}

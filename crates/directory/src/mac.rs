//! MAC addresses as text.

use std::fmt;

/// The address that a text names: twelve hex digits in either case, in pairs joined by `-` or `:`, in
/// fours joined by `.`, or bare.
pub fn parse(text: &str) -> Option<[u8; 6]> {
    let (separator, group) = match text.len() {
        12 => (None, 12),
        14 => (Some('.'), 4),
        17 if text.contains('-') => (Some('-'), 2),
        17 => (Some(':'), 2),
        _ => return None,
    };
    let groups: Vec<&str> = separator.map_or_else(|| vec![text], |separator| text.split(separator).collect());
    let digits = groups.concat();
    let is_hex = digits.len() == 12 && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    if !is_hex || groups.iter().any(|digits| digits.len() != group) {
        return None;
    }
    let mut mac = [0; 6];
    for (at, byte) in mac.iter_mut().enumerate() {
        *byte = u8::from_str_radix(&digits[2 * at..2 * at + 2], 16).ok()?;
    }
    Some(mac)
}

/// Prints an address as `38-99-62-93-E2-A9`.
pub struct Dashed(pub [u8; 6]);

impl fmt::Display for Dashed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [a, b, c, d, e, g] = self.0;
        write!(f, "{a:02X}-{b:02X}-{c:02X}-{d:02X}-{e:02X}-{g:02X}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_usual_form_is_read_and_printed_with_dashes() {
        for text in ["38-99-62-93-E2-A9", "38:99:62:93:e2:a9", "3899.6293.e2a9", "38996293E2A9"] {
            let mac = parse(text).unwrap();
            assert_eq!(Dashed(mac).to_string(), "38-99-62-93-E2-A9");
        }
    }

    #[test]
    fn everything_else_is_no_address() {
        let wrong = [
            "",
            "38-99-62-93-E2",
            "38-99:62-93:E2-A9",
            "3899-6293-e2a9",
            "38996293E2AG",
            "3-899-62-93-E2-A9",
        ];
        for text in wrong.into_iter().chain(["é8996293E2A9", "38-99-62-93-E2-A\u{e9}"]) {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}

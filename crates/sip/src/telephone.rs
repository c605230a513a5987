//! Telephone numbers in URIs (RFC 3966, RFC 4694): `+49-30-1234;npdi;rn=+49…`, in a `tel:` URI or as the user
//! part of a SIP URI (RFC 3261 section 19.1.6).

use crate::param::param;

/// A `telephone-subscriber`: a number, and what is said of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Subscriber<'a> {
    digits: &'a str,
    params: &'a str,
}

impl<'a> Subscriber<'a> {
    /// Reads a number with its parameters; `None` if what stands before the first `;` is no number, global or
    /// local.
    pub fn parse(text: &'a str) -> Option<Self> {
        let (digits, params) = text.split_at(text.find(';').unwrap_or(text.len()));
        is_number(digits).then_some(Self { digits, params })
    }

    /// Whether it is good everywhere: whether it begins with `+`.
    pub fn is_global(&self) -> bool {
        self.digits.starts_with('+')
    }

    /// The number without visual separators. A local number whose context is the beginning of global ones
    /// (`phone-context=+49`) becomes global.
    pub fn number(&self) -> String {
        let digits = without_separators(self.digits);
        match self.prefix().filter(|_| !self.is_global()) {
            Some(prefix) => globalized(&prefix, &digits),
            None => digits,
        }
    }

    /// The value of a parameter, without visual separators if it is a number; empty if it has none.
    pub fn param(&self, name: &str) -> Option<&'a str> {
        param(self.params, name)
    }

    /// What global numbers begin with where this local one is good.
    fn prefix(&self) -> Option<String> {
        let context = self.param("phone-context")?;
        let prefix = without_separators(context);
        let digits = prefix.strip_prefix('+')?;
        let is_prefix = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
        is_prefix.then_some(prefix)
    }
}

/// Country codes have three digits at most; a longer context names a place within a country.
const LONGEST_COUNTRY_CODE: usize = 3;

/// Countries where the 0 that a national number begins with is part of it.
const KEEPS_ZERO: [&str; 5] = ["+39", "+225", "+242", "+378", "+379"];

/// A local number behind what global numbers begin with there; without the 0 that stands before national
/// numbers within a country and not behind its code.
fn globalized(prefix: &str, digits: &str) -> String {
    let is_country = prefix.len() <= LONGEST_COUNTRY_CODE + 1 && !KEEPS_ZERO.contains(&prefix);
    let national = digits.strip_prefix('0').filter(|_| is_country).unwrap_or(digits);
    match national.bytes().all(|byte| byte.is_ascii_digit()) {
        true => format!("{prefix}{national}"),
        false => digits.to_owned(),
    }
}

fn is_separator(byte: u8) -> bool {
    matches!(byte, b'-' | b'.' | b'(' | b')')
}

/// Whether a text is a global number or a local one: its first sign may be `+`, and there is a digit in it.
/// Letters, which local numbers may have too, are left to names.
fn is_number(text: &str) -> bool {
    let digits = text.strip_prefix('+').unwrap_or(text);
    let is_sign = |byte: u8| byte.is_ascii_digit() || is_separator(byte) || matches!(byte, b'*' | b'#');
    digits.bytes().any(|byte| byte.is_ascii_digit()) && digits.bytes().all(is_sign)
}

fn without_separators(text: &str) -> String {
    text.chars().filter(|c| !u8::try_from(*c).is_ok_and(is_separator)).collect()
}

/// What the user part of a URI, decoded, names: of a telephone number the number itself, of anything else all of
/// it. A user part is a number if the URI says so (`user=phone`), if it begins with `+`, or if it is digits with
/// parameters behind them.
pub fn number(user: &str, is_phone: bool) -> String {
    let is_told = is_phone || user.starts_with('+') || user.contains(';');
    match Subscriber::parse(user).filter(|_| is_told) {
        Some(subscriber) => subscriber.number(),
        None => user.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_number_is_what_stands_before_the_parameters() {
        for (user, expected) in [
            ("+49301234", "+49301234"),
            ("+49301234;npdi;rn=+4930999", "+49301234"),
            ("+49-30-1234;npdi", "+49301234"),
            ("+49.30.(1234)", "+49301234"),
            ("+49301234;ext=12;isub=3", "+49301234"),
            ("1001;cpc=ordinary", "1001"),
            ("*68;x", "*68"),
            ("#21", "#21"),
            ("030-1234;phone-context=example.com", "0301234"),
            ("030-1234;phone-context=+49", "+49301234"),
            ("30 1234;phone-context=+49", "30 1234;phone-context=+49"),
            ("1234;phone-context=+4930", "+49301234"),
            ("1234;phone-context=+49-30", "+49301234"),
            ("1234;PHONE-CONTEXT=+49-30", "+49301234"),
            ("863-1234;phone-context=+1-914-555", "+19145558631234"),
            ("06-1234;phone-context=+39", "+39061234"),
            ("*21;phone-context=+49", "*21"),
            ("+49301234;phone-context=+1", "+49301234"),
        ] {
            assert_eq!(number(user, false), expected, "{user}");
        }
    }

    #[test]
    fn names_keep_all_of_theirs() {
        for user in ["anna", "anna.b-c", "anna;x", "a1;x=y", "10.0", "10-01", ";", "+;x", "+a", "", "-"] {
            assert_eq!(number(user, false), user);
        }
    }

    #[test]
    fn a_uri_may_say_that_its_user_is_a_number() {
        assert_eq!(number("030-1234", true), "0301234");
        assert_eq!(number("anna-b", true), "anna-b");
        assert_eq!(number("(030)1234", true), "0301234");
    }

    #[test]
    fn what_stands_behind_a_number_is_found_by_its_name() {
        let subscriber = Subscriber::parse("+49-30-1234;npdi;rn=+49-30-999").unwrap();
        assert_eq!(subscriber.param("rn"), Some("+49-30-999"));
        assert_eq!((subscriber.param("npdi"), subscriber.param("cic")), (Some(""), None));
        assert!(subscriber.is_global());
        for wrong in ["", ";rn=1", "anna;rn=1", "+;x", "1+2", "++1"] {
            assert_eq!(Subscriber::parse(wrong), None, "{wrong}");
        }
    }
}

//! The head of a message as text: its lines, and the headers that each must have.

use std::borrow::Cow;

use memchr::{memchr, memchr_iter, memchr3_iter, memmem};

use crate::message::{
    name_addr::{NameAddr, split_list},
    uri,
};

/// The longest head (start line and headers) and the most header lines.
pub(super) const MAX_HEAD: usize = 16_384;
const MAX_HEADERS: usize = 128;

/// A status and its reason.
pub(super) type Fault = (u16, &'static str);

/// Where the body begins.
pub(super) fn head_end(bytes: &[u8]) -> Option<usize> {
    memmem::find(bytes, b"\r\n\r\n").map(|at| at + 4)
}

/// Whether a header has this name, in its long or short form.
pub(super) fn is(name: &str, long: &str, short: &str) -> bool {
    name.eq_ignore_ascii_case(long) || name.eq_ignore_ascii_case(short)
}

/// The lines of a head, the start line first; two empty ones end it.
pub(super) fn lines(head: &str) -> impl Iterator<Item = &str> {
    let mut rest = Some(head);
    std::iter::from_fn(move || {
        let text = rest.take()?;
        let is_end = |at: &usize| text.as_bytes().get(at + 1) == Some(&b'\n');
        let Some(end) = memchr_iter(b'\r', text.as_bytes()).find(is_end) else { return Some(text) };
        rest = Some(&text[end + 2..]);
        Some(&text[..end])
    })
}

/// Name and value of each header line.
pub(super) fn fields(head: &str) -> impl Iterator<Item = (&str, &str)> {
    let pairs = lines(head).skip(1).filter_map(|line| line.split_once(':'));
    pairs.map(|(name, value)| (name.trim(), value.trim())).take(MAX_HEADERS)
}

/// The message with each header on one line (RFC 3261 section 7.3.1).
pub(in crate::transport) fn unfolded(bytes: &[u8]) -> Cow<'_, [u8]> {
    let end = head_end(bytes).unwrap_or(0);
    let head = &bytes[..end];
    let is_fold = |at: usize| matches!(head.get(at..at + 3), Some([b'\r', b'\n', b' ' | b'\t']));
    if !memchr_iter(b'\r', head).any(is_fold) {
        return bytes.into();
    }
    let mut plain = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < end {
        if is_fold(at) {
            plain.push(b' ');
            at += 2;
            at += bytes[at..end].iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
        } else {
            plain.push(bytes[at]);
            at += 1;
        }
    }
    plain.extend_from_slice(&bytes[end..]);
    plain.into()
}

/// The message with a Request-URI that the stack reads as it is meant.
pub(in crate::transport) fn readable(bytes: &[u8]) -> Cow<'_, [u8]> {
    let end = memchr(b'\r', bytes).unwrap_or(0);
    let Ok(start) = std::str::from_utf8(&bytes[..end]) else { return bytes.into() };
    match uri::readable(start) {
        Cow::Borrowed(_) => bytes.into(),
        Cow::Owned(start) => [start.as_bytes(), &bytes[end..]].concat().into(),
    }
}

/// The headers that a message must have, once each (RFC 3261 section 8.1.1).
#[derive(Default)]
pub(super) struct Head<'a> {
    pub(super) via: Option<&'a str>,
    pub(super) from: Option<&'a str>,
    pub(super) to: Option<&'a str>,
    pub(super) call_id: Option<&'a str>,
    pub(super) cseq: Option<&'a str>,
    pub(super) length: Option<&'a str>,
    max_forwards: Option<&'a str>,
    is_doubled: bool,
    is_malformed: bool,
}

impl<'a> Head<'a> {
    pub(super) fn read(text: &'a str) -> Self {
        let mut head = Self { is_malformed: text.len() > MAX_HEAD, ..Self::default() };
        let mut lines = lines(text).skip(1);
        for line in lines.by_ref().take(MAX_HEADERS) {
            let field = line.split_once(':');
            head.is_malformed |= field.is_none() && !line.is_empty() || !is_printable(line);
            if let Some((name, value)) = field {
                head.note(name.trim(), value.trim());
            }
        }
        head.is_malformed |= lines.next().is_some();
        head
    }

    fn note(&mut self, name: &str, value: &'a str) {
        let place = match name.len() {
            1 | 3 if is(name, "via", "v") => {
                self.via.get_or_insert(value);
                return;
            }
            1 | 4 if is(name, "from", "f") => &mut self.from,
            1 | 2 if is(name, "to", "t") => &mut self.to,
            1 | 7 if is(name, "call-id", "i") => &mut self.call_id,
            1 | 14 if is(name, "content-length", "l") => &mut self.length,
            4 if name.eq_ignore_ascii_case("cseq") => &mut self.cseq,
            12 if name.eq_ignore_ascii_case("max-forwards") => &mut self.max_forwards,
            _ => return,
        };
        self.is_doubled |= place.replace(value).is_some();
    }

    /// What is wrong, if anything; `method` is that of the request line, empty for a response.
    pub(super) fn fault(&self, method: &str) -> Option<Fault> {
        let tag = self.from.and_then(NameAddr::parse).and_then(|from| from.param("tag"));
        let checks = [
            (!self.is_malformed, "Malformed Header"),
            (!self.is_doubled, "Doubled Header"),
            (self.via.is_some_and(is_sound_via), "Missing or Malformed Via"),
            (tag.is_some_and(|tag| !tag.is_empty()), "Missing or Malformed From"),
            (self.to.and_then(NameAddr::parse).is_some(), "Missing or Malformed To"),
            (self.call_id.is_some_and(is_word), "Missing or Malformed Call-ID"),
            (self.cseq.is_some_and(|cseq| is_sound_cseq(cseq, method)), "Missing or Malformed CSeq"),
            (self.max_forwards.is_none_or(|value| value.parse::<u8>().is_ok()), "Malformed Max-Forwards"),
        ];
        checks.into_iter().find(|(holds, _)| !holds).map(|(_, reason)| (400, reason))
    }
}

/// Whether a line has no NUL, unless a backslash makes it part of a quoted string (RFC 3261 section 25.1,
/// `quoted-pair`), and no line break of half the kind, which whoever gets the header next may take for a whole.
fn is_printable(line: &str) -> bool {
    let bytes = line.as_bytes();
    let is_quoted = |at: usize| bytes[at] == b'\0' && at.checked_sub(1).is_some_and(|at| bytes[at] == b'\\');
    memchr3_iter(b'\0', b'\r', b'\n', bytes).all(is_quoted)
}

fn is_word(text: &str) -> bool {
    !text.is_empty() && !text.contains(char::is_whitespace)
}

fn is_sound_via(via: &str) -> bool {
    split_list(via).all(|hop| {
        let mut parts = hop.split(';').next().unwrap_or_default().splitn(3, '/').map(str::trim);
        let is_sip = parts.next().is_some_and(|name| name.eq_ignore_ascii_case("SIP"));
        let is_version_2 = parts.next() == Some("2.0");
        let has_host = parts.next().is_some_and(|rest| rest.split_whitespace().nth(1).is_some());
        is_sip && is_version_2 && has_host
    })
}

fn is_sound_cseq(cseq: &str, method: &str) -> bool {
    let mut words = cseq.split_whitespace();
    let number = words.next().and_then(|number| number.parse::<u32>().ok());
    let names = words.next().is_some_and(|named| method.is_empty() || named == method);
    number.is_some_and(|number| number < 1 << 31) && names && words.next().is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_end_where_both_halves_of_a_line_break_are() {
        for text in ["", "a", "a\r\n", "\r\n\r\n", "a\rb\r\nc\nd\r\r\ne", "\r", "é\r\nß"] {
            assert_eq!(lines(text).collect::<Vec<_>>(), text.split("\r\n").collect::<Vec<_>>(), "{text:?}");
        }
    }

    #[test]
    fn folded_headers_become_one_line_and_the_body_stays() {
        let folded = b"A b SIP/2.0\r\nTo:\r\n  <sip:a@b>\r\n\t;x\r\n\r\na\r\n b";
        assert_eq!(&*unfolded(folded), b"A b SIP/2.0\r\nTo: <sip:a@b> ;x\r\n\r\na\r\n b");
        let plain = b"A b SIP/2.0\r\nTo: x\r\n\r\n a body may begin with a blank";
        assert!(matches!(readable(plain), Cow::Borrowed(_)));
        assert!(matches!(unfolded(plain), Cow::Borrowed(_)));
    }

    #[test]
    fn the_parameters_of_a_requested_number_are_kept_from_the_stack() {
        let asked = b"INVITE sip:+4930;npdi?@h;user=phone SIP/2.0\r\nTo: <sip:+4930;npdi@h>\r\n\r\n";
        let expected = b"INVITE sip:+4930%3Bnpdi%3F@h;user=phone SIP/2.0\r\nTo: <sip:+4930;npdi@h>\r\n\r\n";
        assert_eq!(&*readable(asked), expected);
    }
}

//! A first look at bytes from the network, before anything is built from them.
//!
//! The stack drops what it cannot parse. Here a request that is broken, but says where an answer goes, gets
//! its answer (RFC 3261 section 8.2, RFC 4475); everything else that is broken is dropped.

use std::net::SocketAddr;

use crate::{
    message::{
        build::PRODUCT,
        fields::stamped,
        name_addr::{NameAddr, split_list},
    },
    random::LocalTag,
};

/// What a peer sends to keep a connection open, and what it gets (RFC 5626 section 4.4.1).
pub(super) const PING: &[u8] = b"\r\n\r\n";
pub(super) const PONG: &[u8] = b"\r\n";

/// The longest message on a stream.
const MAX_MESSAGE: usize = 65_535;
/// The longest head (start line and headers) and the most header lines.
const MAX_HEAD: usize = 16_384;
const MAX_HEADERS: usize = 128;

/// What stands at the front of a stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Frame {
    /// A message of so many bytes.
    Message(usize),
    /// A keep-alive that wants an answer.
    Ping,
    /// So many bytes that mean nothing.
    Blank(usize),
    /// Not yet a whole one.
    Incomplete,
    /// The stream cannot be cut into messages any more.
    Broken,
}

/// Looks at the front of a stream.
pub(super) fn frame(bytes: &[u8]) -> Frame {
    if bytes.starts_with(PING) {
        return Frame::Ping;
    }
    match bytes {
        b"\r" | b"\r\n" | b"\r\n\r" => return Frame::Incomplete,
        [b'\r', b'\n', ..] => return Frame::Blank(2),
        _ => {}
    }
    let Some(end) = head_end(bytes) else {
        return if bytes.len() > MAX_HEAD { Frame::Broken } else { Frame::Incomplete };
    };
    match content_length(&bytes[..end]) {
        Some(length) if end + length > MAX_MESSAGE => Frame::Broken,
        Some(length) if bytes.len() >= end + length => Frame::Message(end + length),
        Some(_) => Frame::Incomplete,
        None => Frame::Broken,
    }
}

/// Where the body begins.
fn head_end(bytes: &[u8]) -> Option<usize> {
    bytes.windows(4).position(|window| window == b"\r\n\r\n").map(|at| at + 4)
}

/// The Content-Length of a head; 0 if there is none, `None` if it is not a length.
fn content_length(head: &[u8]) -> Option<usize> {
    let head = std::str::from_utf8(head).ok()?;
    let value = fields(head).find(|(name, _)| is(name, "content-length", "l"));
    let Some((_, value)) = value else { return Some(0) };
    value.parse::<u32>().ok().and_then(|length| usize::try_from(length).ok())
}

fn is(name: &str, long: &str, short: &str) -> bool {
    name.eq_ignore_ascii_case(long) || name.eq_ignore_ascii_case(short)
}

/// Name and value of each header line; continuation lines are left out.
fn fields(head: &str) -> impl Iterator<Item = (&str, &str)> {
    let lines = head.split("\r\n").skip(1).filter(|line| !line.starts_with([' ', '\t']));
    lines.filter_map(|line| line.split_once(':')).map(|(name, value)| (name.trim(), value.trim()))
}

/// What becomes of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It may be parsed.
    Pass,
    /// It is refused with this status.
    Refuse(u16, &'static str),
    /// It is not worth an answer.
    Drop,
}

/// Looks at a whole message.
pub(super) fn screen(bytes: &[u8]) -> Verdict {
    let Some(end) = head_end(bytes) else { return Verdict::Drop };
    let Ok(head) = std::str::from_utf8(&bytes[..end]) else { return Verdict::Drop };
    let start = head.split("\r\n").next().unwrap_or_default();
    if start.starts_with("SIP/") {
        return if is_sound_response(head, start) { Verdict::Pass } else { Verdict::Drop };
    }
    let fault = request_fault(head, start, bytes.len() - end);
    match fault {
        None => Verdict::Pass,
        Some(_) if start.starts_with("ACK ") => Verdict::Drop,
        Some((code, reason)) => Verdict::Refuse(code, reason),
    }
}

fn is_sound_response(head: &str, start: &str) -> bool {
    let code = start.strip_prefix("SIP/2.0 ").and_then(|rest| rest.get(..3));
    let is_status =
        code.and_then(|code| code.parse::<u16>().ok()).is_some_and(|code| (100..700).contains(&code));
    is_status && Seen::of(head).is_some_and(|seen| seen.fault("").is_none())
}

type Fault = (u16, &'static str);

fn request_fault(head: &str, start: &str, body: usize) -> Option<Fault> {
    let mut words = start.split(' ');
    let (method, uri, version) = (words.next()?, words.next(), words.next());
    if words.next().is_some() || uri.is_none_or(str::is_empty) || version.is_none() {
        return Some((400, "Malformed Request Line"));
    }
    if version.is_some_and(|version| !version.eq_ignore_ascii_case("SIP/2.0")) {
        return Some((505, "Version Not Supported"));
    }
    let Some(seen) = Seen::of(head) else { return Some((400, "Malformed Header")) };
    if let Some(fault) = seen.fault(method) {
        return Some(fault);
    }
    if seen.length.is_some_and(|length| length.parse::<usize>().map_or(true, |length| length > body)) {
        return Some((400, "Wrong Content-Length"));
    }
    (!is_known_method(method)).then_some((501, "Not Implemented"))
}

/// The methods that the stack can name; it drops requests with others.
fn is_known_method(method: &str) -> bool {
    const KNOWN: [&str; 14] = [
        "INVITE",
        "ACK",
        "BYE",
        "CANCEL",
        "OPTIONS",
        "REGISTER",
        "UPDATE",
        "INFO",
        "MESSAGE",
        "PRACK",
        "REFER",
        "NOTIFY",
        "SUBSCRIBE",
        "PUBLISH",
    ];
    KNOWN.contains(&method)
}

/// The headers that a message must have, once each (RFC 3261 section 8.1.1).
#[derive(Default)]
struct Seen<'a> {
    via: Option<&'a str>,
    from: Option<&'a str>,
    to: Option<&'a str>,
    call_id: Option<&'a str>,
    cseq: Option<&'a str>,
    length: Option<&'a str>,
    max_forwards: Option<&'a str>,
    is_doubled: bool,
}

impl<'a> Seen<'a> {
    /// `None` if a line is no header or there are too many.
    fn of(head: &'a str) -> Option<Self> {
        let mut seen = Self::default();
        if head.len() > MAX_HEAD || head.split("\r\n").count() > MAX_HEADERS {
            return None;
        }
        for (name, value) in fields(head) {
            seen.note(name, value);
        }
        let is_header = |line: &str| line.is_empty() || line.starts_with([' ', '\t']) || line.contains(':');
        head.split("\r\n").skip(1).all(is_header).then_some(seen)
    }

    fn note(&mut self, name: &str, value: &'a str) {
        let single = match name.len() {
            1 | 2 | 3 | 4 | 7 | 12 | 14 => name,
            _ => return,
        };
        let place = match () {
            () if is(single, "via", "v") => {
                self.via.get_or_insert(value);
                return;
            }
            () if is(single, "from", "f") => &mut self.from,
            () if is(single, "to", "t") => &mut self.to,
            () if is(single, "call-id", "i") => &mut self.call_id,
            () if single.eq_ignore_ascii_case("cseq") => &mut self.cseq,
            () if is(single, "content-length", "l") => &mut self.length,
            () if single.eq_ignore_ascii_case("max-forwards") => &mut self.max_forwards,
            () => return,
        };
        self.is_doubled |= place.replace(value).is_some();
    }

    /// What is wrong, if anything; `method` is that of the request line, empty for a response.
    fn fault(&self, method: &str) -> Option<Fault> {
        let via = self.via.is_some_and(is_sound_via);
        let from = self.from.and_then(NameAddr::parse).and_then(|from| from.param("tag"));
        let checks = [
            (!self.is_doubled, "Doubled Header"),
            (via, "Missing or Malformed Via"),
            (from.is_some_and(|tag| !tag.is_empty()), "Missing or Malformed From"),
            (self.to.and_then(NameAddr::parse).is_some(), "Missing or Malformed To"),
            (self.call_id.is_some_and(is_word), "Missing or Malformed Call-ID"),
            (self.cseq.is_some_and(|cseq| is_sound_cseq(cseq, method)), "Missing or Malformed CSeq"),
            (self.max_forwards.is_none_or(|value| value.parse::<u8>().is_ok()), "Malformed Max-Forwards"),
        ];
        checks.into_iter().find(|(holds, _)| !holds).map(|(_, reason)| (400, reason))
    }
}

fn is_word(text: &str) -> bool {
    !text.is_empty() && !text.contains(char::is_whitespace)
}

fn is_sound_via(via: &str) -> bool {
    let first = split_list(via).next().unwrap_or_default();
    let mut words = first.split(';').next().unwrap_or_default().split_whitespace();
    let protocol = words.next().unwrap_or_default();
    protocol.len() > 8 && protocol[..8].eq_ignore_ascii_case("SIP/2.0/") && words.next().is_some()
}

fn is_sound_cseq(cseq: &str, method: &str) -> bool {
    let mut words = cseq.split_whitespace();
    let number = words.next().and_then(|number| number.parse::<u32>().ok());
    let names = words.next().is_some_and(|named| method.is_empty() || named == method);
    number.is_some_and(|number| number < 1 << 31) && names && words.next().is_none()
}

/// The refusal of a request that could not be parsed; `None` if it does not say enough to be answered.
pub(super) fn refusal(bytes: &[u8], source: SocketAddr, (code, reason): Fault) -> Option<Vec<u8>> {
    let head = std::str::from_utf8(&bytes[..head_end(bytes)?]).ok()?;
    let seen = Seen::of(head).unwrap_or_else(|| {
        let mut seen = Seen::default();
        fields(head).take(MAX_HEADERS).for_each(|(name, value)| seen.note(name, value));
        seen
    });
    let (via, from, to) = (seen.via.filter(|via| is_sound_via(via))?, seen.from?, seen.to?);
    let (call_id, cseq) = (seen.call_id?, seen.cseq?);
    let via = stamped(via, source);
    let more: String = fields(head)
        .filter(|(name, _)| is(name, "via", "v"))
        .skip(1)
        .map(|(_, via)| format!("Via: {via}\r\n"))
        .collect();
    let tag = if to.contains(";tag=") { String::new() } else { format!(";tag={}", LocalTag::new()) };
    let answer = format!(
        "SIP/2.0 {code} {reason}\r\nVia: {via}\r\n{more}From: {from}\r\nTo: {to}{tag}\r\nCall-ID: {call_id}\r\n\
         CSeq: {cseq}\r\nServer: {PRODUCT}\r\nContent-Length: 0\r\n\r\n"
    );
    Some(answer.into_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(change: impl Fn(String) -> String) -> Vec<u8> {
        let text = "OPTIONS sip:a@b SIP/2.0\r\nVia: SIP/2.0/UDP c:1;branch=z9hG4bK1\r\nf: <sip:a@b>;tag=1\r\n\
                    To: <sip:a@b>\r\nCall-ID: x\r\nCSeq: 1 OPTIONS\r\nContent-Length: 2\r\n\r\nok";
        change(text.to_owned()).into_bytes()
    }

    #[test]
    fn a_sound_request_passes() {
        assert_eq!(screen(&request(|text| text)), Verdict::Pass);
    }

    #[test]
    fn what_is_wrong_is_named() {
        let cases = [
            ("OPTIONS sip:a@b SIP/2.0", "OPTIONS sip:a@b SIP/7.0", 505, "Version Not Supported"),
            ("OPTIONS sip:a@b SIP", "OPTIONS  sip:a@b SIP", 400, "Malformed Request Line"),
            ("Length: 2", "Length: 99", 400, "Wrong Content-Length"),
            ("Length: 2", "Length: -2", 400, "Wrong Content-Length"),
            ("To: <sip:a@b>", "To: \"x <sip:a@b>", 400, "Missing or Malformed To"),
            ("Call-ID: x", "Call-ID: x\r\nCall-ID: y", 400, "Doubled Header"),
            ("CSeq: 1 ", "CSeq: 36893488147419103232 ", 400, "Missing or Malformed CSeq"),
            ("CSeq: 1 OPTIONS", "CSeq: 1 INVITE", 400, "Missing or Malformed CSeq"),
            (";tag=1", "", 400, "Missing or Malformed From"),
            ("Call-ID", "Max-Forwards: 300\r\nCall-ID", 400, "Malformed Max-Forwards"),
            ("OPTIONS", "NEWMETHOD", 501, "Not Implemented"),
        ];
        for (from, to, code, reason) in cases {
            let verdict = screen(&request(|text| text.replace(from, to)));
            assert_eq!(verdict, Verdict::Refuse(code, reason), "{to}");
        }
    }

    #[test]
    fn a_refusal_repeats_what_it_answers() {
        let bytes = request(|text| text.replace("\r\nf:", "\r\nv: SIP/2.0/TCP d\r\nf:"));
        let answer = refusal(&bytes, "10.0.0.1:9".parse().unwrap(), (400, "No")).unwrap();
        let answer = String::from_utf8(answer).unwrap();
        assert!(answer.starts_with(
            "SIP/2.0 400 No\r\nVia: SIP/2.0/UDP c:1;branch=z9hG4bK1;received=10.0.0.1;rport=9\r\n\
             Via: SIP/2.0/TCP d\r\nFrom: <sip:a@b>;tag=1\r\nTo: <sip:a@b>;tag="
        ));
    }

    #[test]
    fn streams_are_cut_where_the_length_says() {
        let one = request(|text| text);
        assert_eq!(frame(&[&one[..], &one[..10]].concat()), Frame::Message(one.len()));
        assert_eq!(frame(&one[..one.len() - 1]), Frame::Incomplete);
        assert_eq!(frame(b"\r\n\r\nOPT"), Frame::Ping);
        assert_eq!(frame(b"\r\nOPT"), Frame::Blank(2));
        assert_eq!(frame(&request(|text| text.replace("Length: 2", "Length: 99999"))), Frame::Broken);
        assert_eq!(frame(&request(|text| text.replace("Length: 2", "Length: x"))), Frame::Broken);
        assert_eq!(frame(&[b'x'; MAX_HEAD + 1]), Frame::Broken);
    }
}

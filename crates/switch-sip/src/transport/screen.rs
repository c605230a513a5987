//! A first look at bytes from the network, before anything is built from them.
//!
//! The stack drops what it cannot parse. Here a request that is broken, but says where an answer goes, gets
//! its answer (RFC 3261 section 8.2, RFC 4475); everything else that is broken is dropped.

mod frame;
mod head;
mod opening;
mod refusal;

use std::net::SocketAddr;

pub(super) use frame::{Frame, MAX_MESSAGE, PING, PONG, frame};
use head::{Fault, Head, head_end, lines};
pub(super) use head::{readable, unfolded};
pub(super) use opening::{Opening, opening};
pub(super) use refusal::{Refusal, is_acknowledgement, refusal};

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

/// Looks at a whole, unfolded message.
pub(super) fn screen(bytes: &[u8]) -> Verdict {
    let Some(end) = head_end(bytes) else { return Verdict::Drop };
    let Ok(head) = std::str::from_utf8(&bytes[..end]) else { return Verdict::Drop };
    let start = lines(head).next().unwrap_or_default();
    if start.starts_with("SIP/") {
        return if is_sound_response(head, start) { Verdict::Pass } else { Verdict::Drop };
    }
    match request_fault(head, start, bytes.len() - end) {
        None => Verdict::Pass,
        Some((code, reason)) => Verdict::Refuse(code, reason),
    }
}

/// All that is read of bytes before the stack parses them, for the fuzzer; gives what the stack would get.
pub(crate) fn look_over(bytes: &[u8], source: SocketAddr) -> Option<Vec<u8>> {
    let cut = match frame(bytes) {
        Frame::Message(length) => &bytes[..length],
        Frame::Ping | Frame::Blank(_) | Frame::Incomplete | Frame::Broken => bytes,
    };
    let whole = unfolded(cut);
    let verdict = screen(&whole);
    let _ = refusal(&whole, source, (400, "Malformed Message").into());
    let _ =
        (is_acknowledgement(&whole, source), opening(&whole).is_some_and(|opening| opening.told().is_some()));
    (verdict == Verdict::Pass).then(|| readable(&whole).into_owned())
}

fn is_sound_response(head: &str, start: &str) -> bool {
    let code = start.split(' ').nth(1).and_then(|code| code.parse::<u16>().ok());
    let is_status = start.starts_with("SIP/2.0 ") && code.is_some_and(|code| (100..700).contains(&code));
    is_status && Head::read(head).fault("").is_none()
}

fn request_fault(head: &str, start: &str, body: usize) -> Option<Fault> {
    let mut words = start.split(' ');
    let (method, uri, version) = (words.next()?, words.next(), words.next());
    let is_uri = |uri: &str| !uri.is_empty() && !uri.contains(['<', '>', '"']);
    if words.next().is_some() || !uri.is_some_and(is_uri) || version.is_none() {
        return Some((400, "Malformed Request Line"));
    }
    if version.is_some_and(|version| !version.eq_ignore_ascii_case("SIP/2.0")) {
        return Some((505, "Version Not Supported"));
    }
    let head = Head::read(head);
    if let Some(fault) = head.fault(method) {
        return Some(fault);
    }
    if head.length.is_some_and(|length| length.parse::<usize>().map_or(true, |length| length > body)) {
        return Some((400, "Wrong Content-Length"));
    }
    if !uri.is_some_and(is_known_scheme) {
        return Some((416, "Unsupported URI Scheme"));
    }
    if uri.is_none_or(|uri| sip::Uri::parse(uri).is_none()) {
        return Some((400, "Malformed Request-URI"));
    }
    (!is_known_method(method)).then_some((501, "Not Implemented"))
}

/// Whether a call can be placed to such a URI (RFC 3261 section 8.2.2.1).
fn is_known_scheme(uri: &str) -> bool {
    let scheme = uri.split_once(':').map(|(scheme, _)| scheme);
    scheme.is_some_and(|scheme| ["sip", "sips", "tel"].iter().any(|known| scheme.eq_ignore_ascii_case(known)))
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
        let quoted = |text: String| text.replace("To: ", "To: \"BEL:\\\x07 NUL:\\\0\" ");
        assert_eq!(screen(&request(quoted)), Verdict::Pass);
    }

    #[test]
    fn what_is_wrong_is_named() {
        let cases = [
            ("OPTIONS sip:a@b SIP/2.0", "OPTIONS sip:a@b SIP/7.0", 505, "Version Not Supported"),
            ("OPTIONS sip:a@b SIP", "OPTIONS  sip:a@b SIP", 400, "Malformed Request Line"),
            ("OPTIONS sip:a@b SIP", "OPTIONS <sip:a@b> SIP", 400, "Malformed Request Line"),
            ("Length: 2", "Length: 99", 400, "Wrong Content-Length"),
            ("Length: 2", "Length: -2", 400, "Wrong Content-Length"),
            ("To: <sip:a@b>", "To: \"x <sip:a@b>", 400, "Missing or Malformed To"),
            ("Call-ID: x", "Call-ID: x\r\nCall-ID: y", 400, "Doubled Header"),
            ("Call-ID: x", "Call-ID: x\r\njunk", 400, "Malformed Header"),
            ("CSeq: 1 ", "CSeq: 36893488147419103232 ", 400, "Missing or Malformed CSeq"),
            ("CSeq: 1 OPTIONS", "CSeq: 1 INVITE", 400, "Missing or Malformed CSeq"),
            (";tag=1", "", 400, "Missing or Malformed From"),
            ("c:1;", "c:1;;,;,,", 400, "Missing or Malformed Via"),
            ("Call-ID", "Max-Forwards: 300\r\nCall-ID", 400, "Malformed Max-Forwards"),
            ("sip:a@b SIP", "soap.beep://b SIP", 416, "Unsupported URI Scheme"),
            ("sip:a@b SIP", "sip:a@2001:db8::10 SIP", 400, "Malformed Request-URI"),
            ("sip:a@b SIP", "sip:a@[2001:db8::10 SIP", 400, "Malformed Request-URI"),
            ("Call-ID: x", "Call-ID: x\r\nSubject: a\0b", 400, "Malformed Header"),
            ("Call-ID: x", "Call-ID: x\r\nSubject: a\nEvil: b", 400, "Malformed Header"),
            ("OPTIONS", "NEWMETHOD", 501, "Not Implemented"),
        ];
        for (from, to, code, reason) in cases {
            let verdict = screen(&request(|text| text.replace(from, to)));
            assert_eq!(verdict, Verdict::Refuse(code, reason), "{to}");
        }
    }

    #[test]
    fn a_response_with_an_absurd_status_is_dropped() {
        for (status, verdict) in
            [("200 OK", Verdict::Pass), ("4294967301 x", Verdict::Drop), ("99 x", Verdict::Drop)]
        {
            let bytes = request(|text| text.replace("OPTIONS sip:a@b SIP/2.0", &format!("SIP/2.0 {status}")));
            assert_eq!(screen(&bytes), verdict, "{status}");
        }
    }
}

//! Answers without a transaction, to requests of which too little can be understood.

use std::net::SocketAddr;

use super::head::{Fault, Head, fields, head_end, is};
use crate::{
    message::{build::PRODUCT, fields::stamped},
    random::LocalTag,
};

/// The refusal of a request; `None` for anything else, and if it does not say enough to be answered.
pub(in crate::transport) fn refusal(
    bytes: &[u8],
    source: SocketAddr,
    (code, reason): Fault,
) -> Option<Vec<u8>> {
    let text = std::str::from_utf8(&bytes[..head_end(bytes)?]).ok()?;
    if text.starts_with("SIP/") || text.starts_with("ACK ") {
        return None;
    }
    let head = Head::read(text);
    let (from, to, call_id, cseq) = (head.from?, head.to?, head.call_id?, head.cseq?);
    let via = stamped(head.via?, source);
    let further = fields(text).filter(|(name, _)| is(name, "via", "v")).skip(1);
    let further: String = further.map(|(_, via)| format!("Via: {via}\r\n")).collect();
    let tag = if to.contains(";tag=") { String::new() } else { format!(";tag={}", LocalTag::new()) };
    let answer = format!(
        "SIP/2.0 {code} {reason}\r\nVia: {via}\r\n{further}From: {from}\r\nTo: {to}{tag}\r\n\
         Call-ID: {call_id}\r\nCSeq: {cseq}\r\nServer: {PRODUCT}\r\nContent-Length: 0\r\n\r\n"
    );
    Some(answer.into_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    const REQUEST: &str = "OPTIONS sip:a@b SIP/2.0\r\nVia: SIP/2.0/UDP c:1;branch=z9hG4bK1\r\n\
                           v: SIP/2.0/TCP d\r\nf: <sip:a@b>;tag=1\r\nTo: <sip:a@b>\r\nCall-ID: x\r\n\
                           CSeq: 1 OPTIONS\r\n\r\n";

    fn refused(text: &str) -> Option<String> {
        let answer = refusal(text.as_bytes(), "10.0.0.1:9".parse().unwrap(), (400, "No"));
        answer.map(|answer| String::from_utf8(answer).unwrap())
    }

    #[test]
    fn a_refusal_repeats_what_it_answers() {
        let expected = "SIP/2.0 400 No\r\nVia: SIP/2.0/UDP c:1;branch=z9hG4bK1;received=10.0.0.1;rport=9\r\n\
                        Via: SIP/2.0/TCP d\r\nFrom: <sip:a@b>;tag=1\r\nTo: <sip:a@b>;tag=";
        assert!(refused(REQUEST).unwrap().starts_with(expected));
    }

    #[test]
    fn responses_acknowledgements_and_fragments_are_never_answered() {
        assert_eq!(refused(&REQUEST.replace("OPTIONS", "ACK")), None);
        assert_eq!(refused(&REQUEST.replace("OPTIONS sip:a@b SIP/2.0", "SIP/2.0 200 OK")), None);
        for header in ["Call-ID", "To", "CSeq", "f:"] {
            assert_eq!(refused(&REQUEST.replace(header, "X: ")), None, "{header}");
        }
    }
}

//! Answers without a transaction, to requests of which too little can be understood.

use std::{
    hash::{BuildHasher, RandomState},
    net::SocketAddr,
    sync::LazyLock,
    time::Duration,
};

use super::head::{Fault, Head, fields, head_end, is};
use crate::{
    message::{NameAddr, build::PRODUCT, fields::stamped},
    random::LocalTag,
};

/// What tags are made with, so that nobody can tell them beforehand.
static KEY: LazyLock<RandomState> = LazyLock::new(RandomState::new);

/// A refusal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::transport) struct Refusal {
    pub(in crate::transport) status: Fault,
    /// How long the peer is asked to stay away, on average.
    pub(in crate::transport) retry_after: Option<Duration>,
}

impl From<Fault> for Refusal {
    fn from(status: Fault) -> Self {
        Self { status, retry_after: None }
    }
}

/// The answer to a request that is refused, the same each time that it comes (RFC 3261 section 8.2.7); `None` for
/// anything else, and if it does not say enough to be answered.
pub(in crate::transport) fn refusal(bytes: &[u8], source: SocketAddr, refused: Refusal) -> Option<Vec<u8>> {
    let text = std::str::from_utf8(&bytes[..head_end(bytes)?]).ok()?;
    if text.starts_with("SIP/") || text.starts_with("ACK ") {
        return None;
    }
    let head = Head::read(text);
    let (from, to, call_id, cseq) = (head.from?, head.to?, head.call_id?, head.cseq?);
    let via = stamped(head.via?, source);
    let further = fields(text).filter(|(name, _)| is(name, "via", "v")).skip(1);
    let further: String = further.map(|(_, via)| format!("Via: {via}\r\n")).collect();
    let Refusal { status: (code, reason), retry_after } = refused;
    let own = tag_of(&head, source);
    let tag = if to.contains(";tag=") { String::new() } else { format!(";tag={}", LocalTag::of(own)) };
    let later = retry_after.map(|base| format!("Retry-After: {}\r\n", jittered(base, own)));
    let later = later.unwrap_or_default();
    let answer = format!(
        "SIP/2.0 {code} {reason}\r\nVia: {via}\r\n{further}From: {from}\r\nTo: {to}{tag}\r\n\
         Call-ID: {call_id}\r\nCSeq: {cseq}\r\n{later}Server: {PRODUCT}\r\nContent-Length: 0\r\n\r\n"
    );
    Some(answer.into_bytes())
}

/// Whether a message acknowledges what [`refusal`] says.
pub(in crate::transport) fn is_acknowledgement(bytes: &[u8], source: SocketAddr) -> bool {
    let Some(head) = head_end(bytes).and_then(|end| std::str::from_utf8(&bytes[..end]).ok()) else {
        return false;
    };
    let head = Head::read(head);
    let tag = head.to.and_then(NameAddr::parse).and_then(|to| LocalTag::parse(to.param("tag")?));
    tag == Some(LocalTag::of(tag_of(&head, source)))
}

/// What a request and its acknowledgement have in common, and no other.
fn tag_of(head: &Head<'_>, source: SocketAddr) -> u64 {
    let from = head.from.and_then(NameAddr::parse);
    let number = head.cseq.and_then(|cseq| cseq.split_whitespace().next());
    KEY.hash_one((from.and_then(|from| from.param("tag")), head.call_id, number, source))
}

/// Seconds from half of `base` to one and a half, so that not all whom we send away come back at once.
fn jittered(base: Duration, chance: u64) -> u64 {
    let base = base.as_secs();
    (base / 2 + chance % (base + 1)).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    const REQUEST: &str = "OPTIONS sip:a@b SIP/2.0\r\nVia: SIP/2.0/UDP c:1;branch=z9hG4bK1\r\n\
                           v: SIP/2.0/TCP d\r\nf: <sip:a@b>;tag=1\r\nTo: <sip:a@b>\r\nCall-ID: x\r\n\
                           CSeq: 1 OPTIONS\r\n\r\n";

    fn source() -> SocketAddr {
        "10.0.0.1:9".parse().unwrap()
    }

    fn refused(text: &str) -> Option<String> {
        let answer = refusal(text.as_bytes(), source(), (400, "No").into());
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

    #[test]
    fn a_repeat_is_answered_alike_and_another_request_is_not() {
        assert_eq!(refused(REQUEST), refused(REQUEST));
        let tag = |text: &str| refused(text).unwrap().split(";tag=").nth(2).unwrap()[..16].to_owned();
        for (from, to) in [("Call-ID: x", "Call-ID: y"), ("CSeq: 1", "CSeq: 2"), (";tag=1", ";tag=2")] {
            assert_ne!(tag(REQUEST), tag(&REQUEST.replace(from, to)), "{to}");
        }
    }

    #[test]
    fn the_acknowledgement_of_a_refusal_is_known_and_no_other() {
        let answer = refused(REQUEST).unwrap();
        let to = answer.lines().find_map(|line| line.strip_prefix("To: ")).unwrap();
        let acknowledgement =
            REQUEST.replace("OPTIONS", "ACK").replace("To: <sip:a@b>", &format!("To: {to}"));
        assert!(is_acknowledgement(acknowledgement.as_bytes(), source()));
        let others = [REQUEST.replace("OPTIONS", "ACK"), acknowledgement.replace("CSeq: 1", "CSeq: 2")];
        assert!(others.iter().all(|other| !is_acknowledgement(other.as_bytes(), source())));
    }

    #[test]
    fn whoever_is_sent_away_is_told_when_to_come_back_and_not_all_at_once() {
        let told = |call: u32| {
            let request = REQUEST.replace("Call-ID: x", &format!("Call-ID: {call}"));
            let busy = Refusal { status: (503, "Busy"), retry_after: Some(Duration::from_secs(10)) };
            let answer = String::from_utf8(refusal(request.as_bytes(), source(), busy).unwrap()).unwrap();
            let later = answer.lines().find_map(|line| line.strip_prefix("Retry-After: "));
            later.unwrap().parse::<u64>().unwrap()
        };
        let told: std::collections::BTreeSet<_> = (0..500).map(told).collect();
        assert_eq!(told, (5..=15).collect());
    }
}

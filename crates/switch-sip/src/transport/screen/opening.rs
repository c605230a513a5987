//! Requests that begin something, as far as can be told before they are parsed.

use rsipstack::sip::Method;

use super::head::{Head, head_end};
use crate::{message::NameAddr, stack::Told};

/// A request that begins something: one outside any dialog, unless it belongs to another request.
pub(in crate::transport) struct Opening<'a> {
    method: &'a str,
    head: Head<'a>,
}

/// Reads a request that was screened; `None` for any other message.
pub(in crate::transport) fn opening(bytes: &[u8]) -> Option<Opening<'_>> {
    let text = std::str::from_utf8(&bytes[..head_end(bytes)?]).ok()?;
    let method = text.split(' ').next().filter(|method| !["ACK", "CANCEL", "SIP/2.0"].contains(method))?;
    let head = Head::read(text);
    let is_inside = NameAddr::parse(head.to?)?.param("tag").is_some();
    // A To tag means nothing in a REGISTER.
    (!is_inside || method == "REGISTER").then_some(Opening { method, head })
}

impl Opening<'_> {
    /// Whether it begins a call.
    pub(in crate::transport) fn is_call(&self) -> bool {
        self.method == "INVITE"
    }

    /// What tells the transaction that it belongs to if it is a repeat.
    pub(in crate::transport) fn told(&self) -> Option<(Method, Told<'_>)> {
        let Head { via, from, call_id, cseq, .. } = self.head;
        let told = Told { via: via?, from: from?, call_id: call_id?, cseq: cseq? };
        Some((Method::try_from(self.method).ok()?, told))
    }
}

#[cfg(test)]
mod tests {
    use rsipstack::sip::SipMessage;

    use super::*;
    use crate::{message::fields::normalize, stack::Keys};

    const INVITE: &str = "INVITE sip:a@b SIP/2.0\r\nVia: SIP/2.0/UDP c:1;branch=z9hG4bK1, SIP/2.0/UDP d\r\n\
                          From: \"a;tag=b\" <sip:a@b>;tag=1\r\nTo: <sip:a@b>\r\nCall-ID: x@y\r\n\
                          CSeq: 1 INVITE\r\n\r\n";

    fn begins(text: &str) -> bool {
        opening(text.as_bytes()).is_some()
    }

    #[test]
    fn only_what_belongs_to_nothing_begins_something() {
        let inside = INVITE.replace("To: <sip:a@b>", "To: <sip:a@b>;tag=2");
        assert!(begins(INVITE) && begins(&INVITE.replace("INVITE", "OPTIONS")));
        assert!(begins(&inside.replace("INVITE", "REGISTER")));
        for text in [
            inside.clone(),
            inside.replace("INVITE", "BYE"),
            INVITE.replace("INVITE", "ACK"),
            INVITE.replace("INVITE", "CANCEL"),
            INVITE.replace("INVITE sip:a@b SIP/2.0", "SIP/2.0 200 OK"),
        ] {
            assert!(!begins(&text), "{text}");
        }
    }

    #[test]
    fn the_transaction_is_the_one_that_the_stack_knows() {
        let (keys, source) = (Keys::default(), "10.0.0.1:9".parse().unwrap());
        for text in [INVITE, &INVITE.replace(">;tag=1", "> ; tag = 1")] {
            let Ok(SipMessage::Request(mut request)) = SipMessage::try_from(text.as_bytes()) else {
                panic!("a request is expected")
            };
            normalize(&mut request, source);
            let opening = opening(text.as_bytes()).unwrap();
            let (method, told) = opening.told().unwrap();
            assert_eq!(keys.of_told(method, &told), keys.of_request(&request));
            assert!(keys.of_request(&request).is_some());
        }
    }
}

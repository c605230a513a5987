//! What the fuzzer runs: every reader of this crate. Each takes any bytes, and none may panic.

use crate::{
    HostPort, NameAddr, Uri,
    digest::{Challenge, Credentials},
    escape, identity, multipart, name_addr,
    param::{self, quote, unquote},
    sdp::{self, Change, Description, next_version},
    session_timer::SessionExpires,
    telephone,
};

/// A text, as each of the readers takes it.
pub fn text(bytes: &[u8]) {
    description(bytes);
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    keys(text);
    addresses(text);
    let _ = (Credentials::parse(text), Challenge::parse(text), SessionExpires::parse(text));
    let _ = multipart::session_description(text, bytes);
    let _ = identity::Privacy::parse(text);
    let _ = identity::asserted([text].into_iter());
    let _ = identity::remote_party([text].into_iter(), identity::Side::Called);
    let _ = identity::diversions([text].into_iter()).count();
    let _ = identity::history([text].into_iter()).count();
    let plain: String = text.chars().filter(|c| !c.is_control()).collect();
    assert_eq!(unquote(&quote(text)), plain, "quoting is undone");
    assert_eq!(escape::decode(&escape::encode_user(text)), text, "encoding is undone");
}

fn addresses(text: &str) {
    let _ = HostPort::parse(text);
    let _ = (telephone::number(text, true), telephone::number(text, false), param::params(text).count());
    for value in name_addr::split_list(text) {
        let Some(value) = NameAddr::parse(value) else { continue };
        let _ = (value.display(), value.param("tag"), identity::is_anonymous(&value));
        uri(value.uri);
    }
    uri(text);
}

fn uri(text: &str) {
    let Some(uri) = Uri::parse(text) else { return };
    let number = uri.number();
    let written = crate::uri::sip(&number, "h");
    let again = Uri::parse(&written).expect("what we write can be read");
    assert_eq!(again.number(), number, "a number stays what it is");
}

fn description(bytes: &[u8]) {
    if Description::parse(bytes).is_ok() {
        let next = next_version(bytes, bytes.to_vec());
        assert!(Description::parse(&next).is_ok(), "the next version can be read");
    }
}

fn keys(text: &str) {
    let read = sdp::protections(text);
    assert_eq!(sdp::protections(&sdp::protected(text, &[])), read, "what is not changed stays");
    let refuse = Change::Refuse { profile: "RTP/AVP".into() };
    let refused = sdp::protected(text, &vec![refuse; read.len()]);
    assert!(sdp::protections(&refused).iter().all(|stream| stream.keys.is_empty()), "no key is left");
    for key in read.iter().flat_map(|stream| &stream.keys) {
        assert_eq!(sdp::Crypto::parse(&key.line()).as_ref(), Some(key), "what we write can be read");
    }
}

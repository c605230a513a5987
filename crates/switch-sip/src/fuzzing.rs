//! What the fuzzer runs: all that reads what strangers send, without a socket. Each takes any bytes, and none
//! may panic.

use std::{
    net::{Ipv4Addr, SocketAddr},
    sync::LazyLock,
    time::{Duration, Instant},
};

use b2bua::{Direction, Sdp};
use directory::model::Encryption;
use dtls::{Association, Identity, Role};
use ice::{Agent, Credentials};
use rsipstack::sip::{HasHeaders, Request, Response, SipMessage};
use sip::sdp::protections;
use srtp::{MasterKey, Receiver, Suite};

use crate::{
    SessionLimits, driver,
    keying::{HandshakeForm, Keying, Own, Terms},
    message::{
        extension,
        fields::{self, Body},
        multipart, name_addr, session_timer, uri,
    },
    sdp::{Description, Ports},
    transport::look_over,
};

const SOURCE: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 5060);

/// A SIP message, from the first look to the last field that is read.
pub fn sip(bytes: &[u8]) {
    let Some(bytes) = look_over(bytes, SOURCE) else { return };
    match SipMessage::try_from(bytes.as_slice()) {
        Ok(SipMessage::Request(mut request)) => {
            fields::normalize(&mut request, SOURCE);
            read_request(&request);
        }
        Ok(SipMessage::Response(response)) => read_response(&response),
        Err(_) => {}
    }
}

/// A session description.
pub fn sdp(bytes: &[u8]) {
    if let Ok(read) = Description::parse(bytes) {
        let ports = [Some(Ports { rtp: 10_000, rtcp: 10_001 }), None];
        let written = read.rewrite(SOURCE.ip(), &ports[..read.media().len().min(2)]);
        let again = Description::parse(&written).expect("what we write can be read");
        assert_eq!(again.media().len(), read.media().len(), "no stream is lost or made up");
    }
    if let Ok(text) = std::str::from_utf8(bytes) {
        let sdp = Sdp::new(text);
        let _ = (sdp.direction(), sdp.is_speakable(), sdp.takes_keys(), sdp.has_streams());
        let _ = sdp.directed(Direction::SendOnly).answering(&sdp);
        let _ = (sdp.without_hold(), sdp.answered_by_sender(), sdp.answer_from_nowhere());
        let _ = sip::sdp::protections(text);
    }
}

/// A packet to where checks of connectivity are answered: nobody without the password is a party.
pub fn stun(packet: &[u8]) {
    let mut agent = Agent::new(Credentials::of_chance(&[7; Credentials::CHANCE]));
    let checked = agent.receive(packet, SOURCE, Duration::ZERO);
    assert!(checked.is_err(), "who does not know the password is a stranger");
    assert_eq!(agent.target(Duration::ZERO), None);
}

/// A datagram of RTCP: what is lost is never more than what was sent, and what is passed on is a part of it.
pub fn rtcp(datagram: &[u8]) {
    let mut session = rtcp::Session::default();
    let now = rtcp::Now { at: Duration::from_secs(9), timestamp: 0, rate: 8_000 };
    session.send(7, 160);
    session.report(now, "us", || 1);
    if session.read(datagram, now) != rtcp::Heard::Nothing {
        session.report(now, "us", || 1);
    }
    assert!(rtcp::feedback(datagram).len() <= datagram.len());
    if let Some(sent) = session.quality().sent {
        assert!(sent.lost <= sent.expected, "what was not sent cannot be lost");
    }
}

/// An offer of a party and, as its answer to ours, the same text, under all terms that a party may have.
pub fn keying(text: &[u8]) {
    let Ok(text) = std::str::from_utf8(text) else { return };
    for encryption in [Encryption::Refuse, Encryption::Allow, Encryption::Prefer, Encryption::Require] {
        let forms = [None, Some(HandshakeForm::Phone), Some(HandshakeForm::Browser)];
        for (may_have_keys, handshake) in
            [(false, forms[0]), (true, forms[0]), (true, forms[1]), (true, forms[2])]
        {
            negotiate(text, Terms { encryption, may_have_keys, handshake });
        }
    }
}

fn negotiate(text: &str, terms: Terms) {
    let fresh = |suite: Suite| MasterKey::new(suite, &vec![7; suite.length()]).expect("it has that length");
    let credentials = || Credentials::of_chance(&[7; Credentials::CHANCE]);
    let own = Own { fingerprint: "sha-256 AA".into(), credentials };
    let mut keying = Keying::new(Some((terms, own)));
    if let Ok(plain) = keying.take_offer(text, fresh) {
        let plain = plain.as_deref().unwrap_or(text);
        let given = keying.give_answer(plain);
        let _ = protections(given.as_deref().unwrap_or(plain));
    }
    let _ = keying.give_offer(text, fresh);
    let _ = keying.take_answer(text);
    let _ = (keying.security(), keying.encryption());
}

/// A datagram to either side of a handshake: no one of them ends it.
pub fn dtls(datagram: &[u8]) {
    static IDENTITY: LazyLock<Option<Identity>> = LazyLock::new(|| Identity::new().ok());
    let Some(identity) = IDENTITY.as_ref() else { return };
    for role in [Role::Active, Role::Passive] {
        let now = Instant::now();
        let mut association = Association::new(identity, role, vec![identity.fingerprint().clone()]);
        let _ = association.go_on(now, |_| {});
        let _ = association.receive(datagram, now, |_| {});
        let _ = association.receive(datagram, now, |_| {});
        assert!(!association.is_done(), "there are no keys without a handshake");
    }
}

/// A packet that says that it is encrypted: what is not made with the key is not taken.
pub fn srtp(packet: &[u8]) {
    for suite in [Suite::AesCm128HmacSha1_80, Suite::AesCm128HmacSha1_32, Suite::AeadAes256Gcm] {
        let Some(key) = MasterKey::new(suite, &[3; 44][..suite.key_length() + suite.salt_length()]) else {
            continue;
        };
        let mut receiver = Receiver::new(&key);
        assert!(receiver.unprotect(&mut packet.to_vec()).is_err());
        assert!(receiver.unprotect_control(&mut packet.to_vec()).is_err());
    }
}

fn read_request(request: &Request) {
    read_headers(request);
    let _ = fields::max_forwards(request);
    let _ = (fields::diversion(request), fields::history(request));
    let _ = fields::has_known_body(request);
    let _ = session_timer::is_too_short(request, &SessionLimits::default());
    sdp(&Body::of_request(request).bytes);
}

fn read_response(response: &Response) {
    read_headers(response);
    for target in fields::redirect_targets(response) {
        let _ = (uri::user(&target), uri::host(&target), uri::address(&target));
    }
    sdp(&Body::of_response(response).bytes);
}

fn read_headers(message: &impl HasHeaders) {
    let _ = (fields::call_id(message), fields::cseq(message), fields::user_agent(message));
    let _ = (fields::record_route(message), extension::unknown(message), driver::reading::timer(message));
    for value in [fields::from(message), fields::to(message), fields::contact(message)].into_iter().flatten()
    {
        let _ = (value.display(), value.param("tag"));
        read_uri(value.uri);
    }
    for header in message.headers().iter() {
        let text = header.to_string();
        name_addr::split_list(&text).for_each(read_uri);
        let _ = multipart::session_description(&text, text.as_bytes());
    }
}

fn read_uri(text: &str) {
    let (bare, headers) = uri::split_headers(text);
    let _ = uri::header(headers, "Replaces");
    if let Some(uri) = uri::parse(bare) {
        let _ = (uri::user(&uri), uri::host(&uri), uri::address(&uri));
    }
}

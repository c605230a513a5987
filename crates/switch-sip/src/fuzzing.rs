//! What the fuzzer runs: all that reads what strangers send, without a socket. Each takes any bytes, and none
//! may panic.

use std::net::{Ipv4Addr, SocketAddr};

use b2bua::{Direction, Sdp};
use rsipstack::sip::{HasHeaders, Request, Response, SipMessage};

use crate::{
    SessionLimits, driver,
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

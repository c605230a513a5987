//! Browsers (RFC 8827): their way is found by checks of connectivity, and their keys come of a handshake of the media
//! themselves. Plain phones know nothing of it.

use std::{
    net::UdpSocket,
    time::{Duration, Instant},
};

use call::{EventKind, encryption::KeyExchange, quality::LegQuality};
use dtls::{Association, Fingerprint, Identity, Role};
use sip::sdp::Setup;
use switch::Switch as _;
use switch_sip::SipConfig;

use crate::support::{
    Agent, Office,
    agent::{Dialog, SDP},
    anchored_media,
    browser::{self, Browser, receive},
};

fn anchored(config: &mut SipConfig) {
    config.media = anchored_media(47_000..=47_999);
}

fn packet(number: u8) -> Vec<u8> {
    let header = [0x80, 0, 0, number, 0, 0, number, 0, 0, 0, 0, 7];
    [&header[..], &[number; 160]].concat()
}

/// A receiver report of RTCP, and what it says a picture has lost (RFC 4585 section 6.3.1).
fn report(number: u8) -> Vec<u8> {
    [[0x80, 201, 0, 1, 0, 0, 0, number].as_slice(), &lost_picture(number)].concat()
}

fn lost_picture(number: u8) -> Vec<u8> {
    vec![0x81, 206, 0, 2, 0, 0, 0, number, 0, 0, 0, 7]
}

/// Hears packets until one is a report; gives what stands in it beside that.
fn feedback(mut hear: impl FnMut() -> Vec<u8>) -> Vec<u8> {
    loop {
        let packet = hear();
        if srtp::is_control(&packet) {
            return rtcp::feedback(&packet);
        }
    }
}

/// A call of a browser with a plain phone.
struct Mixed {
    a: Agent,
    b: Agent,
    at_a: Dialog,
    at_b: Dialog,
    of_a: Browser,
    /// RTP of the phone, and its RTCP on the next port.
    of_b: [UdpSocket; 2],
    /// Where the switch takes RTP of the phone.
    port: u16,
}

impl Mixed {
    async fn begin(office: &Office) -> Self {
        let (a, b) = (office.registered("a").await, office.registered("b").await);
        let (mut of_a, of_b) = (Browser::new(), pair());
        let mut at_a = a.call("1002", &of_a.sdp("actpass")).await;
        let invite = b.expect("INVITE").await;
        let lines: Vec<_> = invite.body.lines().collect();
        assert!(lines.iter().any(|line| line.ends_with(" RTP/AVP 0 126 8 9 111")), "{}", invite.body);
        let own =
            ["a=fingerprint", "a=setup", "a=ice", "a=mid", "a=rtcp", "a=candidate", "a=group", "a=msid"];
        assert!(!lines.iter().any(|line| own.iter().any(|own| line.starts_with(own))), "{}", invite.body);
        assert!(lines.contains(&"c=IN IP4 127.0.0.1"), "{}", invite.body);
        let port = port_of(&invite.body);
        b.reply(&invite, "200 OK", &plain(&of_b)).await;
        let answer = a.expect_answer(&mut at_a).await;
        let said = of_a.take(&answer.body);
        assert_eq!((&*said.profile, said.handshake.setup), ("UDP/TLS/RTP/SAVPF", Some(Setup::Passive)));
        assert!(
            said.handshake.is_bundled && said.handshake.is_muxed && answer.body.contains("a=ice-lite\r\n")
        );
        b.expect("ACK").await;
        let at_b = b.dialog_of(&invite);
        Self { a, b, at_a, at_b, of_a, of_b, port }
    }

    fn phone_says(&self, packet: &[u8]) {
        let end = usize::from(srtp::is_control(packet));
        let port = self.port + u16::from(srtp::is_control(packet));
        self.of_b[end].send_to(packet, ("127.0.0.1", port)).unwrap();
    }

    fn phone_hears(&self) -> Vec<u8> {
        receive(&self.of_b[0], Duration::from_secs(10)).expect("something is to be heard")
    }

    fn assert_both_hear(&mut self, number: u8) {
        self.of_a.say(&packet(number));
        assert_eq!(self.phone_hears()[12..], packet(number)[12..]);
        self.phone_says(&packet(number));
        assert_eq!(self.of_a.hear()[12..], packet(number)[12..]);
    }
}

/// Sockets on an even port and the odd one after it.
fn pair() -> [UdpSocket; 2] {
    loop {
        let rtp = UdpSocket::bind("127.0.0.1:0").unwrap();
        let port = rtp.local_addr().unwrap().port();
        if port.is_multiple_of(2)
            && let Ok(rtcp) = UdpSocket::bind(("127.0.0.1", port + 1))
        {
            return [rtp, rtcp];
        }
    }
}

fn plain(sockets: &[UdpSocket; 2]) -> String {
    SDP.replace("4000", &sockets[0].local_addr().unwrap().port().to_string())
}

fn port_of(sdp: &str) -> u16 {
    sip::sdp::protections(sdp)[0].port.parse().unwrap()
}

#[tokio::test]
async fn a_browser_talks_with_a_plain_phone() {
    let office = Office::with(anchored).await;
    let mut call = Mixed::begin(&office).await;
    call.of_a.connect();
    call.assert_both_hear(1);
    let is_so = |kind: &EventKind| match kind {
        EventKind::LegSecured { encryption: Some(encryption), .. } => {
            encryption.exchange == KeyExchange::Dtls
        }
        _ => false,
    };
    office.story.until(is_so).await;
    call.b.hang_up(&mut call.at_b).await;
}

#[tokio::test]
async fn reports_go_by_the_port_of_sound_at_one_end_and_by_their_own_at_the_other() {
    let office = Office::with(anchored).await;
    let mut call = Mixed::begin(&office).await;
    call.of_a.connect();
    call.assert_both_hear(1);
    let Mixed { of_a, of_b, .. } = &mut call;
    let mut hear_b = || receive(&of_b[1], Duration::from_secs(10)).unwrap();
    of_a.say(&report(1));
    assert_eq!(feedback(&mut hear_b), lost_picture(1), "what is for the other party is passed on");
    assert!(feedback(|| of_a.hear()).is_empty(), "reports are answered by the switch's own");
    call.phone_says(&report(2));
    let Mixed { of_a, .. } = &mut call;
    assert_eq!(feedback(|| of_a.hear()), lost_picture(2));
    call.assert_both_hear(2);
}

#[tokio::test]
async fn how_well_each_leg_is_heard_is_known_while_it_is_up_and_told_at_its_end() {
    let office = Office::with(anchored).await;
    let mut call = Mixed::begin(&office).await;
    call.of_a.connect();
    call.assert_both_hear(1);
    // The second packet of the phone is lost.
    for number in [3, 4] {
        call.phone_says(&packet(number));
        call.of_a.hear();
    }
    let id = office.story.until(|kind| matches!(kind, EventKind::LegsBridged { .. })).await;
    let legs = office.story.legs(id).await;
    let lost = |quality: &LegQuality| quality.received.map(|stream| (stream.packets, stream.lost));
    let known: Vec<_> = office.switch.quality(legs.clone()).await;
    assert_eq!(
        known.iter().map(|(leg, quality)| (*leg, lost(quality))).collect::<Vec<_>>(),
        [(legs[0], Some((1, 0))), (legs[1], Some((4, 1))),]
    );
    call.b.hang_up(&mut call.at_b).await;
    let expected = known[1].1;
    let is_told = |kind: &EventKind| match kind {
        EventKind::LegEnded { leg, end } if *leg == legs[1] => end.quality.as_deref() == Some(&expected),
        _ => false,
    };
    office.story.until(is_told).await;
    assert_eq!(office.switch.quality(legs).await, []);
}

#[tokio::test]
async fn a_handshake_from_where_no_check_has_come_from_is_not_answered() {
    let office = Office::with(anchored).await;
    let mut call = Mixed::begin(&office).await;
    let stranger = UdpSocket::bind("127.0.0.1:0").unwrap();
    let mut hello = Vec::new();
    let theirs = Fingerprint::parse(&format!("sha-256 {}", ["00"; 32].join(":"))).unwrap();
    let mut association = Association::new(&Identity::new().unwrap(), Role::Active, vec![theirs]);
    association.go_on(Instant::now(), |packet| hello = packet.to_vec()).unwrap();
    for socket in [&stranger, &call.of_a.socket] {
        socket.send_to(&hello, call.of_a.address()).unwrap();
        assert_eq!(receive(socket, Duration::from_millis(200)), None, "nobody has checked the way");
    }
    call.of_a.connect();
    stranger.send_to(&hello, call.of_a.address()).unwrap();
    assert_eq!(receive(&stranger, Duration::from_millis(200)), None);
    call.assert_both_hear(1);
}

#[tokio::test]
async fn ten_thousand_packets_of_strangers_pass_nothing_and_sound_goes_on() {
    let office = Office::with(anchored).await;
    let mut call = Mixed::begin(&office).await;
    call.of_a.connect();
    call.assert_both_hear(1);
    let stranger = UdpSocket::bind("127.0.0.1:0").unwrap();
    let to = call.of_a.address();
    let right = call.of_a.check();
    for number in 0..10_000_usize {
        let mut packet = match number % 5 {
            // A check with one bit changed, cut off, or of somebody without the password.
            0 => {
                let mut forged = right.clone();
                forged[number % right.len()] ^= 1 << (number % 8);
                forged
            }
            1 => right[..number % right.len()].to_vec(),
            2 => browser::check("someone:else", "a password of somebody else"),
            // A record of a handshake, and sound, of somebody else.
            3 => [&[22, 0xfe, 0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 60][..], &[1; 60]].concat(),
            _ => packet(2),
        };
        packet.truncate(400);
        // Both at the browser's own address and from elsewhere; what is cut off to nothing is nothing.
        let socket = if number.is_multiple_of(2) { &stranger } else { &call.of_a.socket };
        socket.send_to(&packet, to).unwrap();
        if number.is_multiple_of(100) {
            call.assert_both_hear(u8::try_from(number / 100 + 2).unwrap());
        }
    }
    assert_eq!(receive(&stranger, Duration::from_millis(200)), None, "no stranger is answered");
    call.assert_both_hear(200);
    assert!(receive(&call.of_b[0], Duration::from_millis(100)).is_none(), "nothing of strangers is heard");
}

#[tokio::test]
async fn a_browser_is_followed_to_where_it_checks_from() {
    let office = Office::with(anchored).await;
    let mut call = Mixed::begin(&office).await;
    call.of_a.connect();
    call.assert_both_hear(1);
    let elsewhere = UdpSocket::bind("127.0.0.1:0").unwrap();
    assert!(call.of_a.checks_from(&elsewhere).is_some());
    call.of_a.socket = elsewhere;
    call.assert_both_hear(2);
}

#[tokio::test]
async fn whoever_has_another_certificate_is_not_heard_and_the_right_one_still_is() {
    let office = Office::with(anchored).await;
    let mut call = Mixed::begin(&office).await;
    let right = std::mem::replace(&mut call.of_a, Browser::new());
    let impostor = Identity::new().unwrap();
    right.checks_from(&right.socket).unwrap();
    let mut association = Association::new(&impostor, Role::Active, right.fingerprints());
    let sent = std::cell::Cell::new(0);
    let send = |packet: &[u8]| {
        right.socket.send_to(packet, right.address()).unwrap();
        sent.set(sent.get() + 1);
    };
    association.go_on(Instant::now(), send).unwrap();
    // Until its certificate has gone.
    while sent.get() < 2 {
        let record = receive(&right.socket, Duration::from_secs(10)).expect("the handshake is answered");
        association.receive(&record, Instant::now(), send).unwrap();
    }
    call.of_a = right;
    call.of_a.connect();
    call.assert_both_hear(1);
}

#[tokio::test]
async fn a_browser_on_hold_hears_music() {
    let office = Office::with(anchored).await;
    let mut call = Mixed::begin(&office).await;
    call.of_a.connect();
    call.assert_both_hear(1);
    call.b.within(&mut call.at_b, "INVITE", &[], &plain(&call.of_b).replace("sendrecv", "sendonly")).await;
    let hold = call.a.expect("INVITE").await;
    let before = call.of_a.address();
    let said = call.of_a.take(&hold.body);
    assert_eq!((said.handshake.setup, call.of_a.address()), (Some(Setup::ActPass), before));
    let answer = call.of_a.sdp("active").replace("sendrecv", "recvonly");
    call.a.reply(&hold, "200 OK", &answer).await;
    call.a.expect("ACK").await;
    call.b.expect_answer(&mut call.at_b).await;
    office.story.until(|kind| matches!(kind, EventKind::LegHeld { .. })).await;
    let until = Instant::now() + Duration::from_secs(10);
    while call.of_a.hear()[12..] == packet(1)[12..] {
        assert!(Instant::now() < until, "no music is heard");
    }
    call.a.hang_up(&mut call.at_a).await;
}

/// A phone that shakes hands where its description says that it is, with RTCP on a port of its own.
#[tokio::test]
async fn a_phone_without_ice_shakes_hands_where_it_says_that_it_is() {
    let office = Office::with(anchored).await;
    let (a, b) = (office.registered("a").await, office.registered("b").await);
    let (identity, socket, of_b) =
        (Identity::new().unwrap(), UdpSocket::bind("127.0.0.1:0").unwrap(), pair());
    let lines = format!("a=setup:active\r\na=fingerprint:{}\r\n", identity.fingerprint());
    let port = socket.local_addr().unwrap().port().to_string();
    let offer = SDP.replace("RTP/AVP", "UDP/TLS/RTP/SAVP").replace("4000", &port) + &lines;
    let mut at_a = a.call("1002", &offer).await;
    let invite = b.expect("INVITE").await;
    b.reply(&invite, "200 OK", &plain(&of_b)).await;
    let answer = a.expect_answer(&mut at_a).await;
    let said = sip::sdp::protections(&answer.body).remove(0);
    assert_eq!((&*said.profile, said.handshake.setup), ("UDP/TLS/RTP/SAVP", Some(Setup::Passive)));
    assert!(!answer.body.contains("a=ice") && !answer.body.contains("candidate"), "{}", answer.body);
    let theirs = Fingerprint::parse(&said.handshake.fingerprints[0]).unwrap();
    let to = ("127.0.0.1", port_of(&answer.body));
    let mut association = Association::new(&identity, Role::Active, vec![theirs]);
    let send = |packet: &[u8]| {
        socket.send_to(packet, to).unwrap();
    };
    let until = Instant::now() + Duration::from_secs(10);
    let keys = loop {
        assert!(Instant::now() < until, "the handshake does not end");
        let mut keys = association.go_on(Instant::now(), send).unwrap();
        if let Some(record) = receive(&socket, Duration::from_millis(20)) {
            keys = keys.or(association.receive(&record, Instant::now(), send).unwrap());
        }
        if let Some(keys) = keys {
            break keys;
        }
    };
    let mut said = packet(1);
    said.resize(said.len() + srtp::OVERHEAD, 0);
    let length = srtp::Sender::new(&keys.ours, 0).protect(&mut said, packet(1).len()).unwrap();
    socket.send_to(&said[..length], to).unwrap();
    assert_eq!(receive(&of_b[0], Duration::from_secs(10)).unwrap()[12..], packet(1)[12..]);
}

//! Media that the switch can neither speak nor understand: by its codec it is passed on, and never met with sound of
//! the switch's own; encrypted with keys that anybody has read it is refused.

use std::{
    net::UdpSocket,
    time::{Duration, Instant},
};

use call::{
    EventKind,
    command::{LegCommand, Sound, Target},
};
use switch::SwitchError;
use switch_sip::SipConfig;

use crate::support::{
    Agent, Office,
    agent::{Dialog, SDP},
    anchored_media,
    office::SHORT,
};

fn anchored(config: &mut SipConfig) {
    config.media = anchored_media(48_000..=48_999);
}

fn direct(_: &mut SipConfig) {}

const CRYPTO: &str = "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz\r\n";
const FINGERPRINT: &str = "a=fingerprint:sha-256 4A:AD:B9:B1:3F:82:18:3B:54:02:12:DF:3E:5D:49:6B:19:E5:7C:AB:3E:4B:65:2E:7D:46:3F:54:42:CD:54:F1\r\na=setup:actpass\r\n";

/// Offers that are encrypted: `m=` protocol and keys.
const SECURED: [(&str, &str); 5] = [
    ("RTP/SAVP", CRYPTO),
    ("RTP/SAVPF", CRYPTO),
    ("UDP/TLS/RTP/SAVP", FINGERPRINT),
    ("UDP/TLS/RTP/SAVPF", FINGERPRINT),
    ("udp/tls/rtp/savpf", FINGERPRINT),
];

/// Codecs that the switch does not speak.
const UNSPOKEN: [&str; 3] = ["18", "4", "96\r\na=rtpmap:96 iLBC/8000"];

fn secured(protocol: &str, keys: &str) -> String {
    SDP.replace("RTP/AVP", protocol) + keys
}

fn unspoken(formats: &str) -> String {
    SDP.replace("RTP/AVP 0", &format!("RTP/AVP {formats}"))
}

async fn expect_refused(a: &Agent, code: &str, offer: &str) {
    let at_a = a.call(code, offer).await;
    let refusal = a.expect_refusal(&at_a, 488).await;
    assert!(refusal.header("Warning").starts_with("305 "), "{offer}");
}

#[tokio::test]
async fn an_encrypted_offer_to_the_switch_itself_is_refused() {
    // With a relay, the switch shakes hands itself.
    let (all, in_the_clear) = (&SECURED[..], &SECURED[..2]);
    for (change, offers) in [(direct as fn(&mut SipConfig), all), (anchored, in_the_clear)] {
        let office = Office::with(change).await;
        let a = office.registered("a").await;
        for (protocol, keys) in offers {
            for code in ["*68", "*76"] {
                expect_refused(&a, code, &secured(protocol, keys)).await;
            }
        }
    }
}

#[tokio::test]
async fn an_offer_without_a_codec_of_the_switch_is_refused_where_that_would_play() {
    let office = Office::with(anchored).await;
    let a = office.registered("a").await;
    for formats in UNSPOKEN {
        for code in ["*68", "*76"] {
            expect_refused(&a, code, &unspoken(formats)).await;
        }
    }
    let mut at_a = a.call("*68", &unspoken("18 0")).await;
    a.expect_answer(&mut at_a).await;
    a.hang_up(&mut at_a).await;
}

#[tokio::test]
async fn who_waits_where_nothing_is_played_may_have_any_codec() {
    let office = Office::open().await;
    let a = office.registered("a").await;
    for formats in UNSPOKEN {
        let mut at_a = a.call("*68", &unspoken(formats)).await;
        a.expect_answer(&mut at_a).await;
        // What it offers anew is looked at too.
        a.within(&mut at_a, "INVITE", &[], &secured("RTP/SAVP", CRYPTO)).await;
        a.expect_refusal(&at_a, 488).await;
        a.hang_up(&mut at_a).await;
    }
}

/// A call of two phones whose media the switch cannot speak, with their sockets.
struct Call {
    a: Agent,
    b: Agent,
    at_a: Dialog,
    at_b: Dialog,
    ears: [UdpSocket; 2],
    offers: [String; 2],
    ports: [u16; 2],
}

fn direction(sdp: &str) -> &str {
    let said = ["sendrecv", "sendonly", "recvonly", "inactive"];
    sdp.lines()
        .filter_map(|line| line.strip_prefix("a="))
        .find(|line| said.contains(line))
        .unwrap_or("sendrecv")
}

fn port(sdp: &str) -> u16 {
    sdp.split_once("m=audio ").unwrap().1.split(' ').next().unwrap().parse().unwrap()
}

async fn talk(office: &Office, sdp: &str) -> Call {
    let ears = [(); 2].map(|()| UdpSocket::bind("127.0.0.1:0").unwrap());
    let offers = [0, 1].map(|at| sdp.replace("4000", &ears[at].local_addr().unwrap().port().to_string()));
    let (a, b) = (office.registered("a").await, office.registered("b").await);
    let mut at_a = a.call("1002", &offers[0]).await;
    let invite = b.expect("INVITE").await;
    b.reply(&invite, "200 OK", &offers[1]).await;
    let answer = a.expect_answer(&mut at_a).await;
    b.expect("ACK").await;
    let at_b = b.dialog_of(&invite);
    let ports = [port(&answer.body), port(&invite.body)];
    Call { a, b, at_a, at_b, ears, offers, ports }
}

/// Whatever comes at a socket for a while.
fn heard(ear: &UdpSocket) -> Vec<Vec<u8>> {
    let until = Instant::now() + Duration::from_millis(150);
    let (mut packet, mut heard) = ([0; 512], Vec::new());
    while let Some(left) = until.checked_duration_since(Instant::now()) {
        ear.set_read_timeout(Some(left.max(Duration::from_millis(1)))).unwrap();
        if let Ok(length) = ear.recv(&mut packet) {
            heard.push(packet[..length].to_vec());
        }
    }
    heard
}

fn packets(first: u8) -> Vec<Vec<u8>> {
    let header = |number| [0x80, 0, 0, number, 0, 0, number, 0, 0, 0, 0, 7];
    (first..first + 10).map(|number| [&header(number)[..], &[number; 90]].concat()).collect()
}

impl Call {
    /// What one party sends reaches the other byte by byte.
    fn assert_passed_as_it_is(&self, from: usize, first: u8) {
        for packet in packets(first) {
            self.ears[from].send_to(&packet, ("127.0.0.1", self.ports[from])).unwrap();
        }
        assert_eq!(heard(&self.ears[1 - from]), packets(first));
    }
}

fn kinds() -> [String; 2] {
    [unspoken("18"), unspoken("4")]
}

#[tokio::test]
async fn a_phone_holds_another_in_silence() {
    for sdp in kinds() {
        for wanted in ["sendonly", "inactive"] {
            let office = Office::with(anchored).await;
            let mut call = talk(&office, &sdp).await;
            call.assert_passed_as_it_is(0, 0);
            call.a.within(&mut call.at_a, "INVITE", &[], &call.offers[0].replace("sendrecv", wanted)).await;
            let hold = call.b.expect("INVITE").await;
            assert_eq!(direction(&hold.body), wanted, "{sdp}");
            call.b.reply(&hold, "200 OK", &call.offers[1].replace("sendrecv", "inactive")).await;
            call.b.expect("ACK").await;
            call.a.expect_answer(&mut call.at_a).await;
            office.story.until(|kind| matches!(kind, EventKind::LegHeld { .. })).await;
            assert!(heard(&call.ears[1]).is_empty(), "{sdp}");
            call.a.within(&mut call.at_a, "INVITE", &[], &call.offers[0]).await;
            let resume = call.b.expect("INVITE").await;
            assert_eq!(direction(&resume.body), "sendrecv");
            call.b.reply(&resume, "200 OK", &call.offers[1]).await;
            call.b.expect("ACK").await;
            call.a.expect_answer(&mut call.at_a).await;
            office.story.until(|kind| matches!(kind, EventKind::LegResumed { .. })).await;
        }
    }
}

#[tokio::test]
async fn a_command_holds_a_party_in_silence_that_it_agrees_to() {
    for sdp in kinds() {
        let office = Office::with(anchored).await;
        let call = talk(&office, &sdp).await;
        let call_id = office.story.until(|kind| matches!(kind, EventKind::LegsBridged { .. })).await;
        let leg_id = office.story.legs(call_id).await[0];
        let order = |command| call::CallCommand::Leg { call_id, leg_id, command };
        switch::Switch::command(&*office.switch, order(LegCommand::Hold)).await.unwrap();
        let hold = call.b.expect("INVITE").await;
        assert_eq!((direction(&hold.body), port(&hold.body)), ("inactive", call.ports[1]), "{sdp}");
        call.b.reply(&hold, "200 OK", &call.offers[1].replace("sendrecv", "inactive")).await;
        call.b.expect("ACK").await;
        assert!(heard(&call.ears[1]).is_empty(), "{sdp}");
        switch::Switch::command(&*office.switch, order(LegCommand::Resume)).await.unwrap();
        let resume = call.b.expect("INVITE").await;
        assert_eq!(direction(&resume.body), "sendrecv");
        call.b.reply(&resume, "200 OK", &call.offers[1]).await;
        call.b.expect("ACK").await;
        let sound =
            switch::Switch::command(&*office.switch, order(LegCommand::Play(Sound::Local("x".into())))).await;
        assert!(matches!(sound, Err(SwitchError::Conflict(_))), "{sound:?}");
    }
}

#[tokio::test]
async fn who_is_parked_or_handed_on_hears_nothing_of_the_switch() {
    for command in [LegCommand::Park { slot: None }, LegCommand::Transfer(Target::Extension("1003".into()))] {
        for sdp in kinds() {
            let office = Office::with(anchored).await;
            let c = office.registered("c").await;
            let mut call = talk(&office, &sdp).await;
            let call_id = office.story.until(|kind| matches!(kind, EventKind::LegsBridged { .. })).await;
            let leg_id = office.story.legs(call_id).await[0];
            let order = call::CallCommand::Leg { call_id, leg_id, command: command.clone() };
            switch::Switch::command(&*office.switch, order).await.unwrap();
            match &command {
                LegCommand::Park { .. } => {
                    let parked = call.b.expect("INVITE").await;
                    assert_eq!(direction(&parked.body), "inactive");
                    call.b.reply(&parked, "200 OK", &call.offers[1].replace("sendrecv", "inactive")).await;
                    call.b.expect("ACK").await;
                }
                _ => drop(c.expect("INVITE").await),
            }
            assert!(heard(&call.ears[1]).is_empty(), "{sdp}");
            call.b.hang_up(&mut call.at_b).await;
        }
    }
}

#[tokio::test]
async fn a_ringing_call_is_picked_up_only_where_nobody_has_keys_for_an_answer() {
    let office = Office::open().await;
    let (a, b, c) =
        (office.registered("a").await, office.registered("b").await, office.registered("c").await);
    let keyed = secured("RTP/SAVP", CRYPTO);
    for (of_caller, of_taker) in [(SDP, &*keyed), (&*keyed, SDP), (&*keyed, &*keyed)] {
        let mut at_a = a.call("1002", of_caller).await;
        let ringing = b.expect("INVITE").await;
        b.reply(&ringing, "180 Ringing", "").await;
        a.expect_status(180).await;
        let at_c = c.call("*8", of_taker).await;
        c.expect_refusal(&at_c, 488).await;
        assert!(b.hears_nothing_for(SHORT).await, "it rings on");
        b.answer(&ringing).await;
        a.expect_answer(&mut at_a).await;
        a.hang_up(&mut at_a).await;
        b.expect_bye().await;
    }
}

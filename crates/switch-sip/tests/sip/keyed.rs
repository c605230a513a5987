//! Media with keys in session descriptions (RFC 4568): the switch has keys with each party, so that one with them talks
//! with one without, and every sound of the switch's own is heard.

use std::{
    net::UdpSocket,
    time::{Duration, Instant},
};

use call::{
    CallCommand, CallRecord, EventKind,
    command::{Digits, LegCommand, Target},
    encryption::{CryptoSuite, KeyExchange, MediaEncryption},
};
use directory::model::Encryption;
use sip::sdp::{Crypto, protections};
use srtp::{MasterKey, OVERHEAD, Receiver, Sender, Suite};
use switch::Switch;
use switch_sip::SipConfig;

use crate::support::{
    Agent, Office,
    agent::{Dialog, SDP},
    anchored_media,
    message::Message,
};

fn anchored(config: &mut SipConfig) {
    config.media = anchored_media(46_000..=46_999);
    config.keys_in_the_clear = true;
}

fn key(suite: Suite, byte: u8) -> MasterKey {
    MasterKey::new(suite, &vec![byte; suite.length()]).unwrap()
}

fn line(tag: u32, key: &MasterKey) -> String {
    let crypto = Crypto { tag, suite: key.suite().name().into(), key_and_salt: key.key_and_salt().to_vec() };
    format!("{}\r\n", crypto.line())
}

/// A party's ear and mouth.
struct Voice {
    socket: UdpSocket,
    /// Where the switch listens.
    port: u16,
    keys: Option<(Sender, Receiver)>,
}

impl Voice {
    fn new() -> Self {
        Self { socket: UdpSocket::bind("127.0.0.1:0").unwrap(), port: 0, keys: None }
    }

    fn sdp(&self) -> String {
        SDP.replace("4000", &self.socket.local_addr().unwrap().port().to_string())
    }

    fn keyed_sdp(&self, profile: &str, lines: &[String]) -> String {
        self.sdp().replace("RTP/AVP", profile) + &lines.concat()
    }

    /// Takes what the switch says: its port, and the key that goes with ours.
    fn take(&mut self, sdp: &str, ours: Option<&MasterKey>) {
        let described = protections(sdp);
        self.port = described[0].port.parse().unwrap();
        self.keys = ours.map(|ours| {
            let theirs = &described[0].keys[0];
            assert_eq!(theirs.suite, ours.suite().name());
            let theirs = MasterKey::new(ours.suite(), &theirs.key_and_salt).unwrap();
            assert_ne!(theirs, *ours, "the switch has a key of its own");
            (Sender::new(ours, 0), Receiver::new(&theirs))
        });
    }

    fn send(&self, packet: &[u8]) {
        self.socket.send_to(packet, ("127.0.0.1", self.port)).unwrap();
    }

    fn say(&mut self, number: u8) {
        self.secure_and_send(packet(number));
    }

    fn secure_and_send(&mut self, mut packet: Vec<u8>) {
        if let Some((sender, _)) = &mut self.keys {
            let length = packet.len();
            packet.resize(length + OVERHEAD, 0);
            let length = sender.protect(&mut packet, length).unwrap();
            packet.truncate(length);
        }
        self.send(&packet);
    }

    /// What comes next, made plain.
    fn hear(&mut self) -> Vec<u8> {
        let packet = self.receive(Duration::from_secs(10)).expect("something is to be heard");
        self.open(packet).expect("what is heard is encrypted for this party")
    }

    fn open(&mut self, mut packet: Vec<u8>) -> Option<Vec<u8>> {
        if let Some((_, receiver)) = &mut self.keys {
            let length = receiver.unprotect(&mut packet).ok()?;
            packet.truncate(length);
        }
        Some(packet)
    }

    fn receive(&self, patience: Duration) -> Option<Vec<u8>> {
        let mut packet = [0; 512];
        self.socket.set_read_timeout(Some(patience)).unwrap();
        let length = self.socket.recv(&mut packet).ok()?;
        Some(packet[..length].to_vec())
    }

    /// Waits for a payload among whatever else comes.
    fn hear_until(&mut self, wanted: impl Fn(&[u8]) -> bool) {
        let until = Instant::now() + Duration::from_secs(10);
        while Instant::now() < until {
            let packet = self.receive(Duration::from_secs(10)).expect("something is to be heard");
            if self.open(packet).is_some_and(|packet| wanted(&packet[12..])) {
                return;
            }
        }
        panic!("it was not heard");
    }
}

fn packet(number: u8) -> Vec<u8> {
    let header = [0x80, 0, 0, number, 0, 0, number, 0, 0, 0, 0, 7];
    [&header[..], &[number; 160]].concat()
}

/// A call of `a`, whose media have a key, with `b`, whose media have none.
struct Mixed {
    a: Agent,
    b: Agent,
    at_a: Dialog,
    at_b: Dialog,
    of_a: Voice,
    of_b: Voice,
}

impl Mixed {
    async fn begin(office: &Office, profile: &str, ours: &MasterKey) -> Self {
        let (a, b) = (office.registered("a").await, office.registered("b").await);
        let (mut of_a, mut of_b) = (Voice::new(), Voice::new());
        let mut at_a = a.call("1002", &of_a.keyed_sdp(profile, &[line(3, ours)])).await;
        let invite = b.expect("INVITE").await;
        assert_plain(&invite);
        of_b.take(&invite.body, None);
        b.reply(&invite, "200 OK", &of_b.sdp()).await;
        let answer = a.expect_answer(&mut at_a).await;
        let described = &protections(&answer.body)[0];
        assert_eq!((&*described.profile, described.keys[0].tag), (profile, 3));
        of_a.take(&answer.body, Some(ours));
        b.expect("ACK").await;
        let at_b = b.dialog_of(&invite);
        Self { a, b, at_a, at_b, of_a, of_b }
    }

    fn assert_both_hear(&mut self, number: u8) {
        self.of_a.say(number);
        assert_eq!(self.of_b.hear()[12..], packet(number)[12..]);
        self.of_b.say(number);
        assert_eq!(self.of_a.hear()[12..], packet(number)[12..]);
    }
}

fn assert_plain(message: &Message) {
    assert!(message.body.contains(" RTP/AVP ") && !message.body.contains("crypto"), "{}", message.body);
}

#[tokio::test]
async fn a_party_with_keys_talks_with_one_without() {
    for suite in Suite::ALL {
        for profile in ["RTP/SAVP", "RTP/AVP", "RTP/SAVPF"] {
            let office = Office::with(anchored).await;
            let mut call = Mixed::begin(&office, profile, &key(suite, 1)).await;
            call.assert_both_hear(1);
            let secured = |kind: &EventKind| match kind {
                EventKind::LegSecured { encryption, .. } => *encryption,
                _ => None,
            };
            let is_so = |kind: &EventKind| {
                secured(kind).is_some_and(|encryption| encryption.suite.name() == suite.name())
            };
            office.story.until(is_so).await;
        }
    }
}

#[tokio::test]
async fn the_record_says_how_each_leg_was_encrypted() {
    let office = Office::with(anchored).await;
    let mut call = Mixed::begin(&office, "RTP/SAVP", &key(Suite::AeadAes128Gcm, 1)).await;
    call.assert_both_hear(1);
    call.b.hang_up(&mut call.at_b).await;
    let events = office.story.next_events().await;
    let record = CallRecord::project(events[0].call_id, &events).unwrap();
    let told: Vec<_> = record.legs.iter().map(|leg| leg.encryption).collect();
    let suite = CryptoSuite::AeadAes128Gcm;
    assert_eq!(told, [Some(MediaEncryption { exchange: KeyExchange::Sdes, suite }), None]);
}

#[tokio::test]
async fn what_is_forged_repeated_or_plain_is_not_passed_on() {
    let office = Office::with(anchored).await;
    let mut call = Mixed::begin(&office, "RTP/SAVP", &key(Suite::AesCm128HmacSha1_80, 1)).await;
    let mut stranger = Sender::new(&key(Suite::AesCm128HmacSha1_80, 2), 0);
    for number in 1..100 {
        let mut forged = packet(number);
        call.of_a.send(&forged);
        forged.resize(172 + OVERHEAD, 0);
        let length = stranger.protect(&mut forged, 172).unwrap();
        call.of_a.send(&forged[..length]);
        call.of_a.send(&forged[..usize::from(number)]);
    }
    call.assert_both_hear(100);
    let packets = office.switch.media_packets();
    let count = |fate: &str| packets.iter().find(|(name, _)| *name == fate).unwrap().1;
    assert!((99..=3 * 99).contains(&count("forged")), "{packets:?}");
    assert!(count("relayed") >= 2, "{packets:?}");
}

#[tokio::test]
async fn whoever_waits_hears_music_that_is_encrypted() {
    let office = Office::with(anchored).await;
    let ours = key(Suite::AeadAes128Gcm, 1);
    let mut call = Mixed::begin(&office, "RTP/SAVP", &ours).await;
    call.assert_both_hear(1);
    call.b.within(&mut call.at_b, "INVITE", &[], &call.of_b.sdp().replace("sendrecv", "sendonly")).await;
    let hold = call.a.expect("INVITE").await;
    let described = &protections(&hold.body)[0];
    assert_eq!((&*described.profile, described.keys.len()), ("RTP/SAVP", 1));
    let answer = call.of_a.keyed_sdp("RTP/SAVP", &[line(3, &ours)]).replace("sendrecv", "recvonly");
    call.a.reply(&hold, "200 OK", &answer).await;
    call.a.expect("ACK").await;
    call.b.expect_answer(&mut call.at_b).await;
    office.story.until(|kind| matches!(kind, EventKind::LegHeld { .. })).await;
    // The same keys go on, and so do the numbers of packets.
    call.of_a.hear_until(|payload| payload.len() == 160 && payload != &packet(1)[12..]);
}

#[tokio::test]
async fn a_new_key_of_a_party_takes_the_place_of_the_old_one() {
    let office = Office::with(anchored).await;
    let (old, new) = (key(Suite::AesCm128HmacSha1_80, 1), key(Suite::AeadAes256Gcm, 2));
    let mut call = Mixed::begin(&office, "RTP/SAVP", &old).await;
    call.assert_both_hear(1);
    let offer = call.of_a.keyed_sdp("RTP/SAVP", &[line(5, &new)]);
    call.a.within(&mut call.at_a, "INVITE", &[], &offer).await;
    let passed = call.b.expect("INVITE").await;
    assert_plain(&passed);
    call.b.reply(&passed, "200 OK", &call.of_b.sdp()).await;
    call.b.expect("ACK").await;
    let answer = call.a.expect_answer(&mut call.at_a).await;
    assert_eq!(protections(&answer.body)[0].keys[0].tag, 5);
    call.of_a.take(&answer.body, Some(&new));
    call.assert_both_hear(2);
}

const EVENTS: &str = "a=rtpmap:101 telephone-event/8000\r\n";

/// An event packet of RFC 4733: the key 5, at its end.
fn pressed(sequence: u8) -> Vec<u8> {
    let header = [0x80, 101, 0, sequence, 0, 0, 0, 100, 0, 0, 0, 7];
    [&header[..], &[5, 0x8a, 3, 0x20]].concat()
}

#[tokio::test]
async fn keys_are_pressed_by_a_party_whose_media_are_encrypted_and_to_it() {
    let office = Office::with(anchored).await;
    let ours = key(Suite::AesCm128HmacSha1_32, 1);
    let (a, b) = (office.registered("a").await, office.registered("b").await);
    let (mut of_a, of_b) = (Voice::new(), Voice::new());
    let with_events = |sdp: &str| sdp.replace("AVP 0", "AVP 0 101") + EVENTS;
    let offer = with_events(&of_a.keyed_sdp("RTP/SAVP", &[])) + &line(1, &ours);
    let mut at_a = a.call("1002", &offer).await;
    let invite = b.expect("INVITE").await;
    b.reply(&invite, "200 OK", &with_events(&of_b.sdp())).await;
    let answer = a.expect_answer(&mut at_a).await;
    of_a.take(&answer.body, Some(&ours));
    let call_id = office.story.until(|kind| matches!(kind, EventKind::LegsBridged { .. })).await;

    of_a.secure_and_send(pressed(1));
    office.story.until(|kind| matches!(kind, EventKind::DigitReceived { digit, .. } if digit.0 == '5')).await;

    let leg_id = office.story.legs(call_id).await[0];
    let command = LegCommand::SendDigits(Digits::parse("7").unwrap());
    let order = CallCommand::Leg { call_id, leg_id, command };
    switch::Switch::command(&*office.switch, order).await.unwrap();
    of_a.hear_until(|payload| payload.len() == 4 && payload[0] == 7);
}

#[tokio::test]
async fn a_party_with_keys_is_handed_on_to_one_without_and_keeps_its_keys() {
    let office = Office::with(anchored).await;
    let mut call = Mixed::begin(&office, "RTP/SAVP", &key(Suite::AeadAes256Gcm, 1)).await;
    call.assert_both_hear(1);
    let c = office.registered("c").await;
    let call_id = office.story.until(|kind| matches!(kind, EventKind::LegsBridged { .. })).await;
    let leg_id = office.story.legs(call_id).await[1];
    let command = LegCommand::Transfer(Target::Extension("1003".into()));
    switch::Switch::command(&*office.switch, CallCommand::Leg { call_id, leg_id, command }).await.unwrap();
    let mut of_c = Voice::new();
    let invite = c.expect("INVITE").await;
    assert_plain(&invite);
    of_c.take(&invite.body, None);
    c.reply(&invite, "200 OK", &of_c.sdp()).await;
    c.expect("ACK").await;
    let joined = call.a.expect("INVITE").await;
    let described = &protections(&joined.body)[0];
    assert_eq!((&*described.profile, described.keys.len()), ("RTP/SAVP", 1));
    let own = call.of_a.keyed_sdp("RTP/SAVP", &[line(3, &key(Suite::AeadAes256Gcm, 1))]);
    call.a.reply(&joined, "200 OK", &own).await;
    call.a.expect("ACK").await;
    office.story.until(|kind| matches!(kind, EventKind::TransferCompleted { .. })).await;
    call.of_a.say(9);
    of_c.hear_until(|payload| payload == &packet(9)[12..]);
    of_c.say(8);
    call.of_a.hear_until(|payload| payload == &packet(8)[12..]);
}

#[tokio::test]
async fn where_keys_are_required_they_are_offered_and_whoever_has_none_is_refused() {
    let office = Office::with(|config| {
        anchored(config);
        config.encryption = Encryption::Require;
    })
    .await;
    let (a, b) = (office.registered("a").await, office.registered("b").await);
    let at_a = a.call("1002", SDP).await;
    let refusal = a.expect_refusal(&at_a, 488).await;
    assert_eq!(refusal.header("Warning"), "305 trunkline \"media must be encrypted here\"");

    let (mut of_a, mut of_b) = (Voice::new(), Voice::new());
    let (key_of_a, suite) = (key(Suite::AesCm128HmacSha1_32, 1), Suite::AeadAes128Gcm);
    let mut at_a = a.call("1002", &of_a.keyed_sdp("RTP/SAVP", &[line(1, &key_of_a)])).await;
    let invite = b.expect("INVITE").await;
    let offered = protections(&invite.body).remove(0);
    assert_eq!((&*offered.profile, offered.keys.len()), ("RTP/SAVP", Suite::ALL.len()));
    let chosen = offered.keys.iter().find(|key| key.suite == suite.name()).unwrap();
    let key_of_b = key(suite, 2);
    b.reply(&invite, "200 OK", &of_b.keyed_sdp("RTP/SAVP", &[line(chosen.tag, &key_of_b)])).await;
    let answer = a.expect_answer(&mut at_a).await;
    b.expect("ACK").await;
    of_a.take(&answer.body, Some(&key_of_a));
    of_b.port = offered.port.parse().unwrap();
    let key_of_switch = MasterKey::new(suite, &chosen.key_and_salt).unwrap();
    of_b.keys = Some((Sender::new(&key_of_b, 0), Receiver::new(&key_of_switch)));
    of_a.say(1);
    assert_eq!(of_b.hear()[12..], packet(1)[12..]);
    of_b.say(2);
    assert_eq!(of_a.hear()[12..], packet(2)[12..]);
}

#[tokio::test]
async fn keys_are_an_offer_that_a_plain_party_passes_over_where_they_are_preferred() {
    let office = Office::with(|config| {
        anchored(config);
        config.encryption = Encryption::Prefer;
    })
    .await;
    let (a, b) = (office.registered("a").await, office.registered("b").await);
    let (mut of_a, mut of_b) = (Voice::new(), Voice::new());
    let mut at_a = a.call("1002", &of_a.sdp()).await;
    let invite = b.expect("INVITE").await;
    let offered = protections(&invite.body).remove(0);
    assert_eq!((&*offered.profile, offered.keys.len()), ("RTP/AVP", Suite::ALL.len()));
    b.reply(&invite, "200 OK", &of_b.sdp()).await;
    let answer = a.expect_answer(&mut at_a).await;
    assert_plain(&answer);
    b.expect("ACK").await;
    of_a.take(&answer.body, None);
    of_b.take(&invite.body, None);
    of_a.say(1);
    assert_eq!(of_b.hear(), packet(1));
}

#[tokio::test]
async fn a_call_that_is_refused_or_unmet_leaves_nothing_behind() {
    let office = Office::with(|config| {
        anchored(config);
        config.encryption = Encryption::Refuse;
    })
    .await;
    let before = office.switch.usage();
    let a = office.registered("a").await;
    let voice = Voice::new();
    let offer = voice.keyed_sdp("RTP/SAVP", &[line(1, &key(Suite::AesCm128HmacSha1_80, 1))]);
    let at_a = a.call("1002", &offer).await;
    let refusal = a.expect_refusal(&at_a, 488).await;
    assert_eq!(refusal.header("Warning"), "305 trunkline \"encrypted media are refused here\"");
    office.is_back_at(before).await;
}

#[tokio::test]
async fn a_party_that_answers_without_the_keys_that_are_required_is_hung_up_on() {
    let office = Office::with(|config| {
        anchored(config);
        config.encryption = Encryption::Require;
    })
    .await;
    let (a, b) = (office.registered("a").await, office.registered("b").await);
    let offer = Voice::new().keyed_sdp("RTP/SAVP", &[line(1, &key(Suite::AesCm128HmacSha1_80, 1))]);
    let at_a = a.call("1002", &offer).await;
    let invite = b.expect("INVITE").await;
    b.reply(&invite, "200 OK", SDP).await;
    b.expect("ACK").await;
    b.expect_bye().await;
    a.expect_refusal(&at_a, 488).await;
}

//! Parties that share no codec understand each other, and those that share one are left alone (RFC 3264).

use std::{
    f64::consts::TAU,
    net::UdpSocket,
    time::{Duration, Instant},
};

use call::{
    CallCommand, EventKind,
    command::{Digits, LegCommand, Target},
};
use codec::{Codec, Decoder, Encoder, Rate};
use switch::{Switch, Transcoded};
use switch_sip::SipConfig;
use testkit::tone::amplitude;

use crate::support::{Agent, Office, agent::Dialog, anchored_media, message::Message};

const OPUS: &str = "111 101";
const PCMA: &str = "8 101";
const G722: &str = "9 101";
const LOUD: f64 = 1_500.0;
const ONE: f64 = 500.0;
const OTHER: f64 = 900.0;

fn anchored(config: &mut SipConfig) {
    config.media = anchored_media(32_100..=32_999);
}

/// A phone that speaks one codec.
struct Phone {
    agent: Agent,
    socket: UdpSocket,
    codec: Codec,
    formats: &'static str,
    /// Where the switch listens.
    port: u16,
    said: u16,
    mouth: Encoder,
    ear: Decoder,
}

impl Phone {
    async fn new(office: &Office, user: &str, formats: &'static str) -> Self {
        let codec = match formats.split(' ').next().unwrap() {
            "8" => Codec::Pcma,
            "9" => Codec::G722,
            _ => Codec::Opus,
        };
        Self {
            agent: office.registered(user).await,
            socket: UdpSocket::bind("127.0.0.1:0").unwrap(),
            codec,
            formats,
            port: 0,
            said: 0,
            mouth: Encoder::new(codec, codec.rate_for(codec)),
            ear: Decoder::new(codec, Rate::Narrow),
        }
    }

    fn sdp(&self) -> String {
        let port = self.socket.local_addr().unwrap().port();
        format!(
            "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio {port} RTP/AVP {}\r\n\
             a=rtpmap:101 telephone-event/8000\r\na=rtpmap:111 opus/48000/2\r\na=sendrecv\r\n",
            self.formats
        )
    }

    /// Takes what the switch says; gives the formats that it names.
    fn take(&mut self, sdp: &str) -> String {
        let media = sdp.lines().find_map(|line| line.strip_prefix("m=audio ")).unwrap();
        let (port, formats) = media.split_once(" RTP/AVP ").unwrap();
        self.port = port.parse().unwrap();
        formats.to_owned()
    }

    fn payload_type(&self) -> u8 {
        self.formats.split(' ').next().unwrap().parse().unwrap()
    }

    fn send(&mut self, payload_type: u8, timestamp: u32, payload: &[u8]) {
        let mut packet = vec![0x80, payload_type];
        packet.extend(self.said.to_be_bytes());
        packet.extend(timestamp.to_be_bytes());
        packet.extend(u32::from(self.port).to_be_bytes());
        packet.extend(payload);
        self.said += 1;
        self.socket.send_to(&packet, ("127.0.0.1", self.port)).unwrap();
    }

    /// Says 20 ms of a tone.
    fn say(&mut self, hertz: f64) {
        let (rate, packet) = (self.codec.rate_for(self.codec), usize::from(self.said));
        let (step, length) = (TAU * hertz / f64::from(rate.hertz()), rate.samples(20));
        let sample = |at: usize| ((at as f64 * step).sin() * 8_000.0) as i16;
        let samples: Vec<_> = (packet * length..(packet + 1) * length).map(sample).collect();
        let mut payload = Vec::new();
        self.mouth.encode(&samples, &mut payload);
        let timestamp = u32::from(self.said) * (self.codec.clock() / 50);
        self.send(self.payload_type(), timestamp, &payload);
    }

    /// What comes next, if it comes soon.
    fn receive(&self) -> Option<Vec<u8>> {
        let mut packet = [0; 1_500];
        self.socket.set_read_timeout(Some(Duration::from_secs(2))).unwrap();
        let length = self.socket.recv(&mut packet).ok()?;
        Some(packet[..length].to_vec())
    }

    /// How loud a tone is in half a second of what comes, of which nothing may be of another codec.
    fn hears(&mut self, hertz: f64) -> f64 {
        let mut heard = Vec::new();
        while heard.len() < 4_000 {
            let Some(packet) = self.receive() else { break };
            assert_eq!(packet[1] & 0x7f, self.payload_type(), "nothing else was agreed on");
            self.ear.decode(&packet[12..], &mut heard);
        }
        amplitude(&heard[heard.len() / 3..], hertz)
    }

    fn forget(&self) {
        self.socket.set_read_timeout(Some(Duration::from_millis(1))).unwrap();
        while self.socket.recv(&mut [0; 1_500]).is_ok() {}
    }
}

/// Both say a tone at once, and hear the other's.
fn talk(one: &mut Phone, other: &mut Phone) {
    one.forget();
    other.forget();
    for _ in 0..40 {
        one.say(ONE);
        other.say(OTHER);
        std::thread::sleep(Duration::from_millis(5));
    }
    let heard = (one.hears(OTHER), other.hears(ONE));
    assert!(heard.0 > LOUD && heard.1 > LOUD, "{heard:?}");
}

/// `a` calls `b`; gives the calls as they see them, and what `b` was offered and `a` was answered.
async fn begin(a: &mut Phone, b: &mut Phone, number: &str) -> (Dialog, Dialog, [String; 2]) {
    let mut at_a = a.agent.call(number, &a.sdp()).await;
    let invite = b.agent.expect("INVITE").await;
    let offered = b.take(&invite.body);
    b.agent.reply(&invite, "200 OK", &b.sdp()).await;
    b.agent.expect("ACK").await;
    let answered = a.take(&a.agent.expect_answer(&mut at_a).await.body);
    (at_a, b.agent.dialog_of(&invite), [offered, answered])
}

fn streams(office: &Office) -> Vec<(&'static str, &'static str, usize)> {
    let told = |it: Transcoded| (it.from, it.to, it.now);
    office.switch.transcoded().into_iter().map(told).collect()
}

/// Waits until so many streams are made others.
async fn until_streams(office: &Office, count: usize) {
    let until = Instant::now() + Duration::from_secs(5);
    while streams(office).iter().map(|(.., now)| now).sum::<usize>() != count {
        assert!(Instant::now() < until, "{:?}", streams(office));
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn parties_without_a_codec_in_common_hear_each_other_and_each_is_answered_what_it_offered() {
    let office = Office::with(anchored).await;
    let cases = [
        (OPUS, PCMA, "111 101 9 8 0", [("pcma", "opus"), ("opus", "pcma")]),
        (PCMA, OPUS, "8 101 0 9 111", [("pcma", "opus"), ("opus", "pcma")]),
        (G722, OPUS, "9 101 111 8 0", [("g722", "opus"), ("opus", "g722")]),
        (G722, PCMA, "9 101 111 8 0", [("pcma", "g722"), ("g722", "pcma")]),
    ];
    for (of_a, of_b, offer, pairs) in cases {
        let (mut a, mut b) = (Phone::new(&office, "a", of_a).await, Phone::new(&office, "b", of_b).await);
        let (mut at_a, _, [offered, answered]) = begin(&mut a, &mut b, "1002").await;
        assert_eq!((offered.as_str(), answered.as_str()), (offer, of_a));
        talk(&mut a, &mut b);
        let mut now: Vec<_> = streams(&office).into_iter().filter(|(.., now)| *now == 1).collect();
        now.sort_unstable();
        let mut expected = pairs.map(|(from, to)| (from, to, 1));
        expected.sort_unstable();
        assert_eq!(now, expected);
        a.agent.hang_up(&mut at_a).await;
        b.agent.expect_bye().await;
        until_streams(&office, 0).await;
    }
}

#[tokio::test]
async fn parties_that_share_a_codec_are_left_alone() {
    let office = Office::with(anchored).await;
    for (of_b, expected) in [(PCMA, PCMA), ("8 0 9 101", PCMA)] {
        let (mut a, mut b) = (Phone::new(&office, "a", PCMA).await, Phone::new(&office, "b", of_b).await);
        let (mut at_a, _, [_, answered]) = begin(&mut a, &mut b, "1002").await;
        assert_eq!(answered, expected, "what the caller has not offered is not in its answer");
        talk(&mut a, &mut b);
        assert!(office.switch.transcoded().iter().all(|pair| pair.ever == 0 || pair.now > 0));
        a.agent.hang_up(&mut at_a).await;
        b.agent.expect_bye().await;
    }
    let (mut a, mut b) = (Phone::new(&office, "a", OPUS).await, Phone::new(&office, "b", OPUS).await);
    let (.., [_, answered]) = begin(&mut a, &mut b, "1002").await;
    assert_eq!(answered, OPUS);
    talk(&mut a, &mut b);
    assert_eq!(streams(&office).iter().filter(|(from, ..)| *from == "opus").count(), 0);
}

#[tokio::test]
async fn keys_come_through_between_two_codecs_and_the_switch_sends_its_own() {
    let office = Office::with(anchored).await;
    let (mut a, mut b) = (Phone::new(&office, "a", OPUS).await, Phone::new(&office, "b", PCMA).await);
    begin(&mut a, &mut b, "1002").await;
    talk(&mut a, &mut b);
    b.forget();
    let pressed = u32::from(a.said) * 960;
    for (flags, duration) in [(10, 160_u16), (10, 320), (0x8a, 480), (0x8a, 480)] {
        let [high, low] = duration.to_be_bytes();
        a.send(101, pressed, &[5, flags, high, low]);
    }
    let keys: Vec<_> = (0..4).map(|_| b.receive().unwrap()).collect();
    assert!(keys.iter().all(|key| key[1] & 0x7f == 101 && key[4..8] == keys[0][4..8] && key[12] == 5));
    let told = |kind: &EventKind| matches!(kind, EventKind::DigitReceived { digit, .. } if digit.0 == '5');
    let call_id = office.story.until(told).await;
    let legs = office.story.legs(call_id).await;
    a.forget();
    let command = LegCommand::SendDigits(Digits::parse("7").unwrap());
    office.switch.command(CallCommand::Leg { call_id, leg_id: legs[0], command }).await.unwrap();
    let key = a.receive().unwrap();
    assert_eq!((key[1] & 0x7f, key[12]), (101, 7));
}

#[tokio::test]
async fn a_party_with_opus_alone_hears_music_on_hold_and_the_other_again_after_it() {
    let office = Office::with(anchored).await;
    let (mut a, mut b) = (Phone::new(&office, "a", OPUS).await, Phone::new(&office, "b", PCMA).await);
    let (_, mut at_b, _) = begin(&mut a, &mut b, "1002").await;
    talk(&mut a, &mut b);
    for (direction, is_held) in [("sendonly", true), ("sendrecv", false)] {
        let offer = b.sdp().replace("sendrecv", direction);
        b.agent.within(&mut at_b, "INVITE", &[], &offer).await;
        let passed = a.agent.expect("INVITE").await;
        let offered = a.take(&passed.body);
        assert!(offered.split(' ').any(|format| format == "111"), "{offered}");
        a.agent.reply(&passed, "200 OK", &a.sdp()).await;
        a.agent.expect("ACK").await;
        let answer = b.agent.expect_answer(&mut at_b).await;
        assert_eq!(b.take(&answer.body), PCMA);
        if is_held {
            a.forget();
            let heard: Vec<_> = (0..25).map(|_| a.receive().expect("music")).collect();
            let mut samples = Vec::new();
            heard.iter().for_each(|packet| a.ear.decode(&packet[12..], &mut samples));
            let loudest = samples.iter().map(|sample| sample.unsigned_abs()).max();
            assert!(loudest > Some(500), "{loudest:?}");
        }
    }
    talk(&mut a, &mut b);
}

#[tokio::test]
async fn whoever_is_left_after_a_transfer_is_understood() {
    let office = Office::with(anchored).await;
    let (mut a, mut b) = (Phone::new(&office, "a", OPUS).await, Phone::new(&office, "b", OPUS).await);
    begin(&mut a, &mut b, "1002").await;
    let mut c = Phone::new(&office, "c", PCMA).await;
    talk(&mut a, &mut b);
    assert_eq!(streams(&office), []);
    let call_id = office.story.until(|kind| matches!(kind, EventKind::LegsBridged { .. })).await;
    let legs = office.story.legs(call_id).await;
    let command = LegCommand::Transfer(Target::Extension("1003".into()));
    office.switch.command(CallCommand::Leg { call_id, leg_id: legs[1], command }).await.unwrap();
    let ringing = c.agent.expect("INVITE").await;
    c.take(&ringing.body);
    c.agent.reply(&ringing, "200 OK", &c.sdp()).await;
    c.agent.expect("ACK").await;
    let joined = a.agent.expect("INVITE").await;
    a.take(&joined.body);
    a.agent.reply(&joined, "200 OK", &a.sdp()).await;
    a.agent.expect("ACK").await;
    b.agent.expect_bye().await;
    talk(&mut a, &mut c);
    assert_eq!(streams(&office).iter().map(|(.., now)| now).sum::<usize>(), 2);
}

async fn refused(a: &Phone, call: &Dialog) -> Message {
    a.agent.expect_refusal(call, 488).await
}

#[tokio::test]
async fn where_there_is_no_room_nothing_is_offered_that_cannot_be_made() {
    let office = Office::with(|config| {
        anchored(config);
        config.transcoded_streams = Some(0);
    })
    .await;
    let (a, b) = (Phone::new(&office, "a", OPUS).await, Phone::new(&office, "b", PCMA).await);
    let call = a.agent.call("1002", &a.sdp()).await;
    let invite = b.agent.expect("INVITE").await;
    assert!(invite.body.contains(" RTP/AVP 111 101\r\n"), "{}", invite.body);
    b.agent.refuse(&invite, "488 Not Acceptable Here").await;
    assert!(refused(&a, &call).await.header("Warning").starts_with("305 "));
}

/// Whoever makes nothing of it has no part in what two have answered each other.
#[tokio::test]
async fn where_streams_are_not_made_others_answers_are_passed_on_as_they_are() {
    let none = |config: &mut SipConfig| {
        anchored(config);
        config.transcoded_streams = Some(0);
    };
    let changes: [fn(&mut SipConfig); 2] = [|_| {}, none];
    for change in changes {
        let office = Office::with(change).await;
        let (a, b) = (Phone::new(&office, "a", PCMA).await, Phone::new(&office, "b", PCMA).await);
        let mut call = a.agent.call("1002", &a.sdp()).await;
        let invite = b.agent.expect("INVITE").await;
        let answer = b.sdp().replace("RTP/AVP 8 101", "RTP/AVP 8 0 101");
        b.agent.reply(&invite, "200 OK", &answer).await;
        let passed = a.agent.expect_answer(&mut call).await.body;
        assert!(passed.contains("RTP/AVP 8 0 101\r\n"), "{passed}");
    }
}

#[tokio::test]
async fn a_call_that_needs_what_others_have_taken_meanwhile_is_refused_with_the_reason() {
    let office = Office::with(|config| {
        anchored(config);
        config.transcoded_streams = Some(2);
    })
    .await;
    let (mut a, mut b) = (Phone::new(&office, "a", OPUS).await, Phone::new(&office, "b", PCMA).await);
    let mut c = Phone::new(&office, "c", PCMA).await;
    let later = a.agent.call("1003", &a.sdp()).await;
    let invite = c.agent.expect("INVITE").await;
    c.take(&invite.body);
    begin(&mut a, &mut b, "1002").await;
    talk(&mut a, &mut b);
    c.agent.reply(&invite, "200 OK", &c.sdp()).await;
    let refusal = refused(&a, &later).await;
    assert!(refusal.header("Warning").starts_with("305 "), "{refusal:?}");
    let reasons = office.switch.refused();
    assert!(reasons.contains(&("transcoding", 1)), "{reasons:?}");
    talk(&mut a, &mut b);
}

//! The media relay, with real sockets on both sides of it.
#![allow(clippy::unwrap_used, reason = "clippy takes only #[test] functions for tests")]

use std::{
    net::{IpAddr, Ipv4Addr, SocketAddr, UdpSocket},
    ops::RangeInclusive,
    sync::{
        Arc,
        atomic::{AtomicU16, Ordering},
    },
    time::{Duration, Instant},
};

use call::{AccountId, quality::StreamQuality};
use switch_sip::media::{MediaConfig, MediaError, MediaLeg, MediaRelay, Share};
use testkit::rtp::{Heard, RtpEnd, RtpStream};

const LOCAL: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);
/// Another host, as far as the relay can tell.
const ELSEWHERE: IpAddr = IpAddr::V4(Ipv4Addr::new(127, 0, 0, 2));
const PACE: Duration = Duration::from_millis(2);
const PATIENCE: Duration = Duration::from_secs(5);
const FROM_CALLER: RtpStream = RtpStream { ssrc: 0xca11e4 };
const FROM_CALLEE: RtpStream = RtpStream { ssrc: 0xca11ee };

fn relay(ports: RangeInclusive<u16>) -> Arc<MediaRelay> {
    MediaRelay::new(MediaConfig { address: LOCAL, advertised: LOCAL, ports }).unwrap()
}

/// A relay with room enough; what else runs on this machine is passed over.
fn any_relay() -> Arc<MediaRelay> {
    relay(10_000..=29_999)
}

/// Two legs that hear each other.
fn pair(relay: &Arc<MediaRelay>) -> [MediaLeg; 2] {
    let legs = [relay.open().unwrap(), relay.open().unwrap()];
    legs[0].connect(&legs[1]);
    legs
}

/// So many ports in a row, from an even one on, that are free now and that no other test is given.
fn free_ports(count: u16) -> RangeInclusive<u16> {
    static NEXT: AtomicU16 = AtomicU16::new(30_000);
    let is_free = |port: u16| UdpSocket::bind((LOCAL, port)).is_ok();
    loop {
        let first = NEXT.fetch_add(count.next_multiple_of(2), Ordering::Relaxed);
        assert!(first < 32_000, "no {count} free ports in a row");
        if (first..first + count).all(is_free) {
            return first..=first + count - 1;
        }
    }
}

fn sdp(address: SocketAddr) -> String {
    format!(
        "v=0\r\no=- 1 1 IN IP4 {ip}\r\ns=-\r\nc=IN IP4 {ip}\r\nt=0 0\r\nm=audio {port} RTP/AVP 0\r\n",
        ip = address.ip(),
        port = address.port()
    )
}

fn audio_port(sdp: &[u8]) -> u16 {
    let text = std::str::from_utf8(sdp).unwrap();
    let line = text.lines().find_map(|line| line.strip_prefix("m=audio ")).unwrap();
    line.split(' ').next().unwrap().parse().unwrap()
}

/// Passes a description on; gives the address that the other party shall send to.
fn pass(from: &MediaLeg, to: &MediaLeg, address: SocketAddr) -> SocketAddr {
    let passed = from.pass(to, sdp(address).as_bytes(), LOCAL).unwrap();
    SocketAddr::new(LOCAL, audio_port(&passed))
}

struct Talk {
    legs: [MediaLeg; 2],
    caller: RtpEnd,
    callee: RtpEnd,
    caller_sends_to: SocketAddr,
    callee_sends_to: SocketAddr,
}

impl Talk {
    async fn through(relay: &Arc<MediaRelay>) -> Self {
        let (caller, callee) = (RtpEnd::bind(LOCAL).await.unwrap(), RtpEnd::bind(LOCAL).await.unwrap());
        let legs = pair(relay);
        let callee_sends_to = pass(&legs[0], &legs[1], caller.address());
        let caller_sends_to = pass(&legs[1], &legs[0], callee.address());
        Self { legs, caller, callee, caller_sends_to, callee_sends_to }
    }

    async fn caller_says(&self, first: u32, count: u32) -> Heard {
        hear(&self.caller, self.caller_sends_to, &self.callee, FROM_CALLER, first, count).await
    }

    async fn callee_says(&self, first: u32, count: u32) -> Heard {
        hear(&self.callee, self.callee_sends_to, &self.caller, FROM_CALLEE, first, count).await
    }
}

async fn hear(
    speaker: &RtpEnd,
    to: SocketAddr,
    listener: &RtpEnd,
    stream: RtpStream,
    first: u32,
    count: u32,
) -> Heard {
    let (said, heard) = tokio::join!(
        speaker.say(stream, to, first, count, PACE),
        listener.hear(stream, count as usize, PATIENCE)
    );
    said.unwrap();
    heard.unwrap()
}

/// Waits until the relay has counted what it dropped.
async fn until(is_so: impl Fn() -> bool) {
    let waiting = async {
        while !is_so() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(PATIENCE, waiting).await.expect("it becomes so");
}

#[tokio::test]
async fn payloads_come_out_unchanged_in_both_directions() {
    let relay = any_relay();
    let talk = Talk::through(&relay).await;
    let (there, back) = tokio::join!(talk.caller_says(0, 200), talk.callee_says(0, 200));
    assert!(there.is_exactly(0, 200), "{there:?}");
    assert!(back.is_exactly(0, 200), "{back:?}");
    assert_eq!(there.sources.first(), Some(&talk.callee_sends_to), "each hears whom it talks to");
    assert_eq!(back.sources.first(), Some(&talk.caller_sends_to));
    until(|| relay.counts().relayed == 400).await;
    assert!(talk.legs[0].silent_for().unwrap() < PATIENCE);
}

#[tokio::test]
async fn ports_are_even_for_rtp_and_the_next_one_for_rtcp_of_which_feedback_is_passed_on() {
    let relay = any_relay();
    let (caller, callee) = (RtpEnd::bind(LOCAL).await.unwrap(), RtpEnd::bind(LOCAL).await.unwrap());
    let [one, other] = pair(&relay);
    let nowhere = "127.0.0.1:9".parse().unwrap();
    let with_rtcp = |rtcp: &RtpEnd| with_reports(nowhere, rtcp.address());
    let passed = one.pass(&other, with_rtcp(&caller).as_bytes(), LOCAL).unwrap();
    let rtp = audio_port(&passed);
    assert_eq!(rtp % 2, 0);
    assert!(String::from_utf8(passed).unwrap().contains(&format!("a=rtcp:{}\r\n", rtp + 1)));
    other.pass(&one, with_rtcp(&callee).as_bytes(), LOCAL).unwrap();
    let lost_picture = [0x81, 206, 0, 2, 0, 0, 0, 1, 0, 0, 0, 2];
    callee.send(&lost_picture, SocketAddr::new(LOCAL, rtp + 1)).await.unwrap();
    let heard = caller.receive(1, PATIENCE).await.unwrap();
    assert_eq!(heard.iter().map(|datagram| rtcp::feedback(datagram)).collect::<Vec<_>>(), [lost_picture]);
}

/// A party that sends and receives reports.
struct Reporter {
    session: rtcp::Session,
    reports: RtpEnd,
    began: Instant,
}

impl Reporter {
    async fn new() -> Self {
        let reports = RtpEnd::bind(LOCAL).await.unwrap();
        Self { session: rtcp::Session::default(), reports, began: Instant::now() }
    }

    fn now(&self) -> rtcp::Now {
        rtcp::Now { at: self.began.elapsed() + Duration::from_secs(9), timestamp: 0, rate: 8_000 }
    }

    /// Reports to the switch, and takes the report that answers.
    async fn exchange(&mut self, to: SocketAddr) {
        let now = self.now();
        let report = self.session.report(now, "party", || 1);
        self.reports.send(&report, to).await.unwrap();
        let answer = self.reports.receive(1, PATIENCE).await.unwrap();
        assert_ne!(self.session.read(&answer[0], self.now()), rtcp::Heard::Nothing);
    }
}

#[tokio::test]
async fn each_leg_is_measured_for_itself_and_reported_on() {
    let relay = any_relay();
    let (caller, callee) = (RtpEnd::bind(LOCAL).await.unwrap(), RtpEnd::bind(LOCAL).await.unwrap());
    let [one, other] = pair(&relay);
    let mut reporter = Reporter::new().await;
    let described = with_reports(caller.address(), reporter.reports.address());
    one.pass(&other, described.as_bytes(), LOCAL).unwrap();
    let to_relay = pass(&other, &one, callee.address());
    let to_other = {
        let passed = one.pass(&other, described.as_bytes(), LOCAL).unwrap();
        SocketAddr::new(LOCAL, audio_port(&passed))
    };
    // One in ten of the caller's packets is lost before the switch, one in five of the callee's after it.
    for number in (0..100).filter(|number| number % 10 != 3) {
        reporter.session.send(FROM_CALLER.ssrc, 160);
        caller.send(&FROM_CALLER.packet(number), to_relay).await.unwrap();
    }
    let heard = hear(&callee, to_other, &caller, FROM_CALLEE, 0, 100).await;
    assert!(heard.is_exactly(0, 100), "{heard:?}");
    for number in (0..100).filter(|number| number % 5 != 3) {
        let sequence = u16::try_from(number).unwrap();
        let came = rtcp::Arrival { ssrc: FROM_CALLEE.ssrc, sequence, timestamp: number * 160, rate: 8_000 };
        reporter.session.receive(came, Duration::from_millis(u64::from(number) * 20));
    }
    until(|| relay.counts().relayed == 190).await;
    let control = SocketAddr::new(LOCAL, to_relay.port() + 1);
    reporter.exchange(control).await;
    tokio::time::sleep(rtcp::LEAST_INTERVAL).await;
    reporter.exchange(control).await;

    let [at_one, at_other] = [one, other].map(|leg| leg.quality().unwrap());
    let lost = |stream: Option<StreamQuality>| stream.map(|stream| (stream.packets, stream.lost));
    assert_eq!((lost(at_one.received), lost(at_one.sent)), (Some((100, 10)), Some((100, 20))));
    assert!(at_one.round_trip.is_some_and(|trip| trip < Duration::from_secs(1)), "{at_one:?}");
    assert_eq!((lost(at_other.received), lost(at_other.sent)), (Some((100, 0)), None));
    let known = reporter.session.quality().sent.map(|sent| (sent.expected, sent.lost));
    assert_eq!(known, Some((90, 10)), "the party knows how it is heard");
}

#[tokio::test]
async fn who_sends_no_reports_gets_none() {
    let relay = any_relay();
    let talk = Talk::through(&relay).await;
    let mut reporter = Reporter::new().await;
    let described = with_reports(talk.callee.address(), reporter.reports.address());
    talk.legs[1].describe(described.as_bytes(), LOCAL).unwrap();
    assert!(talk.caller_says(0, 100).await.is_exactly(0, 100));
    let unasked = reporter.reports.receive(1, Duration::from_millis(20)).await.unwrap();
    assert_eq!(unasked, Vec::<Vec<u8>>::new());
    reporter.exchange(SocketAddr::new(LOCAL, talk.callee_sends_to.port() + 1)).await;
}

fn with_reports(rtp: SocketAddr, rtcp: SocketAddr) -> String {
    sdp(rtp) + &format!("a=rtcp:{}\r\n", rtcp.port())
}

#[tokio::test]
async fn a_strangers_packets_are_neither_relayed_nor_learned() {
    let relay = any_relay();
    let talk = Talk::through(&relay).await;
    let stranger = RtpEnd::bind(ELSEWHERE).await.unwrap();
    stranger.say(RtpStream { ssrc: 0xbad }, talk.caller_sends_to, 0, 50, PACE).await.unwrap();
    until(|| relay.counts().from_strangers == 50).await;
    assert!(talk.caller_says(0, 20).await.is_exactly(0, 20), "nothing foreign came through");
    assert!(talk.callee_says(0, 20).await.is_exactly(0, 20), "media still goes to the caller");
    let overheard = stranger.hear(FROM_CALLEE, 1, Duration::from_millis(20)).await.unwrap();
    assert_eq!(overheard, Heard::default());
}

#[tokio::test]
async fn a_translated_port_of_the_described_host_is_learned_and_then_stands() {
    let relay = any_relay();
    let talk = Talk::through(&relay).await;
    let translated = RtpEnd::bind(LOCAL).await.unwrap();
    let heard = hear(&translated, talk.caller_sends_to, &talk.callee, FROM_CALLER, 0, 10).await;
    assert!(heard.is_exactly(0, 10), "{heard:?}");
    let back = hear(&talk.callee, talk.callee_sends_to, &translated, FROM_CALLEE, 0, 10).await;
    assert!(back.is_exactly(0, 10), "media goes where it comes from: {back:?}");

    let second = RtpEnd::bind(LOCAL).await.unwrap();
    second.say(RtpStream { ssrc: 0xbad }, talk.caller_sends_to, 0, 10, PACE).await.unwrap();
    until(|| relay.counts().from_strangers == 10).await;
}

#[tokio::test]
async fn an_address_that_the_description_does_not_know_is_learned_from_the_sip_host() {
    let relay = any_relay();
    let [one, other] = pair(&relay);
    let (caller, callee) = (RtpEnd::bind(ELSEWHERE).await.unwrap(), RtpEnd::bind(LOCAL).await.unwrap());
    let private = sdp("10.255.0.1:4000".parse().unwrap());
    one.pass(&other, private.as_bytes(), ELSEWHERE).unwrap();
    let to_relay = pass(&other, &one, callee.address());
    let heard = hear(&caller, to_relay, &callee, FROM_CALLER, 0, 10).await;
    assert!(heard.is_exactly(0, 10), "{heard:?}");
}

#[tokio::test]
async fn before_a_description_and_on_hold_packets_are_dropped_and_counted() {
    let relay = any_relay();
    let (caller, callee) = (RtpEnd::bind(LOCAL).await.unwrap(), RtpEnd::bind(LOCAL).await.unwrap());
    let [one, other] = pair(&relay);
    let callee_sends_to = pass(&one, &other, caller.address());
    callee.say(FROM_CALLEE, callee_sends_to, 0, 5, PACE).await.unwrap();
    until(|| relay.counts().too_early == 5).await;

    pass(&other, &one, callee.address());
    let held = SocketAddr::new(IpAddr::V4(Ipv4Addr::UNSPECIFIED), caller.address().port());
    let passed = one.pass(&other, sdp(held).as_bytes(), LOCAL).unwrap();
    assert!(String::from_utf8(passed).unwrap().contains("c=IN IP4 0.0.0.0"));
    callee.say(FROM_CALLEE, callee_sends_to, 0, 5, PACE).await.unwrap();
    until(|| relay.counts().unwanted == 5).await;

    pass(&one, &other, caller.address());
    let heard = hear(&callee, callee_sends_to, &caller, FROM_CALLEE, 0, 5).await;
    assert!(heard.is_exactly(0, 5), "{heard:?}");
}

#[tokio::test]
async fn a_later_description_changes_the_target() {
    let relay = any_relay();
    let talk = Talk::through(&relay).await;
    assert!(talk.caller_says(0, 10).await.is_exactly(0, 10));
    let other_phone = RtpEnd::bind(LOCAL).await.unwrap();
    let same_port = pass(&talk.legs[1], &talk.legs[0], other_phone.address());
    assert_eq!(same_port, talk.caller_sends_to);
    let heard = hear(&talk.caller, same_port, &other_phone, FROM_CALLER, 10, 10).await;
    assert!(heard.is_exactly(10, 10), "{heard:?}");
    let back = hear(&other_phone, talk.callee_sends_to, &talk.caller, FROM_CALLEE, 0, 10).await;
    assert!(back.is_exactly(0, 10), "{back:?}");
}

/// The packets of a stream as they reach an end, read by their headers.
async fn numbers(end: &RtpEnd, count: usize) -> Vec<(u32, u16, u32, bool)> {
    let packets = end.receive(count, PATIENCE).await.unwrap();
    let word = |packet: &[u8], at: usize| u32::from_be_bytes(packet[at..at + 4].try_into().unwrap());
    let read = |packet: &Vec<u8>| {
        let sequence = u16::from_be_bytes([packet[2], packet[3]]);
        (word(packet, 8), sequence, word(packet, 4), packet[1] & 0x80 != 0)
    };
    packets.iter().map(read).collect()
}

#[tokio::test]
async fn a_party_that_is_connected_with_another_hears_one_stream_that_goes_on() {
    let relay = any_relay();
    let talk = Talk::through(&relay).await;
    assert!(talk.caller_says(0, 10).await.is_exactly(0, 10));
    assert!(talk.callee_says(0, 10).await.is_exactly(0, 10));

    let (third, leg) = (RtpEnd::bind(LOCAL).await.unwrap(), relay.open().unwrap());
    let third_sends_to = pass(&talk.legs[0], &leg, talk.caller.address());
    pass(&leg, &talk.legs[0], third.address());
    leg.connect(&talk.legs[0]);
    let from_third = RtpStream { ssrc: 0x33 };
    third.say(from_third, third_sends_to, 500, 5, PACE).await.unwrap();
    let heard = numbers(&talk.caller, 5).await;
    let expected: Vec<_> = (0..5).map(|number| (FROM_CALLEE.ssrc, 10 + number, number == 0)).collect();
    assert_eq!(
        heard.iter().map(|(ssrc, number, _, mark)| (*ssrc, *number, *mark)).collect::<Vec<_>>(),
        expected
    );
    assert!(heard.windows(2).all(|pair| pair[1].2 == pair[0].2 + 160), "{heard:?}");

    talk.callee.say(FROM_CALLEE, talk.callee_sends_to, 10, 5, PACE).await.unwrap();
    until(|| relay.counts().unwanted == 5).await;
    let caller_to_third = hear(&talk.caller, talk.caller_sends_to, &third, FROM_CALLER, 10, 5).await;
    assert!(caller_to_third.is_exactly(10, 5), "who hears somebody for the first time gets it unchanged");
    let overheard = talk.callee.hear(FROM_CALLER, 1, Duration::from_millis(20)).await.unwrap();
    assert_eq!(overheard, Heard::default());
}

#[tokio::test]
async fn a_silenced_party_hears_nothing_and_is_still_heard() {
    let relay = any_relay();
    let talk = Talk::through(&relay).await;
    talk.legs[0].silence();
    talk.callee.say(FROM_CALLEE, talk.callee_sends_to, 0, 5, PACE).await.unwrap();
    until(|| relay.counts().unwanted == 5).await;
    assert!(talk.caller_says(0, 5).await.is_exactly(0, 5));
    talk.legs[0].hear_partner();
    assert!(talk.callee_says(5, 5).await.is_exactly(5, 5));
    talk.legs[1].disconnect();
    talk.caller.say(FROM_CALLER, talk.caller_sends_to, 5, 5, PACE).await.unwrap();
    until(|| relay.counts().unwanted == 10).await;
}

#[tokio::test]
async fn a_party_that_only_sends_is_sent_nothing() {
    let relay = any_relay();
    let talk = Talk::through(&relay).await;
    let sending = sdp(talk.caller.address()) + "a=sendonly\r\n";
    talk.legs[0].pass(&talk.legs[1], sending.as_bytes(), LOCAL).unwrap();
    talk.callee.say(FROM_CALLEE, talk.callee_sends_to, 0, 5, PACE).await.unwrap();
    until(|| relay.counts().unwanted == 5).await;
    assert!(talk.caller_says(0, 5).await.is_exactly(0, 5));
}

#[tokio::test]
async fn used_up_ports_are_an_error_and_dropped_ones_are_used_again() {
    let relay = relay(free_ports(8));
    let legs: Vec<_> = std::iter::from_fn(|| relay.open().ok()).take(10).collect();
    assert_eq!(legs.len(), 4, "a pair of ports for each");
    assert_eq!(relay.free_legs(), 0);
    assert!(matches!(relay.open(), Err(MediaError::PortsUsedUp)));
    let clone = legs[0].clone();
    drop(legs);
    assert!(relay.open().is_ok(), "another leg's ports");
    drop(clone);
    assert_eq!(relay.free_legs(), 4);
    let talk = Talk::through(&relay).await;
    assert!(talk.caller_says(0, 10).await.is_exactly(0, 10));
}

#[tokio::test]
async fn ports_that_another_program_sits_on_are_passed_over() {
    let ports = free_ports(8);
    let squat = |offset| UdpSocket::bind((LOCAL, ports.start() + offset)).unwrap();
    let _squatters = [squat(0), squat(3)];
    let relay = relay(ports.clone());
    let talk = Talk::through(&relay).await;
    let free = ports.start() + 4;
    assert!(talk.caller_sends_to.port() >= free && talk.callee_sends_to.port() >= free);
    assert!(talk.callee_says(0, 10).await.is_exactly(0, 10));
}

#[tokio::test]
async fn a_second_stream_has_ports_of_its_own_and_is_refused_when_there_are_none() {
    let caller = RtpEnd::bind(LOCAL).await.unwrap().address();
    let offer = sdp(caller) + &format!("m=video {} RTP/AVP 96\r\n", caller.port());
    for (ports, is_relayed) in [(16, true), (4, false)] {
        let [one, other] = pair(&relay(free_ports(ports)));
        let passed = one.pass(&other, offer.as_bytes(), LOCAL).unwrap();
        let passed = String::from_utf8(passed).unwrap();
        assert_eq!(!passed.contains("m=video 0 "), is_relayed, "{passed}");
        assert!(!passed.contains("m=audio 0 "));
    }
}

#[tokio::test]
async fn a_malformed_description_is_an_error_that_names_the_line() {
    let [one, other] = pair(&any_relay());
    let error = one.pass(&other, b"v=0\r\nc=IN IP4 2001:db8::1\r\n", LOCAL).unwrap_err();
    assert!(error.to_string().starts_with("line 2 of the session description"), "{error}");
}

#[test]
fn a_range_without_a_pair_is_refused() {
    let config = MediaConfig { address: LOCAL, advertised: LOCAL, ports: 30_001..=30_002 };
    assert!(matches!(MediaRelay::new(config), Err(MediaError::NoPorts { first: 30_001, last: 30_002 })));
}

/// A description with so many streams.
fn crowded(count: usize) -> String {
    let more = "m=audio 5002 RTP/AVP 0\r\n".repeat(count - 1);
    format!("{}{more}", sdp(SocketAddr::new(LOCAL, 5000)))
}

fn accepted(passed: &[u8]) -> usize {
    let text = std::str::from_utf8(passed).unwrap();
    text.lines().filter(|line| line.starts_with("m=") && !line.starts_with("m=audio 0 ")).count()
}

#[test]
fn a_leg_has_four_streams_at_most_whatever_is_offered() {
    let relay = any_relay();
    let [one, other] = pair(&relay);
    let passed = one.pass(&other, crowded(230).as_bytes(), LOCAL).unwrap();
    assert_eq!(accepted(&passed), 4);
}

#[test]
fn half_of_the_ports_are_for_the_sound_of_calls_alone() {
    let relay = relay(free_ports(32));
    let greedy: Vec<_> = (0..4)
        .map(|_| {
            let [one, other] = pair(&relay);
            one.pass(&other, crowded(4).as_bytes(), LOCAL).unwrap();
            [one, other]
        })
        .collect();
    assert_eq!(
        relay.free_legs(),
        2,
        "eight are for the sound of four calls, and six more for the first of them"
    );
    let further = pair(&relay);
    assert_eq!((greedy.len(), further.len(), relay.free_legs()), (4, 2, 0));
}

#[test]
fn an_account_has_its_share_of_the_ports_whatever_streams_it_wants() {
    let relay = relay(free_ports(64));
    let shares = [1, 2].map(|account| Share { account: AccountId(account), most: 6 });
    let legs = [relay.open_for(shares[0]).unwrap(), relay.open_for(shares[0]).unwrap()];
    let passed = legs[0].pass(&legs[1], crowded(4).as_bytes(), LOCAL).unwrap();
    assert_eq!((accepted(&passed), relay.free_legs()), (2, 32 - 6), "the caller's streams come first");
    let refused = relay.open_for(shares[0]).err().unwrap();
    assert!(matches!(refused, MediaError::AccountHasItsShare { account: AccountId(1) }), "{refused}");
    assert!(relay.open_for(shares[1]).is_ok() && relay.open().is_ok());
    drop(legs);
    assert!(relay.open_for(shares[0]).is_ok(), "they are given back");
}

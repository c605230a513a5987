//! What parties hear of the switch itself, and the keys that go both ways, with real sockets.
#![allow(clippy::unwrap_used, reason = "clippy takes only #[test] functions for tests")]

use std::{
    net::{IpAddr, Ipv4Addr, SocketAddr},
    sync::Arc,
    time::{Duration, Instant},
};

use switch_sip::media::{MediaConfig, MediaError, MediaLeg, MediaRelay, Sound};
use testkit::{
    rtp::RtpEnd,
    tone::{ToneStream, amplitude, samples},
};
use tokio::sync::{mpsc, oneshot};

const LOCAL: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);
const PACE: Duration = Duration::from_millis(20);
const PATIENCE: Duration = Duration::from_secs(5);
/// What each party says, and what a played file holds.
const ONE: f64 = 500.0;
const OTHER: f64 = 900.0;
const FILE: f64 = 1_300.0;

/// Two phones that talk through the switch.
struct Talk {
    legs: [MediaLeg; 2],
    phones: [Phone; 2],
    relay: Arc<MediaRelay>,
}

struct Phone {
    end: Arc<RtpEnd>,
    sends_to: SocketAddr,
}

fn sdp(address: SocketAddr, formats: &str) -> String {
    format!(
        "v=0\r\no=- 1 1 IN IP4 {ip}\r\ns=-\r\nc=IN IP4 {ip}\r\nt=0 0\r\nm=audio {port} RTP/AVP {formats}\r\n\
         a=rtpmap:101 telephone-event/8000\r\na=rtpmap:96 opus/48000/2\r\n",
        ip = address.ip(),
        port = address.port()
    )
}

fn audio_port(sdp: &[u8]) -> u16 {
    let text = std::str::from_utf8(sdp).unwrap();
    let line = text.lines().find_map(|line| line.strip_prefix("m=audio ")).unwrap();
    line.split(' ').next().unwrap().parse().unwrap()
}

async fn talk(offer: &str, answer: &str) -> Talk {
    let config = MediaConfig { address: LOCAL, advertised: LOCAL, ports: 10_000..=29_999 };
    let relay = MediaRelay::new(config).unwrap();
    let legs = [relay.open().unwrap(), relay.open().unwrap()];
    let ends = [RtpEnd::bind(LOCAL).await.unwrap(), RtpEnd::bind(LOCAL).await.unwrap()];
    legs[0].connect(&legs[1]);
    let to_other = legs[0].pass(&legs[1], sdp(ends[0].address(), offer).as_bytes(), LOCAL).unwrap();
    let to_one = legs[1].pass(&legs[0], sdp(ends[1].address(), answer).as_bytes(), LOCAL).unwrap();
    let ports = [audio_port(&to_one), audio_port(&to_other)];
    let mut ports = ports.into_iter().map(|port| SocketAddr::new(LOCAL, port));
    let phones = ends.map(|end| Phone { end: end.into(), sends_to: ports.next().unwrap() });
    Talk { legs, phones, relay }
}

/// Lets a phone say a tone until this is dropped.
struct Saying(tokio::task::JoinHandle<()>);

impl Drop for Saying {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl Phone {
    fn says(&self, hertz: f64) -> Saying {
        let (end, to) = (self.end.clone(), self.sends_to);
        let stream = ToneStream { ssrc: self.end.address().port().into(), hertz };
        Saying(tokio::spawn(async move {
            let mut ticks = tokio::time::interval(PACE);
            for number in 0.. {
                ticks.tick().await;
                end.send(&stream.packet(number), to).await.unwrap();
            }
        }))
    }

    /// The packets of the next while.
    async fn hears(&self, count: usize) -> Vec<Vec<u8>> {
        self.end.receive(count, PATIENCE).await.unwrap()
    }

    /// Which of the tones are in the next half second; what has arrived before is left out.
    async fn hears_tones(&self) -> Vec<f64> {
        while !self.end.receive(1, Duration::ZERO).await.unwrap().is_empty() {}
        self.hears(3).await;
        let heard = samples(&self.hears(25).await);
        [ONE, OTHER, FILE].into_iter().filter(|hertz| amplitude(&heard, *hertz) > 500.0).collect()
    }
}

fn wav(rate: u32, hertz: f64, seconds: f64) -> Vec<u8> {
    let count = (f64::from(rate) * seconds) as u32;
    let sample =
        |n: u32| (8_000.0 * (std::f64::consts::TAU * hertz * f64::from(n) / f64::from(rate)).sin()) as i16;
    let data: Vec<u8> = (0..count).flat_map(|n| sample(n).to_le_bytes()).collect();
    let mut file = b"RIFF\0\0\0\0WAVEfmt \x10\0\0\0\x01\0\x01\0".to_vec();
    file.extend(rate.to_le_bytes());
    file.extend((rate * 2).to_le_bytes());
    file.extend([2, 0, 16, 0]);
    file.extend(b"data");
    file.extend(u32::try_from(data.len()).unwrap().to_le_bytes());
    file.extend(data);
    file
}

fn sound(rate: u32, seconds: f64) -> Arc<Sound> {
    Arc::new(Sound::from_wav(&wav(rate, FILE, seconds)).unwrap())
}

/// Where packets are not one stream that goes on: SSRC, sequence number and time before and after.
fn breaks(packets: &[Vec<u8>]) -> Vec<[(u32, u16, u32); 2]> {
    let word = |packet: &[u8], at: usize| u32::from_be_bytes(packet[at..at + 4].try_into().unwrap());
    let numbers = packets
        .iter()
        .map(|packet| (word(packet, 8), u16::from_be_bytes([packet[2], packet[3]]), word(packet, 4)));
    let numbers: Vec<_> = numbers.collect();
    let is_broken = |one: (u32, u16, u32), next: (u32, u16, u32)| {
        let passed = next.2.wrapping_sub(one.2);
        one.0 != next.0 || next.1 != one.1.wrapping_add(1) || !(160..1_600).contains(&passed)
    };
    numbers.windows(2).map(|pair| [pair[0], pair[1]]).filter(|[one, next]| is_broken(*one, *next)).collect()
}

#[tokio::test]
async fn each_side_hears_what_it_should_before_during_and_after_a_played_file() {
    for rate in [8_000, 16_000] {
        let talk = talk("0 8", "0 8").await;
        let [one, other] = &talk.phones;
        let _saying = [one.says(ONE), other.says(OTHER)];
        assert_eq!((one.hears_tones().await, other.hears_tones().await), (vec![OTHER], vec![ONE]));

        let (ended, mut has_ended) = oneshot::channel();
        talk.legs[0].play(sound(rate, 1.5), move || ended.send(()).unwrap()).unwrap();
        assert_eq!(tokio::join!(one.hears_tones(), other.hears_tones()), (vec![FILE], vec![ONE]));
        assert!(has_ended.try_recv().is_err());

        tokio::time::timeout(PATIENCE, has_ended).await.unwrap().unwrap();
        assert_eq!(tokio::join!(one.hears_tones(), other.hears_tones()), (vec![OTHER], vec![ONE]));
    }
}

#[tokio::test]
async fn a_stopped_or_replaced_file_is_not_told_as_ended() {
    let talk = talk("8", "8").await;
    let (told, mut ended) = mpsc::unbounded_channel();
    let first = told.clone();
    talk.legs[0].play(sound(8_000, 0.2), move || first.send("first").unwrap()).unwrap();
    talk.legs[0].play(sound(8_000, 0.2), move || told.send("second").unwrap()).unwrap();
    assert_eq!(tokio::time::timeout(PATIENCE, ended.recv()).await.unwrap(), Some("second"));
    assert_eq!(ended.recv().await, None, "the first is forgotten");
    let (told, ended) = oneshot::channel();
    talk.legs[0].play(sound(8_000, 60.0), move || told.send(()).unwrap()).unwrap();
    let heard = talk.phones[0].hears(20).await;
    assert!(heard.iter().all(|packet| packet[1] & 0x7f == 8), "in the codec that was agreed on");
    talk.legs[0].stop_playing();
    assert!(ended.await.is_err(), "dropped without being told");
}

#[tokio::test]
async fn music_and_speech_come_in_one_stream_that_never_breaks() {
    let talk = talk("0", "0").await;
    let [one, other] = &talk.phones;
    let (music, file) = (Arc::new(Sound::music()), sound(8_000, 0.1));
    let _saying = other.says(OTHER);
    let mut heard = one.hears(10).await;
    for _ in 0..2 {
        talk.legs[0].hear_sound(music.clone()).unwrap();
        heard.extend(one.hears(20).await);
        talk.legs[0].play(file.clone(), || {}).unwrap();
        heard.extend(one.hears(20).await);
        talk.legs[0].press("5").unwrap_err();
        talk.legs[0].connect(&talk.legs[1]);
        heard.extend(one.hears(20).await);
    }
    let breaks = breaks(&heard);
    assert!(breaks.is_empty(), "{breaks:?}");
    let marked = heard.iter().filter(|packet| packet[1] & 0x80 != 0).count();
    assert_eq!(marked, 8, "at each change");
}

#[tokio::test]
async fn packets_of_a_sound_keep_the_pace_without_drift() {
    let talk = talk("0", "0").await;
    talk.legs[0].hear_sound(Arc::new(Sound::ringback())).unwrap();
    talk.phones[0].hears(1).await;
    let began = Instant::now();
    talk.phones[0].hears(100).await;
    let late = began.elapsed().abs_diff(PACE * 100);
    assert!(late < Duration::from_millis(60), "{late:?}");
}

#[tokio::test]
async fn a_party_without_a_codec_of_ours_is_not_played_to() {
    let talk = talk("97", "97").await;
    let refused = talk.legs[0].play(sound(8_000, 1.0), || {});
    assert!(matches!(refused, Err(MediaError::NoVoice)));
    assert!(matches!(talk.legs[0].hear_sound(Arc::new(Sound::music())), Err(MediaError::NoVoice)));
}

#[tokio::test]
async fn keys_that_the_switch_sends_to_one_party_are_told_when_another_presses_them() {
    let sending = talk("0 101", "0 101").await;
    let receiving = talk("0 101", "0 101").await;
    let (told, mut keys) = mpsc::unbounded_channel();
    receiving.legs[1].on_key(move |key| told.send(key).unwrap());
    let [one, _] = &sending.phones;
    sending.legs[0].press("1A").unwrap();
    sending.legs[0].press("#").unwrap();
    let packets = one.hears(21).await;
    assert!(packets.iter().all(|packet| packet[1] & 0x7f == 101 && packet.len() == 16));
    let sequences: Vec<_> = packets.iter().map(|packet| u16::from_be_bytes([packet[2], packet[3]])).collect();
    assert!(sequences.windows(2).all(|pair| pair[1] == pair[0].wrapping_add(1)));

    let [listener, presser] = &receiving.phones;
    for packet in &packets {
        presser.end.send(packet, presser.sends_to).await.unwrap();
    }
    for key in "1A#".chars() {
        assert_eq!(tokio::time::timeout(PATIENCE, keys.recv()).await.unwrap(), Some(key));
    }
    assert_eq!(listener.hears(21).await, packets, "they are relayed as they are, too");
    assert!(keys.try_recv().is_err());
    drop(receiving.relay);
}

#[tokio::test]
async fn speech_goes_on_after_keys_in_the_same_stream() {
    let talk = talk("0 101", "0 101").await;
    let [one, other] = &talk.phones;
    let _saying = other.says(OTHER);
    let mut heard = one.hears(10).await;
    talk.legs[0].press("9").unwrap();
    heard.extend(one.hears(30).await);
    let events = heard.iter().filter(|packet| packet[1] & 0x7f == 101).count();
    assert_eq!(events, 7);
    heard.dedup_by_key(|packet| packet[4..8].to_vec());
    assert_eq!(heard.len(), 40 - 6, "one time for all packets of the key, and each other has its own");
    let times: Vec<_> =
        heard.iter().map(|packet| u32::from_be_bytes(packet[4..8].try_into().unwrap())).collect();
    assert!(times.is_sorted());
}

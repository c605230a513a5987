//! Recordings of legs whose parties say known tones, with real sockets and real files.
#![allow(clippy::unwrap_used, reason = "clippy takes only #[test] functions for tests")]

use std::{
    net::{IpAddr, Ipv4Addr, SocketAddr},
    path::Path,
    sync::Arc,
    time::Duration,
};

use switch_sip::media::{MediaConfig, MediaLeg, MediaRelay, Recorder, Sound};
use testkit::{
    rtp::RtpEnd,
    tone::{ToneStream, amplitude},
};
use tokio::sync::oneshot;

const LOCAL: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);
const PACE: Duration = Duration::from_millis(20);
const ONE: f64 = 500.0;
const OTHER: f64 = 900.0;
const THIRD: f64 = 1_300.0;

struct Phone {
    end: RtpEnd,
    leg: MediaLeg,
}

impl Phone {
    async fn of(relay: &Arc<MediaRelay>) -> Self {
        Self { end: RtpEnd::bind(LOCAL).await.unwrap(), leg: relay.open().unwrap() }
    }

    fn sdp(&self) -> String {
        let port = self.end.address().port();
        format!("v=0\r\nc=IN IP4 {LOCAL}\r\nm=audio {port} RTP/AVP 8 0\r\n")
    }

    /// Sends `count` packets of a tone to where the relay has this leg.
    async fn says(&self, hertz: f64, to: SocketAddr, count: u32) {
        let stream = ToneStream { ssrc: self.end.address().port().into(), hertz };
        let mut ticks = tokio::time::interval(PACE);
        for number in 0..count {
            ticks.tick().await;
            self.end.send(&stream.packet(number), to).await.unwrap();
        }
    }
}

/// Tells each phone of the other; gives where each is to send.
fn agree(one: &Phone, other: &Phone) -> [SocketAddr; 2] {
    let port = |sdp: Vec<u8>| {
        let text = String::from_utf8(sdp).unwrap();
        let line = text.lines().find_map(|line| line.strip_prefix("m=audio ")).unwrap();
        SocketAddr::new(LOCAL, line.split(' ').next().unwrap().parse().unwrap())
    };
    let for_other = port(one.leg.pass(&other.leg, one.sdp().as_bytes(), LOCAL).unwrap());
    let for_one = port(other.leg.pass(&one.leg, other.sdp().as_bytes(), LOCAL).unwrap());
    [for_one, for_other]
}

/// The channels of a file that is whole and at least so long.
async fn channels(file: &Path, length: Duration) -> [Vec<i16>; 2] {
    let is_whole = |bytes: &[u8]| {
        let said = bytes.get(40..44).map(|said| u32::from_le_bytes(said.try_into().unwrap()));
        said.is_some_and(|said| {
            u128::from(said) >= length.as_millis() * 32 && said as usize == bytes.len() - 44
        })
    };
    let reading = async {
        loop {
            let bytes = std::fs::read(file).unwrap();
            if is_whole(&bytes) {
                return bytes;
            }
            tokio::task::yield_now().await;
        }
    };
    let bytes = tokio::time::timeout(Duration::from_secs(5), reading).await.expect("it is written");
    let sample = |block: &[u8], at: usize| i16::from_le_bytes([block[at], block[at + 1]]);
    [0, 2].map(|at| bytes[44..].chunks(4).map(|block| sample(block, at)).collect())
}

/// Where a channel is first loud.
fn onset(samples: &[i16]) -> usize {
    samples.iter().position(|sample| sample.unsigned_abs() > 2_000).unwrap()
}

fn tones(samples: &[i16]) -> Vec<f64> {
    [ONE, OTHER, THIRD].into_iter().filter(|hertz| amplitude(samples, *hertz) > 500.0).collect()
}

#[tokio::test]
async fn both_tones_are_on_their_channels_aligned_and_go_on_after_hold_and_transfer() {
    let config = MediaConfig { address: LOCAL, advertised: LOCAL, ports: 10_000..=29_999 };
    let relay = MediaRelay::new(config).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let recorder = Recorder::start(&folder.path().join("recordings")).unwrap();
    let (one, other, third) = (Phone::of(&relay).await, Phone::of(&relay).await, Phone::of(&relay).await);
    one.leg.connect(&other.leg);
    let [one_to, other_to] = agree(&one, &other);

    let (begun, is_begun) = oneshot::channel();
    one.leg.record(recorder.record("a.wav", |result| begun.send(result).unwrap()).unwrap());
    is_begun.await.unwrap().unwrap();
    tokio::join!(one.says(ONE, one_to, 50), other.says(OTHER, other_to, 50));

    one.leg.hear_sound(Arc::new(Sound::ringback())).unwrap();
    one.end.receive(150, Duration::from_millis(500)).await.unwrap();
    one.leg.connect(&third.leg);
    let [_, third_to] = agree(&one, &third);
    third.says(THIRD, third_to, 50).await;
    one.leg.stop_recording();

    let [left, right] = channels(&folder.path().join("recordings/a.wav"), PACE * 121).await;
    let apart = onset(&left).abs_diff(onset(&right));
    assert!(apart <= 160, "{apart} samples apart");
    let begin = onset(&left);
    let first_second = |samples: &[i16]| tones(&samples[begin + 800..begin + 7_200]);
    assert_eq!((first_second(&left), first_second(&right)), (vec![ONE], vec![OTHER]));
    let last = right.len() - 7_200..right.len() - 1_600;
    assert_eq!((tones(&left[last.clone()]), tones(&right[last])), (vec![], vec![THIRD]));
    let on_hold = &right[begin + 8_800..begin + 10_400];
    assert!(amplitude(on_hold, 440.0) > 500.0 && amplitude(on_hold, 480.0) > 500.0, "what the party hears");
}

#[tokio::test]
async fn a_leg_that_goes_ends_its_recording_and_a_name_that_is_taken_is_refused() {
    let config = MediaConfig { address: LOCAL, advertised: LOCAL, ports: 10_000..=29_999 };
    let relay = MediaRelay::new(config).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let recorder = Recorder::start(folder.path()).unwrap();
    let (one, other) = (Phone::of(&relay).await, Phone::of(&relay).await);
    one.leg.connect(&other.leg);
    let [one_to, _] = agree(&one, &other);
    one.leg.record(recorder.record("a.wav", |_| {}).unwrap());
    one.says(ONE, one_to, 10).await;
    other.end.receive(10, Duration::from_secs(5)).await.unwrap();
    drop(one);
    let [left, right] = channels(&folder.path().join("a.wav"), PACE * 9).await;
    assert_eq!(tones(&left), [ONE]);
    assert!(right.iter().all(|sample| *sample == 0));

    let (begun, is_begun) = oneshot::channel();
    let _tap = recorder.record("a.wav", |result| begun.send(result).unwrap()).unwrap();
    assert!(is_begun.await.unwrap().is_err());
}

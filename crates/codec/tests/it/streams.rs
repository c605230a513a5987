//! How the packets of a translated stream are cut, numbered and timed.

use codec::{Codec, Decoder, Encoder, Packet, Rate, Target, Translator};
use proptest::prelude::*;

use crate::signal::{purity, tone};

/// What was sent on.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Sent {
    ssrc: u32,
    sequence: u16,
    timestamp: u32,
    is_marked: bool,
    payload: Vec<u8>,
}

fn take(translator: &mut Translator, packet: Packet<'_>) -> Vec<Sent> {
    let mut all = Vec::new();
    translator.take(packet, |sent| {
        let Packet { ssrc, sequence, timestamp, is_marked, payload } = sent;
        all.push(Sent { ssrc, sequence, timestamp, is_marked, payload: payload.to_vec() });
    });
    all
}

fn packet(sequence: u16, timestamp: u32, payload: &[u8]) -> Packet<'_> {
    Packet { ssrc: 7, sequence, timestamp, is_marked: false, payload }
}

fn numbers(sent: &[Sent]) -> Vec<(u16, u32, bool)> {
    sent.iter().map(|sent| (sent.sequence, sent.timestamp, sent.is_marked)).collect()
}

fn to(codec: Codec, milliseconds: usize) -> Target {
    Target { codec, milliseconds }
}

/// Packets of A-law of so many milliseconds each.
fn alaw(milliseconds: usize) -> Vec<Vec<u8>> {
    let mut encoder = Encoder::new(Codec::Pcma, Rate::Narrow);
    let sound = tone(Rate::Narrow, 1_000.0, 1_200);
    let packets = sound.chunks_exact(Rate::Narrow.samples(milliseconds)).map(|samples| {
        let mut payload = Vec::new();
        encoder.encode(samples, &mut payload);
        payload
    });
    packets.collect()
}

#[test]
fn packets_are_as_long_as_the_receiver_wants_and_timed_by_its_clock() {
    for (milliseconds, wanted, cut, step) in [
        (20, 20, 20, 960),
        (20, 60, 60, 2_880),
        (60, 20, 20, 960),
        (30, 20, 20, 960),
        (10, 30, 20, 960),
        (20, 0, 20, 960),
    ] {
        let mut translator = Translator::new(Codec::Pcma, to(Codec::Opus, wanted));
        let packets = alaw(milliseconds);
        let sent: Vec<_> = (0_u16..)
            .zip(&packets)
            .flat_map(|(number, payload)| {
                let timestamp = u32::from(number) * Rate::Narrow.samples(milliseconds) as u32;
                take(&mut translator, packet(number, timestamp, payload))
            })
            .collect();
        assert_eq!(sent.len(), 1_200 / cut, "{milliseconds} as {wanted}");
        for (number, sent) in (0_u16..).zip(&sent) {
            assert_eq!((sent.ssrc, sent.sequence, sent.timestamp), (7, number, u32::from(number) * step));
        }
    }
}

#[test]
fn a_lost_packet_is_concealed_and_a_late_one_dropped() {
    let packets = alaw(20);
    let mut translator = Translator::new(Codec::Pcma, to(Codec::G722, 20));
    let mut heard = Vec::new();
    let mut decoder = Decoder::new(Codec::G722, Rate::Narrow);
    let mut sequence = 0;
    for (number, payload) in (0_u16..).zip(&packets) {
        let sent = match number {
            20 | 21 => vec![],
            _ => take(&mut translator, packet(number, u32::from(number) * 160, payload)),
        };
        for sent in sent {
            assert_eq!((sent.sequence, sent.timestamp), (sequence, u32::from(sequence) * 160));
            sequence += 1;
            decoder.decode(&sent.payload, &mut heard);
        }
    }
    assert_eq!(usize::from(sequence), packets.len(), "nothing is missing");
    let gap = &heard[Rate::Narrow.samples(405)..Rate::Narrow.samples(425)];
    assert!(purity(gap, Rate::Narrow, 1_000.0) > 0.8, "the tone goes on over the gap");
    assert_eq!(take(&mut translator, packet(20, 3_200, &packets[20])), []);
}

#[test]
fn a_pause_stays_one_and_what_comes_after_it_is_marked() {
    let packets = alaw(20);
    let mut translator = Translator::new(Codec::Pcma, to(Codec::Opus, 20));
    let before = take(&mut translator, packet(10, 1_000, &packets[0]));
    assert_eq!(numbers(&before), [(10, 1_000, false)]);
    let after = take(&mut translator, packet(11, 1_160 + 4_000, &packets[1]));
    assert_eq!(numbers(&after), [(11, 1_000 + 960 + 24_000, true)]);
    let next = take(&mut translator, packet(12, 1_320 + 4_000, &packets[2]));
    assert_eq!(numbers(&next), [(12, 1_000 + 1_920 + 24_000, false)]);
}

#[test]
fn what_does_not_fill_a_packet_before_a_pause_is_filled_by_silence_and_time_stays_right() {
    let packets = alaw(10);
    let mut translator = Translator::new(Codec::Pcma, to(Codec::Opus, 20));
    assert_eq!(take(&mut translator, packet(1, 0, &packets[0])), []);
    let sent = take(&mut translator, packet(2, 80 + 8_000, &packets[1]));
    assert_eq!(numbers(&sent), [(1, 0, false)]);
    let sent = take(&mut translator, packet(3, 160 + 8_000, &packets[2]));
    assert_eq!(numbers(&sent), [(2, 480 + 48_000, true)]);
}

#[test]
fn a_source_that_begins_anew_goes_on_with_the_numbers() {
    let packets = alaw(20);
    let mut translator = Translator::new(Codec::Pcma, to(Codec::Pcmu, 20));
    take(&mut translator, packet(10, 1_000, &packets[0]));
    let other = Packet { ssrc: 8, ..packet(40_000, 9, &packets[1]) };
    assert_eq!(numbers(&take(&mut translator, other)), [(11, 1_160, true)]);
    let back = Packet { ssrc: 8, ..packet(500, 70_000, &packets[2]) };
    assert_eq!(numbers(&take(&mut translator, back)), [(12, 1_320, true)]);
}

/// RFC 4733: a key has the time at which it was pressed, and lasts by the clock of its format.
#[test]
fn a_key_keeps_its_place_in_time_and_its_length_by_either_clock() {
    let packets = alaw(20);
    let mut translator = Translator::new(Codec::Pcma, to(Codec::Opus, 20));
    take(&mut translator, packet(10, 1_000, &packets[0]));
    let mut key = |sequence, duration: u16, flags| {
        let [high, low] = duration.to_be_bytes();
        let mut told = None;
        let payload = [5, flags, high, low];
        translator.take_key(packet(sequence, 1_160, &payload), 8_000, 48_000, |sent| {
            told = Some((sent.sequence, sent.timestamp, sent.payload.to_vec()));
        });
        told
    };
    let [first, last] = [960_u16, 4_800].map(u16::to_be_bytes);
    assert_eq!(key(11, 160, 10), Some((11, 1_960, vec![5, 10, first[0], first[1]])));
    assert_eq!(key(12, 800, 0x8a), Some((12, 1_960, vec![5, 0x8a, last[0], last[1]])));
    assert_eq!(key(12, 800, 0x8a), None, "the same packet again");
    assert_eq!(key(13, 60_000, 0x8a), Some((13, 1_960, vec![5, 0x8a, 0xff, 0xff])));
    let after = take(&mut translator, packet(14, 1_960, &packets[1]));
    assert_eq!(numbers(&after), [(14, 1_960 + 4_800, true)]);
}

#[test]
fn what_is_no_packet_of_the_codec_makes_no_sound() {
    let mut translator = Translator::new(Codec::Opus, to(Codec::Pcma, 20));
    assert_eq!(take(&mut translator, packet(1, 0, &[])), []);
    let mut translator = Translator::new(Codec::Opus, to(Codec::Pcma, 20));
    assert_eq!(take(&mut translator, packet(1, 0, &[0x0b, 0])), [], "no frames");
    let mut translator = Translator::new(Codec::Pcmu, to(Codec::Pcma, 20));
    assert_eq!(take(&mut translator, packet(1, 0, &[0; 1_400])), [], "longer than any packet may be");
}

/// A stream that is disturbed: each packet of 20 ms, some of them lost, some twice, some swapped.
fn disturbed() -> impl Strategy<Value = Vec<u16>> {
    proptest::collection::vec((0..10_u8, 0..4_u8), 1..120).prop_map(|fates| {
        let mut order = Vec::new();
        for (number, (fate, _)) in (0_u16..).zip(&fates) {
            match fate {
                0 => {}
                1 => order.extend([number, number]),
                2 if !order.is_empty() => order.insert(order.len() - 1, number),
                _ => order.push(number),
            }
        }
        order
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn whatever_is_lost_swapped_or_repeated_the_stream_that_is_sent_is_whole(order in disturbed(), kinds in (0..4_usize, 0..4_usize), wanted in 0..80_usize) {
        let (from, codec) = (Codec::ALL[kinds.0], Codec::ALL[kinds.1]);
        let mut translator = Translator::new(from, to(codec, wanted));
        let step = from.clock() / 50;
        let payload = packet_of(from);
        let mut latest: Option<(u16, u32)> = None;
        let first = order.first().copied().unwrap_or(0);
        for number in order {
            for sent in take(&mut translator, packet(number, u32::from(number) * step, &payload)) {
                if let Some((sequence, timestamp)) = latest {
                    prop_assert_eq!(sent.sequence, sequence + 1);
                    prop_assert!(sent.timestamp > timestamp);
                }
                latest = Some((sent.sequence, sent.timestamp));
                // Never ahead of what has come.
                let passed = sent.timestamp - u32::from(first) * step;
                prop_assert!(passed / (codec.clock() / 50) <= u32::from(number - first));
            }
        }
    }

    #[test]
    fn no_bytes_make_it_panic(bytes: Vec<u8>) {
        codec::fuzz(&bytes);
    }
}

#[test]
fn what_the_fuzzer_begins_with_makes_no_panic() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/seeds/codec");
    let seeds: Vec<_> =
        std::fs::read_dir(folder).unwrap().map(|file| std::fs::read(file.unwrap().path()).unwrap()).collect();
    assert!(!seeds.is_empty());
    for seed in seeds {
        codec::fuzz(&seed);
        codec::fuzz(&seed[..seed.len() / 2]);
    }
}

/// 20 ms of silence.
fn packet_of(codec: Codec) -> Vec<u8> {
    let rate = codec.rate_for(codec);
    let mut payload = Vec::new();
    Encoder::new(codec, rate).encode(&vec![0; rate.samples(20)], &mut payload);
    payload
}

/// A decoder of Opus that is asked for a length that no frame has must give it, and go on.
#[test]
fn a_gap_of_any_length_is_concealed() {
    let music = include_str!("../packets/opus-audio-stereo-20ms.hex").lines().map(crate::snr::bytes);
    let payloads: Vec<_> = music.collect();
    for milliseconds in 1..60 {
        let mut translator = Translator::new(Codec::Opus, to(Codec::Pcma, 20));
        let mut sent = Vec::new();
        for (number, payload) in (0_u16..10).zip(&payloads) {
            let gap = if number > 4 { milliseconds * 48 } else { 0 };
            sent.extend(take(&mut translator, packet(number, u32::from(number) * 960 + gap, payload)));
        }
        let last = u32::try_from(sent.len()).unwrap();
        assert_eq!(last, 10 + milliseconds / 20, "{milliseconds} ms");
    }
}

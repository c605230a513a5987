//! How much of a voice comes through, for each pair and direction.

use codec::{Codec, Decoder, Encoder, Packet, Rate, Recoder, Target, Translator};

use crate::signal::{purity, snr, voice};

/// The rate that a codec is spoken at where nothing else says so.
fn rate(codec: Codec) -> Rate {
    codec.rate_for(codec)
}

/// Payloads of 20 ms of a codec.
fn encoded(codec: Codec, samples: &[i16]) -> Vec<Vec<u8>> {
    let mut encoder = Encoder::new(codec, rate(codec));
    let packets = samples.chunks_exact(rate(codec).samples(20));
    let packet = packets.map(|samples| {
        let mut payload = Vec::new();
        encoder.encode(samples, &mut payload);
        payload
    });
    packet.collect()
}

/// What a stream of 20 ms packets sounds like once it is translated.
fn translated(payloads: &[Vec<u8>], from: Codec, target: Target) -> Vec<i16> {
    let (mut translator, mut heard) = (Translator::new(from, target), Vec::new());
    let mut decoder = Decoder::new(target.codec, Rate::Narrow);
    for (number, payload) in (0_u16..).zip(payloads) {
        let timestamp = u32::from(number) * from.clock() / 50;
        let packet = Packet { ssrc: 1, sequence: number, timestamp, is_marked: number == 0, payload };
        translator.take(packet, |sent| decoder.decode(sent.payload, &mut heard));
    }
    heard
}

#[test]
fn a_voice_comes_through_each_pair_in_each_direction() {
    let sent = voice(Rate::Wide, 2);
    for from in Codec::ALL {
        let payloads = encoded(from, &voice(rate(from), 2));
        for to in Codec::ALL.into_iter().filter(|to| *to != from) {
            let heard = translated(&payloads, from, Target { codec: to, milliseconds: 20 });
            let least = match (from, to) {
                (Codec::Opus, _) | (_, Codec::Opus) => 10.0,
                (Codec::G722, _) | (_, Codec::G722) => 25.0,
                _ => 30.0,
            };
            let found = snr(&sent, &heard);
            assert!(found > least, "{from:?} to {to:?}: {found:.1} dB");
        }
    }
}

#[test]
fn the_switchs_own_sounds_come_through_too() {
    let sent = voice(Rate::Wide, 2);
    let payloads = encoded(Codec::Pcmu, &voice(Rate::Narrow, 2));
    for (to, least) in [(Codec::G722, 25.0), (Codec::Opus, 10.0), (Codec::Pcma, 30.0)] {
        let (mut recoder, mut decoder) = (Recoder::new(Codec::Pcmu, to), Decoder::new(to, Rate::Narrow));
        let mut heard = Vec::new();
        for payload in &payloads {
            let mut recoded = Vec::new();
            recoder.recode(payload, &mut recoded);
            decoder.decode(&recoded, &mut heard);
        }
        assert!(snr(&sent, &heard) > least, "{to:?}");
    }
}

/// Packets that libopus 1.3.1 has made of a tone of 1004 Hz: voice with a copy of the packet before (in-band FEC),
/// full-band stereo as browsers send it, and 60 ms.
#[test]
fn packets_of_the_reference_encoder_are_understood_at_both_rates() {
    let recorded = [
        include_str!("../packets/opus-voip-mono-20ms.hex"),
        include_str!("../packets/opus-audio-stereo-20ms.hex"),
        include_str!("../packets/opus-voip-stereo-60ms.hex"),
    ];
    for packets in recorded {
        for rate in [Rate::Narrow, Rate::Wide] {
            let (mut decoder, mut heard) = (Decoder::new(Codec::Opus, rate), Vec::new());
            packets.lines().for_each(|packet| decoder.decode(&bytes(packet), &mut heard));
            assert!(heard.len() >= rate.samples(960), "{}", heard.len());
            let found = purity(&heard[rate.samples(200)..rate.samples(900)], rate, 1_004.0);
            assert!(found > 0.9, "{}: {rate:?}: {found}", packets.len());
        }
    }
}

pub(crate) fn bytes(hex: &str) -> Vec<u8> {
    let pairs = hex.as_bytes().as_chunks::<2>().0.iter();
    pairs.map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap()).collect()
}

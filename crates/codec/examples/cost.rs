//! What a translated stream costs, by pair: `cargo run --release -p codec --example cost`.

use std::time::{Duration, Instant};

use codec::{Codec, Encoder, Packet, Target, Translator};

/// Packets of 20 ms in a measurement: 20 seconds of a stream.
const PACKETS: u16 = 1_000;
const RUNS: usize = 5;

#[expect(clippy::print_stdout, reason = "it is what this is for")]
fn main() {
    println!("µs for a packet of 20 ms, median of {RUNS} runs of {PACKETS} packets, one thread");
    println!("| from | to | µs a packet | % of a core for a stream |");
    println!("| --- | --- | --- | --- |");
    for from in Codec::ALL {
        let payloads = payloads(from);
        for to in Codec::ALL.into_iter().filter(|to| *to != from) {
            let mut runs: Vec<_> = (0..RUNS).map(|_| run(from, to, &payloads)).collect();
            runs.sort();
            let micros = runs[RUNS / 2].as_secs_f64() * 1e6 / f64::from(PACKETS);
            println!("| {} | {} | {micros:.1} | {:.2} |", from.name(), to.name(), micros / 200.0);
        }
    }
}

fn run(from: Codec, to: Codec, payloads: &[Vec<u8>]) -> Duration {
    let mut translator = Translator::new(from, Target { codec: to, milliseconds: 20 });
    let began = Instant::now();
    let mut sent = 0;
    for (number, payload) in (0..PACKETS).zip(payloads.iter().cycle()) {
        let timestamp = u32::from(number) * from.clock() / 50;
        let packet = Packet { ssrc: 1, sequence: number, timestamp, is_marked: false, payload };
        translator.take(packet, |_| sent += 1);
    }
    assert_eq!(sent, PACKETS, "a packet for a packet");
    began.elapsed()
}

/// Something like a voice, as packets of a codec.
fn payloads(codec: Codec) -> Vec<Vec<u8>> {
    let rate = codec.rate_for(codec);
    let mut encoder = Encoder::new(codec, rate);
    let packets = (0..50).map(|packet| {
        let samples: Vec<_> =
            (0..rate.samples(20)).map(|at| voice(packet * rate.samples(20) + at, rate.hertz())).collect();
        let mut payload = Vec::new();
        encoder.encode(&samples, &mut payload);
        payload
    });
    packets.collect()
}

#[expect(clippy::cast_possible_truncation, clippy::cast_precision_loss, reason = "samples")]
fn voice(at: usize, hertz: u32) -> i16 {
    let now = at as f64 / f64::from(hertz);
    let loud = (0.5 + 0.5 * (now * 18.85).sin()).powi(2);
    let sum: f64 =
        (1..24).map(|harmonic| (now * 816.8 * f64::from(harmonic)).sin() / f64::from(harmonic)).sum();
    (sum * loud * 6_000.0) as i16
}

//! Sounds to send, and how like them is what is heard.

use std::f64::consts::TAU;

use codec::Rate;

/// Something like a voice: harmonics of a pitch that glides, in syllables, of so many seconds.
pub(crate) fn voice(rate: Rate, seconds: usize) -> Vec<i16> {
    let sample = |at: usize| {
        let now = at as f64 / f64::from(rate.hertz());
        let (pitch, phase) = (130.0 + 30.0 * (now * 2.1).sin(), 130.0 * now - 30.0 / 2.1 * (now * 2.1).cos());
        let loud = (0.5 + 0.5 * (now * TAU * 3.0).sin()).powi(2);
        let harmonics = (1..24).map(f64::from).take_while(|harmonic| pitch * harmonic < 3_300.0);
        let sum: f64 = harmonics.map(|it| strength(pitch * it) * (phase * it * TAU).sin()).sum();
        (sum * loud * 3_500.0) as i16
    };
    (0..rate.samples(seconds * 1_000)).map(sample).collect()
}

/// Two formants over a little of everything.
fn strength(hertz: f64) -> f64 {
    let formant = |middle: f64, width: f64| (-((hertz - middle) / width).powi(2)).exp();
    formant(600.0, 500.0) + 0.5 * formant(1_700.0, 400.0) + 0.1
}

/// A tone.
pub(crate) fn tone(rate: Rate, hertz: f64, milliseconds: usize) -> Vec<i16> {
    let step = TAU * hertz / f64::from(rate.hertz());
    (0..rate.samples(milliseconds)).map(|at| ((at as f64 * step).sin() * 9_000.0) as i16).collect()
}

/// Signal to noise in dB of what is heard at 8 kHz, at the delay and the strength at which it is best. What was sent is
/// taken at 16 kHz, as a delay need not be whole samples of 8 kHz.
pub(crate) fn snr(sent: &[i16], heard: &[i16]) -> f64 {
    let at = |delay: usize| {
        let (mut both, mut of_sent, mut of_heard) = (0.0, 0.0, 0.0);
        let from = &sent[1_000 - delay % 2..];
        for (sent, heard) in from.iter().step_by(2).zip(&heard[500 + delay / 2..]) {
            let (sent, heard) = (f64::from(*sent), f64::from(*heard));
            both += sent * heard;
            of_sent += sent * sent;
            of_heard += heard * heard;
        }
        10.0 * (of_sent / (of_sent - both * both / of_heard).max(1.0)).log10()
    };
    (0..400).map(at).fold(f64::NEG_INFINITY, f64::max)
}

/// How much of a sound is a tone, from 0 to 1.
pub(crate) fn purity(heard: &[i16], rate: Rate, hertz: f64) -> f64 {
    let step = TAU * hertz / f64::from(rate.hertz());
    let (mut re, mut im, mut all) = (0.0, 0.0, 0.0);
    for (at, sample) in heard.iter().enumerate() {
        let sample = f64::from(*sample);
        re += sample * (at as f64 * step).cos();
        im += sample * (at as f64 * step).sin();
        all += sample * sample;
    }
    2.0 * (re * re + im * im) / heard.len() as f64 / all.max(1.0)
}

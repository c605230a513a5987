//! Sounds that are computed: nobody holds rights in them.

use std::f64::consts::TAU;

/// Samples in a second.
const RATE: f64 = 8_000.0;

/// Sines together, each with an amplitude between 0 and 1.
fn chord(frequencies: &[(f64, f64)], at: f64) -> f64 {
    frequencies.iter().map(|(frequency, amplitude)| amplitude * (TAU * frequency * at).sin()).sum()
}

fn sampled(seconds: f64, wave: impl Fn(f64) -> f64) -> Vec<i16> {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a few seconds")]
    let count = (seconds * RATE) as u32;
    #[expect(clippy::cast_possible_truncation, reason = "clamped")]
    let sample = |value: f64| (value.clamp(-1.0, 1.0) * f64::from(i16::MAX)) as i16;
    (0..count).map(|number| sample(wave(f64::from(number) / RATE))).collect()
}

/// Ringing as North America hears it: 440 and 480 Hz, two seconds on, four off.
pub(super) fn ringback() -> Vec<i16> {
    sampled(6.0, |at| if at < 2.0 { chord(&[(440.0, 0.1), (480.0, 0.1)], at) } else { 0.0 })
}

/// Nobody can be got, as North America hears it: 480 and 620 Hz, half a second on, half a second off.
pub(super) fn busy() -> Vec<i16> {
    sampled(1.0, |at| if at < 0.5 { chord(&[(480.0, 0.1), (620.0, 0.1)], at) } else { 0.0 })
}

/// Seconds of one note.
const NOTE: f64 = 0.4;
/// The tune: the notes of four chords, one after the other, in semitones above A3.
const TUNE: [[i32; 8]; 4] = [
    [3, 7, 10, 15, 19, 15, 10, 7],
    [0, 7, 12, 15, 19, 15, 12, 7],
    [-4, 3, 8, 12, 15, 12, 8, 3],
    [-2, 5, 10, 14, 17, 14, 10, 5],
];

/// A quiet broken-chord tune of 12.8 seconds whose end leads to its beginning.
pub(super) fn music() -> Vec<i16> {
    let notes = TUNE.concat();
    let length = NOTE * f64::from(u32::try_from(notes.len()).expect("few"));
    // A note sounds on while the next one or two begin.
    sampled(length, |at| {
        let begun = notes.iter().zip(0_u32..).map(|(note, number)| (*note, f64::from(number) * NOTE));
        let sounding = begun.map(|(note, begin)| (note, (at - begin).rem_euclid(length)));
        sounding.filter(|(_, age)| *age < 3.0 * NOTE).map(|(note, age)| pluck(note, age)).sum()
    })
}

/// A plucked string, `age` seconds after it was plucked.
fn pluck(semitones: i32, age: f64) -> f64 {
    let frequency = 220.0 * (f64::from(semitones) / 12.0).exp2();
    let attack = (age / 0.01).min(1.0);
    let release = ((3.0 * NOTE - age) / 0.05).min(1.0);
    let voice = [(frequency, 0.12), (2.0 * frequency, 0.04), (3.0 * frequency, 0.02)];
    attack * release * (-2.5 * age).exp() * chord(&voice, age)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_are_whole_packets_and_none_clips_or_is_silent() {
        for sound in [ringback(), busy(), music()] {
            assert_eq!(sound.len() % crate::media::sound::FRAME, 0);
            let loudest = sound.iter().map(|sample| sample.unsigned_abs()).max().unwrap();
            assert!((4_000..32_000).contains(&loudest), "{loudest}");
        }
    }

    #[test]
    fn music_is_seamless_where_it_repeats() {
        let music = music();
        let step = |one: i16, other: i16| (i32::from(one) - i32::from(other)).abs();
        let largest = music.windows(2).map(|pair| step(pair[0], pair[1])).max().unwrap();
        assert!(step(music[0], *music.last().unwrap()) <= largest);
    }
}

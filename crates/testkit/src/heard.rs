//! Tones in WAV files: written for a phone to send or a server to play, and found in what was kept of a call.

use std::{
    f64::consts::TAU,
    io::{Cursor, Read},
    path::Path,
    time::Duration,
};

use anyhow::{Result, ensure};
use hound::{SampleFormat, WavReader, WavSpec, WavWriter};

/// Samples in a second.
pub(crate) const RATE: u32 = 8_000;
/// Samples that are looked at together: 100 ms.
const WINDOW: usize = RATE as usize / 10;
/// The part of a window's power that its tone must have.
const CLEAR: f64 = 0.5;
/// Below this a window is silent; the loudest tone has 0.5.
const SILENCE: f64 = 1e-5;

/// A WAV file with a tone.
pub fn tone(hertz: u32, seconds: u32) -> Result<Vec<u8>> {
    let spec =
        WavSpec { channels: 1, sample_rate: RATE, bits_per_sample: 16, sample_format: SampleFormat::Int };
    let mut file = Cursor::new(Vec::new());
    let mut writer = WavWriter::new(&mut file, spec)?;
    for at in 0..RATE * seconds {
        let angle = TAU * f64::from(hertz) * f64::from(at) / f64::from(RATE);
        writer.write_sample((angle.sin() * 8_000.0) as i16)?;
    }
    writer.finalize()?;
    Ok(file.into_inner())
}

/// A sound that was kept.
#[derive(Clone, Debug)]
pub struct Heard {
    samples: Vec<f64>,
}

impl Heard {
    /// The channels of a WAV file of 16 bits at 8 kHz.
    pub fn channels(wav: impl Read) -> Result<Vec<Self>> {
        let reader = WavReader::new(wav)?;
        let WavSpec { channels, sample_rate, .. } = reader.spec();
        ensure!(sample_rate == RATE, "the file has {sample_rate} samples a second");
        let samples = reader.into_samples::<i16>();
        let samples: Vec<_> =
            samples.map(|sample| Ok(f64::from(sample?) / 32_768.0)).collect::<Result<_>>()?;
        let count = usize::from(channels);
        let channel =
            |number: usize| Self { samples: samples.iter().copied().skip(number).step_by(count).collect() };
        Ok((0..count).map(channel).collect())
    }

    /// The only channel of a file.
    pub(crate) fn from_file(path: &Path) -> Result<Self> {
        let mut channels = Self::channels(std::fs::File::open(path)?)?;
        ensure!(channels.len() == 1, "{} has {} channels", path.display(), channels.len());
        Ok(channels.remove(0))
    }

    /// How long it is.
    pub fn length(&self) -> Duration {
        Duration::from_secs(self.samples.len() as u64) / RATE
    }

    /// How loud a tone is in it on the average, as the amplitude of one that lasts: the loudest has 1.
    pub fn loudness_of(&self, hertz: u32) -> f64 {
        let powers = self.samples.chunks_exact(WINDOW).map(|window| power_of(hertz, window));
        let windows = (self.samples.len() / WINDOW).max(1);
        (powers.sum::<f64>() / windows as f64 * 2.0).sqrt()
    }

    /// When it is first silent for at least `length` after it was not, and when that is over.
    pub fn pause(&self, length: Duration) -> Option<(Duration, Duration)> {
        let is_loud = |sample: &f64| sample.abs() > 0.01;
        let loud: Vec<usize> = (0..self.samples.len()).filter(|at| is_loud(&self.samples[*at])).collect();
        let at = |sample: usize| Duration::from_secs(sample as u64) / RATE;
        let mut pauses = loud.windows(2).map(|pair| (at(pair[0] + 1), at(pair[1])));
        pauses.find(|(from, to)| *to - *from >= length)
    }

    /// What was heard in each tenth of a second: one of `tones`, 0 for silence, `None` for anything else.
    pub fn tones(&self, tones: &[u32]) -> Vec<Option<u32>> {
        self.samples.chunks_exact(WINDOW).map(|window| clearest(window, tones)).collect()
    }

    /// How long each tone was heard clearly, all in all.
    pub fn length_of(&self, hertz: u32) -> Duration {
        let windows = self.tones(&[hertz]).into_iter().filter(|tone| *tone == Some(hertz)).count();
        Duration::from_millis(windows as u64 * 100)
    }
}

fn clearest(window: &[f64], tones: &[u32]) -> Option<u32> {
    let power = window.iter().map(|sample| sample * sample).sum::<f64>() / window.len() as f64;
    if power < SILENCE {
        return Some(0);
    }
    tones.iter().copied().find(|hertz| power_of(*hertz, window) > power * CLEAR)
}

/// The power of one tone in a window (Goertzel).
pub(crate) fn power_of(hertz: u32, window: &[f64]) -> f64 {
    let coefficient = 2.0 * (TAU * f64::from(hertz) / f64::from(RATE)).cos();
    let (one, two) =
        window.iter().fold((0.0, 0.0), |(one, two), sample| (sample + coefficient * one - two, one));
    let magnitude = one * one + two * two - coefficient * one * two;
    2.0 * magnitude / (window.len() as f64).powi(2)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sound(hertz: u32, loudness: f64) -> Vec<f64> {
        let angle = |at: usize| TAU * f64::from(hertz) * at as f64 / f64::from(RATE);
        (0..WINDOW * 3).map(|at| angle(at).sin() * loudness).collect()
    }

    #[test]
    fn tones_are_told_apart() {
        let samples = [sound(400, 0.3), sound(900, 0.1), sound(400, 0.0)].concat();
        let expected = [[Some(400); 3], [Some(900); 3], [Some(0); 3]].concat();
        assert_eq!(Heard { samples }.tones(&[400, 600, 900]), expected);
    }

    #[test]
    fn two_tones_at_once_are_neither() {
        let samples = sound(400, 0.2).into_iter().zip(sound(900, 0.2)).map(|(one, other)| one + other);
        let heard = Heard { samples: samples.collect() };
        assert!(heard.tones(&[600]).iter().all(Option::is_none));
    }
}

//! WAV files as telephony has them.

use call::ErrorCode;

use codec::Law;

/// Why a file is not taken as a sound.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WavError {
    /// It is no RIFF/WAVE file, or ends within its head.
    #[error("the file is no WAV file")]
    NotWav,
    /// Its samples are of another kind.
    #[error(
        "the WAV file has format {format} with {bits} bits, {channels} channels and {rate} Hz; accepted are \
         PCM of 16 bits (1) and G.711 (6, 7), one or two channels, 8000 or 16000 Hz"
    )]
    Unsupported {
        /// Its format tag.
        format: u16,
        /// Its channels.
        channels: u16,
        /// Its samples in a second.
        rate: u32,
        /// Its bits for a sample.
        bits: u16,
    },
    /// There is nothing to hear in it.
    #[error("the WAV file has no samples")]
    Empty,
}

impl WavError {
    /// What kind of trouble this is.
    pub fn code(&self) -> ErrorCode {
        ErrorCode::InvalidInput
    }
}

/// What a `fmt ` chunk says.
#[derive(Clone, Copy)]
struct Shape {
    format: u16,
    channels: u16,
    rate: u32,
    bits: u16,
}

/// The samples of a file at 8 kHz, all channels as one.
pub(super) fn read(file: &[u8]) -> Result<Vec<i16>, WavError> {
    let chunks = file.strip_prefix(b"RIFF").and_then(|rest| rest.get(4..)?.strip_prefix(b"WAVE"));
    let mut chunks = Chunks(chunks.ok_or(WavError::NotWav)?);
    let shape = chunks.find(|(name, _)| *name == b"fmt ").and_then(|(_, body)| Shape::read(body));
    let shape = shape.ok_or(WavError::NotWav)?;
    let (_, data) = chunks.find(|(name, _)| *name == b"data").ok_or(WavError::NotWav)?;
    let samples = shape.mixed(&shape.samples(data)?);
    match shape.rate {
        _ if samples.is_empty() => Err(WavError::Empty),
        16_000 => Ok(halved(&samples)),
        _ => Ok(samples),
    }
}

/// The chunks of a file. A length that leads past the end, as recorders write that were cut off, means the
/// end.
struct Chunks<'a>(&'a [u8]);

impl<'a> Iterator for Chunks<'a> {
    type Item = (&'a [u8], &'a [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        let (head, rest) = self.0.split_at_checked(8)?;
        let (name, length) = head.split_at(4);
        let length = u32::from_le_bytes(length.try_into().ok()?);
        let length = usize::try_from(length).ok()?.min(rest.len());
        // Chunks begin at even places.
        self.0 = rest.get(length.next_multiple_of(2)..).unwrap_or_default();
        Some((name, &rest[..length]))
    }
}

impl Shape {
    fn read(body: &[u8]) -> Option<Self> {
        let short = |at: usize| Some(u16::from_le_bytes(*body.get(at..)?.first_chunk()?));
        let rate = u32::from_le_bytes(*body.get(4..)?.first_chunk()?);
        let format = match short(0)? {
            // The extensible form has the tag in its sub-format.
            0xfffe => short(24)?,
            format => format,
        };
        Some(Self { format, channels: short(2)?, rate, bits: short(14)? })
    }

    fn samples(self, data: &[u8]) -> Result<Vec<i16>, WavError> {
        let is_sound = matches!(self.channels, 1 | 2) && matches!(self.rate, 8_000 | 16_000);
        let pairs =
            |data: &[u8]| data.chunks_exact(2).map(|pair| i16::from_le_bytes([pair[0], pair[1]])).collect();
        let by = |law: Law| data.iter().map(|byte| law.decode(*byte)).collect();
        match (self.format, self.bits) {
            (1, 16) if is_sound => Ok(pairs(data)),
            (6, 8) if is_sound => Ok(by(Law::A)),
            (7, 8) if is_sound => Ok(by(Law::Mu)),
            _ => Err(WavError::Unsupported {
                format: self.format,
                channels: self.channels,
                rate: self.rate,
                bits: self.bits,
            }),
        }
    }

    fn mixed(self, samples: &[i16]) -> Vec<i16> {
        match self.channels {
            2 => samples.chunks_exact(2).map(|pair| pair[0].midpoint(pair[1])).collect(),
            _ => samples.to_vec(),
        }
    }
}

/// Taps of a half-band low-pass filter on either side of its middle: every second one is zero. They are
/// those of a windowed sinc (Blackman, 31 taps), in units of 2^-15.
const TAPS: [i32; 8] = [10_265, -3_012, 1_392, -661, 288, -106, 28, -2];

/// Half as many samples in a second: what lies above the new limit is filtered out first.
fn halved(samples: &[i16]) -> Vec<i16> {
    let at = |index: Option<usize>| {
        index.and_then(|index| samples.get(index)).map_or(0, |sample| i32::from(*sample))
    };
    let filtered = |middle: usize| {
        let sides = TAPS.iter().enumerate().map(|(tap, weight)| {
            let distance = 2 * tap + 1;
            weight * (at(middle.checked_sub(distance)) + at(middle.checked_add(distance)))
        });
        let sum = sides.sum::<i32>() + (at(Some(middle)) << 14);
        let clamped = (sum >> 15).clamp(i16::MIN.into(), i16::MAX.into());
        i16::try_from(clamped).expect("clamped")
    };
    (0..samples.len()).step_by(2).map(filtered).collect()
}

#[cfg(test)]
mod tests {
    use std::f64::consts::TAU;

    use proptest::prelude::*;

    use super::*;

    fn file(format: u16, channels: u16, rate: u32, bits: u16, data: &[u8]) -> Vec<u8> {
        let mut file = b"RIFF\0\0\0\0WAVELIST\x03\0\0\0abc\0fmt \x10\0\0\0".to_vec();
        file.extend(format.to_le_bytes());
        file.extend(channels.to_le_bytes());
        file.extend(rate.to_le_bytes());
        file.extend([0; 6]);
        file.extend(bits.to_le_bytes());
        file.extend(b"data");
        file.extend(u32::try_from(data.len()).unwrap().to_le_bytes());
        file.extend(data);
        file
    }

    fn pcm(samples: &[i16]) -> Vec<u8> {
        samples.iter().flat_map(|sample| sample.to_le_bytes()).collect()
    }

    fn tone(frequency: f64, rate: f64) -> Vec<i16> {
        (0..4_000).map(|n| (10_000.0 * (TAU * frequency * f64::from(n) / rate).sin()) as i16).collect()
    }

    fn loudness(samples: &[i16]) -> f64 {
        let middle = &samples[100..samples.len() - 100];
        let sum: f64 = middle.iter().map(|sample| f64::from(*sample).powi(2)).sum();
        (sum / middle.len() as f64).sqrt()
    }

    #[test]
    fn samples_are_read_in_each_accepted_form() {
        assert_eq!(read(&file(1, 1, 8_000, 16, &pcm(&[1, -2, 3]))), Ok(vec![1, -2, 3]));
        assert_eq!(read(&file(1, 2, 8_000, 16, &pcm(&[10, 20, -4, -8]))), Ok(vec![15, -6]));
        assert_eq!(read(&file(7, 1, 8_000, 8, &[0xff, 0x80])), Ok(vec![0, 32_124]));
        assert_eq!(read(&file(6, 1, 8_000, 8, &[0xd5, 0xaa])), Ok(vec![8, 32_256]));
    }

    #[test]
    fn other_files_are_refused_with_what_was_found_and_what_is_accepted() {
        assert_eq!(read(b"ID3 not a wave"), Err(WavError::NotWav));
        assert_eq!(read(b"RIFF\0\0\0\0WAVEfmt "), Err(WavError::NotWav));
        assert_eq!(read(&file(1, 1, 8_000, 16, &[])), Err(WavError::Empty));
        let error = read(&file(1, 1, 44_100, 16, &pcm(&[1]))).unwrap_err();
        assert!(error.to_string().contains("44100 Hz; accepted are"), "{error}");
        assert!(read(&file(3, 1, 8_000, 32, &[0; 4])).is_err());
    }

    #[test]
    fn what_telephony_carries_survives_the_halving_and_what_would_fold_back_does_not() {
        for frequency in [300.0, 1_000.0, 3_000.0] {
            let halved = halved(&tone(frequency, 16_000.0));
            assert_eq!(halved.len(), 2_000);
            let ratio = loudness(&halved) / loudness(&tone(frequency, 8_000.0));
            assert!((0.9..1.1).contains(&ratio), "{frequency}: {ratio}");
        }
        for frequency in [5_500.0, 7_000.0] {
            let ratio = loudness(&halved(&tone(frequency, 16_000.0))) / 7_000.0;
            assert!(ratio < 0.02, "{frequency}: {ratio}");
        }
    }

    proptest! {
        #[test]
        fn no_file_makes_the_reader_panic(file: Vec<u8>) {
            let _ = read(&file);
            let _ = read(&[b"RIFF\0\0\0\0WAVEfmt \x10\0\0\0", &file[..]].concat());
        }
    }
}

//! From payloads to samples.

use audio_codec::{Decoder as _, g722::G722Decoder};

use crate::{Codec, LONGEST, Law, Rate, opus, resample::Resampler};

/// Milliseconds after which what is repeated in the place of losses has faded away.
const FADED: usize = 60;

/// From a codec's payloads to samples of a rate.
pub struct Decoder {
    kind: Kind,
    rate: Rate,
    resampler: Option<Resampler>,
    native: Vec<i16>,
    latest: Latest,
}

enum Kind {
    G711(Law),
    G722(Box<G722Decoder>),
    Opus(opus::Decoder),
}

/// What is repeated where packets are lost.
#[derive(Default)]
struct Latest {
    samples: Vec<i16>,
    /// Samples that were made up since the latest packet.
    made_up: usize,
}

impl Decoder {
    /// A decoder whose samples have a rate.
    pub fn new(codec: Codec, rate: Rate) -> Self {
        let kind = match codec {
            Codec::Pcmu => Kind::G711(Law::Mu),
            Codec::Pcma => Kind::G711(Law::A),
            Codec::G722 => Kind::G722(Box::default()),
            Codec::Opus => Kind::Opus(opus::Decoder::new(rate)),
        };
        let resampler = Resampler::new(kind.rate(rate), rate);
        Self { kind, rate, resampler, native: Vec::new(), latest: Latest::default() }
    }

    /// Adds a payload's samples to `out`. One that is longer than [`LONGEST`], or none of this codec, adds nothing.
    pub fn decode(&mut self, payload: &[u8], out: &mut Vec<i16>) {
        let before = out.len();
        match &mut self.resampler {
            None => self.kind.decode(payload, out),
            Some(resampler) => {
                self.native.clear();
                self.kind.decode(payload, &mut self.native);
                resampler.run(&self.native, out);
            }
        }
        self.latest.note(&self.kind, &out[before..]);
    }

    /// Adds to `out` what may have been in the place of lost packets, so many milliseconds of [`LONGEST`] at most: as
    /// Opus says, or what was there before, which fades away.
    pub fn conceal(&mut self, milliseconds: usize, out: &mut Vec<i16>) {
        let samples = self.rate.samples(milliseconds.min(LONGEST));
        let before = out.len();
        if let Kind::Opus(decoder) = &mut self.kind {
            decoder.conceal(samples, out);
        } else {
            self.latest.repeat(samples, self.rate.samples(FADED), out);
        }
        out.resize(before + samples, 0);
    }
}

impl Kind {
    /// The rate of its samples, where they shall have `wanted`.
    fn rate(&self, wanted: Rate) -> Rate {
        match self {
            Self::G711(_) => Rate::Narrow,
            Self::G722(_) => Rate::Wide,
            Self::Opus(_) => wanted,
        }
    }

    fn decode(&mut self, payload: &[u8], out: &mut Vec<i16>) {
        match self {
            Self::Opus(decoder) => decoder.decode(payload, out),
            // Both have eight bytes in a millisecond.
            _ if payload.len() > Rate::Narrow.samples(LONGEST) => {}
            Self::G711(law) => out.extend(payload.iter().map(|byte| law.decode(*byte))),
            Self::G722(decoder) => {
                let before = out.len();
                out.resize(before + payload.len() * 2, 0);
                let decoded = decoder.decode_into(payload, &mut out[before..]).unwrap_or(0);
                out.truncate(before + decoded);
            }
        }
    }
}

impl Latest {
    fn note(&mut self, kind: &Kind, samples: &[i16]) {
        if !matches!(kind, Kind::Opus(_)) && !samples.is_empty() {
            self.samples.clear();
            self.samples.extend_from_slice(samples);
            self.made_up = 0;
        }
    }

    /// Adds the latest samples over and over, fainter and fainter.
    fn repeat(&mut self, samples: usize, faded: usize, out: &mut Vec<i16>) {
        let again = self.samples.iter().cycle().skip(self.made_up % self.samples.len().max(1));
        let faint = (self.made_up..faded)
            .zip(again)
            .take(samples)
            .map(|(at, sample)| fainter(*sample, faded - at, faded));
        out.extend(faint);
        self.made_up += samples;
    }
}

/// A sample with `left` of `all` of its strength.
fn fainter(sample: i16, left: usize, all: usize) -> i16 {
    let scale = |count| i32::try_from(count).unwrap_or(i32::MAX).max(1);
    i16::try_from(i32::from(sample) * scale(left) / scale(all)).unwrap_or(0)
}

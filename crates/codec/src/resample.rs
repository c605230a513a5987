//! From 8,000 samples a second to 16,000 and back, by one half-band filter: flat to 3.4 kHz, 65 dB down from 4.6 kHz
//! on, so that what the ear could take for something else is not made and not let through.

use crate::Rate;

/// The filter's taps at the odd distances from its middle, 1, 3, … 31; at the even ones there are none, and in the
/// middle a half. A sinc in a Kaiser window (β 6) over 63 taps, normalized.
const TAPS: [f32; 16] = [
    0.317_545_69,
    -0.103_604_31,
    0.059_540_92,
    -0.039_844_05,
    0.028_376_84,
    -0.020_757_31,
    0.015_309_68,
    -0.011_254_21,
    0.008_174_9,
    -0.005_823_79,
    0.004_037_89,
    -0.002_700_2,
    0.001_720_45,
    -0.001_025_13,
    0.000_552_45,
    -0.000_249_8,
];
/// Samples of one parity that the filter reaches over.
const REACH: usize = TAPS.len() * 2;

/// Brings samples to another rate.
pub(crate) enum Resampler {
    Double(Half),
    Halve {
        /// What goes through the taps.
        odd: Half,
        /// What goes through the middle, as late as those.
        even: [i16; TAPS.len()],
    },
}

/// The taps, with the samples that they still reach.
#[derive(Default)]
pub(crate) struct Half {
    past: [i16; REACH],
}

impl Resampler {
    /// From one rate to another; `None` if they are the same.
    pub(crate) fn new(from: Rate, to: Rate) -> Option<Self> {
        match (from, to) {
            (Rate::Narrow, Rate::Wide) => Some(Self::Double(Half::default())),
            (Rate::Wide, Rate::Narrow) => Some(Self::Halve { odd: Half::default(), even: [0; _] }),
            (Rate::Narrow, Rate::Narrow) | (Rate::Wide, Rate::Wide) => None,
        }
    }

    /// Adds what comes of `samples` to `out`. To halve, they must be even in number.
    pub(crate) fn run(&mut self, samples: &[i16], out: &mut Vec<i16>) {
        match self {
            Self::Double(half) => out.extend(samples.iter().flat_map(|sample| {
                let between = half.take(*sample);
                [half.middle(), rounded(between * 2.0)]
            })),
            Self::Halve { odd, even } => {
                out.extend(samples.as_chunks::<2>().0.iter().map(|[first, second]| {
                    let middle = delayed(even, *first);
                    rounded(odd.take(*second) + f32::from(middle) / 2.0)
                }))
            }
        }
    }
}

impl Half {
    /// Takes a sample; gives the sum of the taps.
    fn take(&mut self, sample: i16) -> f32 {
        self.past.copy_within(1.., 0);
        self.past[REACH - 1] = sample;
        let (before, after) = self.past.split_at(TAPS.len());
        let pairs = before.iter().rev().zip(after);
        pairs.zip(TAPS).map(|((before, after), tap)| (f32::from(*before) + f32::from(*after)) * tap).sum()
    }

    /// The sample before the middle of the taps.
    fn middle(&self) -> i16 {
        self.past[TAPS.len() - 1]
    }
}

fn delayed(past: &mut [i16; TAPS.len()], sample: i16) -> i16 {
    past.copy_within(1.., 0);
    past[TAPS.len() - 1] = sample;
    past[0]
}

#[expect(clippy::cast_possible_truncation, reason = "a float becomes the nearest of the type's values")]
fn rounded(sample: f32) -> i16 {
    sample.round() as i16
}

#[cfg(test)]
mod tests {
    use std::f64::consts::TAU;

    use super::*;

    /// A tone of a frequency, of one second.
    fn tone(rate: Rate, hertz: f64) -> Vec<i16> {
        let step = TAU * hertz / f64::from(rate.hertz());
        (0..rate.hertz()).map(|at| (f64::from(at) * step).sin() * 16_000.0).map(|it| it as i16).collect()
    }

    /// How strong a frequency is, in dB below a tone of full strength.
    fn level(samples: &[i16], rate: Rate, hertz: f64) -> f64 {
        let settled = &samples[rate.samples(100)..rate.samples(900)];
        let step = TAU * hertz / f64::from(rate.hertz());
        let (mut re, mut im) = (0.0, 0.0);
        for (at, sample) in (0_u32..).zip(settled) {
            re += f64::from(*sample) * (f64::from(at) * step).cos();
            im += f64::from(*sample) * (f64::from(at) * step).sin();
        }
        let strength = 2.0 * re.hypot(im) / settled.len() as f64;
        20.0 * (strength / 16_000.0).max(1e-6).log10()
    }

    fn run(from: Rate, to: Rate, samples: &[i16]) -> Vec<i16> {
        let (mut resampler, mut out) = (Resampler::new(from, to).unwrap(), vec![]);
        samples.chunks(320).for_each(|packet| resampler.run(packet, &mut out));
        out
    }

    #[test]
    fn what_a_voice_has_passes_at_its_strength() {
        for hertz in [100.0, 300.0, 1_000.0, 2_000.0, 3_000.0, 3_400.0] {
            let up = run(Rate::Narrow, Rate::Wide, &tone(Rate::Narrow, hertz));
            assert!(level(&up, Rate::Wide, hertz).abs() < 0.05, "{hertz} up");
            let down = run(Rate::Wide, Rate::Narrow, &tone(Rate::Wide, hertz));
            assert!(level(&down, Rate::Narrow, hertz).abs() < 0.05, "{hertz} down");
        }
    }

    #[test]
    fn no_mirror_image_is_made_and_none_is_let_through() {
        for hertz in [300.0, 1_000.0, 2_500.0, 3_400.0] {
            let up = run(Rate::Narrow, Rate::Wide, &tone(Rate::Narrow, hertz));
            assert!(level(&up, Rate::Wide, 8_000.0 - hertz) < -60.0, "{hertz} up");
        }
        for hertz in [4_600.0, 5_000.0, 6_000.0, 7_500.0] {
            let down = run(Rate::Wide, Rate::Narrow, &tone(Rate::Wide, hertz));
            assert!(level(&down, Rate::Narrow, 8_000.0 - hertz) < -60.0, "{hertz} down");
        }
    }

    #[test]
    fn the_loudest_samples_are_clipped_and_nothing_wraps() {
        let square: Vec<i16> = (0..1_600).map(|at| if at % 40 < 20 { i16::MAX } else { i16::MIN }).collect();
        let up = run(Rate::Narrow, Rate::Wide, &square);
        assert_eq!(up.len(), 3_200);
        assert!(
            up.windows(2).filter(|pair| (i32::from(pair[0]) - i32::from(pair[1])).abs() > 60_000).count()
                < 400
        );
    }
}
